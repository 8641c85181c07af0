/**
 * tanh in float32, as ONNX Runtime's MlasComputeTanh computes it: a quotient of polynomials, each operation rounded.
 * Reference: ONNX Runtime, core/mlas/lib/tanh.cpp.
 */
import { type MultiplyAdd, multiplyAdd } from './fma.ts';
import { polynomial } from './polynomial.ts';

const fl = Math.fround;
const numerator = [
  -2.76076847742355e-16, 2.00018790482477e-13, -8.60467152213735e-11, 5.12229709037114e-8, 1.48572235717979e-5, 6.37261928875436e-4,
  4.89352455891786e-3,
].map(fl);
const denominator = [1.19825839466702e-6, 1.18534705686654e-4, 2.268434632439e-3, 4.89352518554385e-3].map(fl);

export function tanh(v: number, madd: MultiplyAdd = multiplyAdd): number {
  const x = Math.min(Math.max(v, -9), 9);
  const square = fl(x * x);
  return fl(fl(polynomial(numerator, square, madd) * x) / polynomial(denominator, square, madd));
}
