/**
 * Is every wire of a circuit determined by its inputs? For circuits of ours and for any r1cs. The rules (rules/) prove; the search (refute.ts) disproves; what neither does stays undecided, and is said.
 *
 * Unique is not correct: that a wire has one value does not say that it is the right one. Tests against the model's oracle say that.
 * Reference: Ecne (hackmd HkENkNtec), Picus (PLDI 2023, "Automated detection of under-constrained circuits").
 */
import { runSteps, type Steps } from '../events.ts';
import { scalarOrder } from '../field/bn254.ts';
import type { R1cs } from '../r1cs/r1cs.ts';
import { propagateSteps } from './propagate.ts';
import { type Refutation, refuteSteps } from './refute.ts';
import { LINEAR, PRODUCT, type Shapes, TWO_VALUES } from './shape.ts';
import { type AuditState, BLOCK, OPEN, UNIQUE } from './state.ts';

/** Of a wire. */
export type Verdict = 'input' | 'unique' | 'free' | 'undecided' | 'broken';

/**
 * refuted: two witnesses with the same inputs. overlap: digits that add up to the same number in several ways, and are not bits of one digit. alias: digits up to r or more.
 * unconstrained: no row has the wire.
 */
export type Fault = 'refuted' | 'overlap' | 'alias' | 'unconstrained';

export interface AuditOptions {
  /** Wires that are given: the roots. Take them from who made the circuit, never from the file's header: a hint declared as an input makes an audit say nothing. */
  readonly inputs: Iterable<number>;
  /** Wires that are excused, whatever is found of them. */
  readonly free?: Iterable<number>;
  /** Wires that may vary by their gadget's documentation: free if the audit finds that nothing else varies with them, and only then. */
  readonly documented?: ReadonlySet<number>;
  /** How many assignments of the inputs are tried where wires stay open; 0: none. Default 24. */
  readonly trials?: number;
}

export interface Audit {
  readonly verdicts: readonly Verdict[];
  /** By broken wire. */
  readonly faults: ReadonlyMap<number, Fault>;
  readonly refutations: readonly Refutation[];
  readonly counts: Readonly<Record<Verdict, number>>;
}

export function audit(r1cs: R1cs, options: AuditOptions): Audit {
  return runSteps(auditSteps(r1cs, options));
}

/** `audit`, some thousand rows a step. */
export function* auditSteps(r1cs: R1cs, { inputs, free = [], documented = new Set(), trials = 24 }: AuditOptions): Steps<Audit> {
  const roots = new Set(inputs);
  const excused = new Set(free);
  const propagated = yield* propagateSteps(r1cs, roots);
  const { state, shapes, faults: rowFaults } = propagated;
  const faults = new Map<number, Fault>();
  const suspects = new Set<number>();
  const leaking = leakingBits(state, shapes);
  for (let wire = 1; wire < r1cs.wireCount; wire++) {
    if (excused.has(wire) || roots.has(wire)) continue;
    const status = state.status[wire];
    if (status === OPEN && state.rowsOf(wire).length === 0) faults.set(wire, 'unconstrained');
    else if (status === OPEN || leaking.has(wire) || (state.varying.has(wire) && !documented.has(wire))) suspects.add(wire);
  }
  let refutations: readonly Refutation[] = [];
  if (suspects.size > 0) {
    const { found, cleared } = yield* refuteSteps(propagated, suspects, [...assignments(state, roots, trials)]);
    refutations = found;
    for (const { wires } of found) for (const wire of wires) if (suspects.has(wire)) faults.set(wire, 'refuted');
    for (const [row, fault] of trials === 0 ? [] : rowFaults) {
      for (const { starts, wires } of [r1cs.a, r1cs.b, r1cs.c]) {
        for (let i = starts[row]!; i < starts[row + 1]!; i++) {
          const wire = wires[i]!;
          if (suspects.has(wire) && !cleared.has(wire) && !faults.has(wire) && isOnlySummed(state, shapes, wire)) faults.set(wire, fault);
        }
      }
    }
  }
  const counts: Record<Verdict, number> = { input: 0, unique: 0, free: 0, undecided: 0, broken: 0 };
  const verdicts = Array.from({ length: r1cs.wireCount }, (_, wire): Verdict => {
    if (roots.has(wire)) return 'input';
    if (faults.has(wire)) return 'broken';
    if (suspects.has(wire)) return 'undecided';
    return state.status[wire] === UNIQUE ? 'unique' : 'free';
  });
  for (const verdict of verdicts) counts[verdict]++;
  return { verdicts, faults, refutations, counts };
}

/** Whether only ranges and sums have the wire: then nothing decides it that the rules do not know. */
function isOnlySummed(state: AuditState, { kind }: Shapes, wire: number): boolean {
  return state.rowsOf(wire).every((row) => kind[row] !== PRODUCT || state.settled[row] === 1);
}

/** Bits of digits that may vary and that something else depends on, or that are public. */
function leakingBits(state: AuditState, { kind }: Shapes): ReadonlySet<number> {
  const { r1cs, blocks } = state;
  const leaking = new Set<number>();
  for (const { row: relation, members } of blocks) {
    const leak = members.some((wire) => {
      if (state.status[wire] !== BLOCK) return false;
      if (wire <= r1cs.publicCount) return true;
      return state
        .rowsOf(wire)
        .some((row) => row !== relation && kind[row] !== TWO_VALUES && state.settled[row] === 0 && matters(state, row));
    });
    if (leak) for (const wire of members) if (state.status[wire] === BLOCK) leaking.add(wire);
  }
  return leaking;

  /** Rows of bits alone narrow them, no more. */
  function matters(of: AuditState, row: number): boolean {
    return of.openCount[row]! > 0 || kind[row] === LINEAR;
  }
}

/** Inputs without an interval of which small values are combined: 3^4 assignments. */
const mostCombined = 4;

/**
 * Deterministic: the same circuit gives the same report. Values in the intervals that the rows give, their ends often; where they give none, small ones of both signs and any. Where few inputs have no interval,
 * −1, 0 and 1 of each with each as well: where divisors are zero.
 */
function* assignments(state: AuditState, roots: ReadonlySet<number>, trials: number): Generator<ReadonlyMap<number, bigint>> {
  const random = generator();
  const wires = [...roots].filter((wire) => wire > 0);
  for (let trial = 0; trial < trials; trial++) {
    const values = new Map<number, bigint>();
    for (const wire of wires) {
      const ranged = state.isRanged(wire);
      const [low, high] = ranged ? [state.lows[wire]!, state.highs[wire]!] : [0, 255];
      if (trial === 0) values.set(wire, BigInt(Math.max(low, Math.min(high, 0))));
      else if (trial === 1 || trial === 2) values.set(wire, BigInt(trial === 1 ? low : high));
      else if (ranged || trial % 3 === 0) values.set(wire, BigInt(pick(random, low, high)));
      else values.set(wire, trial % 3 === 1 ? -BigInt(pick(random, 0, 255)) : element(random));
    }
    yield values;
  }
  const unranged = wires.filter((wire) => !state.isRanged(wire));
  if (trials === 0 || unranged.length === 0 || unranged.length > mostCombined) return;
  for (let code = 0; code < 3 ** unranged.length; code++) {
    const values = new Map(
      wires.map((wire) => [wire, state.isRanged(wire) ? BigInt(pick(random, state.lows[wire]!, state.highs[wire]!)) : 0n]),
    );
    for (const [i, wire] of unranged.entries()) values.set(wire, BigInt((Math.floor(code / 3 ** i) % 3) - 1));
    yield values;
  }
}

function generator(): () => number {
  let seed = 0x9e3779b9;
  return () => {
    seed = (Math.imul(seed ^ (seed >>> 15), 0x2c1b3c6d) + 0x6d2b79f5) | 0;
    return (seed >>> 0) / 0x1_0000_0000;
  };
}

function pick(random: () => number, low: number, high: number): number {
  const x = random();
  if (x < 0.15) return low;
  if (x < 0.3) return high;
  if (x < 0.4) return Math.max(low, Math.min(high, 0));
  return low + Math.floor(random() * (high - low + 1));
}

/** Any field element. */
function element(random: () => number): bigint {
  let value = 0n;
  for (let i = 0; i < 8; i++) value = (value << 32n) | BigInt(Math.floor(random() * 0x1_0000_0000));
  return value % scalarOrder;
}
