/** Expand: numpy broadcasting to a constant shape. */
import { broadcastDims } from '../broadcast.ts';
import { constantInts, dimsOf, newestOpset, type Op } from '../call.ts';
import { applyGather, axisOrder, wholeAxis } from '../gather.ts';

export const expand: Op = {
  op: 'Expand',
  limits: 'a constant shape',
  domain: '',
  opsets: [8, newestOpset],
  attributes: [],
  inputs: [2, 2],
  shape: (call) => broadcastDims(dimsOf(call, 0), constantInts(call, 1)),
  translate: (call, dims) => {
    const from = dimsOf(call, 0);
    const padded = [...new Array<number>(dims.length - from.length).fill(1), ...from];
    const maps = padded.map((size, axis) => (size === 1 ? new Array<number>(dims[axis]!).fill(0) : wholeAxis(size)));
    return applyGather(call, { dims, index: axisOrder(padded, maps) });
  },
};
