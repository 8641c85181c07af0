/** Squeeze and Unsqueeze: dimensions of 1 dropped or added; axes as an attribute (opset < 13) or a constant input. */
import { type Call, constantInts, dimsOf, hasInput, intsAttribute, newestOpset, normalizeAxis, type Op } from '../call.ts';
import { reshapeView } from '../constants.ts';
import { reshapeMovement } from '../movement.ts';
import { refuse } from '../report.ts';

const again = 'export the model again; onnx.checker says what is wrong';

function axesOf(call: Call, rank: number): ReadonlySet<number> | null {
  const given = call.opset < 13 ? intsAttribute(call, 'axes', null) : hasInput(call, 1) ? constantInts(call, 1) : null;
  if (given === null) return null;
  const axes = new Set(given.map((axis) => normalizeAxis(axis, rank)));
  if (axes.size !== given.length) refuse(`axes [${given.join(', ')}]`, again);
  return axes;
}

const shared = {
  domain: '',
  opsets: [1, newestOpset],
  attributes: ['axes'],
  inputs: [1, 2],
  translate: (call: Call, dims: readonly number[]) => reshapeMovement(call, dims, reshapeView),
} as const;

export const squeeze: Op = {
  ...shared,
  op: 'Squeeze',
  shape: (call) => {
    const dims = dimsOf(call, 0);
    const axes = axesOf(call, dims.length);
    if (axes === null) return dims.filter((d) => d !== 1);
    for (const axis of axes) if (dims[axis] !== 1) refuse(`dimension ${axis} is ${dims[axis]}, not 1`, again);
    return dims.filter((_, i) => !axes.has(i));
  },
};

export const unsqueeze: Op = {
  ...shared,
  op: 'Unsqueeze',
  shape: (call) => {
    const dims = dimsOf(call, 0);
    const count = call.opset < 13 ? intsAttribute(call, 'axes', []).length : dimsOf(call, 1)[0];
    const axes = axesOf(call, dims.length + (count ?? 1)) ?? refuse('it has no axes', again);
    let next = 0;
    return Array.from({ length: dims.length + axes.size }, (_, i) => (axes.has(i) ? 1 : dims[next++]!));
  },
};
