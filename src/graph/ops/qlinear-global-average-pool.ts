/** com.microsoft QLinearGlobalAveragePool: X, x_scale, x_zero_point, y_scale, y_zero_point; channels first. */
import { flagAttribute, layer, type Op } from '../call.ts';
import { integerOperand, qlinearOutput, quantizedResult } from '../operand.ts';
import { refuse } from '../report.ts';
import { globalPoolDims } from './global-average-pool.ts';

export const qlinearGlobalAveragePool: Op = {
  op: 'QLinearGlobalAveragePool',
  limits: '1-D and 2-D; channels first',
  domain: 'com.microsoft',
  facts: { constraints: 'n·(1 + S)' },
  opsets: [1, 1],
  attributes: ['channels_last'],
  inputs: [5, 5],
  shape: globalPoolDims,
  translate: (call, dims) => {
    if (flagAttribute(call, 'channels_last', false)) refuse('channels_last = 1', 'quantize the channels-first model');
    const x = integerOperand(call, 0);
    const y = qlinearOutput(call, dims, 3, x);
    return quantizedResult(call, dims, y, { kind: 'globalaveragepool', ...layer(call), x, activation: null, y });
  },
};
