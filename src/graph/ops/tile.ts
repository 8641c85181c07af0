/** Tile: each axis repeated a constant number of times. */
import { type Call, constantInts, dimsOf, newestOpset, type Op } from '../call.ts';
import { applyGather, axisMap, axisOrder } from '../gather.ts';
import { refuse } from '../report.ts';

function repeats(call: Call): readonly number[] {
  const times = constantInts(call, 1);
  if (times.length !== dimsOf(call, 0).length || times.some((n) => n < 0))
    refuse(`repeats [${times.join(', ')}]`, 'export the model again; onnx.checker says what is wrong');
  return times;
}

export const tile: Op = {
  op: 'Tile',
  limits: 'constant repeats',
  domain: '',
  opsets: [6, newestOpset],
  attributes: [],
  inputs: [2, 2],
  shape: (call) => repeats(call).map((n, axis) => n * dimsOf(call, 0)[axis]!),
  translate: (call, dims) => {
    const from = dimsOf(call, 0);
    const maps = from.map((size, axis) => axisMap(dims[axis]!, (i) => i % size));
    return applyGather(call, { dims, index: axisOrder(from, maps) });
  },
};
