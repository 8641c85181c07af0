/** MaxPool, Max, Min, ReduceMax, ReduceMin: the largest or least integer of each window; padded positions are dropped. */
import type { GraphNode } from '../../graph/graph.ts';
import { addOutput, addTensor, type Draft, graphValue, newIntervals, tensorOf } from '../draft.ts';
import type { TensorId, Windows } from '../program.ts';
import { broadcastIndex } from './add.ts';
import { axesWindows, evenWindows, planesOf, slidingWindows } from './geometry.ts';
import { inQuantizationOf } from './requantize.ts';

export function lowerMaxPool(draft: Draft, node: GraphNode & { kind: 'maxpool' }): void {
  const windows = slidingWindows(planesOf(graphValue(draft, node.x).dims), planesOf(graphValue(draft, node.y).dims), node.window);
  extremum(draft, node, tensorOf(draft, node.x), windows, false);
}

export function lowerReduce(draft: Draft, node: GraphNode & { kind: 'reduce' }): void {
  extremum(draft, node, tensorOf(draft, node.x), axesWindows(graphValue(draft, node.x).dims, node.axes), node.least);
}

/** All tensors side by side, then one element of each in a window. */
export function lowerExtremum(draft: Draft, node: GraphNode & { kind: 'extremum' }): void {
  const y = graphValue(draft, node.y);
  const count = y.dims.reduce((product, dim) => product * dim, 1);
  const sources = node.xs.map((x) =>
    y.quantization === null ? tensorOf(draft, x) : inQuantizationOf(draft, node, graphValue(draft, x), y),
  );
  const indices = sources.map((x) => broadcastIndex(draft.tensors[x].dims, y.dims));
  const at = (i: number) => [i % sources.length, Math.floor(i / sources.length)] as const;
  const from = Int32Array.from({ length: count * sources.length }, (_, i) => at(i)[0]);
  const index = Int32Array.from(from, (s, i) => indices[s]?.[at(i)[1]] ?? at(i)[1]);
  const intervals = newIntervals(from.length);
  for (let i = 0; i < from.length; i++) {
    const { lows, highs } = draft.intervals[sources[from[i]]];
    intervals.lows[i] = lows[index[i]];
    intervals.highs[i] = highs[index[i]];
  }
  const beside = { name: `${y.name}:beside`, dims: [...y.dims, sources.length], dtype: y.dtype, quantization: y.quantization };
  const x = addTensor(draft, beside, intervals);
  draft.ops.push({
    kind: 'gather',
    layer: node.name,
    op: node.op,
    y: x,
    sources,
    from: sources.length === 1 ? null : from,
    index,
  });
  extremum(
    draft,
    node,
    x,
    evenWindows(
      from.map((_, i) => i),
      sources.length,
    ),
    node.least,
  );
}

function extremum(draft: Draft, node: GraphNode, x: TensorId, windows: Windows, least: boolean): void {
  const { lows, highs } = draft.intervals[x];
  const outputs = windows.starts.length - 1;
  const intervals = newIntervals(outputs);
  const of = least ? Math.min : Math.max;
  for (let o = 0; o < outputs; o++) {
    let low = lows[windows.indices[windows.starts[o]]];
    let high = highs[windows.indices[windows.starts[o]]];
    for (let t = windows.starts[o] + 1; t < windows.starts[o + 1]; t++) {
      low = of(low, lows[windows.indices[t]]);
      high = of(high, highs[windows.indices[t]]);
    }
    intervals.lows[o] = low;
    intervals.highs[o] = high;
  }
  const y = addOutput(draft, node, intervals);
  draft.ops.push({ kind: 'max', layer: node.name, op: node.op, y, x, windows, least, beforeRequantize: false });
}
