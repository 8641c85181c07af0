/**
 * multiply: the product of the centred integers is one row; its step follows. Pairs that float32 rounds otherwise are told apart by zero tests.
 *
 * Cost: 1 + the step's; 5 for each exception.
 */
import { ONE } from '../../../circuits/api.ts';
import { newSum, plusWire, reset, type Sum, toA, toB } from '../../../circuits/sum.ts';
import { isZero } from '../../../circuits/zero.ts';
import type { ProgramOp } from '../../program/program.ts';
import { type Elements, elementsOf, type Lowering, lowerElements, lowerStep, plusElement, readyStep, tensorOf } from './lowering.ts';

type Multiply = ProgramOp & { readonly kind: 'multiply' };

export function lowerMultiply(lowering: Lowering, op: Multiply): void {
  const { api } = lowering;
  const { unit, exceptions, step: form } = op.form;
  const { aZero, bZero } = op.rule;
  const [a, b] = [tensorOf(lowering, op.a), tensorOf(lowering, op.b)];
  const { low } = tensorOf(lowering, op.y);
  const [as, bs] = [elementsOf(lowering, op.a), elementsOf(lowering, op.b)];
  const products = [a.low, a.high].flatMap((x) => [(x - aZero) * (b.low - bZero), (x - aZero) * (b.high - bZero)]);
  const least = Math.min(...products);
  const room = exceptions.length > 0 ? 1 : 0;
  const step = readyStep(form, unit * least - room, unit * Math.max(...products) + room);
  const [left, right, acc] = [newSum(), newSum(), newSum()];
  lowerElements(lowering, op.y, (o, y) => {
    const [i, j] = [op.aIndex?.[o] ?? o, op.bIndex?.[o] ?? o];
    plusElement(reset(left, -aZero), as, i, 1);
    plusElement(reset(right, -bZero), bs, j, 1);
    if (form.kind !== 'constant') {
      api.gadget('multiply');
      product(lowering, left, right, unit, reset(acc), least);
      for (const exception of exceptions) plusException(lowering, [as, i, exception.a], [bs, j, exception.b], exception.delta, acc);
    }
    lowerStep(api, step, acc, low, y, o);
  });
}

/** Adds factor·left·right; the product's wire is counted from its least value: it is never negative. */
function product({ api }: Lowering, left: Sum, right: Sum, factor: number, into: Sum, least = 0): void {
  if (left.length === 0 || right.length === 0) {
    const [known, other] = left.length === 0 ? [left.constant, right] : [right.constant, left];
    for (let t = 0; t < other.length; t++) plusWire(into, other.wires[t]!, factor * known * other.coefficients[t]!);
    into.constant += factor * known * other.constant;
    return;
  }
  toA(api, left);
  toB(api, right);
  api.c(ONE, least);
  plusWire(into, api.define(), factor);
  into.constant += factor * least;
}

type Side = readonly [elements: Elements, i: number, value: number];

/** Adds delta·[element = value]·[element = value]. */
function plusException(lowering: Lowering, a: Side, b: Side, delta: number, into: Sum): void {
  const [one, other] = [newSum(), newSum()];
  if (!equals(lowering, a, one) || !equals(lowering, b, other)) return;
  product(lowering, one, other, delta, into);
}

/** Writes [element = value]; false where it is known never to be. */
function equals({ api }: Lowering, [elements, i, value]: Side, out: Sum): boolean {
  const difference = newSum();
  plusElement(reset(difference, -value), elements, i, 1);
  if (difference.length > 0) plusWire(out, isZero(api, difference), 1);
  else if (difference.constant === 0) out.constant = 1;
  else return false;
  return true;
}
