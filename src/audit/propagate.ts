/**
 * Which wires do the inputs force? The rules, applied to a worklist of rows until nothing changes. What is concluded is proven; what is not concluded is open, no more.
 *
 * Parts of several digits are taken for bits of one digit only when nothing else moves any more, so that a bit which something else decides is not taken for one that may vary.
 * Time: each row is visited when one of its wires changes, and costs its terms only when at most one wire of it is left; about O(non-zeros) in all.
 */
import { runSteps, type Steps } from '../events.ts';
import type { R1cs } from '../r1cs/r1cs.ts';
import { normalize } from './normalize.ts';
import { argmax } from './rules/argmax.ts';
import { bound } from './rules/bound.ts';
import { type CaseMemory, cases } from './rules/cases.ts';
import { choice } from './rules/choice.ts';
import { comparison } from './rules/comparison.ts';
import { guard } from './rules/guard.ts';
import { linearBlocks } from './rules/linear.ts';
import { loose } from './rules/loose.ts';
import { quotient } from './rules/quotient.ts';
import { type Fault, mostDigits, radix, takeBlock } from './rules/radix.ts';
import { selection } from './rules/selection.ts';
import { solve, solveLinear } from './rules/solve.ts';
import { isZero } from './rules/zero.ts';
import { PRODUCT, type Shapes, shapesOf, TWO_VALUES } from './shape.ts';
import { AuditState, BY_INPUT, OPEN } from './state.ts';

export interface Propagated {
  readonly state: AuditState;
  readonly shapes: Shapes;
  /** Rows whose digits overlap or have a total of r or more. */
  readonly faults: Map<number, Fault>;
  /** Rows that had parts of several digits when last looked at. */
  readonly parted: Set<number>;
  readonly memory: CaseMemory;
}

/** Windows that do not help, in one pass; wires behind them wait for the next. */
const mostFailures = 12;
/** Rows longer than this get intervals only when one wire of them is left. */
const shortRow = 64;

export function propagate(r1cs: R1cs, inputs: Iterable<number>): Propagated {
  return runSteps(propagateSteps(r1cs, inputs));
}

/** `propagate` in steps of some thousand rows. @param inputs wires that are given: the roots. */
export function* propagateSteps(given: R1cs, inputs: Iterable<number>): Steps<Propagated> {
  const r1cs = normalize(given);
  const state = new AuditState(r1cs);
  const shapes = shapesOf(r1cs);
  for (let row = 0; row < r1cs.rowCount; row++) if (shapes.kind[row] === TWO_VALUES) startTwoValued(state, shapes, row);
  for (const wire of inputs) if (wire > 0 && wire < r1cs.wireCount) state.setUnique(wire, BY_INPUT, 0);
  for (let row = 0; row < r1cs.rowCount; row++) state.push(row);
  const propagated: Propagated = { state, shapes, faults: new Map(), parted: new Set(), memory: new Map() };
  yield* settleSteps(propagated, false);
  return propagated;
}

/** The same knowledge, to go on from apart. O(wires + rows). */
export function copyOf({ state, shapes, faults, parted, memory }: Propagated): Propagated {
  return { state: state.copy(), shapes, faults: new Map(faults), parted: new Set(parted), memory };
}

/** Adds what follows if one more wire is given: windows are judged only as others like them have been, which is cheap. */
export function* alsoGivenSteps(propagated: Propagated, wire: number): Steps<void> {
  propagated.state.setUnique(wire, BY_INPUT, 0);
  yield* settleSteps(propagated, true);
}

function* settleSteps({ state, shapes, faults, parted, memory }: Propagated, onlyKnown: boolean): Steps<void> {
  const { rowCount } = state.r1cs;
  let visits = 0;
  do {
    for (let row = state.shift(); row >= 0; row = state.shift()) {
      if ((visits++ & 0xfff) === 0) yield { done: Math.min(visits, rowCount), total: rowCount };
      visit(state, shapes, row, faults, parted);
    }
  } while (
    linearBlocks(state, shapes) ||
    tryChoices(state, shapes) ||
    takeBlocks(state, shapes, faults, parted) ||
    checkOverflows(state, shapes, faults) ||
    trySelections(state, shapes) ||
    tryCases(state, shapes, memory, onlyKnown)
  );
}

function startTwoValued(state: AuditState, { lows, gaps }: Shapes, row: number): void {
  const { a, pool } = state.r1cs;
  const last = a.starts[row + 1]! - 1;
  // A's Σ is k·wire: for k = ±1 an interval.
  const k = pool.small[a.coefficients[last]!]!;
  if (k !== 1 && k !== -1) return;
  const wire = a.wires[last]!;
  state.setTwoValues(wire, k * lows[row]!, k * (lows[row]! + gaps[row]!));
}

function visit(state: AuditState, shapes: Shapes, row: number, faults: Map<number, Fault>, parted: Set<number>): void {
  const { a, b, c } = state.r1cs;
  const kind = shapes.kind[row];
  if (kind === TWO_VALUES) return;
  const open = state.openCount[row]!;
  const bits = state.blockCount[row]!;
  const terms = a.starts[row + 1]! + b.starts[row + 1]! + c.starts[row + 1]! - a.starts[row]! - b.starts[row]! - c.starts[row]!;
  if (open <= 1 || terms <= shortRow) bound(state, shapes, row);
  if (open + bits === 0) {
    state.settled[row] = 1;
    return;
  }
  if (open <= 1) {
    if (open === 1 && bits === 0 && solveLinear(state, shapes, row)) return;
    solve(state, shapes, row);
  }
  if (kind === PRODUCT) {
    if (state.openCount[row]! <= 2) isZero(state, shapes, row);
    if (state.openCount[row] === 2) quotient(state, shapes, row);
    if (state.openCount[row] === 1) loose(state, shapes, row);
    if (state.openCount[row]! >= 1 && state.openCount[row]! <= 2) for (const wire of openWires(state, row)) choice(state, shapes, wire);
    return;
  }
  if (state.openCount[row]! + state.blockCount[row]! === 0) return;
  const unranged = state.unrangedCount[row]!;
  if (unranged === 0 && open + bits <= 4 * mostDigits) {
    const found = radix(state, shapes, row);
    faults.delete(row);
    parted.delete(row);
    if (typeof found === 'string') faults.set(row, found);
    else if (found.length > 0) parted.add(row);
  }
  // The larger of two, a quotient: every other wire is a digit.
  if (unranged > 1) return;
  for (const wire of candidates(state, row)) {
    if (state.status[wire] === OPEN) choice(state, shapes, wire);
    if (state.status[wire] === OPEN) for (const other of state.rowsOf(wire)) quotient(state, shapes, other);
  }
}

function openWires(state: AuditState, row: number): number[] {
  const { a, b, c } = state.r1cs;
  const found = new Set<number>();
  for (const { starts, wires } of [a, b, c])
    for (let i = starts[row]!; i < starts[row + 1]!; i++) if (state.status[wires[i]!] === OPEN) found.add(wires[i]!);
  return [...found];
}

/** The one or two open wires of a relation that are no bits: what a choice or a quotient could be about. */
function candidates(state: AuditState, row: number): number[] {
  const { a, b, c } = state.r1cs;
  const found: number[] = [];
  for (const { starts, wires } of [a, b, c]) {
    for (let i = starts[row]!; i < starts[row + 1]! && found.length < 3; i++) {
      const wire = wires[i]!;
      if (state.status[wire] === OPEN && state.twoValued[wire] === 0 && !found.includes(wire)) found.push(wire);
    }
  }
  return found.length <= 2 ? found : [];
}

/** Once nothing moves: bits of digits. True if there were some. */
function takeBlocks(state: AuditState, shapes: Shapes, faults: Map<number, Fault>, parted: Set<number>): boolean {
  let taken = false;
  const rows = [...parted];
  parted.clear();
  for (const row of rows) {
    const parts = radix(state, shapes, row);
    if (typeof parts === 'string') continue;
    let all = true;
    for (const part of parts) {
      if (part.every(({ wire }) => wire < 0 || state.status[wire] !== OPEN)) continue;
      if (takeBlock(state, row, part)) taken = true;
      else all = false;
    }
    if (all) {
      state.settled[row] = 1;
      faults.delete(row);
    } else faults.set(row, 'overlap');
  }
  return taken;
}

/** Rows that may be the sum of a selector, whose wires are factors elsewhere. Before digits: a selector's sum looks like one. */
function tryChoices(state: AuditState, shapes: Shapes): boolean {
  let helped = false;
  for (let row = 0; row < state.r1cs.rowCount; row++) {
    const open = state.openCount[row]!;
    if (shapes.kind[row] === PRODUCT ? open === 0 || open > 2 * mostDigits : open < 2 || !isFactor(state, shapes, firstOpen(state, row)))
      continue;
    if (guard(state, shapes, row) || argmax(state, shapes, row)) helped = true;
  }
  return helped;
}

/** Numbers that may reach r as far as their digits tell. */
function checkOverflows(state: AuditState, shapes: Shapes, faults: Map<number, Fault>): boolean {
  let helped = false;
  for (const row of faults.keys()) {
    if (state.unrangedCount[row]! > 0 || !comparison(state, shapes, row)) continue;
    faults.delete(row);
    helped = true;
  }
  return helped;
}

function isFactor(state: AuditState, { kind }: Shapes, wire: number): boolean {
  return state.rowsOf(wire).some((row) => kind[row] === PRODUCT);
}

function firstOpen(state: AuditState, row: number): number {
  const { a, b, c } = state.r1cs;
  for (const { starts, wires } of [a, b, c])
    for (let i = starts[row]!; i < starts[row + 1]!; i++) if (state.status[wires[i]!] === OPEN) return wires[i]!;
  return 0;
}

/** Wires that several products with nothing on the right have: places of a selection. */
function trySelections(state: AuditState, shapes: Shapes): boolean {
  const { c, rowCount } = state.r1cs;
  const seen = new Set<number>();
  let helped = false;
  for (let row = 0; row < rowCount; row++) {
    if (shapes.kind[row] !== PRODUCT || c.starts[row] !== c.starts[row + 1] || state.openCount[row] === 0) continue;
    for (const wire of openWires(state, row)) {
      if (seen.has(wire) || state.status[wire] !== OPEN || state.twoValued[wire] === 1) continue;
      seen.add(wire);
      if (selection(state, shapes, wire)) helped = true;
    }
  }
  return helped;
}

/** Windows of open wires, the first ones first. True if one was decided: then those behind may be in reach. */
function tryCases(state: AuditState, shapes: Shapes, memory: CaseMemory, onlyKnown: boolean): boolean {
  let failures = 0;
  let helped = false;
  for (let wire = state.r1cs.publicCount + 1; wire < state.r1cs.wireCount && failures < mostFailures; wire++) {
    if (state.status[wire] !== OPEN) continue;
    const last = cases(state, shapes, wire, memory, onlyKnown);
    if (last === null) failures++;
    else {
      helped = true;
      wire = last;
    }
  }
  return helped;
}
