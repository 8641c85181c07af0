/**
 * A wire or linear expression that is 0 or 1.
 *
 * Constrains: b·b = b for a wire, E·(E − 1) = 0 for an expression. Assumes: nothing. Cost: 1 constraint, no wire.
 */
import { type Api, type Cost, ONE, type Wire } from './api.ts';
import { type Sum, toA, toB } from './sum.ts';

export function booleanCost(): Cost {
  return { constraints: 1, wires: 0 };
}

export function boolean(api: Api, bit: Wire): void {
  api.a(bit, 1);
  api.b(bit, 1);
  api.c(bit, 1);
  api.constrain();
}

/** The form of a range's eliminated bit: an audit reads it as a virtual bit E. */
export function booleanSum(api: Api, e: Sum): void {
  toA(api, e);
  toB(api, e);
  api.b(ONE, -1);
  api.constrain();
}
