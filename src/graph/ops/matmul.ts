/** MatMul, as numpy.matmul: of an activation and a constant on either side, or of two activations. */
import { type Call, input, inputName, newestOpset, type Op } from '../call.ts';
import { unitOfProduct } from '../gemm.ts';
import { onIntegers } from '../integer.ts';
import { integerMatMul } from '../integer-linear.ts';
import type { Computation } from '../meaning.ts';
import { floatOperand, pendingResult } from '../operand.ts';
import { type Factor, matmulDims, productNode } from '../product.ts';
import { refuse } from '../report.ts';

/** Input i of the QDQ form. */
export function floatFactor(call: Call, i: number): Factor {
  if (input(call, i).kind === 'constant') {
    return refuse(
      `its weights "${inputName(call, i)}" are not quantized`,
      'quantize weights too (quantize_static does, unless told otherwise)',
    );
  }
  const operand = floatOperand(call, i);
  return operand.kind === 'constantView' ? operand : { kind: 'value', value: operand.value };
}

export const matmul: Op = {
  op: 'MatMul',
  limits: 'constants per tensor, on the right also per column',
  facts: { forms: ['QDQ', 'integer'], constraints: 'n·(1 + S); of two computed tensors one for each product and n·S' },
  domain: '',
  opsets: [1, newestOpset],
  attributes: [],
  inputs: [2, 2],
  shape: (call) => matmulDims(call, 0, 1),
  translate: (call, dims) => {
    if (onIntegers(call, [0, 1])) return integerMatMul(call, dims);
    const [a, b] = [floatFactor(call, 0), floatFactor(call, 1)];
    // ONNX Runtime's MatMulAddFusion.
    const isGemm = a.kind === 'value' && b.kind === 'constantView' && b.dims.length === 2 && dims.length >= 2;
    const biased: Computation['biased'] = isGemm
      ? (bias) => productNode(call, a, b, { alpha: 1, bias: bias(unitOfProduct(call, a, b, 1)), form: 'gemm' })
      : null;
    return pendingResult(call, dims, { dtype: null, biased }, productNode(call, a, b));
  },
};
