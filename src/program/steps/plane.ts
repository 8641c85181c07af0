/**
 * Exact integer forms of QLinearAdd: a digital plane, or exact tables and a step on their sum.
 * Reference: docs/circuits.md §3, "Residual Add is a digital plane". All pairs of the two intervals (at most 2^16) are enumerated and compared.
 */
import { ZkonnxError } from '../../errors.ts';
import type { AddForm, AddRule, StepForm } from '../program.ts';
import { findForm } from './find.ts';
import { applyForm, formCost, isSafeLine, lineValue } from './form.ts';
import { NoExactForm } from './no-exact-form.ts';
import { applyAddRule, applyAddTerms, aTerm, bTerm, tieParityOf } from './rule.ts';
import { parityOf, type Steps } from './steps.ts';

type LineForm = StepForm & { readonly kind: 'line' };
type PlaneForm = AddForm & { readonly kind: 'plane' };

export interface PairIntervals {
  readonly aLow: number;
  readonly aHigh: number;
  readonly bLow: number;
  readonly bHigh: number;
}

/** A at most: 2^16 pairs leave room for a plane with A up to about 2^15 (docs/circuits.md §3). */
const A_MOST = 1 << 17;

export function findAddForm(rule: AddRule, pairs: PairIntervals): AddForm {
  return rule.bScale < 0 ? findMirrored(rule, pairs) : findRising(rule, pairs);
}

/** A rule that falls with b, which is Sub's, rises with bLow + bHigh − b. */
function findMirrored(rule: AddRule, pairs: PairIntervals): AddForm {
  const ends = pairs.bLow + pairs.bHigh;
  const form = findRising({ ...rule, bScale: -rule.bScale, bZero: ends - rule.bZero }, pairs);
  if (form.kind === 'tables') return { ...form, b: form.b.toReversed() };
  const { p, q, step } = form;
  return { kind: 'plane', p, q: -q, step: step.kind === 'line' ? { ...step, b: step.b - q * ends } : step };
}

function findRising(rule: AddRule, pairs: PairIntervals): AddForm {
  const outcomes = outcomesOf(rule, pairs);
  const first = outcomes[0];
  if (first === outcomes[outcomes.length - 1]) return { kind: 'plane', p: 0, q: 0, step: { kind: 'constant', value: first } };
  const plain = findPlane(rule, pairs, outcomes, false, A_MOST);
  // Ties cost about 3 rows, so a tied plane must save as many bits of A.
  const tied = findPlane(rule, pairs, outcomes, true, plain?.step.kind === 'line' ? plain.step.A >> 3 : A_MOST);
  const planes = [plain, tied].filter((plane) => plane !== null);
  const cost = ({ p, q, step }: PlaneForm) => formCost(step, p * pairs.aLow + q * pairs.bLow, p * pairs.aHigh + q * pairs.bHigh);
  const form = planes.length > 0 ? planes.reduce((a, b) => (cost(b) < cost(a) ? b : a)) : findTables(rule, pairs);
  if (!formGives(form, pairs, outcomes)) throw new ZkonnxError('ZK7001', { what: 'an integer form of Add differs from its float32 rule' });
  return form;
}

/** y of every pair, a by a. */
function outcomesOf(rule: AddRule, { aLow, aHigh, bLow, bHigh }: PairIntervals): Int32Array {
  const outcomes = new Int32Array((aHigh - aLow + 1) * (bHigh - bLow + 1));
  let i = 0;
  for (let a = aLow; a <= aHigh; a++) for (let b = bLow; b <= bHigh; b++) outcomes[i++] = applyAddRule(rule, a, b);
  return outcomes;
}

/** The definition of a form: y of one pair. */
export function applyAddForm(
  form: AddForm,
  a: number,
  b: number,
  { aLow, bLow }: { readonly aLow: number; readonly bLow: number },
): number {
  return applyForm(form.step, form.kind === 'plane' ? form.p * a + form.q * b : form.a[a - aLow] + form.b[b - bLow]);
}

function formGives(form: AddForm, pairs: PairIntervals, outcomes: Int32Array): boolean {
  let i = 0;
  for (let a = pairs.aLow; a <= pairs.aHigh; a++) {
    for (let b = pairs.bLow; b <= pairs.bHigh; b++) if (applyAddForm(form, a, b, pairs) !== outcomes[i++]) return false;
  }
  return true;
}

/** Whether the form is the rule on every pair. */
export function addFormHolds(form: AddForm, rule: AddRule, pairs: PairIntervals): boolean {
  return formGives(form, pairs, outcomesOf(rule, pairs));
}

/** Bounds c ≤ p·a + q·b − A·level − slack (uppers) or c ≥ p·a + q·b − A·level + slack (lowers), as columns: one for each place where y steps. */
interface PlaneBounds {
  readonly a: Int32Array;
  readonly b: Int32Array;
  readonly level: Int32Array;
  readonly slack: Uint8Array;
  count: number;
}

function newBounds(capacity: number): PlaneBounds {
  const column = () => new Int32Array(capacity);
  return { a: column(), b: column(), level: column(), slack: new Uint8Array(capacity), count: 0 };
}

function addBound(bounds: PlaneBounds, a: number, b: number, level: number, slack: 0 | 1): void {
  const i = bounds.count++;
  bounds.a[i] = a;
  bounds.b[i] = b;
  bounds.level[i] = level;
  bounds.slack[i] = slack;
}

function planeBounds(
  rule: AddRule,
  pairs: PairIntervals,
  outcomes: Int32Array,
  tied: boolean,
): { readonly uppers: PlaneBounds; readonly lowers: PlaneBounds } {
  const { aLow, aHigh, bLow, bHigh } = pairs;
  const uppers = newBounds(outcomes.length);
  const lowers = newBounds(outcomes.length);
  const kept = tieParityOf(rule);
  const moved = (level: number): boolean => tied && parityOf(level) !== kept;
  const upper = (a: number, b: number, level: number) => addBound(uppers, a, b, level, moved(level) ? 1 : 0);
  const lower = (a: number, b: number, level: number) => addBound(lowers, a, b, level, moved(level) ? 0 : 1);
  const columns = bHigh - bLow + 1;
  for (let b = bLow; b <= bHigh; b++) {
    let y = outcomes[b - bLow];
    if (y > rule.min) upper(aLow, b, y);
    for (let a = aLow + 1; a <= aHigh; a++) {
      const next = outcomes[(a - aLow) * columns + b - bLow];
      if (next === y) continue;
      lower(a - 1, b, y + 1);
      upper(a, b, next);
      y = next;
    }
    if (y < rule.max) lower(aHigh, b, y + 1);
  }
  return { uppers, lowers };
}

/** The plane with the least A, p and q beside A·scale ratios; only the few bounds that have refused a candidate so far are tried first. */
function findPlane(rule: AddRule, pairs: PairIntervals, outcomes: Int32Array, tied: boolean, aMost: number): PlaneForm | null {
  const { uppers, lowers } = planeBounds(rule, pairs, outcomes, tied);
  if (uppers.count === 0 || lowers.count === 0) return null;
  const pressingUppers: number[] = [0, uppers.count - 1];
  const pressingLowers: number[] = [0, lowers.count - 1];
  const upperAt = (i: number, p: number, q: number, A: number) => p * uppers.a[i] + q * uppers.b[i] - A * uppers.level[i] - uppers.slack[i];
  const lowerAt = (i: number, p: number, q: number, A: number) => p * lowers.a[i] + q * lowers.b[i] - A * lowers.level[i] + lowers.slack[i];
  const tryPlane = (p: number, q: number, A: number): PlaneForm | 'unsafe' | null => {
    let most = Number.POSITIVE_INFINITY;
    let least = Number.NEGATIVE_INFINITY;
    for (const i of pressingUppers) most = Math.min(most, upperAt(i, p, q, A));
    for (const i of pressingLowers) {
      least = Math.max(least, lowerAt(i, p, q, A));
      if (least > most) return null;
    }
    let mostAt = -1;
    let leastAt = -1;
    for (let i = 0; i < uppers.count; i++) {
      const bound = upperAt(i, p, q, A);
      if (bound < most) {
        most = bound;
        mostAt = i;
      }
    }
    for (let i = 0; i < lowers.count; i++) {
      const bound = lowerAt(i, p, q, A);
      if (bound > least) {
        least = bound;
        leastAt = i;
      }
    }
    if (least > most) {
      if (mostAt >= 0) pressingUppers.push(mostAt);
      if (leastAt >= 0) pressingLowers.push(leastAt);
      return null;
    }
    return planeForm(rule, pairs, p, q, A, least, tied);
  };
  const aRatio = rule.aScale / rule.scale;
  const bRatio = rule.bScale / rule.scale;
  for (let A = tied ? 2 : 1; A <= aMost; A++) {
    for (const p of [Math.floor(A * aRatio), Math.floor(A * aRatio) + 1]) {
      for (const q of [Math.floor(A * bRatio), Math.floor(A * bRatio) + 1]) {
        const form = tryPlane(p, q, A);
        // A larger A would make its numbers larger still.
        if (form === 'unsafe') return null;
        if (form !== null) return form;
      }
    }
  }
  return null;
}

/** 'unsafe' where its numbers would leave the safe integers: of scales far apart. */
function planeForm(rule: AddRule, pairs: PairIntervals, p: number, q: number, A: number, c: number, tied: boolean): PlaneForm | 'unsafe' {
  const { min, max } = rule;
  const bare: LineForm = {
    kind: 'line',
    m: 1,
    A,
    b: c,
    exceptions: [],
    tie: tied ? { parity: tieParityOf(rule) } : null,
    vLow: 0,
    vHigh: 0,
    min,
    max,
  };
  // v is monotone in X, so its range is that of the corners.
  const [low, high] = [p * pairs.aLow + q * pairs.bLow, p * pairs.aHigh + q * pairs.bHigh];
  const step = { ...bare, vLow: lineValue(bare, low), vHigh: lineValue(bare, high) };
  return isSafeLine(step, low, high) ? { kind: 'plane', p, q, step } : 'unsafe';
}

/** Bits of the finest table tried before the exact float32 grid itself. */
const TABLE_BITS_FIRST = 8;
const TABLE_BITS_LAST = 44;

/**
 * Integer tables Ta, Tb so that y is a step function of Ta[a] + Tb[b]: the float32 terms on a grid, as coarse as it may be. On a grid that holds every term
 * exactly it always is one: fl(ta + tb) is monotone in the exact sum.
 */
function findTables(rule: AddRule, pairs: PairIntervals): AddForm {
  const aTerms = termsOf((a) => aTerm(rule, a), pairs.aLow, pairs.aHigh);
  const bTerms = termsOf((b) => bTerm(rule, b), pairs.bLow, pairs.bHigh);
  let largest = 0;
  for (const term of [...aTerms, ...bTerms]) largest = Math.max(largest, Math.abs(term));
  let grid = 1;
  while (largest * grid >= 2) grid /= 2;
  while (largest * grid < 1) grid *= 2;
  for (let bits = 1; bits <= TABLE_BITS_LAST; bits++) {
    grid *= 2;
    if (bits < TABLE_BITS_FIRST) continue;
    const a = aTerms.map((term) => Math.round(term * grid));
    const b = bTerms.map((term) => Math.round(term * grid));
    const steps = sumSteps(rule, aTerms, bTerms, a, b);
    if (steps !== null) return { kind: 'tables', a, b, step: findForm(steps) };
  }
  throw new NoExactForm(
    'the scales of its two sides are too far apart for a common grid',
    'quantize again with calibration data that both sides see',
  );
}

function termsOf(term: (x: number) => number, low: number, high: number): Float64Array {
  return Float64Array.from({ length: high - low + 1 }, (_, i) => term(low + i));
}

/** The step function of X = a[i] + b[j] over the sums that occur; null where y is none. */
function sumSteps(rule: AddRule, aTerms: Float64Array, bTerms: Float64Array, a: Float64Array, b: Float64Array): Steps | null {
  const base = applyAddTerms(rule, aTerms[0], bTerms[0]);
  const count = applyAddTerms(rule, aTerms[aTerms.length - 1], bTerms[bTerms.length - 1]) - base;
  // By level y − base: the least and greatest sum.
  const least = new Float64Array(count + 1).fill(Number.POSITIVE_INFINITY);
  const greatest = new Float64Array(count + 1).fill(Number.NEGATIVE_INFINITY);
  for (let i = 0; i < a.length; i++) {
    for (let j = 0; j < b.length; j++) {
      const level = applyAddTerms(rule, aTerms[i], bTerms[j]) - base;
      const sum = a[i] + b[j];
      if (sum < least[level]) least[level] = sum;
      if (sum > greatest[level]) greatest[level] = sum;
    }
  }
  const thresholds = new Float64Array(count);
  const befores = new Float64Array(count);
  for (let i = 0; i < count; i++) befores[i] = Math.max(greatest[i], i > 0 ? befores[i - 1] : greatest[i]);
  for (let i = count - 1; i >= 0; i--) thresholds[i] = Math.min(least[i + 1], i + 1 < count ? thresholds[i + 1] : least[i + 1]);
  for (let i = 0; i < count; i++) if (befores[i] >= thresholds[i]) return null;
  const { min, max } = rule;
  return { low: least[0], high: greatest[count], base, thresholds, befores, dense: false, min, max, tieParity: tieParityOf(rule) };
}
