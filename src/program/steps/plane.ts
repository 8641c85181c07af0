/**
 * Exact integer forms of QLinearAdd: a digital plane, or exact tables and a step on their sum.
 * Reference: docs/circuits.md §3, "Residual Add is a digital plane". All pairs of the two intervals (at most 2^16) are enumerated and compared.
 */
import { ZkonnxError } from '../../errors.ts';
import type { AddForm, AddRule, StepForm } from '../program.ts';
import { findForm } from './find.ts';
import { applyForm, formCost } from './form.ts';
import { addTerm, applyAddRule, applyAddTerms, tieParityOf } from './rule.ts';
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
  const first = applyAddRule(rule, pairs.aLow, pairs.bLow);
  if (first === applyAddRule(rule, pairs.aHigh, pairs.bHigh))
    return { kind: 'plane', p: 0, q: 0, step: { kind: 'constant', value: first } };
  const planes = [false, true].map((tied) => findPlane(rule, pairs, tied)).filter((plane) => plane !== null);
  const cost = ({ p, q, step }: PlaneForm) => formCost(step, p * pairs.aLow + q * pairs.bLow, p * pairs.aHigh + q * pairs.bHigh);
  const form = planes.length > 0 ? planes.reduce((a, b) => (cost(b) < cost(a) ? b : a)) : findTables(rule, pairs);
  if (!addFormHolds(form, rule, pairs)) throw new ZkonnxError('ZK7001', { what: 'an integer form of Add differs from its float32 rule' });
  return form;
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

/** Whether the form is the rule on every pair. */
export function addFormHolds(form: AddForm, rule: AddRule, pairs: PairIntervals): boolean {
  for (let a = pairs.aLow; a <= pairs.aHigh; a++) {
    for (let b = pairs.bLow; b <= pairs.bHigh; b++) {
      if (applyAddForm(form, a, b, pairs) !== applyAddRule(rule, a, b)) return false;
    }
  }
  return true;
}

/** Bounds c ≤ p·a + q·b − A·level − slack (uppers) or c ≥ p·a + q·b − A·level + slack (lowers), as columns: one for each place where y steps. */
interface PlaneBounds {
  readonly a: Int32Array;
  readonly b: Int32Array;
  readonly level: Int32Array;
  readonly slack: Uint8Array;
}

function planeBounds(rule: AddRule, pairs: PairIntervals, tied: boolean): { readonly uppers: PlaneBounds; readonly lowers: PlaneBounds } {
  const uppers: number[][] = [];
  const lowers: number[][] = [];
  const parity = tieParityOf(rule);
  const moved = (level: number): boolean => tied && parityOf(level) !== parity;
  const upper = (a: number, b: number, level: number) => uppers.push([a, b, level, moved(level) ? 1 : 0]);
  const lower = (a: number, b: number, level: number) => lowers.push([a, b, level, moved(level) ? 0 : 1]);
  for (let b = pairs.bLow; b <= pairs.bHigh; b++) {
    let y = applyAddRule(rule, pairs.aLow, b);
    if (y > rule.min) upper(pairs.aLow, b, y);
    for (let a = pairs.aLow + 1; a <= pairs.aHigh; a++) {
      const next = applyAddRule(rule, a, b);
      if (next === y) continue;
      lower(a - 1, b, y + 1);
      upper(a, b, next);
      y = next;
    }
    if (y < rule.max) lower(pairs.aHigh, b, y + 1);
  }
  const columns = (rows: readonly number[][]): PlaneBounds => ({
    a: Int32Array.from(rows, (row) => row[0]),
    b: Int32Array.from(rows, (row) => row[1]),
    level: Int32Array.from(rows, (row) => row[2]),
    slack: Uint8Array.from(rows, (row) => row[3]),
  });
  return { uppers: columns(uppers), lowers: columns(lowers) };
}

/** The plane with the least A, p and q beside A·scale ratios; only the few bounds that have refused a candidate so far are tried first. */
function findPlane(rule: AddRule, pairs: PairIntervals, tied: boolean): PlaneForm | null {
  const { uppers, lowers } = planeBounds(rule, pairs, tied);
  if (uppers.a.length === 0 || lowers.a.length === 0) return null;
  const pressingUppers: number[] = [0, uppers.a.length - 1];
  const pressingLowers: number[] = [0, lowers.a.length - 1];
  const upperAt = (i: number, p: number, q: number, A: number) => p * uppers.a[i] + q * uppers.b[i] - A * uppers.level[i] - uppers.slack[i];
  const lowerAt = (i: number, p: number, q: number, A: number) => p * lowers.a[i] + q * lowers.b[i] - A * lowers.level[i] + lowers.slack[i];
  const tryPlane = (p: number, q: number, A: number): PlaneForm | null => {
    let most = Number.POSITIVE_INFINITY;
    let least = Number.NEGATIVE_INFINITY;
    for (const i of pressingUppers) most = Math.min(most, upperAt(i, p, q, A));
    for (const i of pressingLowers) {
      least = Math.max(least, lowerAt(i, p, q, A));
      if (least > most) return null;
    }
    let mostAt = -1;
    let leastAt = -1;
    for (let i = 0; i < uppers.a.length; i++) {
      const bound = upperAt(i, p, q, A);
      if (bound < most) {
        most = bound;
        mostAt = i;
      }
    }
    for (let i = 0; i < lowers.a.length; i++) {
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
  for (let A = tied ? 2 : 1; A <= A_MOST; A++) {
    for (const p of [Math.floor(A * aRatio), Math.floor(A * aRatio) + 1]) {
      for (const q of [Math.floor(A * bRatio), Math.floor(A * bRatio) + 1]) {
        const form = tryPlane(p, q, A);
        if (form !== null) return form;
      }
    }
  }
  return null;
}

function planeForm(rule: AddRule, pairs: PairIntervals, p: number, q: number, A: number, c: number, tied: boolean): PlaneForm {
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
  // v is monotone in X, so its range is that of the corners; a tie at the low corner takes 1 off.
  const vLow = Math.floor((p * pairs.aLow + q * pairs.bLow - c) / A) - (tied ? 1 : 0);
  const vHigh = Math.floor((p * pairs.aHigh + q * pairs.bHigh - c) / A);
  return { kind: 'plane', p, q, step: { ...bare, vLow, vHigh } };
}

/** Bits of the finest table tried before the exact float32 grid itself. */
const TABLE_BITS_FIRST = 8;
const TABLE_BITS_LAST = 44;

/**
 * Integer tables Ta, Tb so that y is a step function of Ta[a] + Tb[b]: the float32 terms on a grid, as coarse as it may be. On a grid that holds every term
 * exactly it always is one: fl(ta + tb) is monotone in the exact sum.
 */
function findTables(rule: AddRule, pairs: PairIntervals): AddForm {
  const aTerms = termsOf(rule.aScale, rule.aZero, pairs.aLow, pairs.aHigh);
  const bTerms = termsOf(rule.bScale, rule.bZero, pairs.bLow, pairs.bHigh);
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
  throw new ZkonnxError('ZK7001', { what: 'no common grid for the two scales of an Add' });
}

function termsOf(scale: number, zero: number, low: number, high: number): Float64Array {
  return Float64Array.from({ length: high - low + 1 }, (_, i) => addTerm(scale, zero, low + i));
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
