/**
 * AveragePool, 1-D and 2-D: ONNX Runtime fuses it as QLinearAveragePool, whose float loop is the reference. With dilations there is no such kernel: its float kernel of opset 19 adds in
 * the same order, divides by what lies inside the pads, and leaves rounding to QuantizeLinear. That of earlier opsets adds in an order of its own, for which the profile takes the exact sum.
 */
import { flagAttribute, layer, newestOpset, type Op } from '../call.ts';
import type { Window2d } from '../graph.ts';
import { activationOperand, pendingResult } from '../operand.ts';
import { refuse } from '../report.ts';
import { averageRoundingZero } from '../rounding.ts';
import { poolAttributes, poolGeometry } from './max-pool.ts';

export const averagePoolAttributes = [...poolAttributes, 'count_include_pad'];

export function isDilated({ dilations }: Window2d): boolean {
  return dilations.some((d) => d !== 1);
}

export const averagePool: Op = {
  op: 'AveragePool',
  limits: '1-D and 2-D',
  domain: '',
  facts: { constraints: 'n·(1 + S); n·(S + k·L) and float additions where equal scales make ties that float noise decides' },
  opsets: [7, newestOpset],
  attributes: averagePoolAttributes,
  inputs: [1, 1],
  shape: (call) => poolGeometry(call).dims,
  translate: (call, dims) => {
    const { value: x, inFloats } = activationOperand(call, 0);
    const { window } = poolGeometry(call);
    if (isDilated(window) && call.opset < 19) refuse('it has dilations, which came with opset 19', 'export with opset 19 or later');
    const countsPads = flagAttribute(call, 'count_include_pad', false);
    return pendingResult(call, dims, { dtype: null }, (y, activation, end) => {
      const roundingZero = inFloats || isDilated(window) ? null : averageRoundingZero(call, activation, end);
      const inOrder = roundingZero !== null || call.opset >= 19;
      const counted = !countsPads ? 'image' : roundingZero === null && inOrder ? 'padded' : 'kernel';
      return { kind: 'averagepool', ...layer(call), x, window, counted, inOrder, activation, roundingZero: roundingZero ?? 0, y };
    });
  },
};
