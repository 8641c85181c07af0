/**
 * Softmax of a row of integers x_i in [low, high], by tables of the distance d_i = m − x_i from the largest element m:
 *
 *     W = Σ weights[d_i],  V = ⌊W/parts + ½⌋,  q_i = RNE(numerators[d_i]/(2V)),  out_i = values[q_i]
 *
 * Constrains, and nothing else fits:
 *   m: every index 2^k − 1 − d_i lies in [0, 2^k) (table.ts), so that no element is above m; Π(m − x_i) = 0, so that one of them is m (a field has no zero divisors).
 *   V: W + parts/2 − parts·V ∈ [0, parts) and V in its interval: Euclid's division.
 *   q_i, with N = numerators[d_i] and e its lowest bit: q_i ∈ [0, 2^j), and N + V − 2V·q_i − e and V + 2V·q_i − N − e lie in [0, 2·most V]: |N − 2V·q_i| ≤ V, and < V where
 *     q_i is odd. That is the nearest integer, halves to the even one: one q_i fits. All terms stay below 2^53 in size, so that a field element in the range is that integer.
 *   out_i: q_i plus a constant; plus another one where q_i = 2^(j−1) is its largest value; or a table of q_i.
 * Assumes: each x_i is an integer in [low, high]. Weights and numerators fall with d and are integers in [0, 2^48], weights[0] ≥ parts. At least 2 elements, low < high, q_i not always 0.
 * Cost: n − 1 for m; per element an index and one lookup, or two where numerators are not the weights; 1 + j, 2·⌈log2(2·most V + 1)⌉, and 1 or a lookup where values are no sum;
 *   per row ⌈log2 parts⌉ + ⌈log2 of V's values⌉. 10 classes of 8 bits with one lookup: 1,076; `softmaxCost` counts.
 * Free by design: bit patterns of the ranges whose modulus is no power of two.
 */
import type { Api, Cost, Wire } from './api.ts';
import { digitBits, opcodes } from './hints.ts';
import { makeRadix, plusBit, type Radix, radixCost, split } from './radix.ts';
import { makeRange, type Range, range, rangeCost } from './range.ts';
import { asWire, newSum, plus, plusWire, reset, type Sum, toA, toB, toInput } from './sum.ts';
import { emitIndex, indexCost, lookup, lookupCost, makeTable, type Table } from './table.ts';

export interface SoftmaxForm {
  /** Elements of a row, at least 2. */
  readonly count: number;
  readonly low: number;
  readonly high: number;
  readonly parts: number;
  /** By distance 0 … high − low. */
  readonly weights: ArrayLike<number>;
  readonly numerators: ArrayLike<number>;
  /** By quotient, 0 … the largest that occurs. */
  readonly values: ArrayLike<number>;
}

/** How values[q] comes from q. */
type Outcome =
  /** values[q] = offset + q + (q is its largest ? extra : 0); `extra` other than 0 only where that is a power of two. */
  | { readonly kind: 'sum'; readonly offset: number; readonly extra: number }
  | { readonly kind: 'table'; readonly offset: number; readonly table: Table; readonly values: readonly number[] };

export interface Softmax {
  readonly form: SoftmaxForm;
  readonly index: Table;
  /** By index; numerators null where they are the weights. */
  readonly weights: readonly number[];
  readonly numerators: readonly number[] | null;
  readonly least: number;
  readonly most: number;
  readonly remainder: Range;
  readonly total: Range;
  readonly half: Range;
  readonly quotient: Radix;
  readonly outcome: Outcome;
  readonly scratch: Readonly<Record<'distance' | 'element' | 'sum' | 'first' | 'numerator' | 'relation', Sum>>;
}

function nearest(weight: number, parts: number): number {
  return Math.floor((weight + parts / 2) / parts);
}

function outcomeOf(values: ArrayLike<number>): Outcome {
  const most = values.length - 1;
  const offset = values[0]!;
  const extra = values[most]! - offset - most;
  let isSum = extra === 0 || digitBits(most + 1) === digitBits(most) + 1;
  for (let q = 0; q < most; q++) isSum &&= values[q] === offset + q;
  if (isSum) return { kind: 'sum', offset, extra };
  let least = offset;
  for (let q = 1; q <= most; q++) least = Math.min(least, values[q]!);
  return { kind: 'table', offset: least, table: makeTable(values.length), values: Array.from(values, (y) => y - least) };
}

/** @throws RangeError where the row or a table is not as assumed. */
export function makeSoftmax(form: SoftmaxForm): Softmax {
  const { count, low, high, parts, weights, numerators, values } = form;
  if (!(count >= 2 && low < high && values.length >= 2)) throw new RangeError(`a softmax of ${count} elements in [${low}, ${high}]`);
  const power = 1 << digitBits(high - low + 1);
  // Distances beyond high − low do not occur.
  const byIndex = (table: ArrayLike<number>) => Array.from({ length: power }, (_, i) => table[Math.min(high - low, power - 1 - i)]!);
  const same = Array.from(weights).every((weight, d) => weight === numerators[d]);
  const least = nearest(weights[0]!, parts);
  const most = nearest(count * weights[0]!, parts);
  if (!(weights[0]! >= parts && Number.isSafeInteger(8 * count * weights[0]!) && Number.isSafeInteger(8 * (numerators[0]! + most))))
    throw new RangeError('softmax sums leave the safe integers');
  const sum = newSum;
  return {
    form,
    index: makeTable(power),
    weights: byIndex(weights),
    numerators: same ? null : byIndex(numerators),
    least,
    most,
    remainder: makeRange(parts),
    total: makeRange(most - least + 1),
    half: makeRange(2 * most + 1),
    quotient: makeRadix([quotientEnd(values.length)]),
    outcome: outcomeOf(values),
    scratch: { distance: sum(), element: sum(), sum: sum(), first: sum(), numerator: sum(), relation: sum() },
  };
}

/** 2^j: more than the largest quotient, and even, so that the lowest bit is its parity. */
function quotientEnd(valueCount: number): number {
  let power = 2;
  while (power < valueCount) power *= 2;
  return power;
}

export function softmaxCost(softmax: Softmax): Cost {
  const { form, index, numerators, least, most, outcome } = softmax;
  const { count, parts, values } = form;
  const size = 1 << index.bits;
  const add = (costs: readonly (Cost & { readonly times: number })[]): Cost =>
    costs.reduce((a, b) => ({ constraints: a.constraints + b.times * b.constraints, wires: a.wires + b.times * b.wires }), {
      constraints: 0,
      wires: 0,
    });
  const own = outcome.kind === 'table' ? [indexCost(values.length), lookupCost(values.length)] : [radixCost([quotientEnd(values.length)])];
  if (outcome.kind === 'sum' && outcome.extra !== 0) own.push({ constraints: 1, wires: 1 });
  return add([
    // m and V are hints.
    { times: 1, constraints: count - 1, wires: count - 2 + 2 },
    { times: 1, ...rangeCost(parts) },
    { times: 1, ...rangeCost(most - least + 1) },
    { times: count, ...indexCost(size) },
    { times: numerators === null ? count : 2 * count, ...lookupCost(size) },
    // The quotient is a hint, its product with 2V a row.
    { times: count, constraints: 1, wires: 2 },
    { times: 2 * count, ...rangeCost(2 * most + 1) },
    ...own.map((cost) => ({ times: count, ...cost })),
  ]);
}

/**
 * @param value writes element i of the row into a sum.
 * @param result takes out_i − softmax.outcome.offset as a wire.
 */
export function emitSoftmax(
  api: Api,
  softmax: Softmax,
  value: (i: number, into: Sum) => void,
  result: (i: number, wire: Wire) => void,
): void {
  const { form, weights, numerators, least, remainder, total, scratch } = softmax;
  const { count, parts } = form;
  const { distance, element, sum } = scratch;
  for (let i = 0; i < count; i++) {
    value(i, reset(element));
    toInput(api, i, element);
  }
  const largest = api.hint(opcodes.maximum, [], 1);
  emitIsElement(api, softmax, largest, value);

  const found: { readonly weight: Wire; readonly numerator: Wire }[] = [];
  const weight = reset(sum, parts / 2);
  for (let i = 0; i < count; i++) {
    value(i, reset(element));
    plus(reset(distance, weights.length - 1), element);
    plusWire(distance, largest, -1);
    emitIndex(api, softmax.index, distance);
    const w = lookup(api, softmax.index, weights);
    found.push({ weight: w, numerator: numerators === null ? w : lookup(api, softmax.index, numerators) });
    plusWire(weight, w, 1);
  }
  toInput(api, 0, weight);
  const v = api.hint(opcodes.quotient, [parts], 1);
  plusWire(weight, v, -parts);
  range(api, remainder, weight);
  plusWire(reset(sum, -least), v, 1);
  range(api, total, sum);
  found.forEach(({ numerator }, i) => {
    result(i, emitQuotient(api, softmax, numerator, v));
  });
}

/** Π(largest − x_i) = 0. */
function emitIsElement(api: Api, { form, scratch }: Softmax, largest: Wire, value: (i: number, into: Sum) => void): void {
  const { distance, element, relation } = scratch;
  const distanceOf = (i: number, into: Sum): void => {
    value(i, reset(element));
    plusWire(reset(into), largest, 1);
    plus(into, element, -1);
  };
  distanceOf(0, relation);
  for (let i = 1; i < form.count; i++) {
    distanceOf(i, distance);
    toA(api, relation);
    toB(api, distance);
    if (i === form.count - 1) api.constrain();
    else {
      const product = api.define();
      plusWire(reset(relation), product, 1);
    }
  }
}

/** The nearest integer to numerator/(2v), and what becomes of it. */
function emitQuotient(api: Api, { half, quotient, outcome, scratch }: Softmax, numerator: Wire, v: Wire): Wire {
  const { relation, first } = scratch;
  api.x(0, numerator, 1);
  api.x(1, v, 2);
  const q = api.hint(opcodes.nearest, [], 1);
  api.a(v, 2);
  api.b(q, 1);
  const product = api.define();
  plusWire(reset(relation), q, 1);
  let base: Wire;
  let lowest = first;
  if (outcome.kind === 'table') {
    emitIndex(api, outcome.table, relation);
    base = outcome.table.base;
    lowest = outcome.table.first;
  } else base = split(api, quotient, relation, first);
  for (const sign of [1, -1]) {
    plus(reset(relation), lowest, -1);
    plusWire(relation, numerator, sign);
    plusWire(relation, v, 1);
    plusWire(relation, product, -sign);
    range(api, half, relation);
  }
  if (outcome.kind === 'table') return lookup(api, outcome.table, outcome.values);
  if (outcome.extra === 0) return q;
  plusWire(reset(relation), q, 1);
  plusBit(relation, base, lowest, quotient.bitCount - 1, outcome.extra);
  return asWire(api, relation);
}
