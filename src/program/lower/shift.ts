/** RequantShift, and Relu or Clip of plain integers: integer rules, one per channel. Channels with a negative factor are negated first. */
import type { GraphNode } from '../../graph/graph.ts';
import { addTensor, type Draft, graphValue, newIntervals, tensorOf } from '../draft.ts';
import type { StepRule, TensorId } from '../program.ts';
import { NoExactForm } from '../steps/no-exact-form.ts';
import { pointwise } from './linear.ts';
import { requantizeToOutput } from './requantize.ts';

export function lowerShift(draft: Draft, node: GraphNode & { kind: 'shift' }): void {
  const { muls, adds, div, inner, min, max } = node;
  const given = tensorOf(draft, node.x);
  const x = muls.some((mul) => mul < 0) ? negated(draft, node, given) : given;
  const { low, high } = draft.tensors[x];
  const rules = Array.from(muls, (mul, c): StepRule => {
    const widest = Math.abs(mul) * Math.max(Math.abs(low), Math.abs(high)) + Math.abs(adds[c]) + div;
    if (widest > Number.MAX_SAFE_INTEGER) throw new NoExactForm(`its products reach ${widest}, beyond 2^53`, 'use smaller factors');
    return { kind: 'shift', mul: Math.abs(mul), add: adds[c], divisor: div, zeroPoint: 0, min, max };
  });
  requantizeToOutput(draft, node, x, inner, rules);
}

/** x with the elements of all channels of negative factors negated: step rules rise. */
function negated(draft: Draft, node: GraphNode & { kind: 'shift' }, x: TensorId): TensorId {
  const { count } = draft.tensors[x];
  const { inner, muls } = node;
  const planes = count / inner;
  const weights = Int32Array.from({ length: planes }, (_, plane) => (muls[plane % muls.length] < 0 ? -1 : 1));
  const intervals = newIntervals(count);
  const { lows, highs } = draft.intervals[x];
  for (let o = 0; o < count; o++) {
    const rises = weights[Math.floor(o / inner)] > 0;
    intervals.lows[o] = rises ? lows[o] : -highs[o];
    intervals.highs[o] = rises ? highs[o] : -lows[o];
  }
  const { name, dims } = graphValue(draft, node.y);
  const y = addTensor(draft, { name: `${name}:negated`, dims, dtype: 'accumulator', quantization: null }, intervals);
  const map = pointwise(planes, planes, inner, planes, weights);
  draft.ops.push({ kind: 'linear', layer: node.name, op: node.op, y, x, map });
  return y;
}
