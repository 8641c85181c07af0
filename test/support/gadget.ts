/**
 * Takes a gadget by itself and attacks it: a small circuit of declared inputs, the gadget, its outputs.
 *
 *   const relu = isolate(1, (api, x) => [reluGadget(api, x)]);
 *   expect(relu.counts()).toEqual(reluCost());
 *   expect(relu.solve([-5]).outputs).toEqual([0n]);
 *   expect(weaknesses(relu, [-5])).toEqual([]);
 *
 * `solutions` is the strong statement: with these inputs, every witness there is (search.ts), over the whole field. `attack` sets each hinted wire to other values and asks three
 * times whether the rows accept it: replaying the plan with the other hints run again, replaying it with them kept, and searching for any completion.
 */
import type { Cost, Wire } from '../../circuits/api.ts';
import { type Interval, openSearch } from '../../src/audit/search.ts';
import { centred, mod, scalarOrder } from '../../src/field/bn254.ts';
import { CircuitBuilder } from '../../src/r1cs/builder.ts';
import type { RowLabels, WitnessPlan } from '../../src/r1cs/circuit.ts';
import { hintWord, walkSteps } from '../../src/r1cs/plan.ts';
import type { R1cs } from '../../src/r1cs/r1cs.ts';
import { checkWitness, type Violation, violationAt } from '../../src/witness/check.ts';
import { runPlan } from '../../src/witness/generate.ts';
import { hintRunner } from '../../src/witness/hints.ts';
import { emptyValues, getWire, rowHolds, setWire, solveRow, type WireValues } from '../../src/witness/row.ts';

type Value = number | bigint;
const r = scalarOrder;

/** A hinted wire and where it comes from. */
export interface HintWire {
  readonly wire: Wire;
  readonly opcode: number;
  readonly gadget: string;
}

export interface Solved {
  readonly values: WireValues;
  /** Centred. */
  readonly outputs: readonly bigint[];
  readonly violation: Violation | null;
}

export interface Solutions {
  /** Each distinct vector of output values, centred. */
  readonly outputs: readonly (readonly bigint[])[];
  readonly count: number;
  /** Wires that are not the same in all solutions, or that no row cares about. */
  readonly freeWires: readonly Wire[];
  /** False if the search stopped at its limit or could not decide some row: nothing is proven then. */
  readonly decided: boolean;
}

/** A value other than the honest one that the rows accept. */
export interface Accepted {
  readonly wire: Wire;
  readonly gadget: string;
  readonly value: bigint;
  /** Outputs of a witness that has it. */
  readonly outputs: readonly bigint[];
  readonly by: 'rerun' | 'keep' | 'search';
}

export interface Attack {
  /** Values tried, over all hinted wires. */
  readonly tried: number;
  /** Hinted wires of which every value in the field was excluded or tried, and all others. */
  readonly exhausted: readonly Wire[];
  readonly sampled: readonly Wire[];
  readonly accepted: readonly Accepted[];
  readonly undecided: number;
}

export interface Gadget {
  readonly r1cs: R1cs;
  readonly plan: WitnessPlan;
  readonly labels: RowLabels;
  readonly hintWires: readonly HintWire[];
  /** Rows, and wires besides ONE and the inputs. */
  counts(): Cost;
  /** Honest witness of these inputs; `violation` says whether the rows accept them at all. */
  solve(inputs: readonly Value[]): Solved;
  solutions(inputs: readonly Value[], limit?: number): Solutions;
  attack(inputs: readonly Value[]): Attack;
}

/**
 * @param build writes the gadget on wires first … first + inputCount − 1 and returns its output wires. Outputs that are expressions: give them a wire there (it counts).
 */
export function isolate(inputCount: number, build: (api: CircuitBuilder, first: Wire) => readonly Wire[]): Gadget {
  const builder = new CircuitBuilder();
  const first = builder.inputWires(inputCount);
  const outputs = build(builder, first);
  const { r1cs, plan, labels } = builder.finish();

  const hintWires: HintWire[] = [];
  walkSteps(
    plan.steps,
    () => undefined,
    (opcode, at) => {
      const row = Math.min(plan.steps[at + hintWord.row], r1cs.rowCount - 1);
      const gadget = row < 0 ? 'row' : violationAt(labels, row).gadget;
      for (let i = 0; i < plan.steps[at + hintWord.wireCount]; i++)
        hintWires.push({ wire: plan.steps[at + hintWord.firstWire] + i, opcode, gadget });
    },
  );

  const given = (inputs: readonly Value[]): WireValues => {
    if (inputs.length !== inputCount) throw new RangeError(`the gadget has ${inputCount} inputs, given ${inputs.length}`);
    const values = emptyValues(r1cs.wireCount);
    inputs.forEach((value, i) => {
      setWire(values, first + i, BigInt(value));
    });
    return values;
  };
  const fixedOf = (inputs: readonly Value[]) => new Map(inputs.map((value, i) => [first + i, mod(BigInt(value), r)]));
  const outputsOf = (values: WireValues) => outputs.map((wire) => centred(getWire(values, wire), r));

  const solve = (inputs: readonly Value[]): Solved => {
    const values = given(inputs);
    runPlan(r1cs, plan, values);
    return { values, outputs: outputsOf(values), violation: checkWitness({ r1cs, labels }, values) };
  };

  const solutions = (inputs: readonly Value[], limit = 256): Solutions => {
    const { found, complete, undecidedRows } = openSearch(r1cs, fixedOf(inputs)).witnesses(limit);
    const distinct = new Map<string, readonly bigint[]>();
    for (const { values } of found) {
      const vector = outputs.map((wire) => {
        const value = values[wire];
        if (value === null) throw new Error(`output wire ${wire} is held by no row`);
        return centred(value, r);
      });
      distinct.set(vector.join(), vector);
    }
    const freeWires = Array.from({ length: r1cs.wireCount }, (_, wire) => wire).filter(
      (wire) => found.length > 0 && found.some(({ values }) => values[wire] === null || values[wire] !== found[0].values[wire]),
    );
    return { outputs: [...distinct.values()], count: found.length, freeWires, decided: complete && undecidedRows.length === 0 };
  };

  /** Replays the plan with one wire set: hints in `kept` keep their old values, the others are run again on what is now there. */
  const replay = (inputs: readonly Value[], wire: Wire, value: bigint, kept: WireValues | null): WireValues | null => {
    const values = given(inputs);
    const runHint = hintRunner(r1cs, plan);
    try {
      walkSteps(
        plan.steps,
        (row, solved) => {
          solveRow(r1cs, row, solved, values);
        },
        (opcode, at) => {
          const start = plan.steps[at + hintWord.firstWire];
          const end = start + plan.steps[at + hintWord.wireCount];
          if (kept === null) runHint(opcode, at, values);
          else for (let i = start; i < end; i++) setWire(values, i, getWire(kept, i));
          if (wire >= start && wire < end) setWire(values, wire, value);
        },
      );
    } catch (error) {
      // A hint may refuse what an honest prover never gives it.
      if (kept === null && error instanceof Error) return null;
      throw error;
    }
    for (let row = 0; row < r1cs.rowCount; row++) if (!rowHolds(r1cs, row, values)) return null;
    return values;
  };

  const attack = (inputs: readonly Value[]): Attack => {
    const honest = solve(inputs);
    if (honest.violation !== null) throw new Error(`the rows refuse the honest witness: ${JSON.stringify(honest.violation)}`);
    const search = openSearch(r1cs, fixedOf(inputs));
    const result = { tried: 0, exhausted: [] as Wire[], sampled: [] as Wire[], accepted: [] as Accepted[], undecided: 0 };
    for (const { wire, gadget } of hintWires) {
      const right = mod(getWire(honest.values, wire), r);
      const domain = search.domain(wire);
      const { values, whole } = candidates(domain, right);
      (whole ? result.exhausted : result.sampled).push(wire);
      for (const value of values) {
        result.tried++;
        for (const by of ['rerun', 'keep'] as const) {
          const other = replay(inputs, wire, value, by === 'keep' ? honest.values : null);
          if (other !== null) result.accepted.push({ wire, gadget, value: centred(value, r), outputs: outputsOf(other), by });
        }
        const { found, undecidedRows } = search.witnesses(16, { wire, value });
        if (undecidedRows.length > 0) result.undecided++;
        for (const witness of found) {
          const vector = outputs.map((out) => centred(witness.values[out] ?? 0n, r));
          result.accepted.push({ wire, gadget, value: centred(value, r), outputs: vector, by: 'search' });
        }
      }
    }
    return result;
  };

  return {
    r1cs,
    plan,
    labels,
    hintWires,
    counts: () => ({ constraints: r1cs.rowCount, wires: r1cs.wireCount - 1 - inputCount }),
    solve,
    solutions,
    attack,
  };
}

const exhaustible = 1n << 16n;

/** Values to try instead of the right one: all that the rows leave, where they are at most 2^16; else neighbours, complements, boundaries. */
function candidates(domain: readonly bigint[] | Interval | null, right: bigint): { values: bigint[]; whole: boolean } {
  const typical = [
    right + 1n,
    right - 1n,
    -right,
    1n - right,
    right + 2n,
    right - 2n,
    0n,
    1n,
    2n,
    -1n,
    -2n,
    (r - 1n) / 2n,
    (r + 1n) / 2n,
    1n << 253n,
  ];
  for (let power = 1n; power <= 64n; power++) typical.push(right + (1n << power), right - (1n << power));
  const distinct = (values: readonly bigint[]): bigint[] =>
    [...new Set(values.map((value) => mod(value, r)))].filter((value) => value !== right);
  // Outside the domain a value breaks some row by itself; a few are tried all the same.
  if (domain === null) return { values: distinct(typical), whole: false };
  if (Array.isArray(domain)) return { values: distinct([...domain, ...typical.slice(0, 12)]), whole: true };
  const { low, high } = domain as Interval;
  if (high - low >= exhaustible) return { values: distinct([...typical, low, low - 1n, high, high + 1n, (low + high) / 2n]), whole: false };
  const values = Array.from({ length: Number(high - low) + 1 }, (_, i) => low + BigInt(i));
  return { values: distinct([...values, low - 1n, high + 1n, ...typical.slice(0, 12)]), whole: true };
}

/**
 * What is wrong with the gadget on these inputs, in words; [] if nothing is: the honest witness is accepted, no other outputs are possible, the search could decide it, and no
 * other value of a hinted wire is accepted but for wires free by design.
 * @param options.free wires (or a test of one) that may have several values, as the gadget's doc block lists them: they are no way to other outputs.
 * @param options.attack false leaves the wire-by-wire attack out (`solutions` says the same more strongly).
 */
export function weaknesses(
  gadget: Gadget,
  inputs: readonly Value[],
  options: { readonly free?: (wire: HintWire) => boolean; readonly expected?: readonly Value[]; readonly attack?: boolean } = {},
): string[] {
  const found: string[] = [];
  const honest = gadget.solve(inputs);
  if (honest.violation !== null) return [`the honest witness breaks ${JSON.stringify(honest.violation)}`];
  if (options.expected !== undefined && options.expected.map(BigInt).join() !== honest.outputs.join()) {
    found.push(`outputs ${honest.outputs.join()}, expected ${options.expected.join()}`);
  }
  const isFree = options.free ?? (() => false);
  const hintAt = new Map(gadget.hintWires.map((hint) => [hint.wire, hint]));
  const all = gadget.solutions(inputs);
  if (!all.decided) found.push('the search could not decide');
  for (const vector of all.outputs)
    if (vector.join() !== honest.outputs.join()) found.push(`outputs ${vector.join()} are accepted beside ${honest.outputs.join()}`);
  if (all.outputs.length === 0) found.push('the search finds no witness, not even the honest one');
  for (const wire of all.freeWires) {
    const hint = hintAt.get(wire);
    if (hint === undefined ? !all.freeWires.some((other) => hintAt.has(other)) : !isFree(hint))
      found.push(`wire ${wire} (${hint?.gadget ?? 'defined'}) has several values`);
  }
  if (options.attack !== false) {
    for (const { wire, value, outputs, by } of gadget.attack(inputs).accepted) {
      if (outputs.join() === honest.outputs.join() && isFree(hintAt.get(wire)!)) continue;
      found.push(`wire ${wire} = ${value} is accepted (${by}), outputs ${outputs.join()}`);
    }
  }
  return found;
}
