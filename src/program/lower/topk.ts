/** TopK: values and indices of one sorting, which both outputs share. */
import type { GraphNode } from '../../graph/graph.ts';
import { addOutput, addTensor, type Draft, graphValue, newIntervals, tensorOf } from '../draft.ts';
import type { TensorId } from '../program.ts';
import { axisWindows } from './geometry.ts';

export function lowerTopK(draft: Draft, node: GraphNode & { kind: 'topk' }): void {
  const top = topOf(draft, node);
  const { dims } = graphValue(draft, node.y);
  const count = dims.reduce((product, dim) => product * dim, 1);
  const first = node.output === 'values' ? 0 : count;
  const { lows, highs } = draft.intervals[top];
  const y = addOutput(draft, node, { lows: lows.slice(first, first + count), highs: highs.slice(first, first + count) });
  const index = Int32Array.from({ length: count }, (_, i) => first + i);
  draft.ops.push({ kind: 'gather', layer: node.name, op: node.op, y, sources: [top], from: null, index });
}

/** The tensor of all values, then all indices. */
function topOf(draft: Draft, node: GraphNode & { kind: 'topk' }): TensorId {
  const { axis, k, least, name } = node;
  const x = tensorOf(draft, node.x);
  const key = JSON.stringify(['topk', x, axis, k, least]);
  const before = draft.shared.get(key);
  if (before !== undefined) return before;
  const { dims } = graphValue(draft, node.x);
  const windows = axisWindows(dims, axis);
  const places = axisWindows(dims.toSpliced(axis, 1, k), axis);
  const count = places.indices.length;
  const intervals = newIntervals(2 * count);
  const { low, high } = draft.tensors[x];
  intervals.lows.fill(low, 0, count);
  intervals.highs.fill(high, 0, count);
  intervals.highs.fill(dims[axis] - 1, count);
  const label = `${graphValue(draft, node.y).name}:top`;
  const y = addTensor(draft, { name: label, dims: [2, count], dtype: 'accumulator', quantization: null }, intervals);
  draft.ops.push({ kind: 'topk', layer: name, op: node.op, y, x, windows, places, least });
  draft.shared.set(key, y);
  return y;
}
