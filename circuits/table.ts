/**
 * Lookup in a table of up to 2^16 integers, multilinear in the bits of the index: monomials of the upper bits, which serve every table of the same index, give each of the
 * lower bits' leaves as a linear expression; a tree of selections by the lower bits picks one.
 *
 * Constrains: index ∈ [0, 2^k) (its bits, radix.ts with modulus 2^k: unique), and value = table[index] by rows that define each wire.
 * Assumes: nothing of the index: beyond the table's end the last entry repeats. Entries are integers of at most 2^48 in absolute value
 *   (`lookup`), or less than 2^53 apart (`plusLookup`).
 * Cost: k for the index; 2^u − 1 − u for the monomials of the u upper bits; 2^(k−u) − 1 per table, twice that where entries are 2^48 apart. 256 entries: 8 + 11 + 15.
 * Reference: docs/circuits.md §5 (and one selection tree in place of products).
 */
import type { Api, Cost, Wire } from './api.ts';
import { digitBits } from './hints.ts';
import { makeRadix, plusBit, type Radix, radixCost, split } from './radix.ts';
import { newSum, plus, plusWire, reset, type Sum, toA, toB, toC } from './sum.ts';

/** 4 upper bits of 8 are the optimum, and not far from it for fewer. */
const mostUpperBits = 4;
/** 2^48: the leaves' coefficients are sums of 16 entries, below 2^53. */
const mostEntry = 0x1_0000_0000_0000;
/** 2^27: where entries too large for one table are split. */
const splitAt = 0x800_0000;

export interface Table {
  readonly bits: number;
  readonly upper: number;
  readonly radix: Radix;
  /** The last index that was split: its bits and monomials. */
  readonly first: Sum;
  base: Wire;
  /** Wire of the product of each set of two or more upper bits, by set. */
  readonly monomials: Int32Array;
  readonly leaf: Sum;
  readonly other: Sum;
  readonly selector: Sum;
  readonly nodes: Int32Array;
}

function upperBits(bits: number): number {
  return Math.min(mostUpperBits, bits >> 1);
}

function shape(size: number): { bits: number; upper: number; power: number } {
  const bits = digitBits(size);
  if (!(size >= 2 && bits <= 16)) throw new RangeError(`a table of ${size} entries`);
  return { bits, upper: upperBits(bits), power: 1 << bits };
}

/** Cost of the index and its monomials. */
export function indexCost(size: number): Cost {
  const { upper, power } = shape(size);
  const { constraints, wires } = radixCost([power]);
  const monomials = (1 << upper) - 1 - upper;
  return { constraints: constraints + monomials, wires: wires + monomials };
}

/** Cost of each table of that index. */
export function lookupCost(size: number): Cost {
  const { bits, upper } = shape(size);
  const selections = (1 << (bits - upper)) - 1;
  return { constraints: selections, wires: selections };
}

/** Whether the entries, counted from the least, are too far apart for one table. */
function wide(values: ArrayLike<number>): { least: number; parts: 1 | 2 } {
  let [least, most] = [values[0]!, values[0]!];
  for (let i = 1; i < values.length; i++) {
    least = Math.min(least, values[i]!);
    most = Math.max(most, values[i]!);
  }
  if (!Number.isSafeInteger(most - least)) throw new RangeError(`table entries from ${least} to ${most}`);
  return { least, parts: most - least <= mostEntry ? 1 : 2 };
}

/** Cost of `plusLookup`. */
export function plusLookupCost(values: ArrayLike<number>, size = values.length): Cost {
  const { constraints, wires } = lookupCost(size);
  const { parts } = wide(values);
  return { constraints: parts * constraints, wires: parts * wires };
}

export function makeTable(size: number): Table {
  const { bits, upper, power } = shape(size);
  return {
    bits,
    upper,
    radix: makeRadix([power]),
    first: newSum(),
    base: 0,
    monomials: new Int32Array(1 << upper),
    leaf: newSum(),
    other: newSum(),
    selector: newSum(),
    nodes: new Int32Array(1 << (bits - upper)),
  };
}

/** Splits the index; the lookups that follow are at this index. */
export function emitIndex(api: Api, table: Table, index: Sum): void {
  const { bits, upper, radix, first, monomials } = table;
  table.base = split(api, radix, index, first);
  // Bit j of a set stands for index bit bits − upper + j; that of index bit 0 is none of them, so each is a wire.
  for (let set = 1; set < monomials.length; set++) {
    const lowest = set & -set;
    const wire = table.base + (bits - upper) + (31 - Math.clz32(lowest)) - 1;
    const rest = set ^ lowest;
    if (rest === 0) monomials[set] = wire;
    else {
      api.a(monomials[rest]!, 1);
      api.b(wire, 1);
      monomials[set] = api.define();
    }
  }
}

/** Leaf `j` of the lower bits: entries j + 2^lower·i as a multilinear polynomial of the upper bits (Möbius transform). */
function writeLeaf(table: Table, values: ArrayLike<number>, j: number, into: Sum): void {
  const { bits, upper, monomials } = table;
  const lower = bits - upper;
  const coefficients = new Float64Array(1 << upper);
  for (let i = 0; i < coefficients.length; i++) coefficients[i] = values[Math.min(values.length - 1, j + i * (1 << lower))]!;
  for (let bit = 1; bit < coefficients.length; bit *= 2)
    for (let set = 0; set < coefficients.length; set++) if (set & bit) coefficients[set]! -= coefficients[set ^ bit]!;
  reset(into, coefficients[0]!);
  for (let set = 1; set < coefficients.length; set++) if (coefficients[set] !== 0) plusWire(into, monomials[set]!, coefficients[set]!);
}

/** values[index] as a wire. */
export function lookup(api: Api, table: Table, values: ArrayLike<number>): Wire {
  for (let i = 0; i < values.length; i++)
    if (!(Number.isSafeInteger(values[i]) && Math.abs(values[i]!) <= mostEntry)) throw new RangeError(`table entry ${i} is ${values[i]}`);
  const { bits, upper, first, leaf, other, selector, nodes, base } = table;
  const select = (lower: number, low: Sum, high: Sum): Wire => {
    plus(high, low, -1);
    toA(api, high);
    reset(selector);
    plusBit(selector, base, first, lower, 1);
    toB(api, selector);
    toC(api, low, -1);
    return api.define();
  };
  let count = 1 << (bits - upper - 1);
  for (let j = 0; j < count; j++) {
    writeLeaf(table, values, j, leaf);
    writeLeaf(table, values, j + count, other);
    nodes[j] = select(bits - upper - 1, leaf, other);
  }
  for (let lower = bits - upper - 2; lower >= 0; lower--) {
    count >>= 1;
    for (let j = 0; j < count; j++) {
      plusWire(reset(leaf), nodes[j]!, 1);
      plusWire(reset(other), nodes[j + count]!, 1);
      nodes[j] = select(lower, leaf, other);
    }
  }
  return nodes[0]!;
}

/** sum += values[index] for any integers less than 2^53 apart: two tables where one would not hold them. */
export function plusLookup(api: Api, table: Table, values: ArrayLike<number>, sum: Sum): void {
  const { least, parts } = wide(values);
  const entries = Array.from(values, (value) => value - least);
  sum.constant += least;
  if (parts === 1) {
    plusWire(sum, lookup(api, table, entries), 1);
    return;
  }
  const low = entries.map((entry) => entry % splitAt);
  plusWire(sum, lookup(api, table, low), 1);
  plusWire(
    sum,
    lookup(
      api,
      table,
      entries.map((entry, i) => (entry - low[i]!) / splitAt),
    ),
    splitAt,
  );
}
