/**
 * The index of the largest of k integers, with ONNX's rule for ties.
 *
 * Constrains: key_i = k·(v_i − low) + (k − 1 − i), or + i where the last index wins: the keys are distinct and ordered as (value, then the rule). Their maximum comes from a
 *   tournament (maximum.ts); key = rest + k·value with rest ∈ [0, k) and value ∈ [0, high − low] (radix.ts), so the index is rest, or k − 1 − rest: one index can be proven.
 * Assumes: each v_i is an integer in [low, high]. Cost: (k − 1)·(⌈log2 (k·(high − low + 1))⌉ + 1) + ⌈log2 k⌉ + ⌈log2(high − low + 1)⌉ + 1 constraints; 10 bytes: 130.
 * Free by design: bit patterns of ranges and digits that are no power of two.
 * Reference: docs/circuits.md §5.
 */
import type { Api, Cost, Wire } from './api.ts';
import { type Maximum, makeMaximum, maximum, maximumCost } from './maximum.ts';
import { makeRadix, plusDigit, type Radix, radixCost, split } from './radix.ts';
import { asWire, newSum, plus, plusWire, reset, type Sum } from './sum.ts';

export interface ArgmaxShape {
  readonly count: number;
  readonly low: number;
  readonly high: number;
  readonly selectLastIndex: boolean;
}

export function argmaxCost({ count, low, high }: ArgmaxShape): Cost {
  const pair = maximumCost(count * (high - low + 1) - 1);
  const digits = radixCost([count, high - low + 1]);
  return {
    constraints: (count - 1) * pair.constraints + digits.constraints + 1,
    wires: (count - 1) * pair.wires + digits.wires + 1,
  };
}

export interface Argmax extends ArgmaxShape {
  readonly maximum: Maximum;
  readonly radix: Radix;
  readonly best: Sum;
  readonly key: Sum;
  readonly first: Sum;
}

/** Ready for rows of `count` ≥ 2 values. */
export function makeArgmax(shape: ArgmaxShape): Argmax {
  const { count, low, high } = shape;
  return {
    ...shape,
    maximum: makeMaximum(count * (high - low + 1) - 1),
    radix: makeRadix([count, high - low + 1]),
    best: newSum(),
    key: newSum(),
    first: newSum(),
  };
}

/** The index as a wire. @param value writes element i of the row into a sum. */
export function emitArgmax(api: Api, argmax: Argmax, value: (i: number, into: Sum) => void): Wire {
  const { count, low, selectLastIndex, radix, best, key, first } = argmax;
  const element = newSum();
  const writeKey = (i: number, into: Sum): void => {
    value(i, reset(element));
    plus(reset(into, (selectLastIndex ? i : count - 1 - i) - count * low), element, count);
  };
  writeKey(0, best);
  for (let i = 1; i < count; i++) {
    writeKey(i, key);
    const m = maximum(api, argmax.maximum, best, key);
    plusWire(reset(best), m, 1);
  }
  const base = split(api, radix, best, first);
  const index = reset(key, selectLastIndex ? 0 : count - 1);
  plusDigit(index, radix, base, first, 0, selectLastIndex ? 1 : -1);
  return asWire(api, index);
}
