/**
 * Integer forms of step functions: their executable definition, the check that a form is its function, and what the circuit pays.
 * Reference: docs/circuits.md §2, §3.
 */
import { makeStep, stepCost } from '../../../circuits/step.ts';
import type { StepForm } from '../program.ts';
import { clamp } from './rule.ts';
import { parityOf, type Steps, stepReader } from './steps.ts';

type LineForm = StepForm & { readonly kind: 'line' };

/** v of a line before clamping, all corrections made (see StepForm). */
export function lineValue(form: LineForm, acc: number): number {
  const t = form.m * acc - form.b;
  let v = Math.floor(t / form.A);
  // A double quotient may round up to the next integer; the remainder, exact on safe integers, tells.
  let remainder = t - v * form.A;
  if (remainder < 0) {
    v--;
    remainder += form.A;
  } else if (remainder >= form.A) {
    v++;
    remainder -= form.A;
  }
  if (form.tie !== null && remainder === 0 && parityOf(v) !== form.tie.parity) v--;
  for (const { at, delta } of form.exceptions) if (at === acc) v += delta;
  return v;
}

/** The definition of a form: y of one integer of its interval. */
export function applyForm(form: StepForm, acc: number): number {
  switch (form.kind) {
    case 'constant':
      return form.value;
    case 'line':
      return clamp(lineValue(form, acc), form.min, form.max);
    case 'thresholds': {
      let y = form.base;
      for (const threshold of form.thresholds) if (threshold <= acc) y++;
      return y;
    }
  }
}

/**
 * Whether the form is the function on its whole interval. A line's v is monotone apart from its exceptions (a tie's v − 1 is still no less than the
 * value one step before), so it is right everywhere if it is right at the interval's ends, on both sides of every threshold and beside every exception.
 * Where not every integer occurs, it is right on those that do; exceptions are for dense intervals only.
 */
export function formHolds(form: StepForm, steps: Steps): boolean {
  const { low, high, base, thresholds, befores, dense } = steps;
  const count = thresholds.length;
  if (form.kind === 'constant') return count === 0 && form.value === base;
  if (form.kind === 'thresholds') {
    return form.base === base && form.thresholds.length === count && form.thresholds.every((t, i) => t === thresholds[i]);
  }
  if (!isSafeLine(form, low, high)) return false;
  if (applyForm(form, low) !== base || applyForm(form, high) !== base + count) return false;
  for (let i = 0; i < count; ) {
    let last = i;
    while (last + 1 < count && thresholds[last + 1] === thresholds[i]) last++;
    if (applyForm(form, befores[i]) !== base + i || applyForm(form, thresholds[i]) !== base + last + 1) return false;
    i = last + 1;
  }
  if (form.exceptions.length === 0) return true;
  const read = stepReader(steps);
  const right = (acc: number) => acc < low || acc > high || applyForm(form, acc) === read(acc);
  return dense && form.exceptions.every(({ at }) => right(at - 1) && right(at) && right(at + 1));
}

/** Positive m and A, and every product of the definition a safe integer over the interval, with room for the circuit's digits, which span up to 8 times as much. */
export function isSafeLine({ m, A, b, vLow, vHigh }: LineForm, low: number, high: number): boolean {
  if (!(Number.isSafeInteger(m) && m >= 1 && Number.isSafeInteger(A) && A >= 1 && Number.isSafeInteger(b))) return false;
  const widest = m * Math.max(Math.abs(low), Math.abs(high)) + Math.abs(b);
  return widest <= Number.MAX_SAFE_INTEGER && 8 * A * (Math.max(Math.abs(vLow), Math.abs(vHigh)) + 1) <= Number.MAX_SAFE_INTEGER;
}

/** ⌈log2 n⌉ for 1 ≤ n ≤ 2^53: the bits that hold 0 … n − 1. */
export function bitsFor(n: number): number {
  let bits = 0;
  for (let power = 1; power < n; power *= 2) bits++;
  return bits;
}

/** Rows that the circuit spends on the form over an interval of acc: what forms are chosen by. */
export function formCost(form: StepForm, low: number, high: number): number {
  return stepCost(makeStep(form, low, high)).constraints;
}
