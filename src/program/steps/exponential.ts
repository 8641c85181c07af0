/**
 * e^x and ln x to 24 bits, in integers: engines differ in Math.exp and Math.log, and a table that reaches a circuit may not. Fixed point with 192 bits behind the point; series
 * are cut off below 2^-180, so that the rounding to 24 bits is right wherever the exact value lies farther than 2^-150 from a midpoint (no value of a double but e^0 lies on one).
 */

/** mantissa·2^exponent, 2^23 ≤ mantissa < 2^24. */
export interface Float24 {
  readonly mantissa: number;
  readonly exponent: number;
}

const pointBits = 192n;
const one = 1n << pointBits;

/** 2·artanh(z) for fixed-point |z| < 1/2: 2·(z + z³/3 + z⁵/5 + …). */
function twiceArtanh(z: bigint): bigint {
  const square = (z * z) >> pointBits;
  let sum = 0n;
  let power = z;
  for (let k = 1n; power !== 0n && power !== -1n; k += 2n) {
    sum += power / k;
    power = (power * square) >> pointBits;
  }
  return 2n * sum;
}

const ln2 = twiceArtanh(one / 3n);

/** A finite double as sign·significand·2^exponent. */
function parts(x: number): { readonly significand: bigint; readonly exponent: bigint } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  const bits = view.getBigUint64(0);
  const biased = (bits >> 52n) & 0x7ffn;
  const fraction = bits & ((1n << 52n) - 1n);
  const significand = biased === 0n ? fraction : fraction | (1n << 52n);
  return { significand: x < 0 ? -significand : significand, exponent: (biased === 0n ? 1n : biased) - 1075n };
}

/** v·2^-bits rounded to an integer; halves up. */
function rounded(v: bigint, bits: bigint): bigint {
  return (v + (1n << (bits - 1n))) >> bits;
}

/** e^x for a double |x| < 2^11. */
export function exponential(x: number): Float24 {
  const { significand, exponent } = parts(x);
  const shift = exponent + pointBits;
  const fixed = shift >= 0n ? significand << shift : significand >> -shift;
  let twos = fixed / ln2;
  if (fixed < twos * ln2) twos--;
  const rest = fixed - twos * ln2;
  let sum = one;
  let term = one;
  for (let k = 1n; term !== 0n; k++) {
    term = ((term * rest) >> pointBits) / k;
    sum += term;
  }
  const mantissa = Number(rounded(sum, pointBits - 23n));
  return mantissa === 0x100_0000 ? { mantissa: 0x80_0000, exponent: Number(twos) - 22 } : { mantissa, exponent: Number(twos) - 23 };
}

/** ln x for a finite double x ≥ 1, as a float32. */
export function logarithm(x: number): number {
  const { significand, exponent } = parts(x);
  // x = 2^twos·m with 1 ≤ m < 2: ln m = 2·artanh((m − 1)/(m + 1)).
  const twos = exponent + 52n;
  const m = significand << (pointBits - 52n);
  const fixed = twos * ln2 + twiceArtanh(((m - one) << pointBits) / (m + one));
  return Math.fround(Number(rounded(fixed, pointBits - 44n)) / 2 ** 44);
}
