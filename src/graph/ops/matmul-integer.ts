/** MatMulInteger: the int32 sums of (a − a_zero_point)·(b − b_zero_point), b constant. */
import { type Call, newestOpset, type Op } from '../call.ts';
import { centredWeights, integerProduct, withZeroPoint } from '../integer-linear.ts';
import { matmulDims } from '../product.ts';
import { refuse } from '../report.ts';

export const matmulInteger: Op = {
  op: 'MatMulInteger',
  limits: 'the right side is one constant matrix; static scales behind it, or int32 outputs',
  domain: '',
  opsets: [10, newestOpset],
  attributes: [],
  inputs: [2, 4],
  shape: (call: Call) => matmulDims(call, 0, 1),
  translate: (call, dims) => {
    const x = withZeroPoint(call);
    const rank = call.inputs[1]?.dims?.length ?? 0;
    if (rank !== 2) refuse(`its weights have ${rank} dimensions`, 'only one matrix of weights is supported');
    return integerProduct(call, dims, x, centredWeights(call, 1), null);
  },
};
