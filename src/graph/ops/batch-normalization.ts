/**
 * BatchNormalization of a quantized tensor: one float32 function for each channel, as ONNX Runtime's kernel folds its constants. Behind a Conv it must be
 * folded into the weights before quantizing: ONNX Runtime would compute both in floats.
 * Reference: ONNX Runtime, core/providers/cpu/nn/batch_norm.h.
 */
import { elementCount } from '../../tensor/tensor.ts';
import { batchNormAdvice } from '../advice.ts';
import { type Call, dimsOf, flagAttribute, floatAttribute, input, newestOpset, type Op } from '../call.ts';
import { dequantizeView } from '../constants.ts';
import { constantTensor } from '../quantization.ts';
import { refuse } from '../report.ts';
import { elementwiseResult } from '../unary.ts';

const fl = Math.fround;

/** A float32 constant of one number per channel, itself or behind a DequantizeLinear (quantize_static quantizes scale and bias). */
function perChannel(call: Call, i: number, what: string): Float32Array {
  const meaning = input(call, i);
  const { dtype, data } = meaning.kind === 'constantView' ? dequantizeView(meaning) : constantTensor(call, i, what);
  if (dtype !== 'float32' || data.length !== dimsOf(call, 0)[1])
    return refuse(`its ${what} is ${dtype} of ${data.length} elements`, 'export the model again');
  return data as Float32Array;
}

export const batchNormalization: Op = {
  op: 'BatchNormalization',
  domain: '',
  opsets: [9, newestOpset],
  attributes: ['epsilon', 'momentum', 'training_mode'],
  limits: 'between Q/DQ pairs; constant parameters, float32 or quantized',
  inputs: [5, 5],
  shape: (call) => dimsOf(call, 0),
  translate: (call, dims) => {
    if (input(call, 0).kind === 'pending') {
      refuse(batchNormAdvice.why, batchNormAdvice.whatToDo);
    }
    if (flagAttribute(call, 'training_mode', false)) refuse('training_mode = 1', 'export the model in evaluation mode');
    const [scale, bias] = [perChannel(call, 1, 'scale'), perChannel(call, 2, 'bias')];
    const [mean, variance] = [perChannel(call, 3, 'mean'), perChannel(call, 4, 'variance')];
    const epsilon = floatAttribute(call, 'epsilon', fl(1e-5));
    const factors = variance.map((v, c) => fl(fl(1 / fl(Math.sqrt(fl(v + epsilon)))) * scale[c]!));
    const offsets = bias.map((b, c) => fl(b - fl(mean[c]! * factors[c]!)));
    const channels = { count: scale.length, inner: elementCount(dims.slice(2)) };
    return elementwiseResult(call, dims, 0, (v, c) => fl(fl(v * factors[c]!) + offsets[c]!), channels);
  },
};
