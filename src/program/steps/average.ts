/**
 * Exact integer forms of QLinearAveragePool, whose float32 loop rounds after each addition.
 * Reference: docs/onnx-semantics.md. Where input and output share a scale, exact ties are common and float noise decides them, by the order of the addends.
 */
import { mostSum } from '../../../circuits/float32.ts';
import type { AverageForm, AverageRule } from '../program.ts';
import { findForm } from './find.ts';
import { applyForm, formHolds } from './form.ts';
import { NoExactForm } from './no-exact-form.ts';
import { applyAverageSum, tieParityOf } from './rule.ts';
import { type Steps, stepsOf } from './steps.ts';

const fl = Math.fround;

export interface AverageShape {
  readonly taps: number;
  readonly divisor: number;
  readonly xLow: number;
  readonly xHigh: number;
}

/** One addend: `fl(sx·(x − zx))`. */
export function averageTerm(rule: AverageRule, x: number): number {
  return fl(rule.xScale * (x - rule.xZero));
}

/** y of one window: the profile's loop, in the window's order. */
export function averageOf(rule: AverageRule, xs: Int32Array, window: Int32Array, divisor: number): number {
  let sum = 0;
  for (const i of window) sum = fl(sum + averageTerm(rule, xs[i]));
  return applyAverageSum(rule, sum, divisor);
}

/** Larger windows take minutes to enumerate (taps² · 2^16 float32 additions). */
const TAPS_MOST = 256;

/** @throws NoExactForm for windows of more than 256 elements, or where float32 rounding decides among more bits than a circuit's float32 addition has. */
export function findAverageForm(rule: AverageRule, shape: AverageShape): AverageForm {
  const hint = 'average the whole plane with GlobalAveragePool, or in two steps; or give the output a scale of its own';
  if (shape.taps > TAPS_MOST) throw new NoExactForm(`its window has ${shape.taps} elements, at most ${TAPS_MOST} are supported`, hint);
  const steps = sumSteps(rule, shape);
  if (steps !== null) return { kind: 'sum', step: findForm(steps) };
  const { terms, steps: floatSteps } = floatSums(rule, shape);
  const largest = Math.max(floatSteps.high, -floatSteps.low);
  if (largest > mostSum) throw new NoExactForm(`its rounding depends on float32 sums of ${shape.taps} terms, too long for a circuit`, hint);
  return { kind: 'float', terms, step: findForm(floatSteps) };
}

/** The definition of a form: y of the window xs, in its order. Float32 sums of multiples of a power of two are those of the multiples, times it. */
export function applyAverageForm(form: AverageForm, rule: AverageRule, xLow: number, xs: readonly number[]): number {
  let sum = 0;
  for (const x of xs) sum = form.kind === 'sum' ? sum + x - rule.xZero : fl(sum + form.terms[x - xLow]);
  return applyForm(form.step, sum);
}

/** Whether the form is the rule on every window. */
export function averageFormHolds(form: AverageForm, rule: AverageRule, shape: AverageShape): boolean {
  if (form.kind === 'sum') {
    const steps = sumSteps(rule, shape);
    return steps !== null && formHolds(form.step, steps);
  }
  const { terms, steps } = floatSums(rule, shape);
  return form.terms.length === terms.length && form.terms.every((term, i) => term === terms[i]) && formHolds(form.step, steps);
}

/**
 * The least and greatest float32 sum that any window with integer sum s (over x − xLow) has, after all additions. Addition in float32 is monotone, so the
 * extremes of one step come from the extremes of the step before.
 */
function extremeSums(terms: Float64Array, taps: number): { readonly least: Float64Array; readonly greatest: Float64Array } {
  let least = Float64Array.of(0);
  let greatest = Float64Array.of(0);
  for (let tap = 0; tap < taps; tap++) {
    const size = least.length + terms.length - 1;
    const nextLeast = new Float64Array(size).fill(Number.POSITIVE_INFINITY);
    const nextGreatest = new Float64Array(size).fill(Number.NEGATIVE_INFINITY);
    for (let s = 0; s < least.length; s++) {
      for (let i = 0; i < terms.length; i++) {
        const low = fl(least[s] + terms[i]);
        const high = fl(greatest[s] + terms[i]);
        if (low < nextLeast[s + i]) nextLeast[s + i] = low;
        if (high > nextGreatest[s + i]) nextGreatest[s + i] = high;
      }
    }
    least = nextLeast;
    greatest = nextGreatest;
  }
  return { least, greatest };
}

/** The outcome as a step function of Σ(x − xZero), if it is one. */
function sumSteps(rule: AverageRule, shape: AverageShape): Steps | null {
  const { taps, divisor, xLow, xHigh } = shape;
  const { least, greatest } = extremeSums(termsOf(rule, shape), taps);
  for (let s = 0; s < least.length; s++) {
    if (applyAverageSum(rule, least[s], divisor) !== applyAverageSum(rule, greatest[s], divisor)) return null;
  }
  const low = taps * (xLow - rule.xZero);
  const high = taps * (xHigh - rule.xZero);
  const { min, max } = rule;
  return stepsOf((sum) => applyAverageSum(rule, least[sum - low], divisor), low, high, { min, max, tieParity: tieParityOf(rule) });
}

function termsOf(rule: AverageRule, { xLow, xHigh }: AverageShape): Float64Array {
  return Float64Array.from({ length: xHigh - xLow + 1 }, (_, i) => averageTerm(rule, xLow + i));
}

/** The coarsest power of two that all terms are multiples of, and the terms in its units. */
function onGrid(terms: Float64Array): { readonly grid: number; readonly integers: Float64Array } {
  let grid = 1;
  for (const term of terms) while (!Number.isInteger(term / grid)) grid /= 2;
  while (terms.some((term) => term !== 0) && terms.every((term) => Number.isInteger(term / (grid * 2)))) grid *= 2;
  return { grid, integers: terms.map((term) => term / grid) };
}

/** The terms in units of their grid, and the outcome as a step function of their float32 sum in these units. */
function floatSums(rule: AverageRule, shape: AverageShape): { readonly terms: Float64Array; readonly steps: Steps } {
  const { taps, divisor } = shape;
  const { grid, integers: terms } = onGrid(termsOf(rule, shape));
  const { min, max } = rule;
  const f = (sum: number) => applyAverageSum(rule, fl(sum * grid), divisor);
  const steps = stepsOf(f, floatSum(terms[0], taps), floatSum(terms[terms.length - 1], taps), { min, max, tieParity: tieParityOf(rule) });
  // Not every integer is a float32: exceptions at single ones, which a dense function may get, are of no use.
  return { terms, steps: { ...steps, dense: false } };
}

/** The term added `taps` times in float32: the extreme sum, since float32 addition is monotone. */
function floatSum(term: number, taps: number): number {
  let sum = 0;
  for (let tap = 0; tap < taps; tap++) sum = fl(sum + term);
  return sum;
}
