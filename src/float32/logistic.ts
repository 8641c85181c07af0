/**
 * 1/(1 + e^−x) in float32, as ONNX Runtime's MlasComputeLogistic computes it: a quotient of polynomials, each operation rounded.
 * Reference: ONNX Runtime, core/mlas/lib/logistic.cpp.
 */
import { type MultiplyAdd, multiplyAdd } from './fma.ts';
import { polynomial } from './polynomial.ts';

const fl = Math.fround;
const numerator = [4.37031012579801e-11, 1.15627324459942e-7, 6.08574864600143e-5, 8.51377133304701e-3, 2.48287947061529e-1].map(fl);
const denominator = [
  6.10247389755681e-13, 5.76102136993427e-9, 6.2910678501704e-6, 1.70198817374094e-3, 1.16817656904453e-1, 9.9315192102318e-1,
].map(fl);

export function logistic(v: number, madd: MultiplyAdd = multiplyAdd): number {
  const x = Math.min(Math.max(v, -18), 18);
  const square = fl(x * x);
  const quotient = fl(fl(polynomial(numerator, square, madd) * x) / polynomial(denominator, square, madd));
  return Math.min(Math.max(fl(quotient + 0.5), 0), 1);
}
