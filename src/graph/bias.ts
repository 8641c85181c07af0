/** Biases of Conv, Gemm and their kin as integers in units of the accumulator, with the checks that make them ONNX Runtime's. */
import { elementCount } from '../tensor/tensor.ts';
import { broadcastDims, broadcastOrder } from './broadcast.ts';
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

/** Bias elements: one per output channel, or one for all of them. */
function spread(call: Call, i: number, data: Int32Array, dims: readonly number[], channels: number): Int32Array {
  if (data.length === 1) return new Int32Array(channels).fill(data[0]!);
  if (data.length !== channels || dims[dims.length - 1] !== channels) {
    refuse(
      `its bias "${inputName(call, i)}" has shape [${dims.join(', ')}] for ${channels} channels`,
      'a bias must be one value per output channel',
    );
  }
  return data;
}

/** The float32 value of one unit of the accumulator of x times weights, per channel. */
export function unitOf(call: Call, x: ValueId, { scales }: Weights): (channel: number) => number {
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
export function floatBias(call: Call, i: number, x: ValueId, weights: Weights, channels: number): Int32Array | null {
  if (!hasInput(call, i)) return null;
  const unit = unitOf(call, x, weights);
  const meaning = input(call, i);
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
  const data = spread(call, i, meaning.data, meaning.dims, channels);
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
  if (`${broadcastDims(meaning.dims, dims)}` !== `${dims}`)
    refuse(`its bias has shape [${meaning.dims.join(', ')}] for a result of [${dims.join(', ')}]`, 'export the model again');
  const channels = dims.at(-1)!;
  const perChannel = elementCount(meaning.dims.slice(0, -1)) === 1;
  const to = perChannel ? [channels] : dims;
  const from = perChannel ? meaning.dims.slice(-1) : meaning.dims;
  const reals = pick(data as Float32Array, broadcastOrder(from, to));
  return Int32Array.from(reals, (b, at) => rounded(Math.fround(factor * b), unit(at % channels)));
}

/** The int32 bias of the QLinear form, at input i. */
export function quantizedBias(call: Call, i: number, channels: number): Int32Array | null {
  if (!hasInput(call, i)) return null;
  const tensor = constantTensor(call, i, 'bias');
  if (tensor.dtype !== 'int32') return refuse(`its bias is ${tensor.dtype}`, 'the bias must be int32');
  return spread(call, i, integersOf(tensor), tensor.dims, channels);
}
