/** ConvInteger: the int32 sums of a convolution of x − x_zero_point with w − w_zero_point, w constant; padding is x's zero point. */
import { type Call, layer, newestOpset, type Op } from '../call.ts';
import { integerResult } from '../integer.ts';
import { centredWeights, withZeroPoint } from '../integer-linear.ts';
import { convAttributes, convGeometry } from './conv.ts';

export const convInteger: Op = {
  op: 'ConvInteger',
  limits: 'as Conv; static scales behind it, or int32 outputs',
  domain: '',
  opsets: [10, newestOpset],
  attributes: convAttributes,
  inputs: [2, 4],
  shape: (call: Call) => convGeometry(call, 0, 1).dims,
  translate: (call, dims) => {
    const x = withZeroPoint(call, 0, 2);
    const weights = centredWeights(call, 1, 3, 0);
    const { window, group } = convGeometry(call, 0, 1);
    const node = { kind: 'conv', ...layer(call), x, weights, bias: null, group, window, activation: null } as const;
    return integerResult(call, dims, 'int32', (y) => ({ ...node, y }));
  },
};
