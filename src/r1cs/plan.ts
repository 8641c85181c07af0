/**
 * The witness plan: the order in which the generator fills wires. It is written here by the builder and read here by everything that replays it.
 *
 * `steps` is a sequence of two kinds, told apart by the sign of the first word:
 *
 *   solve   [row, wire]                       row ≥ 0. The row determines the wire, which stands on its C side with coefficient 1: wire = A·B − (C without it).
 *   hint    [~opcode, row, firstWire, wireCount, paramStart, paramCount, termStart, inputCount, n_0, …, n_(inputCount−1)]
 *           Run hint `opcode` of circuits/hints.ts on inputCount linear expressions and params[paramStart … +paramCount], and write its outputs to wireCount
 *           consecutive wires. Expression k has n_k terms; they lie one after another in termWires/termCoefficients from termStart on. `row` is the row that was
 *           to be written next: it gives the hint its layer, gadget and element in reports.
 *
 * A wire is read only after the step that fills it, or it is a root (given from outside).
 */
import { ZkonnxError } from '../errors.ts';
import { smallOrWide } from '../field/small.ts';
import type { WitnessPlan } from './circuit.ts';
import type { CoefficientTable } from './coefficients.ts';
import { grow } from './grow.ts';

/** Offsets of a hint step's words. */
export const hintWord = {
  row: 1,
  firstWire: 2,
  wireCount: 3,
  paramStart: 4,
  paramCount: 5,
  termStart: 6,
  inputCount: 7,
  termCounts: 8,
} as const;

/** Calls back for each step in order: a solve with its row and wire, a hint with its opcode and the offset of its step. */
export function walkSteps(
  steps: Int32Array,
  onSolve: (row: number, wire: number) => void,
  onHint: (opcode: number, at: number) => void,
): void {
  let at = 0;
  while (at < steps.length) {
    const head = steps[at];
    if (head >= 0) {
      onSolve(head, steps[at + 1]);
      at += 2;
    } else {
      onHint(~head, at);
      at += hintWord.termCounts + steps[at + hintWord.inputCount];
    }
  }
}

/** The builder's half: collects steps, and the terms of the hint that is being written. */
export class PlanWriter {
  #steps = new Int32Array(1024);
  #stepLength = 0;
  #termWires = new Uint32Array(1024);
  #termCoefficients = new Uint32Array(1024);
  #termCount = 0;
  #params = new Float64Array(256);
  #paramCount = 0;
  /** Where the last hint of an opcode has its parameters: gadgets of one layer share theirs. */
  readonly #lastParams = new Map<number, number>();
  /** Terms written per input of the pending hint. */
  #pending = new Int32Array(64);
  #pendingInputs = 0;
  readonly #table: CoefficientTable;

  constructor(table: CoefficientTable) {
    this.#table = table;
  }

  get pendingInputs(): number {
    return this.#pendingInputs;
  }

  /** Inputs are written in order 0, 1, …; an input without a term is 0. */
  term(input: number, wire: number, coefficient: number | bigint): void {
    if (!Number.isInteger(input) || input < 0 || input > 0xffff || input + 1 < this.#pendingInputs) {
      throw new ZkonnxError('ZK7001', { what: `hint input ${input} written after input ${this.#pendingInputs - 1}` });
    }
    while (input >= this.#pending.length) this.#pending = grow(this.#pending);
    while (this.#pendingInputs <= input) this.#pending[this.#pendingInputs++] = 0;
    const value = typeof coefficient === 'bigint' ? smallOrWide(coefficient) : coefficient;
    if (typeof value === 'number' && !Number.isSafeInteger(value))
      throw new ZkonnxError('ZK7001', { what: `coefficient ${value} in hint input ${input} is no safe integer` });
    if (value === 0) return;
    if (this.#termCount === this.#termWires.length) {
      this.#termWires = grow(this.#termWires);
      this.#termCoefficients = grow(this.#termCoefficients);
    }
    this.#termWires[this.#termCount] = wire;
    this.#termCoefficients[this.#termCount++] = this.#table.intern(value);
    this.#pending[input]++;
  }

  hint(opcode: number, row: number, firstWire: number, wireCount: number, params: readonly number[]): void {
    let termCount = 0;
    for (let i = 0; i < this.#pendingInputs; i++) termCount += this.#pending[i];
    this.#word(~opcode);
    this.#word(row);
    this.#word(firstWire);
    this.#word(wireCount);
    this.#word(this.#placeParams(opcode, params));
    this.#word(params.length);
    this.#word(this.#termCount - termCount);
    this.#word(this.#pendingInputs);
    for (let i = 0; i < this.#pendingInputs; i++) this.#word(this.#pending[i]);
    this.#pendingInputs = 0;
  }

  solve(row: number, wire: number): void {
    this.#word(row);
    this.#word(wire);
  }

  finish(): WitnessPlan {
    return {
      steps: this.#steps.slice(0, this.#stepLength),
      termWires: this.#termWires.slice(0, this.#termCount),
      termCoefficients: this.#termCoefficients.slice(0, this.#termCount),
      params: this.#params.slice(0, this.#paramCount),
    };
  }

  #word(value: number): void {
    if (this.#stepLength === this.#steps.length) this.#steps = grow(this.#steps);
    this.#steps[this.#stepLength++] = value;
  }

  #placeParams(opcode: number, params: readonly number[]): number {
    const last = this.#lastParams.get(opcode);
    if (last !== undefined && last + params.length <= this.#paramCount && params.every((value, i) => this.#params[last + i] === value))
      return last;
    const start = this.#paramCount;
    for (const value of params) {
      if (!Number.isSafeInteger(value))
        throw new ZkonnxError('ZK7001', { what: `parameter ${value} of hint ${opcode} is no safe integer` });
      if (this.#paramCount === this.#params.length) this.#params = grow(this.#params);
      this.#params[this.#paramCount++] = value;
    }
    this.#lastParams.set(opcode, start);
    return start;
  }
}
