/** Floats made of int32 sums and quantized: one step rule per channel that lists the float32 operations (MatMulInteger and ConvInteger with static scales). */
import type { GraphNode } from '../../graph/graph.ts';
import { type Draft, graphValue, quantizationOf, tensorOf } from '../draft.ts';
import type { StepRule } from '../program.ts';
import { NoExactForm } from '../steps/no-exact-form.ts';
import { applyFloatSteps } from '../steps/rule.ts';
import { clampsOf, requantizeToOutput } from './requantize.ts';

export function lowerScaled(draft: Draft, node: GraphNode & { kind: 'scaled' }): void {
  const yValue = graphValue(draft, node.y);
  const { scale, zeroPoint } = quantizationOf(yValue);
  const clamps = clampsOf(yValue, node.activation);
  const x = tensorOf(draft, node.x);
  const { low, high } = draft.tensors[x];
  const rules = Array.from({ length: node.channels }, (_, c): StepRule => {
    const steps = node.steps.map(({ kind, values }) => ({ kind, value: values[values.length === 1 ? 0 : c] }));
    for (let taken = 1; taken <= steps.length; taken++) {
      const ends = [low, high].map((acc) => applyFloatSteps(steps.slice(0, taken), acc));
      if (!ends.every(Number.isFinite)) throw new NoExactForm('its floats overflow', 'use smaller scales');
    }
    return { kind: 'floats', steps, scale, zeroPoint, ...clamps };
  });
  requantizeToOutput(draft, node, x, node.inner, rules);
}
