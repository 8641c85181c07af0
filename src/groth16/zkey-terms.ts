/** Section 4 of a `.zkey`: the terms of A and B and the rows that snarkjs appends to A, in snarkjs' order. */
import type { RunOptions } from '../events.ts';
import { mod, scalarOrder, writeLittleEndian } from '../field/bn254.ts';
import type { R1cs, SparseMatrix } from '../r1cs/r1cs.ts';
import { makePace } from './pace.ts';
import { termBytes } from './zkey.ts';

/** Terms of A and B together, the appended rows among them. */
export function zkeyTermCount({ a, b, rowCount, publicCount }: R1cs): number {
  return a.starts[rowCount]! + b.starts[rowCount]! + publicCount + 1;
}

/** Fills the section's body, whose start is a multiple of four bytes: row by row A then B, then the appended rows. Coefficients as value·2^512 mod r. */
export async function writeTerms(target: Uint8Array, r1cs: R1cs, options: RunOptions): Promise<void> {
  const { rowCount, publicCount, pool } = r1cs;
  const termCount = zkeyTermCount(r1cs);
  const encoded = new Uint32Array(8 * (pool.field.length + 1));
  const view = new DataView(encoded.buffer);
  for (const [i, value] of [...pool.field, 1n].entries()) writeLittleEndian(mod(value << 512n, scalarOrder), view, 32 * i);
  const words = new Uint32Array(target.buffer, target.byteOffset, 1 + (termCount * termBytes) / 4);
  words[0] = termCount;
  let at = 1;
  const put = (matrix: number, row: number, wire: number, coefficient: number): void => {
    words[at] = matrix;
    words[at + 1] = row;
    words[at + 2] = wire;
    for (let i = 0; i < 8; i++) words[at + 3 + i] = encoded[8 * coefficient + i]!;
    at += termBytes / 4;
  };
  const tick = makePace('set-up', rowCount, 'rows of the key', options);
  const matrices: readonly SparseMatrix[] = [r1cs.a, r1cs.b];
  for (let row = 0; row < rowCount; row++) {
    for (const [index, { starts, wires, coefficients }] of matrices.entries()) {
      for (let t = starts[row]!; t < starts[row + 1]!; t++) put(index, row, wires[t]!, coefficients[t]!);
    }
    if ((row & 1023) === 0) await tick(row);
  }
  for (let s = 0; s <= publicCount; s++) put(0, rowCount + s, s, pool.field.length);
}
