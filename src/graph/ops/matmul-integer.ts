/** MatMulInteger, as numpy.matmul: the int32 sums of (a − a_zero_point)·(b − b_zero_point). */
import { type Call, newestOpset, type Op, outputName } from '../call.ts';
import { matmulSums } from '../integer-linear.ts';
import { matmulDims } from '../product.ts';

export const matmulInteger: Op = {
  op: 'MatMulInteger',
  limits: 'zero points constant, one, or one per column of a constant; static scales behind it, or int32 outputs',
  facts: { constraints: 'n; n·(1 + S) with the QuantizeLinear behind it; of two computed tensors one more for each product' },
  domain: '',
  opsets: [10, newestOpset],
  attributes: [],
  inputs: [2, 4],
  shape: (call: Call) => matmulDims(call, 0, 1),
  translate: (call, dims) => ({ kind: 'integer', dims, value: matmulSums(call, dims, [2, 3], outputName(call)) }),
};
