/** Requantization into the program: one float32 rule and one exact integer form per channel. Also lowers the graph's own requantize nodes. */
import type { Activation, GraphNode, GraphValue } from '../../graph/graph.ts';
import { addOutput, addTensor, type Draft, dtypeRange, graphValue, newIntervals, quantizationOf, tensorOf } from '../draft.ts';
import type { ProgramOp, StepForm, StepRule, TensorId } from '../program.ts';
import { findForm, narrowedForm } from '../steps/find.ts';
import { lineOfRule } from '../steps/line.ts';
import { applyRule, quantize } from '../steps/rule.ts';
import { narrowed, ruleGroups, ruleSteps } from '../steps/steps.ts';

/** The clamps of y in its own integers: its type's range, moved inwards by a Relu or Clip. Q is monotone, so Q(clip(r)) = clip(Q(r)) with bounds Q(bound). */
export function clampsOf(y: GraphValue, activation: Activation | null): { readonly min: number; readonly max: number } {
  const { scale, zeroPoint } = quantizationOf(y);
  const range = dtypeRange(y.dtype);
  const bound = (real: number | null, otherwise: number): number =>
    real === null ? otherwise : quantize(Math.fround(real), scale, zeroPoint, range.min, range.max);
  const min = bound(activation?.min ?? null, range.min);
  const max = bound(activation?.max ?? null, range.max);
  // ONNX Clip with min > max gives max everywhere.
  return { min: Math.min(min, max), max };
}

/** One form per channel, over its own interval. Channels of one rule share the form of all their intervals together, where it is a line. */
export function formsOf(draft: Draft, rules: readonly StepRule[], lows: Float64Array, highs: Float64Array): StepForm[] {
  return [...ruleGroups(rules, lows, highs)]
    .flatMap(([key, { rule, low, high, channels }]) => {
      const all = ruleSteps(rule, low, high);
      const line = lineOfRule(rule);
      const shared = draft.forms.get(`${key} ${low} ${high}`) ?? findForm(all, line);
      draft.forms.set(`${key} ${low} ${high}`, shared);
      return channels.map((channel): [number, StepForm] => {
        const steps = narrowed(all, lows[channel], highs[channel]);
        return [channel, narrowedForm(shared, steps) ?? findForm(steps, line)];
      });
    })
    .sort(([a], [b]) => a - b)
    .map(([, form]) => form);
}

interface Requantized {
  readonly layer: string;
  readonly op: string;
  readonly x: TensorId;
  /** Channel of element o is ⌊o / inner⌋ mod rules.length. */
  readonly inner: number;
  readonly rules: readonly StepRule[];
}

/** The op without its y, and the intervals that y has. */
function requantizeOp(draft: Draft, { layer, op, x, inner, rules }: Requantized) {
  const xs = draft.intervals[x];
  const { count } = draft.tensors[x];
  const lows = new Float64Array(rules.length).fill(Number.POSITIVE_INFINITY);
  const highs = new Float64Array(rules.length).fill(Number.NEGATIVE_INFINITY);
  const intervals = newIntervals(count);
  for (let o = 0; o < count; o++) {
    const channel = Math.floor(o / inner) % rules.length;
    lows[channel] = Math.min(lows[channel], xs.lows[o]);
    highs[channel] = Math.max(highs[channel], xs.highs[o]);
    intervals.lows[o] = applyRule(rules[channel], xs.lows[o]);
    intervals.highs[o] = applyRule(rules[channel], xs.highs[o]);
  }
  const forms = formsOf(draft, rules, lows, highs);
  return { fields: { kind: 'requantize' as const, layer, op, x, inner, rules, forms, lows, highs }, intervals };
}

/** Requantizes x into the node's output. */
export function requantizeToOutput(draft: Draft, node: GraphNode, x: TensorId, inner: number, rules: readonly StepRule[]): void {
  const { fields, intervals } = requantizeOp(draft, { layer: node.name, op: node.op, x, inner, rules });
  draft.ops.push({ ...fields, y: addOutput(draft, node, intervals) } satisfies ProgramOp);
}

/** `Q(f(DQ(x)))` as a rule. */
export function requantizeRule(x: GraphValue, y: GraphValue, activation: Activation | null): StepRule {
  const from = quantizationOf(x);
  const to = quantizationOf(y);
  return {
    kind: 'requantize',
    xScale: from.scale,
    xZero: from.zeroPoint,
    scale: to.scale,
    zeroPoint: to.zeroPoint,
    ...clampsOf(y, activation),
  };
}

/** x in y's quantization, for ops that move elements of several tensors into one: x itself where the parameters are the same. */
export function inQuantizationOf(draft: Draft, node: GraphNode, source: GraphValue, y: GraphValue): TensorId {
  const x = tensorOf(draft, source.id);
  const from = source.quantization;
  const to = y.quantization;
  if (source.dtype === y.dtype && from?.scale === to?.scale && from?.zeroPoint === to?.zeroPoint) return x;
  const rules = [requantizeRule(source, y, null)];
  const { fields, intervals } = requantizeOp(draft, { layer: node.name, op: node.op, x, inner: 1, rules });
  const moved = { name: `${source.name}:requantized`, dims: source.dims, dtype: y.dtype, quantization: y.quantization };
  const id = addTensor(draft, moved, intervals);
  draft.ops.push({ ...fields, y: id });
  return id;
}

export function lowerRequantize(draft: Draft, node: GraphNode & { kind: 'requantize' }): void {
  const x = graphValue(draft, node.x);
  const rule = requantizeRule(x, graphValue(draft, node.y), node.activation);
  requantizeToOutput(draft, node, tensorOf(draft, node.x), 1, [rule]);
}
