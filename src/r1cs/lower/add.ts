/**
 * add: a digital plane is a line in p·a + q·b, which needs no wire of its own; the fall-back looks both sides up as integers on a common float grid and takes the step of their sum.
 */
import { ONE } from '../../../circuits/api.ts';
import { newSum, plusWire, reset, type Sum } from '../../../circuits/sum.ts';
import { emitIndex, lookup, makeTable } from '../../../circuits/table.ts';
import type { ProgramOp } from '../../program/program.ts';
import { type Elements, elementsOf, type Lowering, lowerElements, lowerStep, plusElement, readyStep, tensorOf } from './lowering.ts';

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
    const step = readyStep(form.step, form.p * a.low + form.q * b.low, form.p * a.high + form.q * b.high);
    lowerElements(lowering, op.y, (o, y) => {
      reset(acc);
      if (form.p !== 0) plusElement(acc, aElements, op.aIndex?.[o] ?? o, form.p);
      if (form.q !== 0) plusElement(acc, bElements, op.bIndex?.[o] ?? o, form.q);
      lowerStep(api, step, acc, low, y, o);
    });
    return;
  }
  const sides = [form.a, form.b];
  const step = readyStep(form.step, smallest(form.a) + smallest(form.b), largest(form.a) + largest(form.b));
  const terms = [makeTerm(lowering, aElements, a.low, sides[0]!), makeTerm(lowering, bElements, b.low, sides[1]!)];
  lowerElements(lowering, op.y, (o, y) => {
    reset(acc);
    terms[0]!(op.aIndex?.[o] ?? o, acc);
    terms[1]!(op.bIndex?.[o] ?? o, acc);
    lowerStep(api, step, acc, low, y, o);
  });
}

function smallest(values: Float64Array): number {
  return values.reduce((least, value) => Math.min(least, value));
}

function largest(values: Float64Array): number {
  return values.reduce((most, value) => Math.max(most, value));
}

/** Adds values[x_i − low] to a sum; an element looked up before is not looked up again. */
function makeTerm({ api }: Lowering, x: Elements, low: number, values: Float64Array): (i: number, acc: Sum) => void {
  const known = new Int32Array(x.wires.length);
  const index = newSum();
  const table = values.length > 1 ? makeTable(values.length) : null;
  return (i, acc) => {
    if (table === null || x.wires[i] === ONE) {
      acc.constant += values[x.offsets[i]! - low] ?? values[0]!;
      return;
    }
    if (known[i] === 0) {
      api.gadget('table');
      plusElement(reset(index, -low), x, i, 1);
      emitIndex(api, table, index);
      known[i] = lookup(api, table, values);
    }
    plusWire(acc, known[i]!, 1);
  };
}
