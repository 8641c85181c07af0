/**
 * Exact integer forms of QLinearAveragePool, whose float32 loop rounds after each addition.
 * Reference: docs/onnx-semantics.md. Where input and output share a scale, exact ties are common and float noise decides them, by the order of the addends.
 */
import type { AverageForm, AverageRule } from '../program.ts';
import { findForm } from './find.ts';
import { applyAverageSum, tieParityOf } from './rule.ts';
import { stepsOf } from './steps.ts';

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

export function findAverageForm(rule: AverageRule, shape: AverageShape): AverageForm {
  return sumForm(rule, shape) ?? floatForm(rule, shape);
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
function sumForm(rule: AverageRule, shape: AverageShape): AverageForm | null {
  const { taps, divisor, xLow, xHigh } = shape;
  const { least, greatest } = extremeSums(termsOf(rule, shape), taps);
  for (let s = 0; s < least.length; s++) {
    if (applyAverageSum(rule, least[s], divisor) !== applyAverageSum(rule, greatest[s], divisor)) return null;
  }
  const low = taps * (xLow - rule.xZero);
  const high = taps * (xHigh - rule.xZero);
  const { min, max } = rule;
  const steps = stepsOf((sum) => applyAverageSum(rule, least[sum - low], divisor), low, high, { min, max, tieParity: tieParityOf(rule) });
  return { kind: 'sum', step: findForm(steps) };
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

/** Every float32 addition is carried out in the circuit; its final sum, in units of the terms' grid, is stepped to y. */
function floatForm(rule: AverageRule, { taps, divisor, ...range }: AverageShape): AverageForm {
  const { grid, integers } = onGrid(termsOf(rule, { taps, divisor, ...range }));
  const { min, max } = rule;
  const f = (sum: number) => applyAverageSum(rule, fl(sum * grid), divisor);
  // n float32 additions of terms at most t give at most n·t: multiples of t's own exponent round to themselves or towards them.
  const low = floatSum(integers[0], taps);
  const high = floatSum(integers[integers.length - 1], taps);
  return { kind: 'float', terms: integers, step: findForm(stepsOf(f, low, high, { min, max, tieParity: tieParityOf(rule) })) };
}

/** The term added `taps` times in float32: the extreme sum, since float32 addition is monotone. */
function floatSum(term: number, taps: number): number {
  let sum = 0;
  for (let tap = 0; tap < taps; tap++) sum = fl(sum + term);
  return sum;
}
