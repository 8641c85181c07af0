/**
 * The circuit builder: what gadgets write to. Rows, terms, plan and labels go into growing typed arrays; no object is made per row, term or wire.
 *
 * Wires, in this order: 0 is the constant 1; `publicWires(n)`, once; `inputWires(n)`, private inputs given from outside; then the wires of `define` and `hint`. A public wire is
 * either given from outside or computed by a row ended with `defineAs`.
 *
 * Misuse is our bug and throws ZK7001 where it happens, because a circuit that is silently wrong proves nothing: terms that cannot matter, rows that constrain nothing,
 * wires that do not exist, a wire defined twice, hint inputs or row terms left over.
 */
import type { Coefficient, Wire } from '../../circuits/api.ts';
import { ZkonnxError } from '../errors.ts';
import type { RowLabels, WitnessPlan } from './circuit.ts';
import { CoefficientTable } from './coefficients.ts';
import type { CircuitWriter } from './counter.ts';
import { LabelWriter } from './labels.ts';
import { PlanWriter } from './plan.ts';
import type { R1cs } from './r1cs.ts';
import { MatrixSide } from './side.ts';

/** Wires and rows are int32 in the plan. */
const maxCount = 0x7fff_ffff;

function misuse(what: string): never {
  throw new ZkonnxError('ZK7001', { what: `circuit builder: ${what}` });
}

export class CircuitBuilder implements CircuitWriter {
  readonly #table = new CoefficientTable();
  readonly #a = new MatrixSide(this.#table);
  readonly #b = new MatrixSide(this.#table);
  readonly #c = new MatrixSide(this.#table);
  readonly #plan = new PlanWriter(this.#table);
  readonly #labels = new LabelWriter();
  #rowCount = 0;
  #wireCount = 1;
  #publicCount = 0;
  #privateInputCount = 0;
  #defined = new Uint8Array(1);
  #finished = false;

  get rowCount(): number {
    return this.#rowCount;
  }

  get wireCount(): number {
    return this.#wireCount;
  }

  get nonZeroCount(): number {
    return this.#a.termCount + this.#b.termCount + this.#c.termCount;
  }

  /** Reserves the public signals' wires 1 … count; returns the first. Once, before any other wire. */
  publicWires(count: number): Wire {
    if (this.#wireCount !== 1) misuse('public wires come first and once');
    this.#publicCount = count;
    this.#defined = new Uint8Array(count + 1);
    return this.#allocate(count);
  }

  /** Reserves private inputs; returns the first. Before any `define` or `hint`. */
  inputWires(count: number): Wire {
    if (this.#wireCount !== 1 + this.#publicCount + this.#privateInputCount) misuse('private inputs come before defined and hinted wires');
    this.#privateInputCount += count;
    return this.#allocate(count);
  }

  a(wire: Wire, coefficient: Coefficient): void {
    this.#known(wire);
    this.#a.add(wire, coefficient);
  }

  b(wire: Wire, coefficient: Coefficient): void {
    this.#known(wire);
    this.#b.add(wire, coefficient);
  }

  c(wire: Wire, coefficient: Coefficient): void {
    this.#known(wire);
    this.#c.add(wire, coefficient);
  }

  constrain(): void {
    if (this.#endRow() === 0) misuse('a row that constrains nothing');
  }

  define(): Wire {
    const wire = this.#allocate(1);
    this.#c.add(wire, 1);
    this.#endRow();
    this.#plan.solve(this.#rowCount - 1, wire);
    return wire;
  }

  defineAs(wire: Wire): void {
    if (!(wire >= 1 && wire <= this.#publicCount)) misuse(`defineAs takes a public wire, got ${wire}`);
    if (this.#defined[wire] === 1) misuse(`wire ${wire} is defined already`);
    this.#defined[wire] = 1;
    if (this.#a.writes(wire) || this.#b.writes(wire) || this.#c.writes(wire)) misuse(`wire ${wire} would be defined by itself`);
    this.#c.add(wire, 1);
    this.#endRow();
    this.#plan.solve(this.#rowCount - 1, wire);
  }

  x(input: number, wire: Wire, coefficient: Coefficient): void {
    this.#known(wire);
    this.#plan.term(input, wire, coefficient);
  }

  hint(opcode: number, params: readonly number[], count: number): Wire {
    if (!Number.isInteger(opcode) || opcode < 0 || !Number.isInteger(count) || count < 1) misuse(`hint ${opcode} of ${count} wires`);
    const wire = this.#allocate(count);
    this.#plan.hint(opcode, this.#rowCount, wire, count, params);
    return wire;
  }

  layer(name: string): void {
    this.#between('layer');
    this.#labels.layer(name);
  }

  gadget(name: string): void {
    this.#between('gadget');
    this.#labels.gadget(name);
  }

  element(index: number): void {
    this.#between('element');
    this.#labels.element(index);
  }

  /** Hands the circuit over, trimmed; the builder is spent. */
  finish(): { r1cs: R1cs; plan: WitnessPlan; labels: RowLabels } {
    if (this.#finished) misuse('finish called twice');
    this.#between('finish');
    this.#finished = true;
    const r1cs = {
      wireCount: this.#wireCount,
      publicCount: this.#publicCount,
      privateInputCount: this.#privateInputCount,
      rowCount: this.#rowCount,
      a: this.#a.finish(),
      b: this.#b.finish(),
      c: this.#c.finish(),
      pool: this.#table.finish(),
    };
    this.#everyHintIsUsed(r1cs);
    return { r1cs, plan: this.#plan.finish(), labels: this.#labels.finish() };
  }

  /** A hinted wire in no row at all may be anything: somebody forgot its constraints. (That rows leave it one value is for tests and audit to show.) */
  #everyHintIsUsed({ a, b, c, wireCount }: R1cs): void {
    const used = new Uint8Array(wireCount);
    for (const { wires } of [a, b, c]) for (let i = 0; i < wires.length; i++) used[wires[i]] = 1;
    const unused = used.indexOf(0, 1 + this.#publicCount + this.#privateInputCount);
    if (unused >= 0) misuse(`hinted wire ${unused} stands in no row`);
  }

  #allocate(count: number): Wire {
    if (!Number.isInteger(count) || count < 0 || this.#wireCount + count > maxCount) misuse(`${count} more wires after ${this.#wireCount}`);
    const first = this.#wireCount;
    this.#wireCount += count;
    return first;
  }

  #known(wire: Wire): void {
    if (!(wire >= 0 && wire < this.#wireCount && Number.isInteger(wire))) misuse(`wire ${wire} of ${this.#wireCount}`);
  }

  /** Between rows nothing may be half written. */
  #between(call: string): void {
    if (this.#a.touched || this.#b.touched || this.#c.touched) misuse(`${call} within an unfinished row`);
    this.#noPendingHint(call);
  }

  #noPendingHint(call: string): void {
    if (this.#plan.pendingInputs > 0) misuse(`${call} while hint inputs wait for their hint`);
  }

  /** Returns how many terms the row has after merging. */
  #endRow(): number {
    if (this.#finished) misuse('a row after finish');
    this.#noPendingHint('row ended');
    // A·0 = C: a side forgotten. The other way round (nothing on A, ONE on B) is a sum whose coefficients were all zero.
    if (this.#a.touched && !this.#b.touched) misuse('a row with terms on A and none on B');
    if (this.#rowCount === maxCount) misuse('too many rows');
    const terms = this.#a.end() + this.#b.end() + this.#c.end();
    this.#labels.row();
    this.#rowCount++;
    return terms;
  }
}
