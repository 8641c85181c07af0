/** Conv, Gemm and MatMul of plain integers with constant weights: the exact int32 sums, as values of the graph. */
import { broadcastOrder } from './broadcast.ts';
import { type Call, hasInput, input, inputName, layer, outputName } from './call.ts';
import { pick } from './constants.ts';
import { addAlias, addValue, draftValue } from './draft.ts';
import { transposedFactor } from './gemm.ts';
import type { ValueId, Weights, Window2d } from './graph.ts';
import { type IntegerConstant, integerAt, integerConstant, integerResult } from './integer.ts';
import type { Meaning } from './meaning.ts';
import { type Factor, productNode } from './product.ts';
import { constantTensor, integersOf } from './quantization.ts';
import { refuse } from './report.ts';

const again = 'export the model again; onnx.checker says what is wrong';

/** Constant weights without a scale. */
export function plainWeights({ dims, data }: IntegerConstant): Weights {
  return { dtype: 'int32', dims, data, scales: Float32Array.of(1), zeroPoints: Int32Array.of(0) };
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

/** A factor of a product of an integer network. */
function integerFactor(call: Call, i: number): Factor {
  if (input(call, i).kind !== 'constant') return { kind: 'value', value: integerAt(call, i) };
  const { dims, data } = integerConstant(call, i, 'weights');
  return { kind: 'constantView', dims, dtype: 'int32', data, scales: Float32Array.of(1), zeroPoints: Int32Array.of(0), axis: null };
}

/** MatMul of an integer network. */
export function integerMatMul(call: Call, dims: readonly number[]): Meaning {
  return integerProduct(call, dims, [integerFactor(call, 0), integerFactor(call, 1)], null);
}

/** Gemm of an integer network; alpha and beta are 1. */
export function integerGemm(call: Call, dims: readonly number[], alpha: number, beta: number): Meaning {
  if (alpha !== 1 || (beta !== 1 && hasInput(call, 2)))
    refuse(`alpha = ${alpha}, beta = ${beta} on integers`, 'fold them into the weights and the bias');
  const factors = [0, 1].map((i) => transposedFactor(call, integerFactor(call, i), i === 0 ? 'transA' : 'transB')) as [Factor, Factor];
  if (!hasInput(call, 2)) return integerProduct(call, dims, factors, null);
  const c = integerConstant(call, 2, 'bias');
  return integerProduct(call, dims, factors, pick(c.data, broadcastOrder(c.dims, dims)));
}

/** The sums of inputs 0 and 1 of MatMulInteger and its like as a value of that name, their zero points at the inputs `zeros`. */
export function matmulSums(call: Call, dims: readonly number[], zeros: readonly [number, number], name: string): ValueId {
  const factors = zeros.map((zero, i): Factor => {
    const meaning = input(call, i);
    if (meaning.kind !== 'constant') return { kind: 'value', value: withZeroPoint(call, i, zero) };
    const { dims, data, dtype, scales, zeroPoints } = centredWeights(call, i, zero, meaning.dims.length - 1);
    return { kind: 'constantView', dims, dtype, data, scales, zeroPoints, axis: scales.length === 1 ? null : meaning.dims.length - 1 };
  }) as [Factor, Factor];
  const node = productNode(call, factors[0], factors[1]);
  const y = addValue(call.draft, { name, dtype: 'int32', dims, quantization: null });
  call.draft.nodes.push(node(y, null));
  return y;
}

function integerProduct(call: Call, dims: readonly number[], [a, b]: readonly [Factor, Factor], bias: Int32Array | null): Meaning {
  const node = productNode(call, a, b, { alpha: 1, bias, form: 'matmul' });
  return integerResult(call, dims, 'int32', (y) => node(y, null));
}

/** A computed factor of MatMulInteger or ConvInteger, read with the zero point at input `zero`. */
export function withZeroPoint(call: Call, i: number, zero: number): ValueId {
  const { draft } = call;
  const x = integerAt(call, i);
  const { dtype, quantization } = draftValue(draft, x);
  const name = inputName(call, i);
  if (dtype !== 'uint8' && dtype !== 'int8') return refuse(`its input "${name}" is ${dtype}`, again);
  let zeroPoint = 0;
  if (hasInput(call, zero)) {
    const tensor = constantTensor(call, zero, 'zero point');
    if (tensor.dtype !== dtype || tensor.data.length !== 1)
      refuse(`"${name}" is ${dtype}, its zero point ${tensor.dtype} [${tensor.dims.join(', ')}]`, 'use one zero point of the same type');
    zeroPoint = Number(tensor.data[0]);
  }
  if ((quantization?.zeroPoint ?? 0) === zeroPoint) return x;
  return addAlias(draft, x, `${outputName(call)}:${name}`, layer(call), { scale: quantization?.scale ?? 1, zeroPoint });
}

/** 8-bit weights at input i of MatMulInteger or ConvInteger with the zero points at input `zero`: one, or one per channel along `axis`. */
export function centredWeights(call: Call, i: number, zero: number, axis: number): Weights {
  const tensor = constantTensor(call, i, 'weights');
  const { dtype, dims } = tensor;
  if (dtype !== 'uint8' && dtype !== 'int8') return refuse(`its weights are ${dtype}`, again);
  const zeros = hasInput(call, zero) ? constantTensor(call, zero, 'zero point') : null;
  const count = zeros?.data.length ?? 1;
  if (zeros !== null && (zeros.dtype !== dtype || (count !== 1 && (count !== dims[axis] || zeros.dims.length !== 1))))
    return refuse(
      `its weights are ${dtype} [${dims.join(', ')}], their zero points ${zeros.dtype} [${zeros.dims.join(', ')}]`,
      'use one zero point, or one per output channel, of the same type',
    );
  const zeroPoints = zeros === null ? new Int32Array(1) : integersOf(zeros);
  return { dtype, dims, data: integersOf(tensor), scales: new Float32Array(count).fill(1), zeroPoints };
}
