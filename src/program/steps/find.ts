/**
 * The cheapest exact form of a step function: a constant, a line, a line with ties to even, a line with exceptions, or its thresholds.
 * Nothing leaves here unchecked: `formHolds` compares the form with the function on both sides of every threshold.
 * Reference: docs/circuits.md §3.
 */
import { ZkonnxError } from '../../errors.ts';
import type { StepForm } from '../program.ts';
import { tryExceptions } from './exceptions.ts';
import { formCost, formHolds, isSafeLine, lineValue } from './form.ts';
import { boundsOf, type Line, linesOf, M_MOST, slopesOf, steepest } from './line.ts';
import { type Steps, stepReader } from './steps.ts';

type LineForm = StepForm & { readonly kind: 'line' };

/** Beyond this many exceptions a table of thresholds is cheaper. */
const EXCEPTIONS_MOST = 48;

/** The cheapest form so far. */
export interface Best {
  form: StepForm;
  cost: number;
}

/**
 * @param known a line that the function is by its definition, if there is one: taken where the search finds none that costs less.
 */
export function findForm(steps: Steps, known: Line | null = null): StepForm {
  const { low, high, base } = steps;
  if (steps.thresholds.length === 0) return { kind: 'constant', value: base };
  const table: StepForm = { kind: 'thresholds', base, thresholds: Array.from(steps.thresholds) };
  const best: Best = { form: table, cost: Number.POSITIVE_INFINITY };
  if (known !== null) offer(best, steps, known, 'plain');
  for (const tied of known === null ? [false, true] : [false]) {
    for (const line of linesOf(slopesOf(boundsOf(steps, tied), steepest(steps)), M_MOST)) offer(best, steps, line, tied ? 'ties' : 'plain');
  }
  // What a table costs takes long to say, and where there is a line it is more.
  if (best.form === table) best.cost = formCost(table, low, high);
  if (steps.dense) tryExceptions(steps, best, (line) => offer(best, steps, line, 'exceptions'));
  if (!formHolds(best.form, steps)) throw new ZkonnxError('ZK7001', { what: 'an integer form differs from its float32 rule' });
  return best.form;
}

/** A line on a part of its interval: the same line, which then may reach fewer clamps. Null where another form would be needed. */
export function narrowedForm(form: StepForm, steps: Steps): StepForm | null {
  const { low, high, base, thresholds } = steps;
  if (thresholds.length === 0) return { kind: 'constant', value: base };
  if (form.kind !== 'line') return null;
  const inside = { ...form, exceptions: form.exceptions.filter(({ at }) => at >= low && at <= high) };
  const narrow = { ...inside, ...lineRange(inside, low, high) };
  return formHolds(narrow, steps) ? narrow : null;
}

/** Takes the line, with the least and the greatest b, where it is cheaper and right. */
function offer(best: Best, steps: Steps, { m, A, bLow, bHigh }: Line, kind: 'plain' | 'ties' | 'exceptions'): void {
  if (kind === 'ties' && A < 2) return;
  for (const b of bLow === bHigh ? [bLow] : [bLow, bHigh]) {
    const form = lineForm(steps, m, A, b, kind);
    if (form === null || !isSafeLine(form, steps.low, steps.high)) continue;
    const cost = formCost(form, steps.low, steps.high);
    if (cost < best.cost && formHolds(form, steps)) {
      best.form = form;
      best.cost = cost;
    }
  }
}

/** The form of one line; with the exceptions that it needs, or null where they are too many. */
function lineForm(steps: Steps, m: number, A: number, b: number, kind: 'plain' | 'ties' | 'exceptions'): LineForm | null {
  const { low, high, min, max } = steps;
  const tie = kind === 'ties' ? { parity: steps.tieParity } : null;
  const bare: LineForm = { kind: 'line', m, A, b, exceptions: [], tie, vLow: 0, vHigh: 0, min, max };
  const exceptions = kind === 'exceptions' ? exceptionsOf(steps, bare) : [];
  if (exceptions === null) return null;
  const form = { ...bare, exceptions };
  return { ...form, ...lineRange(form, low, high) };
}

/** How far from a threshold a line's own may lie: as far as bounds are ever moved. */
const REACH = 4;

/** Where the bare line differs from the function near its thresholds; what differs farther away, `formHolds` will see. */
function exceptionsOf(steps: Steps, bare: LineForm): { readonly at: number; readonly delta: number }[] | null {
  const { low, high, thresholds, min, max } = steps;
  const exceptions: { at: number; delta: number }[] = [];
  const read = stepReader(steps);
  let last = low - 1;
  const check = (from: number, to: number): void => {
    for (let acc = Math.max(from, last + 1); acc <= Math.min(to, high); acc++) {
      last = acc;
      const y = read(acc);
      const v = lineValue(bare, acc);
      if (v === y || (v < y && y === min) || (v > y && y === max)) continue;
      exceptions.push({ at: acc, delta: y - v });
    }
  };
  check(low, low + REACH);
  for (let i = 0; i < thresholds.length && exceptions.length <= EXCEPTIONS_MOST; i++)
    check(thresholds[i] - REACH, thresholds[i] + REACH - 1);
  check(high - REACH, high);
  return exceptions.length > EXCEPTIONS_MOST ? null : exceptions;
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
