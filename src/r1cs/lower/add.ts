/**
 * add: a digital plane is a line in p·a + q·b, which needs no wire of its own; the fall-back looks both sides up as integers on a common float grid and takes the step of their sum.
 */
import { newSum, reset } from '../../../circuits/sum.ts';
import type { ProgramOp } from '../../program/program.ts';
import { elementsOf, type Lowering, lowerElements, lowerStep, plusElement, readyStep, tensorOf } from './lowering.ts';
import { largest, makeTerms, smallest } from './terms.ts';

type Add = ProgramOp & { readonly kind: 'add' };

export function lowerAdd(lowering: Lowering, op: Add): void {
  const { api } = lowering;
  const { form } = op;
  const a = tensorOf(lowering, op.a);
  const b = tensorOf(lowering, op.b);
  const { low } = tensorOf(lowering, op.y);
  const [aElements, bElements] = [elementsOf(lowering, op.a), elementsOf(lowering, op.b)];
  const acc = newSum();
  if (form.kind === 'plane') {
    // q is negative in a Sub.
    const [bLeast, bMost] = form.q < 0 ? [b.high, b.low] : [b.low, b.high];
    const step = readyStep(form.step, form.p * a.low + form.q * bLeast, form.p * a.high + form.q * bMost);
    lowerElements(lowering, op.y, (o, y) => {
      reset(acc);
      if (form.p !== 0) plusElement(acc, aElements, op.aIndex?.[o] ?? o, form.p);
      if (form.q !== 0) plusElement(acc, bElements, op.bIndex?.[o] ?? o, form.q);
      lowerStep(api, step, acc, low, y, o);
    });
    return;
  }
  const step = readyStep(form.step, smallest(form.a) + smallest(form.b), largest(form.a) + largest(form.b));
  const [aTerms, bTerms] = [makeTerms(lowering, aElements, a.low, form.a), makeTerms(lowering, bElements, b.low, form.b)];
  lowerElements(lowering, op.y, (o, y) => {
    reset(acc);
    aTerms(op.aIndex?.[o] ?? o, acc);
    bTerms(op.bIndex?.[o] ?? o, acc);
    lowerStep(api, step, acc, low, y, o);
  });
}
