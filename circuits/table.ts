/**
 * Lookup in a table of up to 2^16 integers, multilinear in the bits of the index: monomials of the upper bits, which serve every table of the same index, give each of the
 * lower bits' leaves as a linear expression; a tree of selections by the lower bits picks one.
 *
 * Constrains: index ∈ [0, 2^k) (its bits, radix.ts with modulus 2^k: unique), and value = table[index] by rows that define each wire.
 * Assumes: nothing of the index: beyond the table's end the last entry repeats. Entries are integers of at most 2^45 in absolute value.
 * Cost: k for the index; 2^u − 1 − u for the monomials of the u upper bits; 2^(k−u) − 1 per table. 256 entries: 8 + 11 + 15.
 * Reference: docs/circuits.md §5 (and one selection tree in place of products).
 */
import type { Api, Cost, Wire } from './api.ts';
import { digitBits } from './hints.ts';
import { makeRadix, plusBit, type Radix, radixCost, split } from './radix.ts';
import { newSum, plus, plusWire, reset, type Sum, toA, toB, toC } from './sum.ts';

/** 4 upper bits of 8 are the optimum, and not far from it for fewer. */
const mostUpperBits = 4;
const mostEntry = 0x2000_0000_0000;

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
