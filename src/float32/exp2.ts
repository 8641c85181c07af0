/**
 * 2^x in float64 for the float32 functions `expf` and `powf`: a table of 32 steps and a polynomial between them.
 * Reference: Arm's optimized routines (musl's exp2f_data.c), N = 32.
 */
import { powerOfTwo } from './bits.ts';

const steps = 32;

/** The float64 nearest to 2^(i/32), by an exact root: the largest r with (2r − 1)^32 < 2^(i + 53·32) is 2^(i/32) in units of 2^−52, rounded. */
function rootOfTwo(i: number): number {
  let r = 0n;
  for (let bit = 1n << 53n; bit > 0n; bit >>= 1n) {
    const candidate = r + bit;
    let power = 2n * candidate - 1n;
    for (let squarings = 0; squarings < 5; squarings++) power *= power;
    if (power < 1n << BigInt(i + 53 * steps)) r = candidate;
  }
  return Number(r) / 4503599627370496;
}

const table = Float64Array.from({ length: steps }, (_, i) => rootOfTwo(i));

const [c3, c2, c1] = [0.05550361559341535, 0.2402284522445722, 0.6931471806916203];
/** Added and taken away again, it rounds a float64 to an integer. */
const shift = 6755399441055744;

/** 2^x for |x| < 1000, in float64, good to 35 bits. */
export function exp2Of(x: number): number {
  const scaled = x * steps;
  const k = scaled + shift - shift;
  const r = (scaled - k) / steps;
  const i = ((k % steps) + steps) % steps;
  const scale = table[i]! * powerOfTwo((k - i) / steps);
  const rest = c2 + c3 * r;
  return (rest * (r * r) + (c1 * r + 1)) * scale;
}
