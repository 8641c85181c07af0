/** Sums of plain integer tensors with constant factors: the tensors one after the other, and a 1×1 convolution over them. */
import type { GraphNode } from '../../graph/graph.ts';
import { addTensor, type Draft, graphValue, newIntervals, tensorOf } from '../draft.ts';
import { broadcastIndex } from './add.ts';
import { lowerSums, pointwise } from './linear.ts';

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
  lowerSums(draft, node, x, pointwise(sources.length, 1, count, 1, Int32Array.from(node.factors)));
}
