/**
 * Linear expressions `constant + Σ coefficient·wire` with integer coefficients: what gadgets pass to each other, since linear combinations cost no constraint. They are
 * scratch: made once, emptied and filled again for every element, so that no object is made per value.
 */
import { type Api, ONE, type Wire } from './api.ts';

export interface Sum {
  length: number;
  constant: number;
  readonly wires: Wire[];
  /** Safe integers; the gadget that fills a sum bounds its value far below r, and says so. */
  readonly coefficients: number[];
}

export function newSum(): Sum {
  return { length: 0, constant: 0, wires: [], coefficients: [] };
}

/** Empties the sum; returns it. */
export function reset(sum: Sum, constant = 0): Sum {
  sum.length = 0;
  sum.constant = constant;
  return sum;
}

export function plusWire(sum: Sum, wire: Wire, coefficient: number): void {
  if (wire === ONE) {
    sum.constant += coefficient;
    return;
  }
  sum.wires[sum.length] = wire;
  sum.coefficients[sum.length++] = coefficient;
}

/** sum += factor·other. */
export function plus(sum: Sum, other: Sum, factor = 1): void {
  for (let i = 0; i < other.length; i++) {
    sum.wires[sum.length] = other.wires[i]!;
    sum.coefficients[sum.length++] = factor * other.coefficients[i]!;
  }
  sum.constant += factor * other.constant;
}

/** Writes factor·sum to a side of the row being written. The constant is always written: a side that is 0 as a whole is no side forgotten. */
export function toA(api: Api, sum: Sum, factor = 1): void {
  for (let i = 0; i < sum.length; i++) api.a(sum.wires[i]!, factor * sum.coefficients[i]!);
  api.a(ONE, factor * sum.constant);
}

export function toB(api: Api, sum: Sum, factor = 1): void {
  for (let i = 0; i < sum.length; i++) api.b(sum.wires[i]!, factor * sum.coefficients[i]!);
  api.b(ONE, factor * sum.constant);
}

export function toC(api: Api, sum: Sum, factor = 1): void {
  for (let i = 0; i < sum.length; i++) api.c(sum.wires[i]!, factor * sum.coefficients[i]!);
  api.c(ONE, factor * sum.constant);
}

/** Writes the sum as a hint's input. */
export function toInput(api: Api, input: number, sum: Sum): void {
  for (let i = 0; i < sum.length; i++) api.x(input, sum.wires[i]!, sum.coefficients[i]!);
  api.x(input, ONE, sum.constant);
}

/**
 * The sum as a wire of its own.
 * Constrains: result = sum. Cost: 1 constraint, 1 wire.
 */
export function asWire(api: Api, sum: Sum): Wire {
  toC(api, sum, -1);
  return api.define();
}
