/** Shape: known when the model is compiled; what exporters compute from it folds. */
import { type Call, dimsOf, intAttribute, newestOpset, type Op } from '../call.ts';
import { constantOf } from '../constants.ts';

function slice(call: Call): readonly number[] {
  const dims = dimsOf(call, 0);
  const clamp = (at: number) => Math.min(Math.max(at < 0 ? at + dims.length : at, 0), dims.length);
  return dims.slice(clamp(intAttribute(call, 'start', 0)), clamp(intAttribute(call, 'end', dims.length)));
}

export const shape: Op = {
  op: 'Shape',
  domain: '',
  opsets: [1, newestOpset],
  attributes: ['start', 'end'],
  inputs: [1, 1],
  shape: (call) => [slice(call).length],
  translate: (call, dims) => constantOf({ dtype: 'int64', dims, data: BigInt64Array.from(slice(call), BigInt) }),
};
