/**
 * Exact integer forms of QLinearMul: a step of the integer product, with the few pairs set right where float32 rounding gives one product two outcomes.
 * Reference: docs/onnx-semantics.md. All pairs of the two intervals (at most 2^16) are enumerated and compared.
 */
import { ZkonnxError } from '../../errors.ts';
import type { AddRule, MultiplyForm } from '../program.ts';
import { findForm } from './find.ts';
import { applyForm } from './form.ts';
import type { PairIntervals } from './plane.ts';
import { applyMultiplyRule, tieParityOf } from './rule.ts';
import type { Steps } from './steps.ts';

/** Each exception costs the circuit five rows an element. */
const EXCEPTIONS_MOST = 64;

type Exceptions = MultiplyForm['exceptions'];

/** A form, or how many products have two outcomes where they are too many. */
export function findMultiplyForm(rule: AddRule, pairs: PairIntervals): MultiplyForm | { readonly ambiguous: number } {
  const exceptions = exceptionsOf(rule, pairs);
  const unit = exceptions.length === 0 ? 1 : 2;
  const steps = exceptions.length > EXCEPTIONS_MOST ? null : productSteps(rule, pairs, unit, exceptions);
  if (steps === null) return { ambiguous: exceptions.length };
  const form: MultiplyForm = { unit, exceptions, step: findForm(steps) };
  if (!multiplyFormHolds(form, rule, pairs))
    throw new ZkonnxError('ZK7001', { what: 'an integer form of Mul differs from its float32 rule' });
  return form;
}

/** The definition of a form: what its step is taken of. */
function argumentOf({ unit, exceptions }: Omit<MultiplyForm, 'step'>, { aZero, bZero }: AddRule, a: number, b: number): number {
  let x = unit * (a - aZero) * (b - bZero);
  for (const exception of exceptions) if (exception.a === a && exception.b === b) x += exception.delta;
  return x;
}

/** Whether the form is the rule on every pair. */
export function multiplyFormHolds(form: MultiplyForm, rule: AddRule, { aLow, aHigh, bLow, bHigh }: PairIntervals): boolean {
  for (let a = aLow; a <= aHigh; a++) {
    for (let b = bLow; b <= bHigh; b++)
      if (applyForm(form.step, argumentOf(form, rule, a, b)) !== applyMultiplyRule(rule, a, b)) return false;
  }
  return true;
}

function forEachPair({ aLow, aHigh, bLow, bHigh }: PairIntervals, f: (a: number, b: number) => void): void {
  for (let a = aLow; a <= aHigh; a++) for (let b = bLow; b <= bHigh; b++) f(a, b);
}

/** Pairs whose outcome is not that of most pairs with their product: the fewer of the upper or the lower ones. */
function exceptionsOf(rule: AddRule, pairs: PairIntervals): Exceptions {
  const least = new Map<number, number>();
  const mixed = new Map<number, { a: number; b: number; y: number }[]>();
  forEachPair(pairs, (a, b) => {
    const product = (a - rule.aZero) * (b - rule.bZero);
    const y = applyMultiplyRule(rule, a, b);
    const known = least.get(product);
    if (known === undefined) least.set(product, y);
    else if (known !== y) mixed.set(product, []);
  });
  if (mixed.size === 0) return [];
  forEachPair(pairs, (a, b) => {
    mixed.get((a - rule.aZero) * (b - rule.bZero))?.push({ a, b, y: applyMultiplyRule(rule, a, b) });
  });
  return [...mixed.values()].flatMap((found) => {
    const low = found.reduce((y, other) => Math.min(y, other.y), Number.POSITIVE_INFINITY);
    const lower = found.filter(({ y }) => y === low);
    const upper = found.filter(({ y }) => y !== low);
    const [few, delta] = lower.length < upper.length ? [lower, -1 as const] : [upper, 1 as const];
    return few.map(({ a, b }) => ({ a, b, delta }));
  });
}

/** The outcome as a step function of the form's argument, over the arguments that occur; null where it is none. */
function productSteps(rule: AddRule, pairs: PairIntervals, unit: 1 | 2, exceptions: Exceptions): Steps | null {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let [base, top] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const least = new Map<number, number>();
  const greatest = new Map<number, number>();
  forEachPair(pairs, (a, b) => {
    const x = argumentOf({ unit, exceptions }, rule, a, b);
    const y = applyMultiplyRule(rule, a, b);
    [low, high, base, top] = [Math.min(low, x), Math.max(high, x), Math.min(base, y), Math.max(top, y)];
    least.set(y, Math.min(least.get(y) ?? x, x));
    greatest.set(y, Math.max(greatest.get(y) ?? x, x));
  });
  const thresholds = new Float64Array(top - base);
  const befores = new Float64Array(top - base);
  for (let i = 0, before = low; i < top - base; i++) {
    before = Math.max(before, greatest.get(base + i) ?? before);
    befores[i] = before;
  }
  for (let i = top - base - 1, after = high; i >= 0; i--) {
    after = Math.min(after, least.get(base + 1 + i) ?? after);
    thresholds[i] = after;
  }
  if (befores.some((before, i) => before >= thresholds[i])) return null;
  const { min, max } = rule;
  return { low, high, base, thresholds, befores, dense: false, min, max, tieParity: tieParityOf(rule) };
}
