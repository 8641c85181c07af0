/** ReduceMean, ReduceSum, and averages that ONNX Runtime leaves in floats: the exact sum of each window, then one rounding after the other. */
import type { Activation, GraphNode } from '../../graph/graph.ts';
import { type Draft, graphValue, quantizationOf, tensorOf } from '../draft.ts';
import type { StepRule, Windows } from '../program.ts';
import { axesWindows } from './geometry.ts';
import { lowerLinear, lowerSums } from './linear.ts';
import { clampsOf, requantizeToOutput } from './requantize.ts';

export function lowerReduceSum(draft: Draft, node: GraphNode & { kind: 'reducesum' }): void {
  if (graphValue(draft, node.y).quantization === null) {
    const windows = axesWindows(graphValue(draft, node.x).dims, node.axes);
    lowerSums(draft, node, tensorOf(draft, node.x), { kind: 'windowsum', windows, xZero: 0 });
    return;
  }
  lowerMeans(draft, node, axesWindows(graphValue(draft, node.x).dims, node.axes), [node.divisor]);
}

/** @param divisors of output o: divisors[o mod divisors.length]. */
export function lowerMeans(
  draft: Draft,
  node: GraphNode & { readonly x: number; readonly activation: Activation | null },
  windows: Windows,
  divisors: readonly number[],
): void {
  const from = quantizationOf(graphValue(draft, node.x));
  const yValue = graphValue(draft, node.y);
  const { scale, zeroPoint } = quantizationOf(yValue);
  const acc = lowerLinear(draft, node, tensorOf(draft, node.x), { kind: 'windowsum', windows, xZero: from.zeroPoint });
  const clamps = clampsOf(yValue, node.activation);
  const rules = divisors.map((divisor): StepRule => ({ kind: 'mean', xScale: from.scale, divisor, scale, zeroPoint, ...clamps }));
  requantizeToOutput(draft, node, acc, 1, rules);
}
