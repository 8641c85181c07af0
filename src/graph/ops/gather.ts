/** Gather along an axis by constant indices, of activations and of constants (what exporters do with the result of Shape). */
import { type Call, constantInts, dimsOf, intAttribute, newestOpset, normalizeAxis, type Op } from '../call.ts';
import { applyGather, axesWith, axisOrder } from '../gather.ts';
import { indexWithin } from '../positions.ts';

function axisOf(call: Call): number {
  return normalizeAxis(intAttribute(call, 'axis', 0), dimsOf(call, 0).length);
}

export const gather: Op = {
  op: 'Gather',
  limits: 'constant indices',
  domain: '',
  opsets: [1, newestOpset],
  attributes: ['axis'],
  inputs: [2, 2],
  shape: (call) => dimsOf(call, 0).toSpliced(axisOf(call), 1, ...dimsOf(call, 1)),
  translate: (call, dims) => {
    const from = dimsOf(call, 0);
    const axis = axisOf(call);
    const taken = constantInts(call, 1).map((i) => indexWithin(i, from[axis]!));
    return applyGather(call, { dims, index: axisOrder(from, axesWith(from, new Map([[axis, taken]]))) });
  },
};
