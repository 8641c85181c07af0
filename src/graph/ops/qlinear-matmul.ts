/** QLinearMatMul: a, a_scale, a_zero_point, b, b_scale, b_zero_point, y_scale, y_zero_point; either side may be constant. */
import { type Call, input, newestOpset, type Op } from '../call.ts';
import { quantizedWeights } from '../linear.ts';
import { integerOperand, qlinearOutputOf, quantizedResult } from '../operand.ts';
import { type Factor, factorType, matmulDims, productNode } from '../product.ts';
import { refuse } from '../report.ts';

function factor(call: Call, i: number): Factor {
  if (input(call, i).kind !== 'constant') return { kind: 'value', value: integerOperand(call, i) };
  return quantizedWeights(call, i, (rank) => rank - 1);
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
    const [a, b] = [factor(call, 0), factor(call, 3)];
    const [left, right] = [factorType(call, a), factorType(call, b)];
    if (left === 'int8' && right === 'uint8')
      refuse('int8 by uint8: ONNX Runtime has no such kernel', 'use one activation type for the whole model');
    const y = qlinearOutputOf(call, dims, 6, left);
    const node = productNode(call, a, b);
    return quantizedResult(call, dims, y, node(y, null));
  },
};
