/**
 * The float32 rules of the reference profiles, operation by operation with Math.fround: the truth that every integer form is checked against.
 * Reference: docs/onnx-semantics.md. A product or sum of two float32 values is rounded once: doubles hold products
 * exactly, and a double sum or quotient rounded again to float32 is the float32 sum or quotient (53 ≥ 2·24 + 2 bits).
 */
import { floatSum, fusedMultiplyAdd } from '../../float32/fma.ts';
import type { AddRule, AverageRule, StepRule } from '../program.ts';

const fl = Math.fround;

/** Nearest integer, halves to the even one. Exact for every finite float32; infinities stay. */
export function roundHalfEven(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  if (rest < 0.5) return below;
  if (rest > 0.5) return below + 1;
  return below % 2 === 0 ? below : below + 1;
}

export function clamp(value: number, min: number, max: number): number {
  return value < min ? min : value > max ? max : value;
}

/** QuantizeLinear of a float32 value that is not NaN: `clamp(RNE(fl(x/scale)) + zeroPoint, min, max)`. */
export function quantize(x: number, scale: number, zeroPoint: number, min: number, max: number): number {
  return clamp(roundHalfEven(fl(x / scale)) + zeroPoint, min, max);
}

/** What a shift rule adds before it divides: its addend and half a step. */
export function shiftOffset({ add, divisor }: StepRule & { readonly kind: 'shift' }): number {
  return add + Math.floor(divisor / 2);
}

/** The float32 value that goes into a `floats` rule's QuantizeLinear. */
export function applyFloatSteps(steps: (StepRule & { readonly kind: 'floats' })['steps'], acc: number): number {
  let v = fl(acc);
  for (const { kind, value } of steps) v = fl(kind === 'multiply' ? v * value : kind === 'divide' ? v / value : v + value);
  return v;
}

/** y of one accumulator. */
export function applyRule(rule: StepRule, acc: number): number {
  switch (rule.kind) {
    case 'scale':
      return clamp(roundHalfEven(fl(fl(acc) * rule.scale)) + rule.zeroPoint, rule.min, rule.max);
    case 'mean':
      return quantize(fl(fl(fl(acc) * rule.xScale) / rule.divisor), rule.scale, rule.zeroPoint, rule.min, rule.max);
    case 'requantize':
      return quantize(fl((acc - rule.xZero) * rule.xScale), rule.scale, rule.zeroPoint, rule.min, rule.max);
    case 'shift':
      // Exact: the dividend is a safe integer, the divisor a power of two.
      return clamp(Math.floor((rule.mul * acc + shiftOffset(rule)) / rule.divisor), rule.min, rule.max);
    case 'floats':
      return quantize(applyFloatSteps(rule.steps, acc), rule.scale, rule.zeroPoint, rule.min, rule.max);
  }
}

/** A dequantized integer: `fl(scale·(x − zero))`. */
function dequantized(scale: number, zero: number, x: number): number {
  return fl(scale * (x - zero));
}

/** Rounding of kernels that add a zero point first. Its clamp before rounding is the one after it, since the bounds are integers. */
function clampRounded({ zeroPoint, roundingZero, min, max }: AddRule | AverageRule, v: number): number {
  return clamp(roundHalfEven(fl(v + roundingZero)) - roundingZero + zeroPoint, min, max);
}

/** The parity of y that an exact tie of such a kernel goes to. */
export function tieParityOf({ zeroPoint, roundingZero }: AddRule | AverageRule): 0 | 1 {
  return (zeroPoint - roundingZero) % 2 === 0 ? 0 : 1;
}

/** What the x86-64 kernels' integers are greater by: 128 where ONNX Runtime turns int8 into uint8 first. */
function shiftOf({ zeroPoint, roundingZero }: AddRule): number {
  return roundingZero - zeroPoint;
}

/** The x86-64 kernels' rounding: the zero point is in v already. */
function clampShifted(rule: AddRule, v: number): number {
  const y = roundHalfEven(v) - shiftOf(rule);
  return clamp(y, rule.min, rule.max);
}

/** What a contributes to QLinearAdd's sum: a float32 in WASM; the exact product that an FMA adds, of 32 bits, on x86-64. */
export function aTerm(rule: AddRule, a: number): number {
  if (rule.kernel === 'wasm') return dequantized(rule.aScale, rule.aZero, a);
  return (a + shiftOf(rule)) * fl(rule.aScale / rule.scale);
}

/** What b contributes, as float32; on x86-64 with all the zero points: F = fl(zy − fma(rA, za, fl(rB·zb))), then fma(b, rB, F). */
export function bTerm(rule: AddRule, b: number): number {
  if (rule.kernel === 'wasm') return dequantized(rule.bScale, rule.bZero, b);
  const shift = shiftOf(rule);
  const [aRatio, bRatio] = [fl(rule.aScale / rule.scale), fl(rule.bScale / rule.scale)];
  const zeros = fusedMultiplyAdd(aRatio, rule.aZero + shift, fl(bRatio * (rule.bZero + shift)));
  return fusedMultiplyAdd(b + shift, bRatio, fl(rule.roundingZero - zeros));
}

/** QLinearAdd from its two terms. */
export function applyAddTerms(rule: AddRule, a: number, b: number): number {
  return rule.kernel === 'wasm' ? clampRounded(rule, fl(fl(a + b) / rule.scale)) : clampShifted(rule, floatSum(a, b));
}

/** QLinearMul on x86-64 before it rounds. */
function scaledProduct({ aScale, aZero, bScale, bZero, scale, roundingZero }: AddRule, a: number, b: number): number {
  return fl(fl((a - aZero) * (b - bZero) * fl(fl(aScale * bScale) / scale)) + roundingZero);
}

/** Whether a pair's real outcome is no int32: then the x86-64 kernels, which convert before they clamp, give the least value of all. */
export function overflowsKernel(rule: AddRule, op: 'add' | 'multiply', a: number, b: number): boolean {
  if (rule.kernel === 'wasm') return false;
  const v = op === 'add' ? floatSum(aTerm(rule, a), bTerm(rule, b)) : scaledProduct(rule, a, b);
  return !(Math.abs(v) < 2147483648);
}

export function applyAddRule(rule: AddRule, a: number, b: number): number {
  return applyAddTerms(rule, aTerm(rule, a), bTerm(rule, b));
}

/** QLinearMul: in WASM of the dequantized sides, on x86-64 of the integer product. */
export function applyMultiplyRule(rule: AddRule, a: number, b: number): number {
  if (rule.kernel === 'x64') return clampShifted(rule, scaledProduct(rule, a, b));
  const { aScale, aZero, bScale, bZero, scale } = rule;
  return clampRounded(rule, fl(fl(dequantized(aScale, aZero, a) * dequantized(bScale, bZero, b)) / scale));
}

/** QLinearAveragePool from the float32 sum of its window: the zero point is added before rounding. */
export function applyAverageSum(rule: AverageRule, sum: number, divisor: number): number {
  return clampRounded(rule, fl(fl(sum / divisor) / rule.scale));
}
