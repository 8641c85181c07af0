/** Split: pieces along an axis, by sizes (attribute before opset 13, constant input since) or in equal parts. */
import { type Call, constantInts, dimsOf, hasInput, intAttribute, intsAttribute, newestOpset, normalizeAxis, type Op } from '../call.ts';
import { applyGather, axesWith, axisOrder } from '../gather.ts';
import type { Meaning } from '../meaning.ts';
import { refuse } from '../report.ts';

function axisOf(call: Call): number {
  return normalizeAxis(intAttribute(call, 'axis', 0), dimsOf(call, 0).length);
}

/** Length of each piece. */
function pieces(call: Call): readonly number[] {
  const size = dimsOf(call, 0)[axisOf(call)]!;
  const count = call.node.outputs.length;
  const again = 'export the model again; onnx.checker says what is wrong';
  const given = call.opset < 13 ? intsAttribute(call, 'split', null) : hasInput(call, 1) ? constantInts(call, 1) : null;
  if (given !== null) {
    if (given.length !== count || given.some((n) => n < 0) || given.reduce((a, b) => a + b, 0) !== size)
      refuse(`pieces of [${given.join(', ')}] out of ${size} for ${count} outputs`, again);
    return given;
  }
  if (intAttribute(call, 'num_outputs', count) !== count) refuse('num_outputs differs from its outputs', again);
  const most = Math.ceil(size / count);
  if (call.opset < 18 && size % count !== 0) refuse(`${size} in ${count} equal parts`, again);
  const last = size - most * (count - 1);
  return last < 1 ? refuse(`${size} in ${count} parts`, again) : Array.from({ length: count }, (_, i) => (i < count - 1 ? most : last));
}

function piece(call: Call, output: number): Meaning {
  const dims = dimsOf(call, 0);
  const axis = axisOf(call);
  const sizes = pieces(call);
  const first = sizes.slice(0, output).reduce((a, b) => a + b, 0);
  const taken = Array.from({ length: sizes[output]! }, (_, i) => first + i);
  if (taken.length === 0) return refuse(`its output ${output} has no elements`, 'remove it from the model');
  const index = axisOrder(dims, axesWith(dims, new Map([[axis, taken]])));
  return applyGather(call, { dims: dims.toSpliced(axis, 1, taken.length), index, output });
}

export const split: Op = {
  op: 'Split',
  domain: '',
  opsets: [2, newestOpset],
  attributes: ['axis', 'split', 'num_outputs'],
  inputs: [1, 2],
  shape: (call) => dimsOf(call, 0).toSpliced(axisOf(call), 1, pieces(call)[0]!),
  translate: (call) => piece(call, 0),
  translateRest: (call) => call.node.outputs.slice(1).map((_, i) => piece(call, i + 1)),
};
