/**
 * x^y in float32, after `powf` of ONNX Runtime's WASM build: float64 inside.
 * Reference: Arm's optimized routines, as in musl's powf.
 */
import { exp2Of } from './exp2.ts';
import { reciprocals, splitFloat } from './log.ts';

const fl = Math.fround;

/** log2 of the points whose reciprocals log.ts has. */
const logarithms = [
  -0.48430022186289673, -0.42257122959194704, -0.3633754347673556, -0.30651309567405577, -0.25180720160537634, -0.19910014943794563,
  -0.14825100623281615, -0.09913323807318392, -0.051632812977629436, 0, 0.07508531937943004, 0.15987125980713107, 0.2384046664317681,
  0.31288288605863257, 0.38370422656453185, 0.451211048935815,
];
const [a5, a4, a3, a2, a1] = [0.288457581109214, -0.36092606229713164, 0.480898481472577, -0.7213474675006291, 1.4426950408774342];
/** 2^x of a float64 beyond these is infinite, or 0, in float32. */
const overflow = 127.99999995700433;
const underflow = -150;

/** log2 x in float64, good to 32 bits. */
function log2(x: number): number {
  const { k, z, i } = splitFloat(x);
  const r = z * reciprocals[i]! - 1;
  const r2 = r * r;
  const first = a1 * r + (logarithms[i]! + k);
  return (a5 * r + a4) * (r2 * r2) + ((a3 * r + a2) * r2 + first);
}

/** `powf`; NaN for x < 0 and a y that is no integer. */
export function pow(x: number, y: number): number {
  if (y === 0 || x === 1) return 1;
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN;
  const odd = y % 2 === 1 || y % 2 === -1;
  const magnitude = Math.abs(x);
  const sign = odd && (x < 0 || Object.is(x, -0)) ? -1 : 1;
  if (magnitude === 0 || magnitude === Number.POSITIVE_INFINITY) return sign * ((magnitude === 0) === y < 0 ? Number.POSITIVE_INFINITY : 0);
  if (!Number.isFinite(y)) {
    if (magnitude === 1) return 1;
    return magnitude > 1 === y > 0 ? Number.POSITIVE_INFINITY : 0;
  }
  if (x < 0 && !Number.isInteger(y)) return Number.NaN;
  const exponent = y * log2(magnitude);
  if (exponent > overflow) return sign * Number.POSITIVE_INFINITY;
  return exponent <= underflow ? sign * 0 : fl(sign * exp2Of(exponent));
}
