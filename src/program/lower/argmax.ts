/** ArgMax: the index of the largest integer along an axis, ties by ONNX's rule. */
import type { GraphNode } from '../../graph/graph.ts';
import { addOutput, type Draft, graphValue, newIntervals, tensorOf } from '../draft.ts';
import { axisWindows } from './geometry.ts';

export function lowerArgMax(draft: Draft, node: GraphNode & { kind: 'argmax' }): void {
  const { dims } = graphValue(draft, node.x);
  const windows = axisWindows(dims, node.axis);
  const intervals = newIntervals(windows.starts.length - 1);
  intervals.highs.fill(dims[node.axis] - 1);
  const x = tensorOf(draft, node.x);
  const y = addOutput(draft, node, intervals);
  draft.ops.push({
    kind: 'argmax',
    layer: node.name,
    op: node.op,
    y,
    x,
    windows,
    selectLastIndex: node.selectLastIndex,
    least: node.least,
  });
}
