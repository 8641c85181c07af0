/** CenterCropPad: the middle of an axis, or the axis in the middle of zeros, to a constant shape. */
import { type Call, constantInts, dimsOf, input, intsAttribute, newestOpset, normalizeAxis, type Op } from '../call.ts';
import { applyGather, axisMap, axisOrder } from '../gather.ts';
import { refuse } from '../report.ts';

function wanted(call: Call): readonly number[] {
  const dims = dimsOf(call, 0);
  const sizes = constantInts(call, 1);
  const axes = (intsAttribute(call, 'axes', null) ?? dims.map((_, i) => i)).map((axis) => normalizeAxis(axis, dims.length));
  if (sizes.length !== axes.length || sizes.some((size) => size < 1 || size > 2 ** 26))
    refuse(`shape [${sizes.join(', ')}] for ${axes.length} axes`, 'export the model again; onnx.checker says what is wrong');
  return dims.map((size, axis) => (axes.includes(axis) ? sizes[axes.indexOf(axis)]! : size));
}

export const centerCropPad: Op = {
  op: 'CenterCropPad',
  domain: '',
  limits: 'a constant shape',
  opsets: [18, newestOpset],
  attributes: ['axes'],
  inputs: [2, 2],
  shape: wanted,
  translate: (call, dims) => {
    const from = dimsOf(call, 0);
    const maps = from.map((size, axis) => {
      const out = dims[axis]!;
      // What does not halve is cut off, or added, at the end.
      const shift = out < size ? Math.floor((size - out) / 2) : -Math.floor((out - size) / 2);
      return axisMap(out, (i) => (i + shift >= 0 && i + shift < size ? i + shift : -1));
    });
    const index = axisOrder(from, maps);
    const kind = input(call, 0).kind === 'integer' ? 'integer' : 'real';
    return applyGather(call, { dims, index, fill: index.includes(-1) ? { kind, value: 0 } : null });
  },
};
