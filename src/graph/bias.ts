/** Biases of Conv, Gemm and their kin as integers in units of the accumulator, with the checks that make them ONNX Runtime's. */
import { elementCount } from '../tensor/tensor.ts';
import { broadcastOrder } from './broadcast.ts';
import { type Call, hasInput, input, inputName } from './call.ts';
import { dequantizeView, pick } from './constants.ts';
import { draftValue } from './draft.ts';
import type { ValueId, Weights } from './graph.ts';
import { constantTensor, integersOf, roundHalfEven } from './quantization.ts';
import { refuse } from './report.ts';

/** Distance in units in the last place between two positive float32. */
function ulps(a: number, b: number): number {
  const bits = new Int32Array(Float32Array.of(a, b).buffer);
  return Math.abs(bits[0]! - bits[1]!);
}

/** Bias elements for a result of shape `dims`: one for each channel, its last dimension, where they depend on no other; else one for each element. */
function spread<T extends Int32Array | Float32Array>(call: Call, i: number, data: T, from: readonly number[], dims: readonly number[]): T {
  if (from.length > dims.length || from.some((d, axis) => d !== 1 && d !== dims[dims.length - from.length + axis])) {
    refuse(
      `its bias "${inputName(call, i)}" has shape [${from.join(', ')}] for ${dims.length === 1 ? `${dims[0]} channels` : `a result of [${dims.join(', ')}]`}`,
      dims.length === 1 ? 'a bias must be one value per output channel' : 'export the model again; onnx.checker says what is wrong',
    );
  }
  const perChannel = elementCount(from.slice(0, -1)) === 1;
  return pick(data, perChannel ? broadcastOrder(from.slice(-1), dims.slice(-1)) : broadcastOrder(from, dims));
}

/** What one unit of an accumulator stands for, a float32, by channel. */
export type Unit = (channel: number) => number;

/** Of x times weights. */
export function unitOf(call: Call, x: ValueId, { scales }: Weights): Unit {
  const sx = draftValue(call.draft, x).quantization!.scale;
  return (c) => Math.fround(sx * scales[scales.length === 1 ? 0 : c]!);
}

function rounded(bias: number, unit: number): number {
  const value = roundHalfEven(Math.fround(bias / unit));
  if (!(Math.abs(value) < 2 ** 31)) refuse(`its bias ${bias} does not fit int32 in units of ${unit}`, 'quantize again');
  return value;
}

/**
 * The bias of the QDQ form, in units of the accumulator. int32 behind a DequantizeLinear is taken raw, as ONNX Runtime's
 * kernels do, if its scale is that of the accumulator to one ulp. A float32 constant is RNE(fl(b / fl(sx·sw))), which is what
 * ONNX Runtime makes of it (WeightBiasQuantization) before it fuses.
 */
export function floatBias(call: Call, i: number, dims: readonly number[], unit: Unit): Int32Array | null {
  if (!hasInput(call, i)) return null;
  const meaning = input(call, i);
  const channels = dims.at(-1)!;
  if (meaning.kind === 'constant' && meaning.tensor.dtype === 'float32' && meaning.dims.length === 1) {
    const bias = meaning.tensor.data as Float32Array;
    if (bias.length !== channels) refuse(`its bias has ${bias.length} elements for ${channels} channels`, 'export the model again');
    return Int32Array.from(bias, (b, c) => rounded(b, unit(c)));
  }
  if (meaning.kind !== 'constantView' || meaning.dtype !== 'int32') {
    return refuse(
      `its bias "${inputName(call, i)}" is not a constant of int32 behind a DequantizeLinear`,
      'quantize with quantize_static, which makes the bias int32',
    );
  }
  const data = spread(call, i, meaning.data, meaning.dims, dims);
  for (let c = 0; c < channels; c++) {
    const given = meaning.scales[meaning.scales.length === 1 ? 0 : c]!;
    if (ulps(unit(c), given) > 1) {
      refuse(
        `its bias has scale ${given} where input and weights give ${unit(c)} (channel ${c}): ONNX Runtime's integer kernels would ignore the difference`,
        'quantize again, with the bias at scale input_scale · weight_scale',
      );
    }
  }
  return data;
}

/**
 * A constant float32 bias, quantized or not, of a group that ONNX Runtime computes in floats: `factor`·bias in units of the accumulator, RNE(fl(fl(factor·b) / unit)).
 * Shape: what broadcasts to `dims`. Out: one for each channel (the last of `dims`) where it depends on no other axis, else one for each element.
 */
export function realBias(call: Call, i: number, dims: readonly number[], unit: (channel: number) => number, factor = 1): Int32Array | null {
  if (!hasInput(call, i)) return null;
  const meaning = input(call, i);
  if (meaning.kind !== 'constant' && meaning.kind !== 'constantView') {
    return refuse(
      `its third input "${inputName(call, i)}" is computed, not a constant bias`,
      'put a MatMul, a QuantizeLinear/DequantizeLinear pair and an Add in its place',
    );
  }
  const { dtype, data } = meaning.kind === 'constant' ? meaning.tensor : dequantizeView(meaning);
  if (dtype !== 'float32') return refuse(`its bias is ${dtype}`, 'export the model again');
  const reals = spread(call, i, data as Float32Array, meaning.dims, dims);
  const channels = dims.at(-1)!;
  return Int32Array.from(reals, (b, at) => rounded(Math.fround(factor * b), unit(at % channels)));
}

/** The int32 bias of the QLinear form, at input i. */
export function quantizedBias(call: Call, i: number, dims: readonly number[]): Int32Array | null {
  if (!hasInput(call, i)) return null;
  const tensor = constantTensor(call, i, 'bias');
  if (tensor.dtype !== 'int32') return refuse(`its bias is ${tensor.dtype}`, 'the bias must be int32');
  return spread(call, i, integersOf(tensor), tensor.dims, dims);
}
