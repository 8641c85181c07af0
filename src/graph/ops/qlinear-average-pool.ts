/** com.microsoft QLinearAveragePool: X, x_scale, x_zero_point, y_scale, y_zero_point; channels first. */
import { flagAttribute, layer, type Op } from '../call.ts';
import { integerOperand, outputZero, qlinearOutput, quantizedResult } from '../operand.ts';
import { refuse } from '../report.ts';
import { averagePoolAttributes } from './average-pool.ts';
import { poolGeometry } from './max-pool.ts';

export const qlinearAveragePool: Op = {
  op: 'QLinearAveragePool',
  limits: '1-D and 2-D; channels first',
  domain: 'com.microsoft',
  facts: { constraints: 'n·(1 + S); n·(S + k·L) and float additions where equal scales make ties that float noise decides' },
  opsets: [1, 1],
  // It knows no dilations.
  attributes: [...averagePoolAttributes.filter((name) => name !== 'dilations'), 'channels_last'],
  inputs: [4, 5],
  shape: (call) => poolGeometry(call).dims,
  translate: (call, dims) => {
    if (flagAttribute(call, 'channels_last', false)) refuse('channels_last = 1', 'quantize the channels-first model');
    const x = integerOperand(call, 0);
    const { window } = poolGeometry(call);
    const counted = flagAttribute(call, 'count_include_pad', false) ? 'kernel' : 'image';
    const y = qlinearOutput(call, dims, 3, x);
    const roundingZero = outputZero(call, y);
    return quantizedResult(call, dims, y, {
      kind: 'averagepool',
      ...layer(call),
      x,
      window,
      counted,
      inOrder: true,
      activation: null,
      roundingZero,
      y,
    });
  },
};
