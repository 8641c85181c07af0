/** Relu and Clip on a float tensor, whatever it stands for. */
import { thenActivation } from './activation.ts';
import { type Call, input, layer } from './call.ts';
import type { Activation } from './graph.ts';
import { integerClamp } from './integer-arithmetic.ts';
import type { Meaning } from './meaning.ts';
import { checkSoleReader } from './movement.ts';
import { activationOperand, pendingResult } from './operand.ts';
import { refuse } from './report.ts';
import { elementwiseAt, elementwiseResult, mapElements } from './unary.ts';

export function activate(call: Call, dims: readonly number[], activation: Activation): Meaning {
  const x = input(call, 0);
  const clip = (v: number) => Math.min(Math.max(v, activation.min ?? v), activation.max ?? Number.POSITIVE_INFINITY);
  if (x.kind === 'integer') return integerClamp(call, dims, activation.min, activation.max);
  if (x.kind === 'pending') {
    const { computation } = x;
    const known = x.moves.length === 0 ? computation.function : null;
    if (known !== null && !computation.takesActivation) return elementwiseResult(call, dims, 0, clip);
    if (!computation.takesActivation) {
      refuse(
        `it follows ${computation.op} "${computation.name}", not quantized in between`,
        'put a QuantizeLinear/DequantizeLinear pair between the two',
      );
    }
    checkSoleReader(call, x, 0);
    const after = known === null ? null : mapElements(known, clip);
    return { ...x, activation: thenActivation(x.activation, activation), computation: { ...computation, function: after } };
  }
  const { value } = activationOperand(call, 0);
  const known = mapElements(elementwiseAt(call, 0), clip);
  const bounds = thenActivation(null, activation);
  return pendingResult(call, dims, { dtype: null, elementwise: true, activation: bounds, function: known }, (y, final) => ({
    kind: 'requantize',
    ...layer(call),
    x: value,
    activation: final,
    y,
  }));
}
