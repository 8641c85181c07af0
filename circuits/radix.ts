/**
 * Mixed-radix digits: an integer e = d_0 + A_0·(d_1 + A_1·(d_2 + …)) with d_i ∈ [0, A_i) for any moduli A_i. Euclid's division, range checks and sign tests are all this.
 *
 * Constrains: e mod r ∈ [0, ΠA_i), and the value of every digit. A digit in [0, A), n = ⌈log2 A⌉, is Σ_{i<n−1} 2^i·b_i + (A − 2^(n−1))·b_(n−1) with boolean b_i, which covers
 *   exactly 0 … A − 1. The relation needs no row of its own: the first bit of all, whose weight is 1, is E = e − (everything else), and the row E·(E − 1) = 0 holds it. So e is
 *   an integer in [0, ΠA_i) modulo r, and ΠA_i < 2^53 < r: no other integer is congruent to it in that range, hence the digits are unique.
 * Assumes: nothing: an e that is no small integer has no digits, r − 1 neither. What e means as an integer is the caller's bound.
 * Cost: Σ⌈log2 A_i⌉ constraints and one wire less (all A_i = 1: 1 constraint, e = 0). Free by design: where A is no power of two, some digits have two bit patterns of the
 *   same value; 0 and A − 1 have one. Only a digit's value may be used, or that all its bits are 0, or all 1; its lowest bit is its parity if A is even.
 * Reference: docs/circuits.md §2.
 */
import type { Api, Cost, Wire } from './api.ts';
import { boolean, booleanSum } from './boolean.ts';
import { digitBits, opcodes } from './hints.ts';
import { plus, plusWire, reset, type Sum, toC, toInput } from './sum.ts';

/** What depends on the moduli alone; made once, used for every element. Bits are numbered through all digits, lowest first. */
export interface Radix {
  readonly moduli: readonly number[];
  /** First bit of each digit, and behind them the count of all bits. */
  readonly starts: readonly number[];
  /** Weight of each bit in its digit. */
  readonly weights: readonly number[];
  /** Weight of each digit in e. */
  readonly scales: readonly number[];
  readonly bitCount: number;
}

export function makeRadix(moduli: readonly number[]): Radix {
  const starts = [0];
  const weights: number[] = [];
  const scales: number[] = [];
  let scale = 1;
  for (const modulus of moduli) {
    if (!Number.isSafeInteger(modulus) || modulus < 1) throw new RangeError(`a digit's modulus is ${modulus}`);
    scales.push(scale);
    scale *= modulus;
    const count = digitBits(modulus);
    let half = 1;
    for (let i = 0; i < count; i++) {
      weights.push(i < count - 1 ? half : modulus - half);
      half *= 2;
    }
    starts.push(weights.length);
  }
  if (!Number.isSafeInteger(scale)) throw new RangeError(`digits of moduli ${moduli.join(', ')} span more than 2^53`);
  return { moduli, starts, weights, scales, bitCount: weights.length };
}

export function radixCost(moduli: readonly number[]): Cost {
  const { bitCount } = makeRadix(moduli);
  return { constraints: Math.max(1, bitCount), wires: Math.max(0, bitCount - 1) };
}

/**
 * Splits e into digits. Fills `first` with the first bit, E, as a linear expression (0 if there are no bits); returns the wire of the second bit, which the functions below
 * take with `first`.
 */
export function split(api: Api, radix: Radix, e: Sum, first: Sum): Wire {
  reset(first);
  if (radix.bitCount === 0) {
    toC(api, e);
    api.constrain();
    return 0;
  }
  plus(first, e);
  if (radix.bitCount === 1) {
    booleanSum(api, first);
    return 0;
  }
  toInput(api, 0, e);
  const base = api.hint(opcodes.radix, radix.moduli, radix.bitCount - 1);
  for (let digit = 0; digit < radix.moduli.length; digit++) {
    for (let bit = Math.max(1, radix.starts[digit]!); bit < radix.starts[digit + 1]!; bit++)
      plusWire(first, base + bit - 1, -radix.scales[digit]! * radix.weights[bit]!);
  }
  booleanSum(api, first);
  for (let bit = 1; bit < radix.bitCount; bit++) boolean(api, base + bit - 1);
  return base;
}

/** sum += factor·bit; `bit` counts through all digits. */
export function plusBit(sum: Sum, base: Wire, first: Sum, bit: number, factor: number): void {
  if (bit === 0) plus(sum, first, factor);
  else plusWire(sum, base + bit - 1, factor);
}

/** sum += factor·digit. */
export function plusDigit(sum: Sum, radix: Radix, base: Wire, first: Sum, digit: number, factor: number): void {
  for (let bit = radix.starts[digit]!; bit < radix.starts[digit + 1]!; bit++) plusBit(sum, base, first, bit, factor * radix.weights[bit]!);
}

/** sum += factor·(how many bits of the digit are 1): 0 exactly if the digit is 0, all of its bits exactly if it is A − 1. */
export function plusBitCount(sum: Sum, radix: Radix, base: Wire, first: Sum, digit: number, factor: number): void {
  for (let bit = radix.starts[digit]!; bit < radix.starts[digit + 1]!; bit++) plusBit(sum, base, first, bit, factor);
}
