/**
 * The fall-back for step functions that are no line: y = base + (how many thresholds are ≤ acc), over a proven interval of acc. Two forms; the cheaper one is emitted.
 *
 * compare: a sign test (compare.ts) for each threshold, added up.
 *   Constrains: each bit is [acc ≥ T]. Cost: per distinct threshold ⌈log2 K⌉ + 1 constraints (K about the longer side of the interval), and 1.
 * table: the function is constant on intervals [start_j, end_j] that cover [low, high]; with j hinted, acc − start[j] ∈ [0, W) and end[j] − acc ∈ [0, W), W the longest.
 *   Constrains: j is the one interval that holds acc: the intervals are disjoint, and those of entries behind the last are empty. y is j plus a constant, or a third
 *   table where y jumps. Cost: an index and two or three tables (table.ts), and 2·⌈log2 W⌉.
 * Assumes: acc is an integer in [low, high].
 * Free by design: bit patterns of ranges whose modulus is no power of two.
 */
import type { Api, Cost, Wire } from './api.ts';
import { atLeastZero, atLeastZeroCost, type Comparison, makeComparison } from './compare.ts';
import { opcodes } from './hints.ts';
import { makeRange, type Range, range, rangeCost } from './range.ts';
import { asWire, newSum, plus, plusWire, reset, type Sum, toInput } from './sum.ts';
import { emitIndex, indexCost, lookup, lookupCost, makeTable, plusLookup, plusLookupCost, type Table } from './table.ts';

export interface ThresholdsForm {
  readonly base: number;
  /** Ascending, equal ones where y jumps; all in (low, high]. */
  readonly thresholds: readonly number[];
}

export interface Thresholds {
  readonly base: number;
  readonly low: number;
  readonly high: number;
  /** Distinct thresholds, and by how much y jumps there. */
  readonly at: readonly number[];
  readonly jumps: readonly number[];
  readonly form: 'compare' | 'table';
  readonly comparisons: readonly Comparison[];
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  /** y of each interval, or null where it is base + j. */
  readonly values: readonly number[] | null;
  readonly table: Table;
  readonly width: Range;
  readonly sum: Sum;
  readonly out: Sum;
  readonly start: Sum;
  readonly end: Sum;
}

function add(costs: readonly Cost[]): Cost {
  return costs.reduce((a, b) => ({ constraints: a.constraints + b.constraints, wires: a.wires + b.wires }), { constraints: 0, wires: 0 });
}

function compareCost({ at, low, high }: Pick<Thresholds, 'at' | 'low' | 'high'>): Cost {
  return add([...at.map((t) => atLeastZeroCost(low - t, high - t)), { constraints: 1, wires: 1 }]);
}

function tableCost({ at, starts, ends, values }: Pick<Thresholds, 'at' | 'starts' | 'ends' | 'values'>): Cost {
  const size = at.length + 1;
  const widest = Math.max(...starts.map((start, j) => ends[j]! - start + 1));
  const tables = [plusLookupCost(starts, size), plusLookupCost(ends, size), ...(values === null ? [] : [lookupCost(size)])];
  return add([{ constraints: 0, wires: 1 }, indexCost(size), ...tables, rangeCost(widest), rangeCost(widest)]);
}

export function thresholdsCost(thresholds: Thresholds): Cost {
  return thresholds.form === 'compare' ? compareCost(thresholds) : tableCost(thresholds);
}

/** @throws RangeError where there is no threshold in (low, high]. */
export function makeThresholds({ base, thresholds }: ThresholdsForm, low: number, high: number): Thresholds {
  const at = [...new Set(thresholds)];
  if (at.length === 0 || at[0]! <= low || at.at(-1)! > high) throw new RangeError(`thresholds outside (${low}, ${high}]`);
  const jumps = at.map((t) => thresholds.filter((other) => other === t).length);
  const starts = [low, ...at];
  const ends = [...at.map((t) => t - 1), high];
  let y = base;
  const values = jumps.every((jump) => jump === 1) ? null : [base, ...jumps.map((jump) => (y += jump))];
  const parts = { at, low, high, starts, ends, values };
  const form = compareCost(parts).constraints <= tableCost(parts).constraints ? 'compare' : 'table';
  const widest = Math.max(...starts.map((start, j) => ends[j]! - start + 1));
  return {
    base,
    jumps,
    form,
    comparisons: form === 'compare' ? at.map((t) => makeComparison(low - t, high - t)) : [],
    ...parts,
    // Indices behind the last interval have an empty one: it ends before it starts.
    starts: [...starts, high + 1],
    ends: [...ends, high],
    table: makeTable(at.length + 1),
    width: makeRange(widest),
    sum: newSum(),
    out: newSum(),
    start: newSum(),
    end: newSum(),
  };
}

/** y − offset as a wire. */
export function emitThresholds(api: Api, thresholds: Thresholds, acc: Sum, offset: number): Wire {
  return thresholds.form === 'compare' ? emitCompare(api, thresholds, acc, offset) : emitTable(api, thresholds, acc, offset);
}

function emitCompare(api: Api, { base, at, jumps, comparisons, sum, out }: Thresholds, acc: Sum, offset: number): Wire {
  const y = newSum();
  y.constant = base - offset;
  at.forEach((t, i) => {
    plus(reset(sum, -t), acc);
    atLeastZero(api, comparisons[i]!, sum, out);
    plus(y, out, jumps[i]!);
  });
  return asWire(api, y);
}

function emitTable(
  api: Api,
  { base, at, starts, ends, values, table, width, sum, start, end }: Thresholds,
  acc: Sum,
  offset: number,
): Wire {
  toInput(api, 0, acc);
  const shift = values === null ? base - offset : 0;
  const j = api.hint(opcodes.step, [shift, ...at], 1);
  plusWire(reset(sum, -shift), j, 1);
  emitIndex(api, table, sum);
  plusLookup(api, table, starts, reset(start));
  plusLookup(api, table, ends, reset(end));
  plus(reset(sum), acc);
  plus(sum, start, -1);
  range(api, width, sum);
  plus(reset(sum), end);
  plus(sum, acc, -1);
  range(api, width, sum);
  return values === null
    ? j
    : lookup(
        api,
        table,
        values.map((value) => value - offset),
      );
}
