/** Compress: slices along an axis (or elements, without one) where a constant condition holds. */
import { elementCount } from '../../tensor/tensor.ts';
import { type Call, dimsOf, intAttribute, newestOpset, normalizeAxis, type Op } from '../call.ts';
import { applyGather, axesWith, axisOrder } from '../gather.ts';
import { constantTensor } from '../quantization.ts';
import { refuse } from '../report.ts';

/** The tensor's shape as it is read, the axis, and the positions that stay. */
function chosen(call: Call): { readonly from: readonly number[]; readonly axis: number; readonly taken: readonly number[] } {
  const dims = dimsOf(call, 0);
  const given = intAttribute(call, 'axis', null);
  const from = given === null ? [elementCount(dims)] : dims;
  const axis = given === null ? 0 : normalizeAxis(given, dims.length);
  const { dtype, data } = constantTensor(call, 1, 'condition');
  if (dtype !== 'bool' || data.length > from[axis]!)
    refuse(`its condition is ${data.length} elements of ${dtype}`, 'export the model again; onnx.checker says what is wrong');
  return { from, axis, taken: Array.from(data.keys()).filter((i) => data[i] !== 0) };
}

export const compress: Op = {
  op: 'Compress',
  domain: '',
  limits: 'a constant condition',
  opsets: [9, newestOpset],
  attributes: ['axis'],
  inputs: [2, 2],
  shape: (call) => {
    const { from, axis, taken } = chosen(call);
    return from.with(axis, taken.length);
  },
  translate: (call, dims) => {
    const { from, axis, taken } = chosen(call);
    return applyGather(call, { dims, index: axisOrder(from, axesWith(from, new Map([[axis, taken]]))) });
  },
};
