/**
 * The k largest of n integers (or least), sorted, with their indices; ties to the lower index, as ONNX has it.
 *
 *     key_i = n·(x_i − low) + (n − 1 − i), or n·(high − x_i) + (n − 1 − i) for the least: distinct, ordered as (value, then the lower index)
 *
 * For each place j: e_0 … e_(n−1) with Σ e_i = 1 (the last is 1 − the others), index = Σ i·e_i, a value, and T_j = n·value + n − 1 − index, the key of both.
 * Constrains, and nothing else fits:
 *   (key_i − T_j)·e_i = 0 for each i: some e_i is not 0, so T_j = key_i; keys are distinct, so no other e is, and e_i = 1: index and value are those of element i.
 *   T_j − T_(j+1) − 1 ∈ [0, n·W), W = high − low + 1: sorted, no element twice.
 *   (T_k − key_i)·(1 − Σ_j e_i) ∈ [0, n·W) for each i, unless k = n: what was not taken is no larger than the last that was.
 * Assumes: each x_i is an integer in [low, high]; n ≥ 2.
 * Cost: k·(n + 2) + (k − 1)·⌈log2(n·W)⌉, and n·(⌈log2(n·W)⌉ + 1) where k < n. Top 3 of 10 bytes: 190.
 * Free by design: bit patterns of ranges that are no power of two.
 * Reference: docs/circuits.md §5.
 */
import type { Api, Cost, Wire } from './api.ts';
import { opcodes } from './hints.ts';
import { makeRange, type Range, range, rangeCost } from './range.ts';
import { asWire, newSum, plus, plusWire, reset, type Sum, toA, toB, toInput } from './sum.ts';

export interface TopKShape {
  readonly count: number;
  readonly k: number;
  readonly low: number;
  readonly high: number;
  readonly least: boolean;
}

export interface TopK extends TopKShape {
  readonly range: Range;
  readonly element: Sum;
  readonly key: Sum;
  readonly place: Sum;
  readonly chosen: Sum;
}

/** Keys are 0 … this − 1. */
function keyEnd({ count, low, high }: TopKShape): number {
  return count * (high - low + 1);
}

/** @throws RangeError where there is no choice, or keys leave the safe integers. */
export function makeTopK(shape: TopKShape): TopK {
  const { count, k } = shape;
  if (!(count >= 2 && k >= 1 && k <= count && Number.isSafeInteger(2 * keyEnd(shape))))
    throw new RangeError(`the ${k} largest of ${count}`);
  return { ...shape, range: makeRange(keyEnd(shape)), element: newSum(), key: newSum(), place: newSum(), chosen: newSum() };
}

export function topKCost(shape: TopKShape): Cost {
  const { count, k } = shape;
  const compared = rangeCost(keyEnd(shape));
  const others = k < count ? count : 0;
  return {
    constraints: k * (count + 2) + (k - 1 + others) * compared.constraints + others,
    wires: k * (count + 2) + (k - 1 + others) * compared.wires + others,
  };
}

/**
 * @param value writes element i of the row into a sum.
 * @param result takes value − low and index of place j, as wires.
 */
export function emitTopK(
  api: Api,
  topK: TopK,
  value: (i: number, into: Sum) => void,
  result: (j: number, value: Wire, index: Wire) => void,
): void {
  const { count, k, low, high, least, element, key, place, chosen } = topK;
  const writeKey = (i: number, into: Sum): Sum => {
    value(i, reset(element));
    reset(into, count - 1 - i + (least ? count * high : -count * low));
    plus(into, element, least ? -count : count);
    return into;
  };
  for (let i = 0; i < count; i++) toInput(api, i, writeKey(i, key));
  const first = api.hint(opcodes.largest, [k, count, least ? high - low : -1], k * count);
  /** First of the e of place j; its value stands behind them. */
  const placeAt = (j: number): Wire => first + j * count;
  /** The wires T_j. */
  const tops = new Int32Array(k);
  /** e_i of place j. */
  const plusChosen = (j: number, i: number, into: Sum, factor: number): void => {
    if (i < count - 1) {
      plusWire(into, placeAt(j) + i, factor);
      return;
    }
    into.constant += factor;
    for (let t = 0; t < count - 1; t++) plusWire(into, placeAt(j) + t, -factor);
  };

  for (let j = 0; j < k; j++) {
    reset(chosen, count - 1);
    for (let t = 0; t < count - 1; t++) plusWire(chosen, placeAt(j) + t, t - (count - 1));
    const index = asWire(api, chosen);
    reset(place, count - 1 + (least ? count * (high - low) : 0));
    plusWire(place, placeAt(j) + count - 1, least ? -count : count);
    plusWire(place, index, -1);
    const top = asWire(api, place);
    tops[j] = top;
    for (let i = 0; i < count; i++) {
      toA(api, writeKey(i, key));
      api.a(top, -1);
      plusChosen(j, i, reset(chosen), 1);
      toB(api, chosen);
      api.constrain();
    }
    if (j > 0) {
      plusWire(reset(key, -1), tops[j - 1]!, 1);
      plusWire(key, top, -1);
      range(api, topK.range, key);
    }
    result(j, placeAt(j) + count - 1, index);
  }
  if (k === count) return;
  for (let i = 0; i < count; i++) {
    api.a(tops[k - 1]!, 1);
    toA(api, writeKey(i, key), -1);
    reset(chosen, 1);
    for (let j = 0; j < k; j++) plusChosen(j, i, chosen, -1);
    toB(api, chosen);
    const excess = api.define();
    plusWire(reset(key), excess, 1);
    range(api, topK.range, key);
  }
}
