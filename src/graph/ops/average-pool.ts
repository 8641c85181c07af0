/** AveragePool, 1-D and 2-D: ONNX Runtime fuses it as QLinearAveragePool, whose float loop is the reference. */
import { flagAttribute, layer, newestOpset, type Op } from '../call.ts';
import type { Window2d } from '../graph.ts';
import { activationOperand, dtype8, pendingResult } from '../operand.ts';
import { refuse } from '../report.ts';
import { averageRoundingZero } from '../rounding.ts';
import { poolAttributes, poolGeometry } from './max-pool.ts';

export const averagePoolAttributes = [...poolAttributes, 'count_include_pad'];

/** QLinearAveragePool knows no dilations. */
export function checkNoDilation(window: Window2d): void {
  if (window.dilations.some((d) => d !== 1))
    refuse('an average pool with dilations: ONNX Runtime has no integer kernel for it', 'use dilations of 1');
}

export const averagePool: Op = {
  op: 'AveragePool',
  limits: '1-D and 2-D; batch 1; no dilations; no activation behind an int8 pool',
  domain: '',
  facts: { constraints: 'n·(1 + S); n·(S + k·L) and float additions where equal scales make ties that float noise decides' },
  opsets: [7, newestOpset],
  attributes: averagePoolAttributes,
  inputs: [1, 1],
  shape: (call) => poolGeometry(call).dims,
  translate: (call, dims) => {
    const x = activationOperand(call, 0).value;
    const { window } = poolGeometry(call);
    checkNoDilation(window);
    const countIncludePad = flagAttribute(call, 'count_include_pad', false);
    return pendingResult(call, dims, { dtype: dtype8(call, x) }, (y, activation, end) => ({
      kind: 'averagepool',
      ...layer(call),
      x,
      window,
      countIncludePad,
      activation,
      roundingZero: averageRoundingZero(call, activation, end),
      y,
    }));
  },
};
