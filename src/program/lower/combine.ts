/** Sums of plain integer tensors with constant factors: the tensors one after the other, and a 1×1 convolution over them. */
import type { GraphNode } from '../../graph/graph.ts';
import { addTensor, type Draft, graphValue, newIntervals, tensorOf } from '../draft.ts';
import { broadcastIndex } from './add.ts';
import { lowerSums } from './linear.ts';

export function lowerCombine(draft: Draft, node: GraphNode & { kind: 'combine' }): void {
  const { name, dims } = graphValue(draft, node.y);
  const count = dims.reduce((product, dim) => product * dim, 1);
  const sources = node.xs.map((x) => tensorOf(draft, x));
  const from = new Int32Array(count * sources.length);
  const index = new Int32Array(from.length);
  const intervals = newIntervals(from.length);
  sources.forEach((source, s) => {
    const spread = broadcastIndex(draft.tensors[source].dims, dims);
    const { lows, highs } = draft.intervals[source];
    for (let o = 0; o < count; o++) {
      const i = s * count + o;
      from[i] = s;
      index[i] = spread?.[o] ?? o;
      intervals.lows[i] = lows[index[i]];
      intervals.highs[i] = highs[index[i]];
    }
  });
  const beside = { name: `${name}:beside`, dims: [sources.length, ...dims], dtype: 'int32', quantization: null } as const;
  const x = addTensor(draft, beside, intervals);
  draft.ops.push({ kind: 'gather', layer: node.name, op: node.op, y: x, sources, from: sources.length === 1 ? null : from, index });
  lowerSums(draft, node, x, {
    kind: 'conv2d',
    x: [1, sources.length, 1, count],
    y: [1, 1, 1, count],
    kernel: [1, 1],
    strides: [1, 1],
    pads: [0, 0, 0, 0],
    dilations: [1, 1],
    group: 1,
    weights: Int32Array.from(node.factors),
    bias: new Int32Array(1),
    xZero: 0,
  });
}
