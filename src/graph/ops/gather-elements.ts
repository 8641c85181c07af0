/** GatherElements: of each position, the element at a constant index along one axis. */
import { type Call, constantInts, dimsOf, intAttribute, newestOpset, normalizeAxis, type Op } from '../call.ts';
import { applyGather } from '../gather.ts';
import { coordinatesOf, indexWithin, stridesOf } from '../positions.ts';
import { refuse } from '../report.ts';

function axisOf(call: Call): number {
  return normalizeAxis(intAttribute(call, 'axis', 0), dimsOf(call, 0).length);
}

export const gatherElements: Op = {
  op: 'GatherElements',
  domain: '',
  limits: 'constant indices',
  opsets: [11, newestOpset],
  attributes: ['axis'],
  inputs: [2, 2],
  shape: (call) => dimsOf(call, 1),
  translate: (call, dims) => {
    const from = dimsOf(call, 0);
    const axis = axisOf(call);
    if (dims.length !== from.length || dims.some((d, i) => i !== axis && d > from[i]!))
      refuse(`indices of shape [${dims.join(', ')}] into [${from.join(', ')}]`, 'export the model again; onnx.checker says what is wrong');
    const strides = stridesOf(from);
    const indices = constantInts(call, 1);
    const index = Int32Array.from(indices, (given, i) => {
      const at = coordinatesOf(i, dims);
      at[axis] = indexWithin(given, from[axis]!);
      return at.reduce((sum, coordinate, k) => sum + coordinate * strides[k]!, 0);
    });
    return applyGather(call, { dims, index });
  },
};
