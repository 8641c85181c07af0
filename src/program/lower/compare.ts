/** Comparisons, logic, and Where: truth values are integers 0 and 1. */
import type { GraphNode } from '../../graph/graph.ts';
import { addOutput, type Draft, dtypeRange, graphValue, newIntervals, tensorOf } from '../draft.ts';
import { applyLogic } from '../steps/logic.ts';
import { broadcastIndex } from './add.ts';
import { inQuantizationOf } from './requantize.ts';

function countOf(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1);
}

export function lowerCompare(draft: Draft, node: GraphNode & { kind: 'compare' }): void {
  const [a, b] = [tensorOf(draft, node.a), tensorOf(draft, node.b)];
  const { low, high } = draft.tensors[b];
  const { equal, negated, shift, bounds } = node;
  const { min: least } = dtypeRange(graphValue(draft, node.b).dtype);
  const table = bounds === null ? null : bounds.slice(low - least, high - least + 1);
  const { dims } = graphValue(draft, node.y);
  const intervals = newIntervals(countOf(dims));
  intervals.highs.fill(1);
  const indices = { aIndex: broadcastIndex(draft.tensors[a].dims, dims), bIndex: broadcastIndex(draft.tensors[b].dims, dims) };
  const y = addOutput(draft, node, intervals);
  draft.ops.push({ kind: 'compare', layer: node.name, op: node.op, y, a, b, ...indices, equal, negated, shift, table });
}

export function lowerLogic(draft: Draft, node: GraphNode & { kind: 'logic' }): void {
  const xs = node.xs.map((x) => tensorOf(draft, x));
  const { dims } = graphValue(draft, node.y);
  const indices = xs.map((x) => broadcastIndex(draft.tensors[x].dims, dims));
  const intervals = newIntervals(countOf(dims));
  for (let o = 0; o < intervals.lows.length; o++) {
    const ends = xs.map((x, i) => [draft.intervals[x].lows[indices[i]?.[o] ?? o], draft.intervals[x].highs[indices[i]?.[o] ?? o]]);
    const outcomes = ends[0].flatMap((a) => (ends[1] ?? [0]).map((b) => applyLogic(node.operator, a, b)));
    intervals.lows[o] = Math.min(...outcomes);
    intervals.highs[o] = Math.max(...outcomes);
  }
  const y = addOutput(draft, node, intervals);
  draft.ops.push({ kind: 'logic', layer: node.name, op: node.op, y, operator: node.operator, xs, indices });
}

export function lowerWhere(draft: Draft, node: GraphNode & { kind: 'where' }): void {
  const yValue = graphValue(draft, node.y);
  const condition = tensorOf(draft, node.xs[0]);
  const [a, b] = node.xs.slice(1).map((x) => inQuantizationOf(draft, node, graphValue(draft, x), yValue));
  const indices = [condition, a, b].map((x) => broadcastIndex(draft.tensors[x].dims, yValue.dims));
  const intervals = newIntervals(countOf(yValue.dims));
  const { lows: least, highs: most } = draft.intervals[condition];
  for (let o = 0; o < intervals.lows.length; o++) {
    const c = indices[0]?.[o] ?? o;
    const sides = [a, b].filter((_, side) => (side === 0 ? most[c] === 1 : least[c] === 0));
    const at = (x: number) => indices[x === a ? 1 : 2]?.[o] ?? o;
    intervals.lows[o] = Math.min(...sides.map((x) => draft.intervals[x].lows[at(x)]));
    intervals.highs[o] = Math.max(...sides.map((x) => draft.intervals[x].highs[at(x)]));
  }
  const y = addOutput(draft, node, intervals);
  draft.ops.push({ kind: 'select', layer: node.name, op: node.op, y, xs: [condition, a, b], indices });
}
