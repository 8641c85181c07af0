/**
 * Softmax of a row of n integers. ONNX Runtime's kernel (QLinearSoftmax) has a table of e^x in float32, T, aligned at the row's largest element, adds its entries in float32, and rounds
 * fl(fl(c·T_i)/sum) with c = ⌊1/scale⌋. The profile's formula has the same table and numerators; the sum is exact and rounded once, and so is the quotient:
 *
 *     d_i = max − x_i,  V = ⌊Σ RNE(512·T[d_i]/g)/512 + ½⌋,  y_i = clamp(RNE(N[d_i]/(2V)) + zeroPoint),  N[d] = RNE(2·fl(c·T[d])/g)
 *
 * (N[0] may be 2·c·T[0]/g: see topNumerator). g is the unit in the last place of T[0], so V ≥ 2^23 counts such units. Where ONNX Runtime leaves Softmax in floats, N[d] = RNE(2·T[d]/(scale·g)).
 * Measured: test/slow/softmax.test.ts.
 * Reference: ONNX Runtime 1.30, contrib_ops/cpu/quantization/qlinear_softmax.cc.
 */
import type { SoftmaxRule, SoftmaxTables } from '../program.ts';
import { exponential, type Float24, logarithm } from './exponential.ts';
import { clamp, roundHalfEven } from './rule.ts';

const fl = Math.fround;
const float32Most = fl(3.4028234663852886e38);
/** What the kernel leaves between the largest sum and float32's largest value, as an exponent. */
const reserve = 5;
/** More equal elements than this have quotients of few bits, without halves of note. */
const equalMost = 256;
/** Parts of a unit in the last place that weights are counted in. */
export const weightParts = 512;

/** ⌊1/scale⌋, in float32 as the kernel has it. */
export function softmaxFactor(scale: number): number {
  return Math.floor(fl(1 / scale));
}

/** The kernel's table T by distance from the largest element. */
function kernelTable(xScale: number, count: number, size: number): Float24[] {
  const room = logarithm(fl(float32Most / fl(count))) - reserve;
  const shift = Math.max(0, room) / xScale;
  return Array.from({ length: size }, (_, d) => exponential((shift - d) * xScale));
}

/** value·2^twos for twos ≤ 10; what vanishes is 0. */
function scaled(value: number, twos: number): number {
  if (twos < -100) return 0;
  for (let e = twos; e < 0; e++) value /= 2;
  for (let e = 0; e < twos; e++) value *= 2;
  return value;
}

/** By distance from the row's largest element, 0 … size − 1. */
export function softmaxTables(rule: SoftmaxRule, size: number): SoftmaxTables {
  const table = kernelTable(rule.xScale, rule.count, size);
  const top = table[0].exponent;
  const c = softmaxFactor(rule.scale);
  const numerator = (mantissa: number) => (rule.fused ? fl(c * mantissa) : mantissa / rule.scale);
  const numerators = Float64Array.from(table, ({ mantissa, exponent }) => roundHalfEven(scaled(2 * numerator(mantissa), exponent - top)));
  if (rule.fused) numerators[0] = 2 * topNumerator(table[0].mantissa, c, rule.count);
  return {
    weights: Float64Array.from(table, ({ mantissa, exponent }) => roundHalfEven(scaled(weightParts * mantissa, exponent - top))),
    numerators,
  };
}

/**
 * c·T[0] in units of g, as float32 or exact: whichever gives more of the kernel's answers for rows of 1, 2, … equal elements beside others that vanish. Halves are common there, and the
 * kernel's own roundings decide them.
 */
function topNumerator(mantissa: number, c: number, count: number): number {
  const rounded = fl(c * mantissa);
  let [right, rightExact, sum] = [0, 0, 0];
  for (let equal = 1; equal <= Math.min(count, equalMost); equal++) {
    sum = fl(sum + mantissa);
    const kernel = roundHalfEven(fl(rounded / sum));
    if (softmaxQuotient(2 * rounded, equal * mantissa) === kernel) right++;
    if (softmaxQuotient(2 * c * mantissa, equal * mantissa) === kernel) rightExact++;
  }
  return rightExact > right ? c * mantissa : rounded;
}

/** V: the row's sum in units of the largest entry's last place. @param weight Σ of the row's weights. */
export function softmaxSum(weight: number): number {
  return Math.floor((weight + weightParts / 2) / weightParts);
}

/** RNE(n/(2·sum)) of safe integers. */
export function softmaxQuotient(n: number, sum: number): number {
  const quotient = Math.floor((n + sum) / (2 * sum));
  const rest = n + sum - 2 * sum * quotient;
  return rest === 0 && quotient % 2 === 1 ? quotient - 1 : quotient;
}

/** y of each quotient from 0 to that of a row whose other elements vanish. */
export function softmaxValues({ zeroPoint, min, max }: SoftmaxRule, { weights, numerators }: SoftmaxTables): Int32Array {
  const most = softmaxQuotient(numerators[0], softmaxSum(weights[0]));
  return Int32Array.from({ length: most + 1 }, (_, quotient) => clamp(quotient + zeroPoint, min, max));
}

/** Writes y of one row to the same places as its elements have. */
export function softmaxRow(
  rule: SoftmaxRule,
  { weights, numerators }: SoftmaxTables,
  xs: Int32Array,
  row: Int32Array,
  ys: Int32Array,
): void {
  let largest = xs[row[0]];
  for (const i of row) largest = Math.max(largest, xs[i]);
  let weight = 0;
  for (const i of row) weight += weights[largest - xs[i]];
  const sum = softmaxSum(weight);
  for (const i of row) ys[i] = clamp(softmaxQuotient(numerators[largest - xs[i]], sum) + rule.zeroPoint, rule.min, rule.max);
}
