/** com.microsoft QGemm: A, a_scale, a_zero_point, B, b_scale, b_zero_point, C (int32), y_scale, y_zero_point. */
import { quantizedBias } from '../bias.ts';
import { flagAttribute, floatAttribute, hasInput, layer, type Op } from '../call.ts';
import { asMatrix, asWeights, quantizedWeights } from '../linear.ts';
import { integerOperand, qlinearOutput, quantizedResult } from '../operand.ts';
import { refuse } from '../report.ts';
import { gemmDims } from './gemm.ts';

export const qgemm: Op = {
  op: 'QGemm',
  limits: 'transA = 0; constant B; a quantized output',
  domain: 'com.microsoft',
  opsets: [1, 1],
  attributes: ['alpha', 'transA', 'transB'],
  inputs: [6, 9],
  shape: (call) => gemmDims(call, 0, 3),
  translate: (call, dims) => {
    if (!hasInput(call, 7)) refuse('it has no output scale, so its result is float', 'quantize its output too');
    const alpha = floatAttribute(call, 'alpha', 1);
    if (!(alpha > 0 && Number.isFinite(alpha))) refuse(`alpha = ${alpha}`, 'fold alpha into the weights before quantizing');
    const x = integerOperand(call, 0);
    const transpose = flagAttribute(call, 'transB', false);
    const weights = asWeights(
      call,
      x,
      asMatrix(
        quantizedWeights(call, 3, () => (transpose ? 0 : 1)),
        transpose,
      ),
      1,
    );
    const bias = quantizedBias(call, 6, dims[1]!);
    const y = qlinearOutput(call, dims, 7, x);
    return quantizedResult(call, dims, y, { kind: 'matmul', ...layer(call), x, weights, bias, alpha, form: 'gemm', activation: null, y });
  },
};
