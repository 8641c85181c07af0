/** com.microsoft QLinearAdd: A, A_scale, A_zero_point, B, B_scale, B_zero_point, C_scale, C_zero_point. */
import { broadcastDims } from '../broadcast.ts';
import { dimsOf, layer, type Op } from '../call.ts';
import { integerOperand, outputZero, qlinearOutput, quantizedResult } from '../operand.ts';
import { checkSameType } from './add.ts';

/** QLinearAdd and QLinearMul have the same inputs. */
export function qlinearBinary(op: string, kind: 'add' | 'multiply'): Op {
  return {
    op,
    domain: 'com.microsoft',
    opsets: [1, 1],
    attributes: [],
    inputs: [7, 8],
    shape: (call) => broadcastDims(dimsOf(call, 0), dimsOf(call, 3)),
    translate: (call, dims) => {
      const a = integerOperand(call, 0);
      const b = integerOperand(call, 3);
      checkSameType(call, a, b);
      const y = qlinearOutput(call, dims, 6, a);
      const roundingZero = outputZero(call, y);
      return quantizedResult(call, dims, y, { kind, ...layer(call), a, b, activation: null, roundingZero, fused: true, y });
    },
  };
}

export const qlinearAdd = qlinearBinary('QLinearAdd', 'add');
