/** Trilu: the upper or lower triangle of matrices, 0 elsewhere; a constant diagonal. */
import { type Call, constantInts, dimsOf, flagAttribute, hasInput, input, newestOpset, type Op } from '../call.ts';
import { applyGather } from '../gather.ts';
import { refuse } from '../report.ts';

function diagonal(call: Call): number {
  return hasInput(call, 1) ? (constantInts(call, 1)[0] ?? 0) : 0;
}

export const trilu: Op = {
  op: 'Trilu',
  domain: '',
  limits: 'a constant diagonal',
  opsets: [14, newestOpset],
  attributes: ['upper'],
  inputs: [1, 2],
  shape: (call) => dimsOf(call, 0),
  translate: (call, dims) => {
    if (dims.length < 2) refuse(`its input has shape [${dims.join(', ')}]`, 'export the model again; onnx.checker says what is wrong');
    const upper = flagAttribute(call, 'upper', true);
    const k = diagonal(call);
    const [rows, columns] = dims.slice(-2) as [number, number];
    const count = dims.reduce((a, b) => a * b, 1);
    const index = Int32Array.from({ length: count }, (_, i) => {
      const offset = (i % columns) - (Math.floor(i / columns) % rows);
      return (upper ? offset >= k : offset <= k) ? i : -1;
    });
    const kind = input(call, 0).kind === 'integer' ? 'integer' : 'real';
    return applyGather(call, { dims, index, fill: index.includes(-1) ? { kind, value: 0 } : null });
  },
};
