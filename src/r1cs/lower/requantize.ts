/** requantize: one step form per channel. */
import { newSum, reset } from '../../../circuits/sum.ts';
import type { ProgramOp } from '../../program/program.ts';
import { elementsOf, type Lowering, lowerElements, lowerStep, plusElement, type ReadyStep, readyStep, tensorOf } from './lowering.ts';

type Requantize = ProgramOp & { readonly kind: 'requantize' };

export function channelOf({ inner, rules }: Requantize, element: number): number {
  return Math.floor(element / inner) % rules.length;
}

export function channelSteps({ forms, lows, highs }: Requantize): ReadyStep[] {
  return forms.map((form, channel) => readyStep(form, lows[channel]!, highs[channel]!));
}

export function lowerRequantize(lowering: Lowering, op: Requantize): void {
  const x = elementsOf(lowering, op.x);
  const { low } = tensorOf(lowering, op.y);
  const steps = channelSteps(op);
  const acc = newSum();
  lowerElements(lowering, op.y, (o, y) => {
    plusElement(reset(acc), x, o, 1);
    lowerStep(lowering.api, steps[channelOf(op, o)]!, acc, low, y, o);
  });
}
