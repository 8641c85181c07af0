/**
 * [x ≥ 0] for an integer of a known interval.
 *
 * Constrains: x + K = low + K·s with low ∈ [0, K) and s ∈ {0, 1}, K ≥ max(−lowest, highest + 1): Euclid's division by K, so s is unique (radix.ts).
 * Assumes: x is an integer in [lowest, highest], lowest < 0 ≤ highest. Cost: ⌈log2 K⌉ + 1 constraints, one wire less.
 * Free by design: bit patterns of low where K is no power of two.
 */
import type { Api, Cost } from './api.ts';
import { makeRadix, plusBit, type Radix, radixCost, split } from './radix.ts';
import { newSum, plus, reset, type Sum } from './sum.ts';

function half(lowest: number, highest: number): number {
  if (!(lowest < 0 && highest >= 0)) throw new RangeError(`the sign of a value in [${lowest}, ${highest}] is known`);
  return Math.max(-lowest, highest + 1);
}

export function atLeastZeroCost(lowest: number, highest: number): Cost {
  return radixCost([half(lowest, highest), 2]);
}

/** Ready for values in [lowest, highest]. */
export interface Comparison {
  readonly half: number;
  readonly radix: Radix;
  readonly sum: Sum;
  readonly first: Sum;
}

export function makeComparison(lowest: number, highest: number): Comparison {
  const offset = half(lowest, highest);
  return { half: offset, radix: makeRadix([offset, 2]), sum: newSum(), first: newSum() };
}

/** Writes [x ≥ 0] into `out`: a wire, or, where K = 1, the expression x + 1. */
export function atLeastZero(api: Api, { half: offset, radix, sum, first }: Comparison, x: Sum, out: Sum): void {
  plus(reset(sum, offset), x);
  const base = split(api, radix, sum, first);
  plusBit(reset(out), base, first, radix.bitCount - 1, 1);
}
