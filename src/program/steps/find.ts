/**
 * The cheapest exact form of a step function: a constant, a line, a line with ties to even, a line with exceptions, or its thresholds.
 * Nothing leaves here unchecked: `formHolds` compares the form with the function on both sides of every threshold.
 * Reference: docs/circuits.md §3.
 */
import { ZkonnxError } from '../../errors.ts';
import type { StepForm } from '../program.ts';
import { applyForm, bitsFor, formCost, formHolds, lineValue } from './form.ts';
import { type Bounds, boundsOf, type Line, linesOf, type Slopes, slopesOf } from './line.ts';
import { isDense, type Steps, stepAt } from './steps.ts';

type LineForm = StepForm & { readonly kind: 'line' };

/** m at most: beyond it A has 13 bits more than the best line could have, and a few exceptions are cheaper. */
const M_MOST = 8192;
/** Exceptions at most, and how many ways to choose them are kept from one to the next. */
const EXCEPTIONS_MOST = 8;
const BEAM = 4;

export function findForm(steps: Steps): StepForm {
  if (steps.thresholds.length === 0) return { kind: 'constant', value: steps.base };
  const table: StepForm = { kind: 'thresholds', base: steps.base, thresholds: Array.from(steps.thresholds) };
  let best: Priced = { form: table, cost: formCost(table, steps.low, steps.high) };
  best = cheaper(best, plainLine(steps, true));
  best = cheaper(best, isDense(steps) ? lineWithExceptions(steps, best.cost) : plainLine(steps, false));
  if (!formHolds(best.form, steps)) throw new ZkonnxError('ZK7001', { what: 'an integer form differs from its float32 rule' });
  return best.form;
}

interface Priced {
  readonly form: StepForm;
  readonly cost: number;
}

function cheaper(known: Priced, other: Priced | null): Priced {
  return other !== null && other.cost < known.cost ? other : known;
}

/** A slope beyond the interval's length says nothing more: v then takes two values. */
function steepest({ low, high }: Steps): number {
  return high - low + 1;
}

function plainLine(steps: Steps, tied: boolean): Priced | null {
  const slopes = slopesOf(boundsOf(steps, tied), steepest(steps));
  return cheapestLine(steps, linesOf(slopes, M_MOST), tied);
}

/** Bounds moved outwards by one acc, so that the line may be wrong there and an exception sets it right. */
interface Relaxed {
  readonly bounds: Bounds;
  readonly slopes: Slopes;
  readonly count: number;
  /** Which bounds were moved, to drop the same choice reached in another order. */
  readonly key: string;
}

function lineWithExceptions(steps: Steps, costMost: number): Priced | null {
  let best: Priced | null = null;
  const bounds = boundsOf(steps, false);
  let beam: Relaxed[] = [{ bounds, slopes: slopesOf(bounds, steepest(steps)), count: 0, key: '' }];
  for (let count = 0; count <= EXCEPTIONS_MOST; count++) {
    for (const { slopes } of beam) {
      const found = cheapestLine(steps, linesOf(slopes, M_MOST), false);
      if (found !== null && found.cost < (best?.cost ?? costMost)) best = found;
    }
    // One exception more costs 2 rows and can at best bring A down to m = 1.
    const next = new Map<string, Relaxed>();
    for (const state of beam) {
      const floor = bitsFor(Math.max(1, Math.ceil(state.slopes.least))) + 2 * (count + 1);
      if (floor >= (best?.cost ?? costMost)) continue;
      for (const moved of relaxations(steps, state)) next.set(moved.key, moved);
    }
    beam = [...next.values()].sort((a, b) => width(b.slopes) - width(a.slopes) || (a.key < b.key ? -1 : 1)).slice(0, BEAM);
  }
  return best;
}

function width({ least, most }: Slopes): number {
  return most - least;
}

function relaxations(steps: Steps, state: Relaxed): Relaxed[] {
  return state.slopes.pressing.map(({ side, q }) => {
    const { uppers, lowers } = state.bounds;
    const bounds: Bounds =
      side === 'upper'
        ? { lowers, uppers: uppers.map((bound) => (bound.q === q ? { ...bound, p: bound.p + 1 } : bound)) }
        : { uppers, lowers: lowers.map((bound) => (bound.q === q ? { ...bound, p: bound.p - 1 } : bound)) };
    const key = [...state.key.split(' ').filter(Boolean), `${side}${q}`].sort().join(' ');
    return { bounds, slopes: slopesOf(bounds, steepest(steps)), count: state.count + 1, key };
  });
}

function cheapestLine(steps: Steps, lines: readonly Line[], tied: boolean): Priced | null {
  let best: Priced | null = null;
  for (const { m, A, bLow, bHigh } of lines) {
    for (const b of bLow === bHigh ? [bLow] : [bLow, bHigh]) {
      const form = lineForm(steps, m, A, b, tied);
      if (form === null || (tied && A < 2)) continue;
      const cost = formCost(form, steps.low, steps.high);
      if ((best === null || cost < best.cost) && formHolds(form, steps)) best = { form, cost };
    }
  }
  return best;
}

/** The form of one line, with the exceptions it needs; null where they are too many or the line wants ties as well. */
function lineForm(steps: Steps, m: number, A: number, b: number, tied: boolean): LineForm | null {
  const { low, high, thresholds, min, max } = steps;
  const bare: LineForm = {
    kind: 'line',
    m,
    A,
    b,
    exceptions: [],
    tie: tied ? { parity: steps.tieParity } : null,
    vLow: 0,
    vHigh: 0,
    min,
    max,
  };
  const exceptions: { at: number; delta: number }[] = [];
  if (!tied && isDense(steps)) {
    let last = low - 1;
    const check = (acc: number): void => {
      if (acc <= last || acc > high) return;
      last = acc;
      const y = stepAt(steps, acc);
      if (applyForm(bare, acc) !== y) exceptions.push({ at: acc, delta: y - lineValue(bare, acc) });
    };
    for (let acc = low; acc < low + 2; acc++) check(acc);
    for (let i = 0; i < thresholds.length; i++) for (let acc = thresholds[i] - 3; acc <= thresholds[i] + 2; acc++) check(acc);
    for (let acc = high - 2; acc <= high; acc++) check(acc);
    if (exceptions.length > EXCEPTIONS_MOST) return null;
  }
  const form = { ...bare, exceptions };
  return { ...form, ...lineRange(form, low, high) };
}

/** The least and greatest v over the interval, corrections made: v is monotone apart from the exceptions, next to which it is looked at too. */
function lineRange(form: LineForm, low: number, high: number): { vLow: number; vHigh: number } {
  let vLow = Number.POSITIVE_INFINITY;
  let vHigh = Number.NEGATIVE_INFINITY;
  const look = (acc: number): void => {
    if (acc < low || acc > high) return;
    const v = lineValue(form, acc);
    vLow = Math.min(vLow, v);
    vHigh = Math.max(vHigh, v);
  };
  look(low);
  look(high);
  for (const { at } of form.exceptions) for (let acc = at - 1; acc <= at + 1; acc++) look(acc);
  return { vLow, vHigh };
}
