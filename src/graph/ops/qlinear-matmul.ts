/** QLinearMatMul: a, a_scale, a_zero_point, b, b_scale, b_zero_point, y_scale, y_zero_point; b constant. */
import { layer, newestOpset, type Op } from '../call.ts';
import { asMatrix, asWeights, quantizedWeights } from '../linear.ts';
import { integerOperand, qlinearOutput, quantizedResult } from '../operand.ts';
import { matmulDims } from './matmul.ts';

const shared = {
  op: 'QLinearMatMul',
  limits: 'the right side is one constant matrix',
  attributes: [],
  inputs: [8, 8] as const,
  shape: (call) => matmulDims(call, 0, 3),
  translate: (call, dims) => {
    const x = integerOperand(call, 0);
    const weights = asWeights(
      call,
      x,
      asMatrix(
        quantizedWeights(call, 3, (rank) => rank - 1),
        false,
      ),
      1,
    );
    const y = qlinearOutput(call, dims, 6, x);
    const form = 'matmul';
    return quantizedResult(call, dims, y, { kind: 'matmul', ...layer(call), x, weights, bias: null, alpha: 1, form, activation: null, y });
  },
} satisfies Omit<Op, 'domain' | 'opsets'>;

export const qlinearMatmul: Op = { ...shared, domain: '', opsets: [10, newestOpset] };
