/** Ops that only move elements: reshape (all of one order), transpose, gather (Slice, Pad, Resize …), concat. */
import type { GraphNode, GraphValue } from '../../graph/graph.ts';
import { addOutput, addTensor, type Draft, dtypeRange, graphValue, newIntervals, quantizationOf, tensorOf } from '../draft.ts';
import type { TensorId } from '../program.ts';
import { quantize } from '../steps/rule.ts';
import { inQuantizationOf } from './requantize.ts';

function gather(draft: Draft, node: GraphNode, sources: readonly TensorId[], from: Int32Array | null, index: Int32Array | null): void {
  const count = index?.length ?? draft.tensors[sources[0]].count;
  const intervals = newIntervals(count);
  for (let i = 0; i < count; i++) {
    const source = draft.intervals[sources[from?.[i] ?? 0]];
    intervals.lows[i] = source.lows[index?.[i] ?? i];
    intervals.highs[i] = source.highs[index?.[i] ?? i];
  }
  const y = addOutput(draft, node, intervals);
  draft.ops.push({ kind: 'gather', layer: node.name, op: node.op, y, sources, from, index });
}

export function lowerReshape(draft: Draft, node: GraphNode & { kind: 'reshape' }): void {
  gather(draft, node, [tensorOf(draft, node.x)], null, null);
}

export function lowerTranspose(draft: Draft, node: GraphNode & { kind: 'transpose' }): void {
  const { dims } = graphValue(draft, node.x);
  const strides = dims.map((_, axis) => dims.slice(axis + 1).reduce((a, b) => a * b, 1));
  const outDims = node.perm.map((axis) => dims[axis]);
  const index = new Int32Array(dims.reduce((a, b) => a * b, 1));
  const at = new Int32Array(dims.length);
  for (let i = 0; i < index.length; i++) {
    let offset = 0;
    for (let axis = 0; axis < at.length; axis++) offset += at[axis] * strides[node.perm[axis]];
    index[i] = offset;
    for (let axis = at.length - 1; axis >= 0 && ++at[axis] === outDims[axis]; axis--) at[axis] = 0;
  }
  gather(draft, node, [tensorOf(draft, node.x)], null, index);
}

/** A Pad's fill is a constant of one element beside x. */
export function lowerGather(draft: Draft, node: GraphNode & { kind: 'gather' }): void {
  const x = tensorOf(draft, node.x);
  const { index, fill } = node;
  if (fill === null || !index.includes(-1)) {
    gather(draft, node, [x], null, index);
    return;
  }
  const value = graphValue(draft, node.x);
  const values = Int32Array.of(fill.kind === 'integer' ? fill.value : quantizedReal(value, fill.value));
  const constant = { name: `${graphValue(draft, node.y).name}:fill`, dims: [1], dtype: value.dtype, quantization: value.quantization };
  const y = addTensor(draft, constant, { lows: values, highs: values });
  draft.ops.push({ kind: 'constant', layer: node.name, op: node.op, y, values });
  const from = index.map((i) => (i < 0 ? 1 : 0));
  const within = index.map((i) => Math.max(i, 0));
  gather(draft, node, [x, y], from, within);
}

/** A float32 value in the integers of a tensor. */
function quantizedReal(value: GraphValue, real: number): number {
  const { scale, zeroPoint } = quantizationOf(value);
  const { min, max } = dtypeRange(value.dtype);
  return quantize(real, scale, zeroPoint, min, max);
}

export function lowerConcat(draft: Draft, node: GraphNode & { kind: 'concat' }): void {
  const y = graphValue(draft, node.y);
  const values = node.xs.map((x) => graphValue(draft, x));
  const sources = values.map((value) => inQuantizationOf(draft, node, value, y));
  const inner = y.dims.slice(node.axis + 1).reduce((a, b) => a * b, 1);
  const outer = y.dims.slice(0, node.axis).reduce((a, b) => a * b, 1);
  const count = y.dims.reduce((a, b) => a * b, 1);
  const from = new Int32Array(count);
  const index = new Int32Array(count);
  let to = 0;
  for (let i = 0; i < outer; i++) {
    for (let s = 0; s < sources.length; s++) {
      const size = values[s].dims[node.axis] * inner;
      for (let j = 0; j < size; j++) {
        from[to] = s;
        index[to++] = i * size + j;
      }
    }
  }
  gather(draft, node, sources, sources.length === 1 ? null : from, sources.length === 1 ? null : index);
}
