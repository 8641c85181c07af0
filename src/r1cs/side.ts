/**
 * One side (A, B or C) of the row being written, and the rows of that side ended so far. Terms come in any order and may repeat a wire; an ended row holds each wire once,
 * in ascending order, without zeros: the same circuit has one encoding however a gadget wrote it.
 */
import { ZkonnxError } from '../errors.ts';
import { smallOrWide } from '../field/small.ts';
import type { CoefficientTable } from './coefficients.ts';
import { grow } from './grow.ts';
import type { SparseMatrix } from './r1cs.ts';

/** Sort keys are wire·2^21 + position, exact below 2^53 for wires below 2^31. */
const maxTermsUnsorted = 0x20_0000;

export class MatrixSide {
  // The row being written. A coefficient that is no safe integer is NaN here and stands in `#wide` by position.
  #rowWires = new Uint32Array(64);
  #rowValues = new Float64Array(64);
  #rowLength = 0;
  #rowSorted = true;
  readonly #wide = new Map<number, bigint>();
  // Ended rows.
  #starts = new Uint32Array(1024);
  #wires = new Uint32Array(1024);
  #coefficients = new Uint32Array(1024);
  #rowCount = 0;
  #termCount = 0;
  readonly #table: CoefficientTable;

  constructor(table: CoefficientTable) {
    this.#table = table;
  }

  get termCount(): number {
    return this.#termCount;
  }

  /** Whether a term, be it zero, was written in this row. */
  get touched(): boolean {
    return this.#rowLength > 0;
  }

  add(wire: number, coefficient: number | bigint): void {
    const at = this.#rowLength++;
    if (at === this.#rowWires.length) {
      this.#rowWires = grow(this.#rowWires);
      this.#rowValues = grow(this.#rowValues);
    }
    if (at > 0 && wire <= this.#rowWires[at - 1]) this.#rowSorted = false;
    this.#rowWires[at] = wire;
    const value = typeof coefficient === 'bigint' ? smallOrWide(coefficient) : coefficient;
    if (typeof value === 'number') {
      if (!Number.isSafeInteger(value))
        throw new ZkonnxError('ZK7001', { what: `coefficient ${value} of wire ${wire} is no safe integer` });
      this.#rowValues[at] = value;
    } else {
      this.#rowValues[at] = Number.NaN;
      this.#wide.set(at, value);
    }
  }

  /** Ends the row; returns how many terms are left of it. */
  end(): number {
    const before = this.#termCount;
    if (!this.#rowSorted) this.#sortAndMerge();
    while (this.#termCount + this.#rowLength > this.#wires.length) {
      this.#wires = grow(this.#wires);
      this.#coefficients = grow(this.#coefficients);
    }
    for (let i = 0; i < this.#rowLength; i++) {
      const value = this.#rowValues[i];
      if (value === 0) continue;
      this.#wires[this.#termCount] = this.#rowWires[i];
      this.#coefficients[this.#termCount++] = this.#table.intern(this.#valueAt(i));
    }
    if (++this.#rowCount === this.#starts.length) this.#starts = grow(this.#starts);
    this.#starts[this.#rowCount] = this.#termCount;
    this.#rowLength = 0;
    this.#rowSorted = true;
    if (this.#wide.size > 0) this.#wide.clear();
    return this.#termCount - before;
  }

  /** Whether the row being written mentions the wire. */
  writes(wire: number): boolean {
    return this.#rowWires.subarray(0, this.#rowLength).includes(wire);
  }

  finish(): SparseMatrix {
    return {
      starts: this.#starts.slice(0, this.#rowCount + 1),
      wires: this.#wires.slice(0, this.#termCount),
      coefficients: this.#coefficients.slice(0, this.#termCount),
    };
  }

  #sortAndMerge(): void {
    if (this.#wide.size > 0 || !this.#insertionSort()) this.#keySort();
    const wires = this.#rowWires;
    let out = 0;
    for (let i = 1; i < this.#rowLength; i++) {
      if (wires[i] === wires[out]) this.#setValue(out, add(this.#valueAt(out), this.#valueAt(i)));
      else {
        wires[++out] = wires[i];
        this.#setValue(out, this.#valueAt(i));
      }
    }
    this.#rowLength = out + 1;
  }

  /** In place, as long as that is cheap: most sides are in order but for a term or two (a constant written last). Stable. False if it gave up half-way. */
  #insertionSort(): boolean {
    const wires = this.#rowWires;
    const values = this.#rowValues;
    let moves = 8 * this.#rowLength;
    for (let i = 1; i < this.#rowLength; i++) {
      const wire = wires[i];
      const value = values[i];
      let at = i;
      while (at > 0 && wires[at - 1] > wire) {
        wires[at] = wires[at - 1];
        values[at] = values[at - 1];
        at--;
      }
      wires[at] = wire;
      values[at] = value;
      moves -= i - at;
      if (moves < 0) return false;
    }
    return true;
  }

  #keySort(): void {
    const length = this.#rowLength;
    if (length > maxTermsUnsorted) throw new ZkonnxError('ZK7001', { what: `a row side of ${length} unordered terms` });
    const keys = new Float64Array(length);
    for (let i = 0; i < length; i++) keys[i] = this.#rowWires[i] * maxTermsUnsorted + i;
    keys.sort();
    const values = this.#rowValues.slice(0, length);
    const wide = new Map(this.#wide);
    this.#wide.clear();
    for (let k = 0; k < length; k++) {
      const wire = Math.floor(keys[k] / maxTermsUnsorted);
      const from = keys[k] - wire * maxTermsUnsorted;
      this.#rowWires[k] = wire;
      this.#setValue(k, wide.get(from) ?? values[from]);
    }
  }

  #valueAt(position: number): number | bigint {
    const value = this.#rowValues[position];
    return Number.isNaN(value) ? this.#wide.get(position)! : value;
  }

  #setValue(position: number, value: number | bigint): void {
    if (typeof value === 'bigint') {
      this.#rowValues[position] = Number.NaN;
      this.#wide.set(position, value);
    } else {
      this.#rowValues[position] = value;
      if (this.#wide.size > 0) this.#wide.delete(position);
    }
  }
}

function add(left: number | bigint, right: number | bigint): number | bigint {
  if (typeof left === 'number' && typeof right === 'number') {
    const sum = left + right;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return smallOrWide(BigInt(left) + BigInt(right));
}
