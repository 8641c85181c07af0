/**
 * The larger of two integers; of a window, by a tournament.
 *
 * Constrains: (m − a)·(m − b) = 0 and 2m − a − b ∈ [0, D], D ≥ |a − b|. The first makes m one of the two, so 2m − a − b = ±(a − b); the second takes the sign that is not
 *   negative (m = a = b where they are equal). |2m − a − b| ≤ D < r leaves no other reading.
 * Assumes: a and b are integers in the intervals given. Cost: ⌈log2(D + 1)⌉ + 1 constraints and as many wires; accumulators of 20 bits: 21.
 * Free by design: bit patterns of the range where D + 1 is no power of two.
 */
import type { Api, Cost, Wire } from './api.ts';
import { opcodes } from './hints.ts';
import { makeRange, type Range, range, rangeCost } from './range.ts';
import { newSum, plus, plusWire, reset, type Sum, toA, toB, toInput } from './sum.ts';

/** @param reach D: the most that the two can differ. */
export function maximumCost(reach: number): Cost {
  const { constraints, wires } = rangeCost(reach + 1);
  return { constraints: constraints + 1, wires: wires + 1 };
}

/** Ready for pairs that differ by `reach` ≥ 1 at most. */
export interface Maximum {
  readonly range: Range;
  readonly sum: Sum;
}

export function makeMaximum(reach: number): Maximum {
  if (!(reach >= 1)) throw new RangeError(`a maximum of values that differ by ${reach} at most is no choice`);
  return { range: makeRange(reach + 1), sum: newSum() };
}

/** max(a, b) as a wire. */
export function maximum(api: Api, { range: reach, sum }: Maximum, a: Sum, b: Sum): Wire {
  toInput(api, 0, a);
  toInput(api, 1, b);
  const m = api.hint(opcodes.maximum, [], 1);
  toA(api, a, -1);
  api.a(m, 1);
  toB(api, b, -1);
  api.b(m, 1);
  api.constrain();
  reset(sum);
  plusWire(sum, m, 2);
  plus(sum, a, -1);
  plus(sum, b, -1);
  range(api, reach, sum);
  return m;
}
