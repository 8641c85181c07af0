/** MaxPool: the largest integer of each window; padded positions are dropped. */
import type { GraphNode } from '../../graph/graph.ts';
import { addOutput, type Draft, graphValue, newIntervals, tensorOf } from '../draft.ts';
import { planesOf, slidingWindows } from './geometry.ts';

export function lowerMaxPool(draft: Draft, node: GraphNode & { kind: 'maxpool' }): void {
  const x = tensorOf(draft, node.x);
  const windows = slidingWindows(planesOf(graphValue(draft, node.x).dims), planesOf(graphValue(draft, node.y).dims), node.window);
  const { lows, highs } = draft.intervals[x];
  const outputs = windows.starts.length - 1;
  const intervals = newIntervals(outputs);
  for (let o = 0; o < outputs; o++) {
    let low = Number.NEGATIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (let t = windows.starts[o]; t < windows.starts[o + 1]; t++) {
      low = Math.max(low, lows[windows.indices[t]]);
      high = Math.max(high, highs[windows.indices[t]]);
    }
    intervals.lows[o] = low;
    intervals.highs[o] = high;
  }
  const y = addOutput(draft, node, intervals);
  draft.ops.push({ kind: 'max', layer: node.name, op: node.op, y, x, windows, beforeRequantize: false });
}
