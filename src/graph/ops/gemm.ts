/**
 * Gemm: alpha·A'·B' + beta·C. ONNX Runtime fuses it as QGemm without C, and with an int32 C where alpha and beta are 1; otherwise it computes floats, and the profile's formula is that
 * of an exact accumulator to which beta·C is added in units of alpha·A'·B'.
 */
import { floatBias, realBias, type Unit } from '../bias.ts';
import { type Call, floatAttribute, hasInput, input, newestOpset, type Op } from '../call.ts';
import { alphaOf, gemmDims, gemmNode, transposedFactor, unitOfProduct } from '../gemm.ts';
import { onIntegers } from '../integer.ts';
import { integerGemm } from '../integer-linear.ts';
import { pendingResult } from '../operand.ts';
import { floatFactor } from './matmul.ts';

/** Whether ONNX Runtime fuses it, as far as C decides that. */
function isFused(call: Call, alpha: number, beta: number): boolean {
  if (!hasInput(call, 2)) return true;
  const c = input(call, 2);
  const isFloat = c.kind === 'constant' && c.dims.length === 1;
  return alpha === 1 && beta === 1 && (isFloat || (c.kind === 'constantView' && c.dtype === 'int32'));
}

export const gemm: Op = {
  op: 'Gemm',
  limits: 'constants per tensor, on the right also per column; a constant C; alpha not 0',
  facts: {
    forms: ['QDQ', 'integer'],
    constraints: 'n·(1 + S); of two computed tensors one for each product and n·S',
    exactness:
      "exact as QGemm; the profile's formula where the runtime computes floats (beta, alpha beside C, C not int32), at most a step off",
  },
  domain: '',
  opsets: [7, newestOpset],
  attributes: ['alpha', 'beta', 'transA', 'transB'],
  inputs: [2, 3],
  shape: (call) => gemmDims(call, 0, 1),
  translate: (call, dims) => {
    const alpha = alphaOf(call);
    const beta = floatAttribute(call, 'beta', 1);
    if (onIntegers(call, [0, 1])) return integerGemm(call, dims, alpha, beta);
    const fused = isFused(call, alpha, beta);
    const a = transposedFactor(call, floatFactor(call, 0), 'transA');
    const b = transposedFactor(call, floatFactor(call, 1), 'transB');
    const biasOf = (unit: Unit) => (beta === 0 ? null : fused ? floatBias(call, 2, dims, unit) : realBias(call, 2, dims, unit, beta));
    const node = gemmNode(call, [a, b], alpha, (left) => biasOf(unitOfProduct(call, a, b, left)));
    return pendingResult(call, dims, { dtype: null, elementwise: !fused }, node);
  },
};
