/** MatMul and Gemm with constant weights: `S = fl(fl(sa·sb_c)/sy)`, for Gemm with alpha in front (QGemm's formula). */
import type { GraphNode } from '../../graph/graph.ts';
import { type Draft, graphValue, quantizationOf, tensorOf } from '../draft.ts';
import type { LinearMap, StepRule } from '../program.ts';
import { lowerLinear, lowerSums } from './linear.ts';
import { clampsOf, requantizeToOutput } from './requantize.ts';

const fl = Math.fround;

export function lowerMatMul(draft: Draft, node: GraphNode & { kind: 'matmul' }): void {
  const xValue = graphValue(draft, node.x);
  const yValue = graphValue(draft, node.y);
  const { data, zeroPoints, scales, dims } = node.weights;
  const [inner, columns] = dims.slice(-2);
  const acc = tensorOf(draft, node.x);
  const rows = draft.tensors[acc].count / inner;
  const map: LinearMap = {
    kind: 'matmul',
    rows,
    rowsEach: data.length === inner * columns ? rows : xValue.dims[xValue.dims.length - 2],
    inner,
    columns,
    weights: data.map((w, i) => w - zeroPoints[zeroPoints.length === 1 ? 0 : i % columns]),
    bias: node.bias ?? new Int32Array(columns),
    xZero: xValue.quantization?.zeroPoint ?? 0,
  };
  if (yValue.quantization === null) {
    lowerSums(draft, node, acc, map);
    return;
  }
  const x = quantizationOf(xValue);
  const y = quantizationOf(yValue);
  // A rule for each column even where all have one scale: each has its own interval.
  const rules = Array.from({ length: columns }, (_, c): StepRule => {
    const weight = scales[scales.length === 1 ? 0 : c];
    const [left, right] = node.form === 'left gemm' ? [weight, x.scale] : [x.scale, weight];
    const scale = fl(fl(fl(fl(node.alpha) * left) * right) / y.scale);
    return { kind: 'scale', scale, zeroPoint: y.zeroPoint, ...clampsOf(yValue, node.activation) };
  });
  requantizeToOutput(draft, node, lowerLinear(draft, node, acc, map), 1, rules);
}
