/** com.microsoft QGemm: A, a_scale, a_zero_point, B, b_scale, b_zero_point, C (int32), y_scale, y_zero_point. */
import { quantizedBias } from '../bias.ts';
import { flagAttribute, hasInput, type Op } from '../call.ts';
import { alphaOf, gemmDims, gemmNode, transposedFactor } from '../gemm.ts';
import { qlinearOutputOf, quantizedResult } from '../operand.ts';
import { refuse } from '../report.ts';
import { kernelType, quantizedFactor } from './qlinear-matmul.ts';

export const qgemm: Op = {
  op: 'QGemm',
  limits: 'constants per tensor, on the right also per column; a constant C; alpha not 0; a quantized output',
  facts: { constraints: 'n·(1 + S); of two computed tensors one for each product and n·S' },
  domain: 'com.microsoft',
  opsets: [1, 1],
  attributes: ['alpha', 'transA', 'transB'],
  inputs: [6, 9],
  shape: (call) => gemmDims(call, 0, 3),
  translate: (call, dims) => {
    if (!hasInput(call, 7)) refuse('it has no output scale, so its result is float', 'quantize its output too');
    const alpha = alphaOf(call);
    const along = flagAttribute(call, 'transB', false) ? 0 : 1;
    const a = transposedFactor(
      call,
      quantizedFactor(call, 0, () => 1),
      'transA',
    );
    const b = transposedFactor(
      call,
      quantizedFactor(call, 3, () => along),
      'transB',
    );
    // C counts units of alpha·sa·sb: with alpha's sign its own turns.
    const c = quantizedBias(call, 6, dims);
    const node = gemmNode(call, [a, b], alpha, (_, turned) => (turned ? (c?.map((unit) => -unit) ?? null) : c));
    const y = qlinearOutputOf(call, dims, 7, kernelType(call, a, b));
    return quantizedResult(call, dims, y, node(y, null));
  },
};
