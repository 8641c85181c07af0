/**
 * Exact integer forms of QLinearAveragePool, whose float32 loop rounds after each addition.
 * Reference: docs/onnx-semantics.md. Where input and output share a scale, exact ties are common and float noise decides them, by the order of the addends.
 */
import { mostSum } from '../../../circuits/float32.ts';
import { runSteps, type Steps as Work } from '../../events.ts';
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

/** Larger windows take minutes to enumerate (taps² · 2^15 additions), unless float noise is seen to decide them. */
const TAPS_MOST = 256;

const hint = 'average the whole plane with GlobalAveragePool, or in two steps; or give the output a scale of its own';

/** @throws NoExactForm as `averageFormWork`. */
export function findAverageForm(rule: AverageRule, shape: AverageShape): AverageForm {
  return runSteps(averageFormWork(rule, shape));
}

/**
 * The form, tap by tap.
 * @throws NoExactForm for windows of more than 256 elements whose sum alone decides, or where float32 rounding decides among more bits than a circuit's float32 addition has.
 */
export function* averageFormWork(rule: AverageRule, shape: AverageShape): Work<AverageForm> {
  const steps = yield* sumSteps(rule, shape);
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
    const steps = runSteps(sumSteps(rule, shape));
    return steps !== null && formHolds(form.step, steps);
  }
  const { terms, steps } = floatSums(rule, shape);
  return form.terms.length === terms.length && form.terms.every((term, i) => term === terms[i]) && formHolds(form.step, steps);
}

/**
 * The least and greatest float32 sum that any window with integer sum s (over x − xLow) has, after all additions. Addition in float32 is monotone, so the
 * extremes of one step come from the extremes of the step before; and rounding is, so it follows the extreme of the exact sums, which doubles hold.
 */
function* extremeSums(terms: Float64Array, taps: number): Work<{ readonly least: Float64Array; readonly greatest: Float64Array }> {
  let least = Float64Array.of(0);
  let greatest = Float64Array.of(0);
  for (let tap = 0; tap < taps; tap++) {
    yield { done: tap, total: taps, note: 'sums of a window' };
    const size = least.length + terms.length - 1;
    const nextLeast = new Float64Array(size).fill(Number.POSITIVE_INFINITY);
    const nextGreatest = new Float64Array(size).fill(Number.NEGATIVE_INFINITY);
    for (let i = 0; i < terms.length; i++) {
      const term = terms[i];
      for (let s = 0; s < least.length; s++) {
        const low = least[s] + term;
        const high = greatest[s] + term;
        if (low < nextLeast[s + i]) nextLeast[s + i] = low;
        if (high > nextGreatest[s + i]) nextGreatest[s + i] = high;
      }
    }
    least = nextLeast.map(fl);
    greatest = nextGreatest.map(fl);
  }
  return { least, greatest };
}

/** What was found of the last few windows: a program is built, then verified. */
const found = new Map<string, Steps | null>();
const foundMost = 16;

/** The outcome as a step function of Σ(x − xZero), if it is one. */
function* sumSteps(rule: AverageRule, shape: AverageShape): Work<Steps | null> {
  const key = JSON.stringify([rule, shape]);
  const before = found.get(key);
  if (before !== undefined) return before;
  const steps = noiseDecides(rule, shape) ? null : yield* provenSteps(rule, shape);
  if (found.size >= foundMost) found.clear();
  found.set(key, steps);
  return steps;
}

function* provenSteps(rule: AverageRule, shape: AverageShape): Work<Steps | null> {
  const { taps, divisor, xLow, xHigh } = shape;
  if (taps > TAPS_MOST) throw new NoExactForm(`its window has ${taps} elements, at most ${TAPS_MOST} are supported`, hint);
  const { least, greatest } = yield* extremeSums(termsOf(rule, shape), taps);
  for (let s = 0; s < least.length; s++) {
    if (applyAverageSum(rule, least[s], divisor) !== applyAverageSum(rule, greatest[s], divisor)) return null;
  }
  const low = taps * (xLow - rule.xZero);
  const high = taps * (xHigh - rule.xZero);
  const { min, max } = rule;
  return stepsOf((sum) => applyAverageSum(rule, least[sum - low], divisor), low, high, { min, max, tieParity: tieParityOf(rule) });
}

/** How near to a half a quotient must lie for windows of its sum to be tried, and how many sums are. */
const nearHalf = 1 / 4096;
const sumsMost = 256;

/** Whether some windows of one sum have two outcomes, of those that are tried: then nothing need be enumerated. */
function noiseDecides(rule: AverageRule, shape: AverageShape): boolean {
  const { taps, divisor, xLow, xHigh } = shape;
  const terms = termsOf(rule, shape);
  const width = xHigh - xLow;
  const quotient = (s: number) => ((s + taps * (xLow - rule.xZero)) * rule.xScale) / divisor / rule.scale + rule.roundingZero;
  const ties: number[] = [];
  for (let s = 0; s <= taps * width; s++) {
    const v = quotient(s);
    if (Math.abs(v - Math.floor(v) - 0.5) < nearHalf) ties.push(s);
  }
  const stride = Math.max(1, Math.floor(ties.length / sumsMost));
  for (let t = 0; t < ties.length; t += stride) {
    const outcomes = windowsOf(ties[t], taps, width).map((window) => applyAverageSum(rule, sumOf(terms, window), divisor));
    if (outcomes.some((y) => y !== outcomes[0])) return true;
  }
  return false;
}

/** Windows of `taps` elements in [0, width] with that sum: level, rising and falling; and as uneven as can be. */
function windowsOf(sum: number, taps: number, width: number): Int32Array[] {
  const [each, more] = [Math.floor(sum / taps), sum % taps];
  const level = Int32Array.from({ length: taps }, (_, i) => (i < taps - more ? each : each + 1));
  let rest = sum;
  const uneven = Int32Array.from({ length: taps }, () => {
    const x = Math.min(width, rest);
    rest -= x;
    return x;
  });
  return [level, level.toReversed(), uneven, uneven.toReversed()];
}

function sumOf(terms: Float64Array, window: Int32Array): number {
  let sum = 0;
  for (const i of window) sum = fl(sum + terms[i]);
  return sum;
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
