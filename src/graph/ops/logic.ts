/** Not, And, Or, Xor of truth values, with broadcasting; either side may be constant. */
import { broadcastDims } from '../broadcast.ts';
import { type Call, dimsOf, layer, newestOpset, type Op, outputName } from '../call.ts';
import { addValue } from '../draft.ts';
import { truthOperand } from '../truth.ts';

function logicOp(op: string, operator: 'not' | 'and' | 'or' | 'xor'): Op {
  const operands = operator === 'not' ? [0] : [0, 1];
  return {
    op,
    domain: '',
    opsets: [operator === 'not' ? 1 : 7, newestOpset],
    attributes: [],
    inputs: [operands.length, operands.length],
    shape: (call: Call) => operands.reduce<readonly number[]>((dims, i) => broadcastDims(dims, dimsOf(call, i)), []),
    translate: (call, dims) => {
      const xs = operands.map((i) => truthOperand(call, i));
      const y = addValue(call.draft, { name: outputName(call), dtype: 'uint8', dims, quantization: null });
      call.draft.nodes.push({ kind: 'logic', ...layer(call), xs, operator, y });
      return { kind: 'boolean', dims, value: y };
    },
  };
}

export const not = logicOp('Not', 'not');
export const and = logicOp('And', 'and');
export const or = logicOp('Or', 'or');
export const xor = logicOp('Xor', 'xor');
