/** Weights and biases of Conv, Gemm and MatMul, with the checks that make the integer form ONNX Runtime's. */
import { type Call, hasInput, input, inputName } from './call.ts';
import { transposeView } from './constants.ts';
import { draftValue } from './draft.ts';
import type { ValueId, Weights } from './graph.ts';
import type { ConstantView } from './meaning.ts';
import { floatOperand } from './operand.ts';
import { channelAxis, constantTensor, integersOf, roundHalfEven, scalesAt, zeroPointsAt } from './quantization.ts';
import { refuse } from './report.ts';

/** Constant weights of the QDQ form: input i. */
export function weightView(call: Call, i: number): ConstantView {
  const meaning = input(call, i);
  if (meaning.kind === 'constant') {
    return refuse(
      `its weights "${inputName(call, i)}" are not quantized`,
      'quantize weights too (quantize_static does, unless told otherwise)',
    );
  }
  const operand = floatOperand(call, i);
  if (operand.kind === 'constantView') return operand;
  return refuse(
    `its second input "${inputName(call, i)}" is computed, not constant weights`,
    'only products with constant weights can be proven yet; keep the weights on the right',
  );
}

/** Constant weights of the QLinear form: values at i, scale at i + 1, zero point at i + 2. */
export function quantizedWeights(call: Call, i: number, axis: (rank: number) => number): ConstantView {
  const tensor = constantTensor(call, i, 'weights');
  const { dtype } = tensor;
  if (dtype !== 'uint8' && dtype !== 'int8') return refuse(`its weights are ${dtype}`, 'quantize weights to 8 bits');
  const scales = scalesAt(call, i + 1);
  const zeros = zeroPointsAt(call, i + 2, scales.length, dtype);
  if (zeros.dtype !== dtype) refuse(`its weights are ${dtype}, their zero point ${zeros.dtype}`, 'quantize again');
  return {
    kind: 'constantView',
    dims: tensor.dims,
    dtype,
    data: integersOf(tensor),
    scales,
    zeroPoints: zeros.values,
    axis: channelAxis(scales.length, tensor.dims, axis(tensor.dims.length)),
  };
}

/** The view as weights whose channels, where there are several, lie along `axis`; they stand on the left of x where `xRight`. */
export function asWeights(call: Call, x: ValueId, view: ConstantView, axis: number, xRight = false): Weights {
  const { dtype } = view;
  if (dtype === 'int32') return refuse('its weights are int32', 'quantize weights to 8 bits');
  if (view.axis !== null && view.axis !== axis) {
    refuse(
      `its weights are quantized along axis ${view.axis}, not along the output channels (axis ${axis})`,
      'quantize per tensor or per output channel',
    );
  }
  if (!xRight && draftValue(call.draft, x).dtype === 'int8' && dtype === 'uint8') {
    refuse('int8 activations with uint8 weights: ONNX Runtime has no such integer kernel', 'use weight_type QInt8');
  }
  return { dtype, dims: view.dims, data: view.data, scales: view.scales, zeroPoints: view.zeroPoints };
}

/** A matrix [K, N] of weights from a 1-D or 2-D constant (leading dimensions of 1 dropped). */
export function asMatrix(view: ConstantView, transpose: boolean): ConstantView {
  const extra = view.dims.length - 2;
  if (extra > 0) {
    if (view.dims.slice(0, extra).some((d) => d !== 1))
      refuse(`its weights have shape [${view.dims.join(', ')}]`, 'only one matrix of weights is supported');
    const axis = view.axis === null ? null : view.axis - extra;
    return asMatrix({ ...view, dims: view.dims.slice(extra), axis }, transpose);
  }
  if (view.dims.length === 1) return { ...view, dims: [view.dims[0]!, 1] };
  if (view.dims.length === 0) return refuse('its weights are a scalar', 'export the model again');
  return transpose ? transposeView(view, [1, 0], [view.dims[1]!, view.dims[0]!]) : view;
}

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

/**
 * The bias of the QDQ form, in units of the accumulator. int32 behind a DequantizeLinear is taken raw, as ONNX Runtime's
 * kernels do, if its scale is that of the accumulator to one ulp. A float32 constant is RNE(fl(b / fl(sx·sw))), which is what
 * ONNX Runtime makes of it (WeightBiasQuantization) before it fuses.
 */
export function floatBias(call: Call, i: number, x: ValueId, weights: Weights, channels: number): Int32Array | null {
  if (!hasInput(call, i)) return null;
  const sx = draftValue(call.draft, x).quantization!.scale;
  // Of one unit of the accumulator, per channel.
  const scaleOf = (c: number) => Math.fround(sx * weights.scales[weights.scales.length === 1 ? 0 : c]!);
  const meaning = input(call, i);
  if (meaning.kind === 'constant' && meaning.tensor.dtype === 'float32' && meaning.dims.length === 1) {
    const bias = meaning.tensor.data as Float32Array;
    const data = new Int32Array(channels);
    if (bias.length !== channels) refuse(`its bias has ${bias.length} elements for ${channels} channels`, 'export the model again');
    for (let c = 0; c < channels; c++) {
      const value = roundHalfEven(Math.fround(bias[c]! / scaleOf(c)));
      if (!(Math.abs(value) < 2 ** 31)) refuse(`its bias ${bias[c]} does not fit int32 in units of ${scaleOf(c)}`, 'quantize again');
      data[c] = value;
    }
    return data;
  }
  if (meaning.kind !== 'constantView' || meaning.dtype !== 'int32') {
    return refuse(
      `its bias "${inputName(call, i)}" is not a constant of int32 behind a DequantizeLinear`,
      'quantize with quantize_static, which makes the bias int32',
    );
  }
  const data = spread(call, i, meaning.data, meaning.dims, channels);
  for (let c = 0; c < channels; c++) {
    const expected = scaleOf(c);
    const given = meaning.scales[meaning.scales.length === 1 ? 0 : c]!;
    if (ulps(expected, given) > 1) {
      refuse(
        `its bias has scale ${given} where input and weights give ${expected} (channel ${c}): ONNX Runtime's integer kernels would ignore the difference`,
        'quantize again, with the bias at scale input_scale · weight_scale',
      );
    }
  }
  return data;
}

/** The int32 bias of the QLinear form, at input i. */
export function quantizedBias(call: Call, i: number, channels: number): Int32Array | null {
  if (!hasInput(call, i)) return null;
  const tensor = constantTensor(call, i, 'bias');
  if (tensor.dtype !== 'int32') return refuse(`its bias is ${tensor.dtype}`, 'the bias must be int32');
  return spread(call, i, integersOf(tensor), tensor.dims, channels);
}
