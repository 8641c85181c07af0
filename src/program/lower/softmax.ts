/** Softmax: rows of x's integers, one table of e^x by the distance from a row's largest element. */
import type { GraphNode } from '../../graph/graph.ts';
import { addOutput, type Draft, graphValue, newIntervals, quantizationOf, tensorOf } from '../draft.ts';
import type { SoftmaxRule } from '../program.ts';
import { softmaxTables, softmaxValues } from '../steps/softmax.ts';
import { axisWindows } from './geometry.ts';
import { clampsOf } from './requantize.ts';

export function lowerSoftmax(draft: Draft, node: GraphNode & { kind: 'softmax' }): void {
  const yValue = graphValue(draft, node.y);
  const to = quantizationOf(yValue);
  const rule: SoftmaxRule = {
    count: node.count,
    xScale: quantizationOf(graphValue(draft, node.x)).scale,
    scale: to.scale,
    zeroPoint: to.zeroPoint,
    fused: node.fused,
    ...clampsOf(yValue, node.activation),
  };
  const x = tensorOf(draft, node.x);
  const { low, high, count } = draft.tensors[x];
  const tables = softmaxTables(rule, high - low + 1);
  const values = softmaxValues(rule, tables);
  const intervals = newIntervals(count);
  intervals.lows.fill(values[0]);
  intervals.highs.fill(values[values.length - 1]);
  const y = addOutput(draft, node, intervals);
  draft.ops.push({
    kind: 'softmax',
    layer: node.name,
    op: node.op,
    y,
    x,
    windows: axisWindows([count / (node.count * node.stride), node.count, node.stride], 1),
    rule,
    tables,
  });
}
