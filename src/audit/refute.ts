/**
 * Two witnesses with the same inputs, where there are some: around wires that the rules left open, everything that is forced is given its value (concrete.ts), and what is left is searched completely
 * (search.ts). What is found satisfies every row: it is a proof that the circuit lets a prover choose, not a suspicion.
 */
import type { Steps } from '../events.ts';
import { mod, scalarOrder } from '../field/bn254.ts';
import type { R1cs, SparseMatrix } from '../r1cs/r1cs.ts';
import { getWire, rowHolds, setWire, type WireValues } from '../witness/row.ts';
import { concreteWitness, hasValue } from './concrete.ts';
import { forwardPairSteps } from './forward.ts';
import { type Part, partOf } from './part.ts';
import type { Propagated } from './propagate.ts';
import { type Budget, type Found, openSearch } from './search.ts';
import { type AuditState, BLOCK } from './state.ts';

export interface Refutation {
  /** Values of all wires, in [0, r). */
  readonly first: readonly bigint[];
  readonly second: readonly bigint[];
  /** Wires whose values differ. */
  readonly wires: readonly number[];
}

/** Larger parts are not searched. */
const mostWires = 600;
const witnessLimit = 16;
/** Looks at rows in one search, and in all of them: fractions of a second, some seconds. */
const searchLooks = 400_000;

const allLooks = 4_000_000;
const mostTries = 40;
/** Assignments of the inputs that whole witnesses are made for: random ones first. */
const forwardTrials = [3, 4, 0];
/** What a wire that some row leaves a line of values is tried with. */
const sampleValues = [0n, 1n, 2n, -1n, 5n, 256n];

export interface Refutations {
  readonly found: readonly Refutation[];
  /** Suspects that had one value with each of the inputs tried, searched completely. */
  readonly cleared: ReadonlySet<number>;
}

/**
 * @param suspects wires that may vary and should not.
 * @param inputs values to try, one assignment of the circuit's inputs after the other.
 */
export function* refuteSteps(
  propagated: Propagated,
  suspects: ReadonlySet<number>,
  inputs: readonly ReadonlyMap<number, bigint>[],
): Steps<Refutations> {
  const { state, shapes } = propagated;
  const found: Refutation[] = [];
  const refuted = new Set<number>();
  const cleared = new Set<number>();
  const uncertain = new Set<number>();
  const budget: Budget = { looks: allLooks };
  let triedForward = false;
  for (const [trial, assignment] of inputs.entries()) {
    yield { done: trial, total: inputs.length };
    if (refuted.size === suspects.size || budget.looks <= 0) break;
    if (!triedForward && found.length === 0 && uncertain.size > 0) {
      triedForward = true;
      const starts = [...suspects].filter((wire) => !cleared.has(wire) && state.rowsOf(wire).length > 0 && !mayVary(state, wire));
      const pair = yield* forwardPairSteps(
        propagated,
        starts,
        forwardTrials.flatMap((trial) => inputs[trial] ?? []),
      );
      if (pair !== null) {
        const refutation = differing(allValues(state.r1cs, pair.first), allValues(state.r1cs, pair.second));
        found.push(refutation);
        for (const wire of refutation.wires) refuted.add(wire);
        break;
      }
    }
    const values = concreteWitness(state, shapes, assignment);
    if (values === null) continue;
    for (const wire of suspects) {
      values.small[wire] = Number.NaN;
      values.wide.delete(wire);
    }
    const parts = componentsOf(state, values).map((component) => ({
      component,
      solved: solveComponent(state.r1cs, component, values, budget),
    }));
    // One part without any witness: these inputs have none.
    if (parts.some(({ solved }) => solved.complete && solved.solutions.length === 0)) continue;
    for (const { component, solved } of parts) if (solved.solutions.length > 0) assign(values, component, solved.solutions[0]!);
    // Without a witness of each part there is none of the circuit.
    const isWhole = parts.every(({ solved }) => solved.solutions.length > 0);
    for (const { component, solved } of parts) {
      const [first, ...others] = solved.solutions;
      for (const [at, wire] of component.wires.entries()) {
        if (!suspects.has(wire) || refuted.has(wire)) continue;
        if (first === undefined) {
          uncertain.add(wire);
          continue;
        }
        const other = [...others, first].find((candidate) => differs(first, candidate, at));
        if (other === undefined) (solved.complete ? cleared : uncertain).add(wire);
        else if (!isWhole || mayVary(state, wire)) uncertain.add(wire);
        else {
          const refutation = makeRefutation(state.r1cs, values, component, first, other, at);
          if (refutation === null) continue;
          found.push(refutation);
          for (const varying of refutation.wires) if (suspects.has(varying)) refuted.add(varying);
        }
      }
    }
  }
  return { found, cleared: new Set([...cleared].filter((wire) => !uncertain.has(wire) && !refuted.has(wire))) };
}

/** Bits of a digit, and factors that only one row has, vary where nothing is wrong: alone they refute nothing. */
function mayVary(state: AuditState, wire: number): boolean {
  const { a, b, c, publicCount } = state.r1cs;
  if (wire <= publicCount) return false;
  if (state.status[wire] === BLOCK) return true;
  const rows = state.rowsOf(wire);
  const stands = ({ starts, wires }: SparseMatrix): boolean => wires.subarray(starts[rows[0]!], starts[rows[0]! + 1]).includes(wire);
  return rows.length === 1 && !stands(c) && stands(a) !== stands(b);
}

/** Null entries: no row cares. */
type Solution = readonly (bigint | null)[];

interface Solved {
  readonly solutions: readonly Solution[];
  readonly complete: boolean;
}

const differs = (x: Solution, y: Solution, at: number): boolean => x[at] === null || y[at] === null || x[at] !== y[at];

function componentsOf(state: AuditState, values: WireValues): Part[] {
  const { wireCount, publicCount } = state.r1cs;
  const seen = new Uint8Array(wireCount);
  const seenRow = new Uint8Array(state.r1cs.rowCount);
  const { a, b, c } = state.r1cs;
  const components: Part[] = [];
  for (let start = 1; start < wireCount; start++) {
    if (seen[start] === 1 || hasValue(values, start)) continue;
    const wires = [start];
    const rows: number[] = [];
    seen[start] = 1;
    for (let i = 0; i < wires.length; i++) {
      for (const row of state.rowsOf(wires[i]!)) {
        if (seenRow[row] === 1) continue;
        seenRow[row] = 1;
        rows.push(row);
        for (const side of [a, b, c]) {
          for (let t = side.starts[row]!; t < side.starts[row + 1]!; t++) {
            const wire = side.wires[t]!;
            if (seen[wire] === 1 || hasValue(values, wire)) continue;
            seen[wire] = 1;
            wires.push(wire);
          }
        }
      }
    }
    // In the order in which circuits are written: public wires have the lowest numbers, and their rows come last.
    const place = (wire: number): number => (wire <= publicCount ? wireCount + wire : wire);
    components.push({ wires: wires.sort((x, y) => place(x) - place(y)), rows });
  }
  return components;
}

/** Witnesses of the part, up to a limit, and whether that is all of them: none where it is too large to search. */
function solveComponent(r1cs: R1cs, component: Part, values: WireValues, budget: Budget): Solved {
  const { wires } = component;
  if (wires.length > mostWires) return { solutions: [], complete: false };
  const { part, fixed } = partOf(r1cs, component, values);
  const before = Math.min(searchLooks, budget.looks);
  const slice: Budget = { looks: before };
  const solutions = new Map<string, Solution>();
  const keep = (found: readonly Found[]): void => {
    for (const { values: all } of found) {
      const solution = wires.map((_, i) => all[i + 1]!);
      solutions.set(solution.join(), solution);
    }
  };
  const first = openSearch(part, fixed, slice).witnesses(witnessLimit);
  keep(first.found);
  // Rows that leave a line of values are no matter of a search: a few values of one wire after the other are tried.
  let tries = first.undecidedRows.length > 0 ? mostTries : 0;
  const sample = (given: ReadonlyMap<number, bigint>, rows: readonly number[]): void => {
    // The first wire: circuits are written forwards, and values propagate forwards.
    const wire = Math.min(...rows.flatMap((row) => wiresOf(part, row)).filter((at) => at > 0 && at <= wires.length && !given.has(at)));
    if (wire === Number.POSITIVE_INFINITY) return;
    for (const value of sampleValues) {
      if (tries-- <= 0 || slice.looks <= 0 || solutions.size > 1) return;
      const more = new Map(given).set(wire, mod(value, scalarOrder));
      const { found, undecidedRows } = openSearch(part, more, slice).witnesses(2);
      keep(found);
      if (undecidedRows.length > 0) sample(more, undecidedRows);
    }
  };
  sample(fixed, first.undecidedRows);
  budget.looks -= before - slice.looks;
  return { solutions: [...solutions.values()], complete: first.complete && first.undecidedRows.length === 0 };
}

function wiresOf({ a, b, c }: R1cs, row: number): number[] {
  return [a, b, c].flatMap(({ starts, wires }) => [...wires.subarray(starts[row], starts[row + 1])]);
}

function assign(values: WireValues, { wires }: Part, solution: Solution): void {
  wires.forEach((wire, i) => {
    setWire(values, wire, solution[i] ?? 0n);
  });
}

/** Both witnesses, every row of the part checked on both. */
function makeRefutation(r1cs: R1cs, values: WireValues, component: Part, first: Solution, second: Solution, at: number): Refutation | null {
  const complete = (): boolean => component.rows.every((row) => rowHolds(r1cs, row, values));
  // Where no row cares, the other witness takes another value.
  const other = second.map((value, i) => value ?? (i === at && (first[i] ?? 0n) === 0n ? 1n : 0n));
  assign(values, component, other);
  const [rightSecond, valuesSecond] = [complete(), allValues(r1cs, values)];
  assign(values, component, first);
  const [rightFirst, valuesFirst] = [complete(), allValues(r1cs, values)];
  if (!rightFirst || !rightSecond) return null;
  const refutation = differing(valuesFirst, valuesSecond);
  return refutation.wires.length === 0 ? null : refutation;
}

function allValues({ wireCount }: R1cs, values: WireValues): bigint[] {
  return Array.from({ length: wireCount }, (_, wire) => (hasValue(values, wire) ? mod(getWire(values, wire), scalarOrder) : 0n));
}

function differing(first: readonly bigint[], second: readonly bigint[]): Refutation {
  return { first, second, wires: [...first.keys()].filter((wire) => first[wire] !== second[wire]) };
}
