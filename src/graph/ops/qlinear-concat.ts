/** com.microsoft QLinearConcat: Y_scale, Y_zero_point, then for each input x, x_scale, x_zero_point. */
import { type Call, layer, normalizeAxis, type Op } from '../call.ts';
import { integerOperand, qlinearOutput, quantizedResult } from '../operand.ts';
import { refuse } from '../report.ts';
import { concatAxis, concatDims } from './concat.ts';

function positionsOf(call: Call): readonly number[] {
  const { length } = call.node.inputs;
  if (length % 3 !== 2) refuse(`it has ${length} inputs, not 2 + 3 for each tensor`, 'export the model again');
  return Array.from({ length: (length - 2) / 3 }, (_, k) => 2 + 3 * k);
}

export const qlinearConcat: Op = {
  op: 'QLinearConcat',
  domain: 'com.microsoft',
  facts: { constraints: 'r·S; r = 0 where all have the parameters of the result' },
  opsets: [1, 1],
  attributes: ['axis'],
  inputs: [5, Number.POSITIVE_INFINITY],
  shape: (call) => concatDims(call, positionsOf(call)),
  translate: (call, dims) => {
    const axis = normalizeAxis(concatAxis(call), dims.length);
    const xs = positionsOf(call).map((i) => integerOperand(call, i));
    const y = qlinearOutput(call, dims, 0, xs[0]!);
    return quantizedResult(call, dims, y, { kind: 'concat', ...layer(call), xs, axis, y });
  },
};
