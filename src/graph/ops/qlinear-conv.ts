/** QLinearConv: x, x_scale, x_zero_point, w, w_scale, w_zero_point, y_scale, y_zero_point, bias (int32). */
import { quantizedBias } from '../bias.ts';
import { type Call, layer, newestOpset, type Op } from '../call.ts';
import { asWeights, quantizedWeights } from '../linear.ts';
import { dtype8, integerOperand, qlinearOutput, quantizedResult } from '../operand.ts';
import { refuse } from '../report.ts';
import { convAttributes, convGeometry } from './conv.ts';

const shape = (call: Call) => convGeometry(call, 0, 3).dims;

export const qlinearConv: Op = {
  op: 'QLinearConv',
  limits: 'as Conv',
  domain: '',
  opsets: [10, newestOpset],
  attributes: convAttributes,
  inputs: [8, 9],
  shape,
  translate: (call, dims) => {
    const x = integerOperand(call, 0);
    const weights = asWeights(
      call,
      x,
      quantizedWeights(call, 3, () => 0),
      0,
    );
    if (dtype8(call, x) === 'int8' && weights.dtype === 'uint8')
      refuse('int8 activations with uint8 weights: ONNX Runtime has no such kernel', 'use weight_type QInt8');
    const bias = quantizedBias(call, 8, [weights.dims[0]!]);
    const { window, group } = convGeometry(call, 0, 3);
    const y = qlinearOutput(call, dims, 6, x);
    return quantizedResult(call, dims, y, { kind: 'conv', ...layer(call), x, weights, bias, group, window, activation: null, y });
  },
};
