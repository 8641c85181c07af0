/** Add of two quantized tensors, with ONNX broadcasting (QLinearAdd, WASM formula). */
import type { GraphNode } from '../../graph/graph.ts';
import { addOutput, type Draft, graphValue, newIntervals, quantizationOf, tensorOf } from '../draft.ts';
import type { AddRule } from '../program.ts';
import { findAddForm } from '../steps/plane.ts';
import { applyAddRule } from '../steps/rule.ts';
import { clampsOf } from './requantize.ts';

export function lowerAdd(draft: Draft, node: GraphNode & { kind: 'add' }): void {
  const a = tensorOf(draft, node.a);
  const b = tensorOf(draft, node.b);
  const yValue = graphValue(draft, node.y);
  const from = [quantizationOf(graphValue(draft, node.a)), quantizationOf(graphValue(draft, node.b))];
  const to = quantizationOf(yValue);
  const rule: AddRule = {
    aScale: from[0].scale,
    aZero: from[0].zeroPoint,
    bScale: from[1].scale,
    bZero: from[1].zeroPoint,
    scale: to.scale,
    zeroPoint: to.zeroPoint,
    roundingZero: node.roundingZero,
    ...clampsOf(yValue, node.activation),
  };
  const aIndex = broadcastIndex(draft.tensors[a].dims, yValue.dims);
  const bIndex = broadcastIndex(draft.tensors[b].dims, yValue.dims);
  const count = yValue.dims.reduce((product, dim) => product * dim, 1);
  const intervals = newIntervals(count);
  const as = draft.intervals[a];
  const bs = draft.intervals[b];
  for (let i = 0; i < count; i++) {
    const p = aIndex?.[i] ?? i;
    const q = bIndex?.[i] ?? i;
    intervals.lows[i] = applyAddRule(rule, as.lows[p], bs.lows[q]);
    intervals.highs[i] = applyAddRule(rule, as.highs[p], bs.highs[q]);
  }
  const { low: aLow, high: aHigh } = draft.tensors[a];
  const { low: bLow, high: bHigh } = draft.tensors[b];
  const form = findAddForm(rule, { aLow, aHigh, bLow, bHigh });
  const y = addOutput(draft, node, intervals);
  draft.ops.push({ kind: 'add', layer: node.name, op: node.op, y, a, b, aIndex, bIndex, rule, form });
}

/** Which element of a tensor of shape `dims` stands at each element of the shape `to`; null where they are the same elements in the same order. */
function broadcastIndex(dims: readonly number[], to: readonly number[]): Int32Array | null {
  const padded = [...new Array<number>(to.length - dims.length).fill(1), ...dims];
  if (padded.every((dim, axis) => dim === to[axis])) return null;
  const strides = padded.map((dim, axis) => (dim === 1 ? 0 : padded.slice(axis + 1).reduce((a, b) => a * b, 1)));
  const index = new Int32Array(to.reduce((a, b) => a * b, 1));
  for (let i = 0; i < index.length; i++) {
    let rest = i;
    for (let axis = to.length - 1; axis >= 0; axis--) {
      index[i] += (rest % to[axis]) * strides[axis];
      rest = Math.floor(rest / to[axis]);
    }
  }
  return index;
}
