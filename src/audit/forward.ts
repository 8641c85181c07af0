/**
 * Two witnesses of a circuit that is too large to search: a few open wires are given as if they were inputs, until the rules settle all others, and witnesses are made for several values of them. One missing row
 * in a long chain (a hash, a network) leaves one choice, and this finds it. What it finds satisfies every row; what it does not find means nothing.
 */
import type { StepProgress, Steps } from '../events.ts';
import { rowHolds, setWire, type WireValues } from '../witness/row.ts';
import { concreteWitness, hasValue, rootsOf } from './concrete.ts';
import { relation } from './form.ts';
import { alsoGivenSteps, copyOf, type Propagated } from './propagate.ts';
import { LINEAR, PAIR, type Shapes } from './shape.ts';
import { type AuditState, OPEN, UNIQUE } from './state.ts';

/** Open wires that are tried as the first choice, and how many are given after it at most. */
const mostStarts = 12;
const firstStarts = 2;
const mostGiven = 64;
/** Values of the first choice where no row tells which are left of it; those after it take the least or the largest value that is left of them. */
const startValues = [1n, 0n, 2n, -1n, 3n];
/** Rows of the circuits that the rules are applied to, and of the witnesses that are made: some seconds each. */
const settleRows = 60_000_000;
const witnessRows = 4_000_000;

export interface Pair {
  readonly first: WireValues;
  readonly second: WireValues;
}

/**
 * @param suspects wires one of which should differ.
 * @param inputs assignments of the circuit's inputs that are tried.
 */
export function* forwardPairSteps(
  base: Propagated,
  suspects: readonly number[],
  inputs: readonly ReadonlyMap<number, bigint>[],
): Steps<Pair | null> {
  const { rowCount } = base.state.r1cs;
  const budget = { settle: settleRows, witness: witnessRows };
  const starts = startsOf(base, suspects);
  for (const [done, start] of starts.entries()) {
    const where = { done, total: starts.length };
    const { propagated, given } = yield* giveSteps(base, start, budget, where);
    if (firstOpen(propagated.state) > 0) continue;
    for (const assignment of inputs) {
      yield where;
      for (const end of ['lows', 'highs'] as const) {
        let first: WireValues | null = null;
        for (const [i, value] of startValues.entries()) {
          let tried = true;
          budget.witness -= rowCount;
          if (budget.witness < 0) return null;
          const { state } = propagated;
          const values = concreteWitness(state, propagated.shapes, assignment, (known, wire) => {
            const roots = rootsOf(state, known, wire);
            if (wire === start) {
              tried = roots === null || i < roots.length;
              return roots?.[i] ?? value;
            }
            if (roots !== null) return (end === 'lows' ? roots[0] : roots.at(-1)) ?? 0n;
            return state.isRanged(wire) ? BigInt(base.state[end][wire]!) : 0n;
          });
          if (!tried) break;
          if (values === null || !isWitness(state, values)) continue;
          if (first !== null) return { first, second: values };
          first = values;
        }
        if (given.length === 1) break;
      }
    }
  }
  return null;
}

/** The wires that are given, the start first, so that the rules settle the rest, or as many as are given at most. */
function* giveSteps(
  base: Propagated,
  start: number,
  budget: { settle: number },
  where: StepProgress,
): Steps<{ propagated: Propagated; given: number[] }> {
  const propagated = copyOf(base);
  const given: number[] = [];
  for (let next = start; next > 0 && given.length < mostGiven && budget.settle > 0; next = firstOpen(propagated.state)) {
    budget.settle -= base.state.r1cs.rowCount;
    given.push(next);
    for (const _ of alsoGivenSteps(propagated, next)) yield where;
  }
  return { propagated, given };
}

/** An open wire, or 0: the first one in an interval, or the first. */
function firstOpen(state: AuditState): number {
  let first = 0;
  for (let wire = 1; wire < state.r1cs.wireCount; wire++) {
    if (state.status[wire] !== OPEN || state.rowsOf(wire).length === 0) continue;
    const better =
      first === 0 || (state.isRanged(wire) === state.isRanged(first) ? orderOf(state, wire) < orderOf(state, first) : state.isRanged(wire));
    if (better) first = wire;
  }
  return first;
}

/** Public wires have the lowest numbers, and come last. */
function orderOf({ r1cs: { publicCount, wireCount } }: AuditState, wire: number): number {
  return wire <= publicCount ? wire + wireCount : wire;
}

/** Whether every row holds; wires that have no value, and that no row cares for, become 0. */
function isWitness(state: AuditState, values: WireValues): boolean {
  const { r1cs } = state;
  for (let wire = 1; wire < r1cs.wireCount; wire++) if (!hasValue(values, wire)) setWire(values, wire, 0n);
  for (let row = 0; row < r1cs.rowCount; row++) if (!rowHolds(r1cs, row, values)) return false;
  return true;
}

/** The first ones in the order in which circuits compute, and those from which most follows. */
function startsOf({ state, shapes }: Propagated, suspects: readonly number[]): readonly number[] {
  const ordered = suspects.toSorted((x, y) => orderOf(state, x) - orderOf(state, y));
  return [...new Set([...ordered.slice(0, firstStarts), ...mostForcing(state, shapes, ordered)])].slice(0, mostStarts);
}

/** Steps of the comparison of starts. */
const forcingSteps = 1_000_000;

/** The starts from which most wires follow, as far as the rows' shapes tell; then those that follow from one of them, in the order given. O(steps) at most; 8 bytes a row. */
function mostForcing(state: AuditState, shapes: Shapes, starts: readonly number[]): number[] {
  const { r1cs } = state;
  const { kind } = shapes;
  const open = new Int32Array(r1cs.rowCount);
  const unranged = new Int32Array(r1cs.rowCount);
  for (let wire = 1; wire < r1cs.wireCount; wire++) if (isOpen(wire)) count(wire, 1);
  const followed = new Set<number>();
  const best: { readonly start: number; readonly size: number }[] = [];
  let steps = 0;
  for (const start of starts) {
    if (followed.has(start) || steps > forcingSteps) continue;
    const known = new Set([start]);
    // A set is walked through in the order of insertion, what is added meanwhile included.
    for (const wire of known) {
      count(wire, -1);
      for (const row of state.rowsOf(wire)) {
        steps += 4;
        const left = open[row]!;
        if (left === 0 || (left > 1 && (unranged[row]! > 0 || (kind[row] !== LINEAR && kind[row] !== PAIR)))) continue;
        const [others, isSquare] = openIn(row, known);
        if (left !== others.size || (left === 1 ? isSquare : !areDigits(state, shapes, row, others))) continue;
        for (const other of others) known.add(other);
      }
    }
    for (const wire of known) {
      count(wire, 1);
      if (wire !== start) followed.add(wire);
    }
    best.push({ start, size: known.size });
  }
  const from = ({ start }: { readonly start: number }): number => (followed.has(start) ? 1 : 0);
  return best
    .sort((x, y) => from(x) - from(y) || (from(x) === 0 ? y.size - x.size : 0))
    .slice(0, mostStarts)
    .map(({ start }) => start);

  function isOpen(wire: number): boolean {
    return state.status[wire] !== UNIQUE;
  }

  function count(wire: number, by: number): void {
    for (const row of state.rowsOf(wire)) {
      open[row]! += by;
      if (!state.isRanged(wire)) unranged[row]! += by;
    }
  }

  /** Wires of the row that do not follow yet, and whether one of them stands in both factors. */
  function openIn(row: number, known: ReadonlySet<number>): readonly [wires: ReadonlySet<number>, isSquare: boolean] {
    const found = new Set<number>();
    let isSquare = false;
    for (const side of [r1cs.a, r1cs.b, r1cs.c]) {
      for (let i = side.starts[row]!; i < side.starts[row + 1]!; i++) {
        steps++;
        const wire = side.wires[i]!;
        if (!isOpen(wire) || known.has(wire)) continue;
        isSquare ||= side === r1cs.b && found.has(wire);
        found.add(wire);
      }
    }
    return [found, isSquare];
  }
}

/** Whether the open wires of a row are digits of a number: each weighs more than all lighter ones together; bits may overlap, as those of a digit that is no power of two do. */
function areDigits(state: AuditState, shapes: Shapes, row: number, open: ReadonlySet<number>): boolean {
  const { lows, highs, twoValued } = state;
  const digits = shapes.kind[row] === PAIR ? [{ weight: BigInt(shapes.gaps[row]!), span: 1n, isBit: true }] : [];
  for (const [wire, k] of relation(state, shapes, row, 'wires')) {
    if (open.has(wire)) digits.push({ weight: k < 0n ? -k : k, span: BigInt(highs[wire]! - lows[wire]!), isBit: twoValued[wire] === 1 });
  }
  digits.sort((x, y) => (x.weight < y.weight ? -1 : 1));
  let lighter = 0n;
  let allBits = true;
  return digits.every(({ weight, span, isBit }) => {
    allBits &&= isBit;
    const apart = allBits || weight > lighter;
    lighter += weight * span;
    return apart;
  });
}
