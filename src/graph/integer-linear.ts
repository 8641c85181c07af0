/** Conv, Gemm and MatMul of plain integers with constant weights: the exact int32 sums, as values of the graph. */
import { elementCount } from '../tensor/tensor.ts';
import { type Call, flagAttribute, hasInput, inputName, layer, outputName } from './call.ts';
import { transposeOrder } from './constants.ts';
import { addAlias, draftValue } from './draft.ts';
import type { ValueId, Weights, Window2d } from './graph.ts';
import { type IntegerConstant, integerAt, integerConstant, integerResult } from './integer.ts';
import type { Meaning } from './meaning.ts';
import { constantTensor, integersOf } from './quantization.ts';
import { refuse } from './report.ts';

const again = 'export the model again; onnx.checker says what is wrong';

/** Constant weights without a scale. */
export function plainWeights({ dims, data }: IntegerConstant): Weights {
  return { dtype: 'int32', dims, data, scales: Float32Array.of(1), zeroPoints: Int32Array.of(0) };
}

/** A matrix [K, N] of the constant integers at input i. */
export function integerMatrix(call: Call, i: number, transpose: boolean): IntegerConstant {
  const { dims, data } = integerConstant(call, i, 'weights');
  if (dims.length < 1 || elementCount(dims.slice(0, -2)) !== 1)
    return refuse(`its weights have shape [${dims.join(', ')}]`, 'only one matrix of weights is supported');
  const shape = dims.length === 1 ? ([dims[0]!, 1] as const) : ([dims[dims.length - 2]!, dims[dims.length - 1]!] as const);
  if (!transpose) return { dims: shape, data };
  const order = transposeOrder(shape, [1, 0]);
  return { dims: [shape[1], shape[0]], data: data.map((_, k) => data[order[k]!]!) };
}

/** The constant integers at input i as one for each of `channels`, or null where there is no such input. */
function integerBias(call: Call, i: number, channels: number): Int32Array | null {
  if (!hasInput(call, i)) return null;
  const { data, dims } = integerConstant(call, i, 'bias');
  if (data.length === 1) return new Int32Array(channels).fill(data[0]!);
  if (data.length !== channels || dims[dims.length - 1] !== channels)
    return refuse(`its bias "${inputName(call, i)}" has shape [${dims.join(', ')}] for ${channels} channels`, again);
  return data;
}

export interface ConvShape {
  readonly dims: readonly number[];
  readonly window: Window2d;
  readonly group: number;
}

/** Conv of an integer network. */
export function integerConv(call: Call, { dims, window, group }: ConvShape): Meaning {
  const x = integerAt(call, 0);
  const weights = plainWeights(integerConstant(call, 1, 'weights'));
  const bias = integerBias(call, 2, weights.dims[0]!);
  return integerResult(call, dims, 'int32', (y) => ({
    kind: 'conv',
    ...layer(call),
    x,
    weights,
    bias,
    group,
    window,
    activation: null,
    y,
  }));
}

/** MatMul or Gemm of an integer network; the weights at input 1, a Gemm's bias at input 2. */
export function integerMatMul(call: Call, dims: readonly number[], transpose: boolean): Meaning {
  const x = integerAt(call, 0);
  const weights = plainWeights(integerMatrix(call, 1, transpose));
  const bias = integerBias(call, 2, weights.dims[1]!);
  return integerProduct(call, dims, x, weights, bias);
}

/** Gemm of an integer network, alpha and beta 1. */
export function integerGemm(call: Call, dims: readonly number[], alpha: number, beta: number): Meaning {
  if (alpha !== 1 || (beta !== 1 && hasInput(call, 2)))
    refuse(`alpha = ${alpha}, beta = ${beta} on integers`, 'fold them into the weights and the bias');
  if (flagAttribute(call, 'transA', false)) refuse('transA = 1 on integers', 'put a Transpose before it');
  return integerMatMul(call, dims, flagAttribute(call, 'transB', false));
}

/** The node of a matrix product whose sums are the output. */
export function integerProduct(call: Call, dims: readonly number[], x: ValueId, weights: Weights, bias: Int32Array | null): Meaning {
  return integerResult(call, dims, 'int32', (y) => ({
    kind: 'matmul',
    ...layer(call),
    x,
    weights,
    bias,
    alpha: 1,
    form: 'matmul',
    activation: null,
    y,
  }));
}

/** x of MatMulInteger or ConvInteger (input 0) read with the zero point at input 2. */
export function withZeroPoint(call: Call): ValueId {
  const { draft } = call;
  const x = integerAt(call, 0);
  const { dtype, quantization } = draftValue(draft, x);
  const name = inputName(call, 0);
  if (dtype !== 'uint8' && dtype !== 'int8') return refuse(`its input "${name}" is ${dtype}`, again);
  let zeroPoint = 0;
  if (hasInput(call, 2)) {
    const tensor = constantTensor(call, 2, 'zero point');
    if (tensor.dtype !== dtype || tensor.data.length !== 1)
      refuse(`"${name}" is ${dtype}, its zero point ${tensor.dtype} [${tensor.dims.join(', ')}]`, 'use one zero point of the same type');
    zeroPoint = Number(tensor.data[0]);
  }
  if ((quantization?.zeroPoint ?? 0) === zeroPoint) return x;
  return addAlias(draft, x, `${outputName(call)}:${name}`, layer(call), { scale: quantization?.scale ?? 1, zeroPoint });
}

/** 8-bit weights at input 1 of MatMulInteger or ConvInteger with the zero points at input 3: one, or one per channel along `axis`. */
export function centredWeights(call: Call, axis: number): Weights {
  const tensor = constantTensor(call, 1, 'weights');
  const { dtype, dims } = tensor;
  if (dtype !== 'uint8' && dtype !== 'int8') return refuse(`its weights are ${dtype}`, again);
  const zeros = hasInput(call, 3) ? constantTensor(call, 3, 'zero point') : null;
  const count = zeros?.data.length ?? 1;
  if (zeros !== null && (zeros.dtype !== dtype || (count !== 1 && (count !== dims[axis] || zeros.dims.length !== 1))))
    return refuse(
      `its weights are ${dtype} [${dims.join(', ')}], their zero points ${zeros.dtype} [${zeros.dims.join(', ')}]`,
      'use one zero point, or one per output channel, of the same type',
    );
  const zeroPoints = zeros === null ? new Int32Array(1) : integersOf(zeros);
  return { dtype, dims, data: integersOf(tensor), scales: new Float32Array(count).fill(1), zeroPoints };
}
