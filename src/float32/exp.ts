/**
 * e^x in float32, after the two routines that ONNX Runtime's WASM build has: MLAS's vector kernel behind the operator Exp, and the C library's `expf` behind
 * Eigen's expressions (Elu, Selu, Celu, Softplus).
 * Reference: ONNX Runtime, core/mlas/lib/compute.cpp; Arm's optimized routines, as in musl's expf.
 */
import { powerOfTwo } from './bits.ts';
import { exp2Of } from './exp2.ts';
import { type MultiplyAdd, multiplyAdd } from './fma.ts';
import { polynomial } from './polynomial.ts';

const fl = Math.fround;

export const log2e = fl(Math.LOG2E);
export const ln2High = fl(-6.93145752e-1);
export const ln2Low = fl(-1.42860677e-6);
/** Added and taken away again, it rounds a float32 below 2^22 to an integer. */
export const roundingBias = 12582912;

const least = fl(-103.9720840454);
const most = fl(88.776266264795);
const coefficients = [0.0013780593872070312, 0.008373124524950981, 0.041669536381959915, 0.166664719581604, 0.49999985098838806, 1];

/** MlasComputeExp. The power of two is multiplied in two parts, so that subnormal results are rounded once. */
export function exp(v: number, madd: MultiplyAdd = multiplyAdd): number {
  let x = Math.min(Math.max(v, least), most);
  const m = fl(madd(x, log2e, roundingBias) - roundingBias);
  x = madd(m, ln2High, x);
  x = madd(m, ln2Low, x);
  const normal = Math.min(Math.max(m, -126), 127);
  const rest = powerOfTwo(m - normal);
  const p = polynomial(coefficients, x, madd);
  return fl(madd(p, fl(x * rest), rest) * powerOfTwo(normal));
}

const stepsPerUnit = Math.LOG2E;
/** Beyond these e^x is infinite, or 0. */
const overflow = 88.72283;
const underflow = -103.972084;

/** `expf`: float64 inside. */
export function libmExp(x: number): number {
  if (x > overflow) return Number.POSITIVE_INFINITY;
  return x < underflow ? 0 : fl(exp2Of(stepsPerUnit * x));
}
