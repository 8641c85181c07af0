/** Gemm with transA = 0 and constant weights: alpha·A·B + C. ONNX Runtime fuses it as QGemm, so alpha and beta must be 1 where there is a C. */
import { floatBias } from '../bias.ts';
import { type Call, dimsOf, flagAttribute, floatAttribute, hasInput, layer, newestOpset, type Op } from '../call.ts';
import { asMatrix, asWeights, weightView } from '../linear.ts';
import { activationOperand, dtype8, pendingResult } from '../operand.ts';
import { refuse } from '../report.ts';

/** [M, N] of A (input a) and B (input b). */
export function gemmDims(call: Call, a: number, b: number): readonly number[] {
  const left = dimsOf(call, a);
  const right = dimsOf(call, b);
  const again = 'export the model again; onnx.checker says what is wrong';
  if (flagAttribute(call, 'transA', false))
    refuse('transA = 1', 'transpose the activation before it is quantized, or export it the other way round');
  if (left.length !== 2 || right.length !== 2)
    return refuse(`shapes [${left.join(', ')}] and [${right.join(', ')}] are no matrices`, again);
  const [k, n] = flagAttribute(call, 'transB', false) ? [right[1]!, right[0]!] : [right[0]!, right[1]!];
  if (left[1] !== k) refuse(`shapes [${left.join(', ')}] and [${right.join(', ')}] do not fit together`, again);
  return [left[0]!, n];
}

export const gemm: Op = {
  op: 'Gemm',
  limits: 'transA = 0; constant B; alpha and beta of 1 beside a bias',
  domain: '',
  opsets: [7, newestOpset],
  attributes: ['alpha', 'beta', 'transA', 'transB'],
  inputs: [2, 3],
  shape: (call) => gemmDims(call, 0, 1),
  translate: (call, dims) => {
    const alpha = floatAttribute(call, 'alpha', 1);
    const beta = floatAttribute(call, 'beta', 1);
    if (hasInput(call, 2) && beta !== 1)
      refuse(`beta = ${beta}: ONNX Runtime has no integer kernel for it`, 'fold beta into the bias before quantizing');
    if (hasInput(call, 2) && alpha !== 1) {
      refuse(`alpha = ${alpha} beside a bias: ONNX Runtime has no integer kernel for it`, 'fold alpha into the weights before quantizing');
    }
    if (!(alpha > 0 && Number.isFinite(alpha))) refuse(`alpha = ${alpha}`, 'fold alpha into the weights before quantizing');
    const x = activationOperand(call, 0).value;
    const weights = asWeights(call, x, asMatrix(weightView(call, 1), flagAttribute(call, 'transB', false)), 1);
    const bias = floatBias(call, 2, x, weights, dims[1]!);
    return pendingResult(call, dims, { dtype: dtype8(call, x) }, (y, activation) => ({
      kind: 'matmul',
      ...layer(call),
      x,
      weights,
      bias,
      alpha,
      form: 'gemm',
      activation,
      y,
    }));
  },
};
