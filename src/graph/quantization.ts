/** Scales and zero points of QuantizeLinear, DequantizeLinear and the QLinear operators, read from constants and checked. */
import type { Tensor } from '../tensor/tensor.ts';
import { type Call, input, inputName, normalizeAxis } from './call.ts';
import type { Quantization } from './graph.ts';
import type { Parameters } from './meaning.ts';
import { refuse } from './report.ts';

const staticAdvice =
  'scales and zero points must be constants: export with onnxruntime.quantization.quantize_static (not quantize_dynamic) and fold constants';

export type IntegerDType = 'uint8' | 'int8' | 'int32';

/** A constant's integers as Int32Array. */
export function integersOf(tensor: Tensor): Int32Array {
  return new Int32Array(tensor.data as ArrayLike<number>);
}

/** The constant tensor at input i. */
export function constantTensor(call: Call, i: number, what: string): Tensor {
  const meaning = input(call, i);
  if (meaning.kind !== 'constant') return refuse(`its ${what} "${inputName(call, i)}" is not a constant`, staticAdvice);
  return meaning.tensor;
}

/** Scales beyond these are no quantizer's, and their products could leave float32: S = fl(fl(sx·sw)/sy) stays below 2^120. */
const scaleMost = 2 ** 30;
const activationScaleLeast = 1 / 2 ** 60;

/** float32 scales at input i, all above 0 and at most 2^30. */
export function scalesAt(call: Call, i: number): Float32Array {
  const tensor = constantTensor(call, i, 'scale');
  if (tensor.dtype !== 'float32') refuse(`its scale is ${tensor.dtype}`, 'quantize a float32 model: scales must be float32');
  const scales = tensor.data as Float32Array;
  if (scales.length === 0 || tensor.dims.length > 2) refuse('its scale has no usable shape', 'quantize per tensor or per channel');
  for (const scale of scales) {
    if (!(scale > 0 && scale <= scaleMost)) refuse(`its scale is ${scale}`, 'a scale must be above 0 and at most 2^30; quantize again');
  }
  return scales;
}

/** Zero points at input i; where there is none, zeros of `byDefault`'s type. */
export function zeroPointsAt(call: Call, i: number, count: number, byDefault: IntegerDType): { dtype: IntegerDType; values: Int32Array } {
  if ((call.inputs[i] ?? null) === null) return { dtype: byDefault, values: new Int32Array(count) };
  const tensor = constantTensor(call, i, 'zero point');
  const { dtype } = tensor;
  if (dtype !== 'uint8' && dtype !== 'int8' && dtype !== 'int32') {
    return refuse(`it quantizes to ${dtype}`, 'quantize to 8 bits: activation_type and weight_type QInt8 or QUInt8');
  }
  const values = integersOf(tensor);
  if (values.length !== count) refuse(`${count} scales but ${values.length} zero points`, 'quantize again');
  if (dtype === 'int32' && values.some((z) => z !== 0)) refuse('an int32 zero point that is not 0', 'quantize again');
  return { dtype, values };
}

/** Per-tensor parameters of an activation: scale at input i, zero point at input i + 1. */
export function parametersAt(call: Call, i: number, byDefault: 'uint8' | 'int8' = 'uint8'): Parameters {
  const scales = scalesAt(call, i);
  if (scales.length !== 1) {
    refuse('an activation quantized per channel', 'quantize activations per tensor (only weights can be per channel)');
  }
  if (scales[0]! < activationScaleLeast)
    refuse(`its scale is ${scales[0]}`, "an activation's scale must be at least 2^-60; quantize again");
  const { dtype, values } = zeroPointsAt(call, i + 1, 1, byDefault);
  if (dtype === 'int32') return refuse('an activation of int32', 'quantize activations to 8 bits');
  return { scale: scales[0]!, zeroPoint: values[0]!, dtype };
}

/** The axis of per-channel parameters, or null for one per tensor. */
export function channelAxis(count: number, dims: readonly number[], axis: number): number | null {
  if (count === 1) return null;
  const normal = normalizeAxis(axis, dims.length);
  if (dims[normal] !== count) {
    refuse(`${count} scales for ${dims[normal]} channels along axis ${normal}`, 'quantize per tensor or per channel (block_size 0)');
  }
  return normal;
}

/** Inclusive range of a quantized type. */
export function rangeOf(dtype: 'uint8' | 'int8'): readonly [number, number] {
  return dtype === 'uint8' ? [0, 255] : [-128, 127];
}

/** Round half to even, exact for |x| < 2^52. */
export function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

/** QuantizeLinear of one float32: clamp(RNE(fl(x/s)) + zp); NaN is refused by the caller. */
export function quantizeElement(x: number, q: Quantization, range: readonly [number, number]): number {
  const scaled = Math.fround(x / q.scale);
  const bounded = Math.min(Math.max(scaled, -1e9), 1e9);
  return Math.min(Math.max(roundHalfEven(bounded) + q.zeroPoint, range[0]), range[1]);
}
