/** DequantizeLinear: a float view of integers. Nothing is computed: the view says how the integers are read. */

import { elementCount, type Tensor } from '../../tensor/tensor.ts';
import { type Call, dimsOf, input, inputName, intAttribute, layer, newestOpset, type Op, outputName } from '../call.ts';
import { draftValue, reinterpret } from '../draft.ts';
import type { ConstantView, IntegerMeaning, Meaning } from '../meaning.ts';
import { typedParameters } from '../operand.ts';
import { channelAxis, integersOf, scalesAt, zeroPointsAt } from '../quantization.ts';
import { refuse } from '../report.ts';
import { scaledResult } from '../scaled.ts';

function constantView(call: Call, tensor: Tensor): ConstantView {
  const { dtype, dims } = tensor;
  if (dtype !== 'uint8' && dtype !== 'int8' && dtype !== 'int32') {
    return refuse(`it dequantizes a ${dtype} constant`, 'quantize to 8 bits: activation_type and weight_type QInt8 or QUInt8');
  }
  const scales = scalesAt(call, 1);
  const zeros = zeroPointsAt(call, 2, scales.length, dtype);
  if (zeros.dtype !== dtype) refuse(`"${inputName(call, 0)}" is ${dtype}, its zero point ${zeros.dtype}`, 'quantize again');
  const axis = channelAxis(scales.length, dims, intAttribute(call, 'axis', 1));
  return { kind: 'constantView', dims, dtype, data: integersOf(tensor), scales, zeroPoints: zeros.values, axis };
}

/** fl(fl(x)·scale) of int32 sums: a Cast and a Mul. */
function dequantizedSums(call: Call, { value, dims }: IntegerMeaning): Meaning {
  const scales = scalesAt(call, 1);
  const zeros = zeroPointsAt(call, 2, scales.length, 'int32');
  if (zeros.dtype !== 'int32') refuse(`"${inputName(call, 0)}" is int32, its zero point ${zeros.dtype}`, 'quantize again');
  const axis = channelAxis(scales.length, dims, intAttribute(call, 'axis', 1));
  const inner = axis === null ? 1 : elementCount(dims.slice(axis + 1));
  return scaledResult(call, dims, { x: value, steps: [{ kind: 'multiply', values: scales }], channels: scales.length, inner });
}

function translate(call: Call): Meaning {
  if (intAttribute(call, 'block_size', 0) !== 0) refuse('it dequantizes in blocks', 'quantize per tensor or per channel (block_size 0)');
  const outputType = intAttribute(call, 'output_dtype', 0);
  if (outputType !== 0 && outputType !== 1) refuse('it dequantizes to another type than float32', 'quantize a float32 model');
  const x = input(call, 0);
  if (x.kind === 'constant') return constantView(call, x.tensor);
  if (x.kind !== 'integer') return refuse(`its input "${inputName(call, 0)}" is float already`, 'export the model again');
  if (draftValue(call.draft, x.value).dtype === 'int32') return dequantizedSums(call, x);
  const parameters = typedParameters(call, 1, draftValue(call.draft, x.value).dtype, inputName(call, 0));
  const value = reinterpret(call.draft, x.value, parameters, outputName(call), layer(call));
  return { kind: 'view', dims: x.dims, value };
}

const shared = {
  op: 'DequantizeLinear',
  limits: '8 bits, int32 biases; activations per tensor; static scales',
  attributes: ['axis', 'block_size', 'output_dtype'],
  inputs: [2, 3] as const,
  shape: (call: Call) => dimsOf(call, 0),
  translate,
};

export const dequantizeLinear: Op = { ...shared, domain: '', opsets: [10, newestOpset] };
export const microsoftDequantizeLinear: Op = { ...shared, domain: 'com.microsoft', opsets: [1, 1] };
