/** QLinearMatMul: a, a_scale, a_zero_point, b, b_scale, b_zero_point, y_scale, y_zero_point; either side may be constant. */
import { type Call, input, newestOpset, type Op } from '../call.ts';
import { quantizedWeights } from '../linear.ts';
import { integerOperand, qlinearOutputOf, quantizedResult } from '../operand.ts';
import { type Factor, factorType, matmulDims, productNode } from '../product.ts';
import { refuse } from '../report.ts';

/** Input i of the QLinear form, with its parameters behind it; a constant may be quantized per channel along `axis`. */
export function quantizedFactor(call: Call, i: number, axis: (rank: number) => number): Factor {
  if (input(call, i).kind !== 'constant') return { kind: 'value', value: integerOperand(call, i) };
  return quantizedWeights(call, i, axis);
}

/** The type that the kernel puts out. */
export function kernelType(call: Call, a: Factor, b: Factor): 'uint8' | 'int8' {
  const left = factorType(call, a);
  if (left === 'int8' && factorType(call, b) === 'uint8')
    refuse('int8 by uint8: ONNX Runtime has no such kernel', 'use one activation type for the whole model');
  return left;
}

export const qlinearMatmul: Op = {
  op: 'QLinearMatMul',
  limits: 'as MatMul',
  facts: { constraints: 'n·(1 + S); of two computed tensors one for each product and n·S' },
  domain: '',
  opsets: [10, newestOpset],
  attributes: [],
  inputs: [8, 8],
  shape: (call) => matmulDims(call, 0, 3),
  translate: (call, dims) => {
    const [a, b] = [quantizedFactor(call, 0, (rank) => rank - 1), quantizedFactor(call, 3, (rank) => rank - 1)];
    const y = qlinearOutputOf(call, dims, 6, kernelType(call, a, b));
    const node = productNode(call, a, b);
    return quantizedResult(call, dims, y, node(y, null));
  },
};
