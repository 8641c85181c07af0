/**
 * Rounding of an integer to float32's 24 significant bits, halves to even: what a float32 addition does to an exact sum, on a common grid.
 *
 *     |X| = 2^e·F + D,   e ∈ [0, E],  0 ≤ D < 2^e,  F < 2^24,  and F ≥ 2^23 where e > 0;   y = ±2^e·(F + up)
 *
 * The exponent is aligned by T = 2^(E−e): |X|·T = 2^E·F + D', so that D' has its half at a fixed bit d: up = d·(1 − [the bits below d are 0]·[F is even]).
 *
 * Constrains: y, and nothing else fits. e's digit lies in [0, E] (any bit pattern means the same power P = 2^e); T·P = 2^E. |X| = X − 2·s·X with boolean s; a negative one has no
 *   digits, since |X·T| < 2^(24+2E) < r; X·i = s forbids s = 1 at X = 0. F < 2^24, and (1 − f_23)·e = 0, leave one e. All else is defined by rows.
 * Assumes: X is an integer in [low, high]; E ≤ 26 (else RangeError).
 * Cost: 24 + E for the digits, 2⌈log2(E + 1)⌉ for the exponent, 1 to align, 1 for f_23, up to 4 to round, 1 for y; a sign costs 4 more. `roundCost` counts.
 * Free by design: bit patterns of e where E + 1 is no power of two; inverses where a zero test is true or X = 0.
 */
import { type Api, type Cost, ONE, type Wire } from './api.ts';
import { boolean } from './boolean.ts';
import { digitBits, opcodes } from './hints.ts';
import { makeRadix, plusBit, plusBitCount, plusDigit, type Radix, split } from './radix.ts';
import { newSum, plus, plusWire, reset, type Sum, toA, toB, toInput } from './sum.ts';
import { noneOf, noneOfCost } from './zero.ts';

const significandBits = 24;
const significandEnd = 0x100_0000;
/** X·T stays below 2^50. */
const mostExtraBits = 26;

/** Ready for sums in an interval. */
export interface Rounding {
  /** The least rounded value. */
  readonly low: number;
  /** E; 0 where every integer of the interval has at most 24 bits. */
  readonly extraBits: number;
  readonly signed: boolean;
  readonly digits: Radix;
  /** e's bits weigh as those of a digit of modulus E + 1. */
  readonly exponent: Radix;
  readonly scratch: {
    readonly magnitude: Sum;
    readonly first: Sum;
    readonly below: Sum;
    readonly none: Sum;
    readonly factor: Sum;
    readonly bit: Sum;
  };
}

/** The largest magnitude of a sum that can be rounded: 24 bits and 26 more. */
export const mostSum = significandEnd * powerOfTwo(mostExtraBits) - 1;

export function makeRounding(low: number, high: number): Rounding {
  const most = Math.max(-low, high);
  const extraBits = Math.max(0, digitBits(most + 1) - significandBits);
  if (extraBits > mostExtraBits) throw new RangeError(`a sum of ${digitBits(most + 1)} bits is more than float32 rounding takes`);
  const sum = newSum;
  return {
    low: Math.fround(low),
    extraBits,
    signed: low < 0,
    digits: makeRadix([powerOfTwo(extraBits), significandEnd]),
    exponent: makeRadix([extraBits + 1]),
    scratch: { magnitude: sum(), first: sum(), below: sum(), none: sum(), factor: sum(), bit: sum() },
  };
}

function powerOfTwo(bits: number): number {
  let power = 1;
  for (let i = 0; i < bits; i++) power *= 2;
  return power;
}

export function roundCost({ extraBits, signed, digits, exponent }: Rounding): Cost {
  if (extraBits === 0) return { constraints: 0, wires: 0 };
  const powers = 2 * exponent.bitCount;
  const zeros = extraBits === 1 ? 0 : noneOfCost(extraBits - 1).constraints;
  const rows = powers + 1 + digits.bitCount + 1 + zeros + 2 + 1 + (signed ? 4 : 0);
  // f_23's row has no wire, nor has the digits' first bit; the sign has three.
  return { constraints: rows, wires: rows - 2 };
}

/** y − rounding.low as a wire. Only where `extraBits` > 0: else y = x. */
export function emitRounding(api: Api, rounding: Rounding, x: Sum): Wire {
  const { low, extraBits, signed, digits, exponent, scratch } = rounding;
  const { magnitude, first, below, none, factor, bit } = scratch;
  plus(reset(magnitude), x);
  let sign: Wire = ONE;
  if (signed) {
    sign = emitSign(api, x, magnitude);
  }

  toInput(api, 0, magnitude);
  const aligner = api.hint(opcodes.exponent, [extraBits], 1 + exponent.bitCount);
  const power = emitPower(api, exponent, aligner + 1, factor);
  api.a(aligner, 1);
  if (power === null) toB(api, factor);
  else api.b(power, 1);
  api.c(ONE, powerOfTwo(extraBits));
  api.constrain();

  toA(api, magnitude);
  api.b(aligner, 1);
  const aligned = api.define();
  plusWire(reset(magnitude), aligned, 1);
  const base = split(api, digits, magnitude, first);

  for (let i = 0; i < exponent.bitCount; i++) api.a(aligner + 1 + i, exponent.weights[i]!);
  api.b(ONE, 1);
  api.b(base + digits.bitCount - 2, -1);
  api.constrain();

  // Down unless d; at the half, down if F is even.
  const even = base + extraBits - 1;
  plusBit(reset(bit), base, first, extraBits - 1, 1);
  reset(none, 1);
  if (extraBits > 1) {
    plusBitCount(reset(below), digits, base, first, 0, 1);
    plus(below, bit, -1);
    noneOf(api, below, extraBits - 1, none);
  }
  toA(api, none);
  api.b(ONE, 1);
  api.b(even, -1);
  const down = api.define();
  toA(api, bit);
  api.b(ONE, 1);
  api.b(down, -1);
  const up = api.define();

  const rounded = reset(below);
  plusDigit(rounded, digits, base, first, 1, 1);
  plusWire(rounded, up, 1);
  toA(api, rounded);
  if (power === null) toB(api, factor);
  else api.b(power, 1);
  if (!signed) {
    api.c(ONE, low);
    return api.define();
  }
  const y = api.define();
  api.a(y, 1);
  api.b(sign, -2);
  api.c(y, -1);
  api.c(ONE, low);
  return api.define();
}

/** s = [x < 0]; turns `magnitude` from x into |x|. */
function emitSign(api: Api, x: Sum, magnitude: Sum): Wire {
  toInput(api, 0, x);
  const sign = api.hint(opcodes.sign, [], 1);
  boolean(api, sign);
  toA(api, x);
  api.b(sign, 1);
  const negative = api.define();
  api.x(0, negative, 1);
  const inverse = api.hint(opcodes.inverse, [], 1);
  toA(api, x);
  api.b(inverse, 1);
  api.c(sign, 1);
  api.constrain();
  plusWire(magnitude, negative, -2);
  return sign;
}

/** 2^e as the product of 1 + b_i·(2^(w_i) − 1) over e's bits: a wire, or, of one bit, the expression `factor` and null. */
function emitPower(api: Api, exponent: Radix, bits: Wire, factor: Sum): Wire | null {
  for (let i = 0; i < exponent.bitCount; i++) boolean(api, bits + i);
  let product: Wire | null = null;
  for (let i = 0; i < exponent.bitCount; i++) {
    reset(factor, 1);
    plusWire(factor, bits + i, powerOfTwo(exponent.weights[i]!) - 1);
    if (i === 0) continue;
    if (product === null) {
      api.a(ONE, 1);
      api.a(bits, powerOfTwo(exponent.weights[0]!) - 1);
    } else api.a(product, 1);
    toB(api, factor);
    product = api.define();
  }
  return product;
}
