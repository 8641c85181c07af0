/**
 * Floats made of int32 sums: Cast, then Mul, Div, Add, Sub by constants, as static files with MatMulInteger or ConvInteger have them. Each operation rounds to
 * float32 in the file's order, and the chain rises with the sum, so that its QuantizeLinear is a step function of an integer.
 */
import { type Call, input, layer } from './call.ts';
import { constantOperand } from './float-binary.ts';
import type { FloatStep } from './graph.ts';
import type { Pending, Scaled } from './meaning.ts';
import { pendingResult } from './operand.ts';
import { refuse } from './report.ts';

/** Beyond these no quantizer's scales lie, and float32 products of int32 sums could overflow. */
const valueMost = 2 ** 60;

/** Constants with which the chain rises and stays finite. @throws Refusal */
export function requireUsable({ kind, values }: FloatStep): void {
  for (const value of values) {
    const usable = Number.isFinite(value) && Math.abs(value) <= valueMost && (kind === 'add' || value >= 1 / valueMost);
    if (!usable) refuse(`its constant is ${value}`, 'use scales above 0 and below 2^60');
  }
}

/** The meaning of such a chain, which waits for its QuantizeLinear. */
export function scaledResult(call: Call, dims: readonly number[], scaled: Scaled): Pending {
  return pendingResult(call, dims, { dtype: null, elementwise: true, scaled }, (y, activation) => ({
    kind: 'scaled',
    ...layer(call),
    ...scaled,
    activation,
    y,
  }));
}

/** Cast of int32 to float32. */
export function castToFloat(call: Call, dims: readonly number[], x: number): Pending {
  return scaledResult(call, dims, { x, steps: [], channels: 1, inner: 1 });
}

/** The operator on a float tensor that is a chain of this kind and a float constant; null where its inputs are something else. */
export function scaledStep(call: Call, dims: readonly number[], op: 'add' | 'subtract' | 'multiply' | 'divide'): Pending | null {
  const at = [0, 1].find((i) => {
    const meaning = input(call, i);
    return meaning.kind === 'pending' && meaning.computation.scaled !== null;
  });
  if (at === undefined) return null;
  const pending = input(call, at) as Pending;
  const before = pending.computation.scaled!;
  const advice = 'quantize in between, or fold the operation into the scale or the bias';
  const constant = constantOperand(call, 1 - at, dims);
  if (constant === null || pending.activation !== null || pending.moves.length > 0 || pending.dims.join() !== dims.join())
    return refuse(`it follows ${pending.computation.op} "${pending.computation.name}", not quantized in between`, advice);
  if (at === 1 && (op === 'divide' || op === 'subtract')) return refuse('it divides by, or subtracts, a computed tensor', advice);
  const { channels, at: valueAt } = constant;
  if (before.channels > 1 && channels.count > 1 && (before.channels !== channels.count || before.inner !== channels.inner))
    return refuse('constants along two different axes follow each other', advice);
  const values = Float32Array.from({ length: channels.count }, (_, c) => (op === 'subtract' ? -valueAt(c) : valueAt(c)));
  const kind = op === 'subtract' ? 'add' : op;
  const step: FloatStep = { kind, values };
  requireUsable(step);
  const wide =
    channels.count > 1 ? { channels: channels.count, inner: channels.inner } : { channels: before.channels, inner: before.inner };
  return scaledResult(call, dims, { x: before.x, steps: [...before.steps, step], ...wide });
}
