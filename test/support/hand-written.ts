/** Circuits whose rows are written by hand, and what an audit says of them. */
import { expect } from 'vitest';
import { type Audit, audit } from '../../src/audit/audit.ts';
import { rowHolds } from '../../src/witness/row.ts';
import { makeWitness } from '../../src/witness/witness.ts';
import { makeR1cs, type Row } from './small-r1cs.ts';

export type Sparse = Readonly<Record<number, bigint | number>>;
export const one = { 0: 1 } as const;

/** Rows over wires 1, 2, …, of which the first are inputs. */
export class Circuit {
  readonly rows: [Row, Row, Row][] = [];
  wires = 1;
  readonly inputs: number[] = [];

  input(): number {
    this.inputs.push(this.wires);
    return this.wires++;
  }
  wire(): number {
    return this.wires++;
  }
  row(a: Sparse, b: Sparse, c: Sparse): void {
    const side = (sparse: Sparse): Row =>
      Object.entries(sparse).flatMap(([wire, k]) => (BigInt(k) === 0n ? [] : [[Number(wire), BigInt(k)] as const]));
    this.rows.push([side(a), side(b), side(c)]);
  }
  zero(sum: Sparse): void {
    this.row(sum, one, {});
  }
  bit(): number {
    const wire = this.wire();
    this.row({ [wire]: 1 }, { 0: -1, [wire]: 1 }, {});
    return wire;
  }
  /** sum ∈ [0, 2^n). */
  range(sum: Sparse, n: number): void {
    const bits = Array.from({ length: n }, (_, i) => [this.bit(), -(1n << BigInt(i))] as const);
    this.zero({ ...sum, ...Object.fromEntries(bits) });
  }

  /** @param without a row that is left out. @param trials as of an audit. */
  audit(without = -1, trials?: number): Audit {
    const rows = this.rows.filter((_, row) => row !== without);
    const r1cs = makeR1cs(rows, this.wires, 0);
    const found = audit(r1cs, { inputs: this.inputs, ...(trials === undefined ? {} : { trials }) });
    for (const { first, second, wires } of found.refutations) {
      expect(wires.length).toBeGreaterThan(0);
      for (const wire of this.inputs) expect(first[wire]).toBe(second[wire]);
      for (const values of [first, second])
        for (let row = 0; row < r1cs.rowCount; row++) expect(rowHolds(r1cs, row, makeWitness(values)), `row ${row}`).toBe(true);
    }
    return found;
  }
  expectUnique(): void {
    expect(this.audit().counts).toMatchObject({ free: 0, undecided: 0, broken: 0 });
  }
  expectFault(): void {
    const { undecided, broken } = this.audit().counts;
    expect(undecided + broken).toBeGreaterThan(0);
  }
}
