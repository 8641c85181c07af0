/** Add, Sub and Mul of two quantized tensors, with ONNX broadcasting (QLinearAdd and QLinearMul, WASM formulas; Sub in floats). */
import type { GraphNode } from '../../graph/graph.ts';
import { addOutput, type Draft, graphValue, newIntervals, quantizationOf, tensorOf } from '../draft.ts';
import type { AddRule } from '../program.ts';
import { NoExactForm } from '../steps/no-exact-form.ts';
import { findAddForm } from '../steps/plane.ts';
import { findMultiplyForm } from '../steps/product.ts';
import { applyAddRule, applyMultiplyRule, overflowsKernel } from '../steps/rule.ts';
import { findTable } from '../steps/table.ts';
import { clampsOf } from './requantize.ts';
import { tableIntervals } from './table.ts';

export function lowerBinary(draft: Draft, node: GraphNode & { kind: 'add' | 'subtract' | 'multiply' }): void {
  const yValue = graphValue(draft, node.y);
  const kernel = node.fused && draft.graph.profile === 'ort-fused-x64' ? 'x64' : 'wasm';
  const given = [graphValue(draft, node.a), graphValue(draft, node.b)];
  const sides = kernel === 'x64' && node.kind === 'add' && isSpreadInside(given[0].dims, given[1].dims) ? [given[1], given[0]] : given;
  const [a, b] = [tensorOf(draft, sides[0].id), tensorOf(draft, sides[1].id)];
  const from = [quantizationOf(sides[0]), quantizationOf(sides[1])];
  const to = quantizationOf(yValue);
  const rule: AddRule = {
    kernel,
    aScale: from[0].scale,
    aZero: from[0].zeroPoint,
    bScale: node.kind === 'subtract' ? -from[1].scale : from[1].scale,
    bZero: from[1].zeroPoint,
    scale: to.scale,
    zeroPoint: to.zeroPoint,
    roundingZero: node.roundingZero,
    ...clampsOf(yValue, node.activation),
  };
  const aIndex = broadcastIndex(draft.tensors[a].dims, yValue.dims);
  const bIndex = broadcastIndex(draft.tensors[b].dims, yValue.dims);
  const outcome = node.kind === 'multiply' ? applyMultiplyRule : applyAddRule;
  const { low: aLow, high: aHigh } = draft.tensors[a];
  const { low: bLow, high: bHigh } = draft.tensors[b];
  const wraps = [aLow, aHigh].some((x) =>
    [bLow, bHigh].some((y) => overflowsKernel(rule, node.kind === 'multiply' ? 'multiply' : 'add', x, y)),
  );
  if (wraps) {
    const what = "its result before clamping can leave int32, where ONNX Runtime's kernel on x86-64 wraps around";
    throw new NoExactForm(what, 'quantize its output with a larger scale, or take the profile ort-fused');
  }
  if (a === b && aIndex === null && bIndex === null) {
    // Of one tensor twice (x·x) only the diagonal occurs: a function of one integer.
    const values = Int32Array.from({ length: aHigh - aLow + 1 }, (_, i) => outcome(rule, aLow + i, aLow + i));
    const diagonal = tableIntervals(draft.intervals[a], aLow, [values], 1);
    const y = addOutput(draft, node, diagonal);
    draft.ops.push({ kind: 'table', layer: node.name, op: node.op, y, x: a, inner: 1, tables: [findTable(values, aLow, to.zeroPoint)] });
    return;
  }
  const count = yValue.dims.reduce((product, dim) => product * dim, 1);
  const intervals = newIntervals(count);
  const as = draft.intervals[a];
  const bs = draft.intervals[b];
  for (let i = 0; i < count; i++) {
    const p = aIndex?.[i] ?? i;
    const q = bIndex?.[i] ?? i;
    // Monotone in each side, rising or falling: the extremes stand at corners.
    const corners = [as.lows[p], as.highs[p]].flatMap((l) => [outcome(rule, l, bs.lows[q]), outcome(rule, l, bs.highs[q])]);
    intervals.lows[i] = Math.min(...corners);
    intervals.highs[i] = Math.max(...corners);
  }
  const pairs = { aLow, aHigh, bLow, bHigh };
  const fields = { layer: node.name, op: node.op, a, b, aIndex, bIndex, rule };
  if (node.kind === 'multiply') {
    const form = findMultiplyForm(rule, pairs);
    if ('ambiguous' in form) {
      const what = `float32 rounding decides ${form.ambiguous} of its products, too many to be proven one by one`;
      throw new NoExactForm(what, 'quantize its output with a larger scale, or its inputs with other ones');
    }
    draft.ops.push({ kind: 'multiply', ...fields, y: addOutput(draft, node, intervals), form });
    return;
  }
  const form = findAddForm(rule, pairs);
  draft.ops.push({ kind: 'add', ...fields, y: addOutput(draft, node, intervals), form });
}

/** Whether a's elements stand still along the innermost axis that is not 1 in both: the x86-64 kernel of QLinearAdd takes the other side first then. */
function isSpreadInside(a: readonly number[], b: readonly number[]): boolean {
  for (let i = 1; i <= Math.max(a.length, b.length); i++) {
    const [m, n] = [a[a.length - i] ?? 1, b[b.length - i] ?? 1];
    if (m !== 1 || n !== 1) return m === 1;
  }
  return false;
}

/** Which element of a tensor of shape `dims` stands at each element of the shape `to`; null where they are the same elements in the same order. */
export function broadcastIndex(dims: readonly number[], to: readonly number[]): Int32Array | null {
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
