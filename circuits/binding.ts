/**
 * Rows that bind what is no part of the computation: the context signal and the circuit's tag.
 *
 * context: constrains context·context = t, so that the signal is used by a row of its own. Cost: 1 constraint, 1 wire.
 * tag: constrains (H·1)·1 = H·1, which holds trivially, and makes the constant's column, hence IC_0 and the key's hash, differ between circuits. Cost: 1 constraint, no wire.
 * Assumes: nothing, both. Reference: docs/signals.md; docs/circuits.md §8.
 */
import { type Api, type Cost, ONE, type Wire } from './api.ts';

export function contextCost(): Cost {
  return { constraints: 1, wires: 1 };
}

export function context(api: Api, signal: Wire): void {
  api.a(signal, 1);
  api.b(signal, 1);
  api.define();
}

export function tagCost(): Cost {
  return { constraints: 1, wires: 0 };
}

/** @param tag H ≠ 0, of 248 bits. */
export function tag(api: Api, h: bigint): void {
  api.a(ONE, h);
  api.b(ONE, 1);
  api.c(ONE, h);
  api.constrain();
}
