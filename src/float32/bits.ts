/** Float32 numbers and their 32 bits; exact powers of two. */
const real = new Float32Array(1);
const word = new Int32Array(real.buffer);

/** The bits of a float32 as a signed integer. */
export function bitsOf(x: number): number {
  real[0] = x;
  return word[0]!;
}

/** The float32 of these bits. */
export function floatOf(bits: number): number {
  word[0] = bits;
  return real[0]!;
}

/** 2^n for integers −1074 ≤ n ≤ 1023, without `**`, whose bits differ between engines. */
export function powerOfTwo(n: number): number {
  let power = 1;
  for (let base = n < 0 ? 0.5 : 2, left = n < 0 ? -n : n; left > 0; left = Math.floor(left / 2), base *= base)
    if (left % 2 === 1) power *= base;
  return power;
}
