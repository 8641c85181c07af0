/** Add with broadcasting; either side may be a quantized constant. One 8-bit type throughout, as ONNX Runtime's QLinearAdd wants. */

import { broadcastDims } from '../broadcast.ts';
import { type Call, dimsOf, inputName, layer, newestOpset, type Op } from '../call.ts';
import { constantValue } from '../constants.ts';
import type { ValueId } from '../graph.ts';
import { dtype8, fusedOperand, pendingResult } from '../operand.ts';
import { refuse } from '../report.ts';
import { addRoundingZero } from '../rounding.ts';

function side(call: Call, i: number): ValueId {
  const operand = fusedOperand(call, i);
  return operand.kind === 'view' ? operand.value : constantValue(call.draft, operand, inputName(call, i));
}

/** Both sides of an addition have one 8-bit type. */
export function checkSameType(call: Call, a: ValueId, b: ValueId): void {
  if (dtype8(call, a) !== dtype8(call, b))
    refuse('it adds int8 to uint8: ONNX Runtime computes that in floats', 'use one activation type for the whole model');
}

export const add: Op = {
  op: 'Add',
  domain: '',
  opsets: [7, newestOpset],
  attributes: [],
  inputs: [2, 2],
  shape: (call) => broadcastDims(dimsOf(call, 0), dimsOf(call, 1)),
  translate: (call, dims) => {
    const a = side(call, 0);
    const b = side(call, 1);
    checkSameType(call, a, b);
    return pendingResult(call, dims, { dtype: dtype8(call, a) }, (y, activation, end) => ({
      kind: 'add',
      ...layer(call),
      a,
      b,
      activation,
      roundingZero: addRoundingZero(call, activation, end),
      y,
    }));
  },
};
