/**
 * The error function in float32, after ONNX Runtime's MlasComputeErf.
 * Reference: ONNX Runtime, core/mlas/lib/erf.cpp.
 */
import { powerOfTwo } from './bits.ts';
import { ln2High, ln2Low, log2e, roundingBias } from './exp.ts';
import { type MultiplyAdd, multiplyAdd } from './fma.ts';
import { polynomial } from './polynomial.ts';

const fl = Math.fround;

/** erf is 1 from here on. */
const most = fl(3.925);
const split = 0.921875;
const below = [-5.99104969e-4, 4.99339588e-3, -2.67667342e-2, 1.12818025e-1, -3.76124859e-1, 1.28379151e-1].map(fl);
const above = [1.7294893e-5, -3.8320868e-4, 3.88393435e-3, -2.42545605e-2, 1.06777847e-1, 6.34846687e-1, 1.28717512e-1].map(fl);
const exponential = [1.38319808e-3, 8.37550033e-3, 4.16689515e-2, 1.66664466e-1, 4.99999851e-1, 1, 1].map(fl);

/** e^x for x ≤ 0 with erf's own coefficients. */
function expBelowZero(x: number, madd: MultiplyAdd): number {
  const m = fl(madd(log2e, x, roundingBias) - roundingBias);
  const rest = madd(m, ln2Low, madd(m, ln2High, x));
  return fl(polynomial(exponential, rest, madd) * powerOfTwo(m));
}

export function erf(v: number, madd: MultiplyAdd = multiplyAdd): number {
  const a = Math.min(most, Math.abs(v));
  const square = fl(a * a);
  const [coefficients, x] = a > split ? [above, a] : [below, square];
  const p = madd(polynomial(coefficients, x, madd), a, a);
  const r = a > split ? fl(1 - expBelowZero(-p, madd)) : p;
  return v < 0 || Object.is(v, -0) ? -r : r;
}
