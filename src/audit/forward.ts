/**
 * Witnesses of a part that is too large to search: one open wire is given a value, everything that follows from it is computed, and where nothing follows the next choice is made: an open sum of ranged wires
 * is split into them, a quadratic equation takes a root, the first open wire a value. One missing row in a long chain (a hash, a network) leaves just one choice, and this finds it.
 * A walk costs a look at each row for each of its last wires, and is lost as soon as a row does not hold.
 */
import { mod, scalarOrder } from '../field/bn254.ts';
import { getWire, setWire, type WireValues } from '../witness/row.ts';
import { hasValue, linearForm, splitRow, valuedSides } from './concrete.ts';
import { type Form, relation } from './form.ts';
import type { Part } from './part.ts';
import { inverseOf, quadraticRoots } from './quadratic.ts';
import type { Budget } from './search.ts';
import { LINEAR, PAIR, type Shapes } from './shape.ts';
import type { AuditState } from './state.ts';

const r = scalarOrder;

/** Open wires that are tried as the one that may be chosen, and the values that each is given. */
const mostStarts = 12;
const startValues = [1n, 0n, 2n, -1n, 3n];

/**
 * @param values of the wires around the part; those of its own wires are absent before and after.
 * @returns two witnesses of the part, as values of its wires, that differ in a wire of `starts`; fewer where none were found. They satisfy every row that was computed: check all.
 */
export function forwardWitnesses(
  state: AuditState,
  shapes: Shapes,
  values: WireValues,
  part: Part,
  starts: readonly number[],
  budget: Budget,
): readonly (readonly bigint[])[] {
  let best: bigint[][] = [];
  for (const start of mostForcing(state, shapes, part, starts, budget)) {
    const found: bigint[][] = [];
    for (const value of startValues) {
      if (found.length === 2 || budget.looks <= 0) break;
      const walk = new Walk(state, shapes, values, part, budget);
      if (walk.run(start, value)) found.push(part.wires.map((wire) => mod(getWire(values, wire), r)));
      for (const wire of part.wires) clearValue(values, wire);
    }
    if (found.length > best.length) best = found;
    if (best.length === 2) break;
  }
  return best;
}

export function clearValue(values: WireValues, wire: number): void {
  values.small[wire] = Number.NaN;
  values.wide.delete(wire);
}

/** Steps of the comparison of starts, and how many cost what a look does. */
const forcingSteps = 1_000_000;
const stepsPerLook = 8;

/** The starts from which most wires follow, whatever their values; then those that follow from one of them, in the order given. O(steps) at most; 8 bytes a row of the circuit. */
function mostForcing(state: AuditState, shapes: Shapes, { wires }: Part, starts: readonly number[], budget: Budget): number[] {
  const { r1cs } = state;
  const { kind } = shapes;
  const inPart = new Set(wires);
  const open = new Int32Array(r1cs.rowCount);
  const unranged = new Int32Array(r1cs.rowCount);
  for (const wire of wires) count(wire, 1);
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
        if (left !== others.size || isSquare || (left > 1 && !areDigits(state, shapes, row, (other) => others.has(other)))) continue;
        for (const other of others) known.add(other);
      }
    }
    for (const wire of known) {
      count(wire, 1);
      if (wire !== start) followed.add(wire);
    }
    best.push({ start, size: known.size });
  }
  budget.looks -= steps / stepsPerLook;
  const from = ({ start }: { readonly start: number }): number => (followed.has(start) ? 1 : 0);
  return best
    .sort((x, y) => from(x) - from(y) || (from(x) === 0 ? y.size - x.size : 0))
    .slice(0, mostStarts)
    .map(({ start }) => start);

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
        if (!inPart.has(wire) || known.has(wire)) continue;
        isSquare ||= side === r1cs.b && found.has(wire);
        found.add(wire);
      }
    }
    return [found, isSquare];
  }
}

/** Whether the open wires of a row can make up a number in one way only: each weighs more than all lighter ones together. */
function areDigits(state: AuditState, shapes: Shapes, row: number, isOpen: (wire: number) => boolean): boolean {
  const { lows, highs } = state;
  const digits = shapes.kind[row] === PAIR ? [{ weight: BigInt(shapes.gaps[row]!), span: 1n }] : [];
  for (const [wire, k] of relation(state, shapes, row, 'wires'))
    if (isOpen(wire)) digits.push({ weight: k < 0n ? -k : k, span: BigInt(highs[wire]! - lows[wire]!) });
  digits.sort((x, y) => (x.weight < y.weight ? -1 : 1));
  let lighter = 0n;
  return digits.every(({ weight, span }) => {
    const apart = weight > lighter;
    lighter += weight * span;
    return apart;
  });
}

class Walk {
  readonly #state: AuditState;
  readonly #shapes: Shapes;
  readonly #values: WireValues;
  readonly #wires: readonly number[];
  readonly #budget: Budget;
  /** By row: wires without value; those of them without an interval. */
  readonly #open = new Map<number, number>();
  readonly #unranged = new Map<number, number>();
  readonly #ready: number[] = [];
  readonly #splittable: number[] = [];
  readonly #quadratic: number[] = [];
  #nextSplit = 0;
  #nextQuadratic = 0;
  #nextWire = 0;

  constructor(state: AuditState, shapes: Shapes, values: WireValues, { wires, rows }: Part, budget: Budget) {
    this.#state = state;
    this.#shapes = shapes;
    this.#values = values;
    this.#wires = wires;
    this.#budget = budget;
    for (const row of rows) {
      this.#open.set(row, 0);
      this.#unranged.set(row, 0);
    }
    for (const wire of wires) {
      for (const row of state.rowsOf(wire)) {
        this.#open.set(row, this.#open.get(row)! + 1);
        if (!state.isRanged(wire)) this.#unranged.set(row, this.#unranged.get(row)! + 1);
      }
    }
    for (const row of rows) this.#note(row);
  }

  /** Whether every wire got a value, and no row that was looked at fails. */
  run(start: number, value: bigint): boolean {
    // What follows without a choice is no matter of the choice.
    if (!this.#follow()) return false;
    if (hasValue(this.#values, start)) return false;
    this.#set(start, value);
    for (;;) {
      if (!this.#follow()) return false;
      const next = this.#choose();
      if (next !== 'chosen') return next === 'done';
    }
  }

  #follow(): boolean {
    for (let row = this.#ready.pop(); row !== undefined; row = this.#ready.pop()) if (!this.#look(row)) return false;
    return true;
  }

  #set(wire: number, value: bigint): void {
    setWire(this.#values, wire, value);
    this.#count(wire);
  }

  #count(wire: number): void {
    for (const row of this.#state.rowsOf(wire)) {
      this.#open.set(row, this.#open.get(row)! - 1);
      if (!this.#state.isRanged(wire)) this.#unranged.set(row, this.#unranged.get(row)! - 1);
      this.#note(row);
    }
  }

  #note(row: number): void {
    const open = this.#open.get(row)!;
    if (open <= 2) this.#ready.push(row);
    const kind = this.#shapes.kind[row];
    if (open > 1 && this.#unranged.get(row) === 0 && (kind === LINEAR || kind === PAIR)) this.#splittable.push(row);
  }

  /** False where the row fails. */
  #look(row: number): boolean {
    const { r1cs } = this.#state;
    for (const { starts } of [r1cs.a, r1cs.b, r1cs.c]) this.#budget.looks -= starts[row + 1]! - starts[row]!;
    if (this.#budget.looks < 0) return false;
    const form = linearForm(r1cs, this.#values, row);
    if (form === null) {
      if (this.#open.get(row) === 1) this.#quadratic.push(row);
      return true;
    }
    const constant = form.get(0) ?? 0n;
    form.delete(0);
    if (form.size === 0) return constant === 0n;
    if (form.size > 1) return true;
    for (const [wire, k] of form) this.#set(wire, -constant * inverseOf(k));
    return true;
  }

  #choose(): 'chosen' | 'done' | 'lost' {
    while (this.#nextSplit < this.#splittable.length) {
      const row = this.#splittable[this.#nextSplit++]!;
      if (this.#open.get(row) === 0 || !areDigits(this.#state, this.#shapes, row, (wire) => !hasValue(this.#values, wire))) continue;
      const members = this.#openWires(row);
      const right = splitRow(this.#state, this.#shapes, this.#values, row);
      for (const wire of members) if (hasValue(this.#values, wire)) this.#count(wire);
      return right ? 'chosen' : 'lost';
    }
    while (this.#nextQuadratic < this.#quadratic.length) {
      const row = this.#quadratic[this.#nextQuadratic++]!;
      const [wire] = this.#openWires(row);
      if (wire === undefined) continue;
      const [x, y, z] = valuedSides(this.#state.r1cs, this.#values, row);
      const k = (form: Form, atom: number): bigint => form.get(atom) ?? 0n;
      const roots = quadraticRoots(
        k(x, wire) * k(y, wire),
        k(x, wire) * k(y, 0) + k(y, wire) * k(x, 0) - k(z, wire),
        k(x, 0) * k(y, 0) - k(z, 0),
      );
      if (roots?.length === 0) return 'lost';
      this.#set(wire, roots?.[0] ?? 0n);
      return 'chosen';
    }
    while (this.#nextWire < this.#wires.length) {
      const wire = this.#wires[this.#nextWire++]!;
      if (hasValue(this.#values, wire)) continue;
      this.#set(wire, this.#state.isRanged(wire) ? BigInt(this.#state.lows[wire]!) : 0n);
      return 'chosen';
    }
    return 'done';
  }

  #openWires(row: number): number[] {
    const { a, b, c } = this.#state.r1cs;
    const wires = [a, b, c].flatMap((side) => [...side.wires.subarray(side.starts[row], side.starts[row + 1])]);
    return [...new Set(wires)].filter((wire) => !hasValue(this.#values, wire));
  }
}
