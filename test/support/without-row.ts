/** A circuit with one row less: the fault that is easiest to make. O(non-zeros). */
import type { R1cs, SparseMatrix } from '../../src/r1cs/r1cs.ts';

function cut({ starts, wires, coefficients }: SparseMatrix, row: number): SparseMatrix {
  const [from, to] = [starts[row]!, starts[row + 1]!];
  const without = (list: Uint32Array): Uint32Array => {
    const rest = new Uint32Array(list.length - (to - from));
    rest.set(list.subarray(0, from));
    rest.set(list.subarray(to), from);
    return rest;
  };
  const shifted = new Uint32Array(starts.length - 1);
  for (let i = 0; i < shifted.length; i++) shifted[i] = i <= row ? starts[i]! : starts[i + 1]! - (to - from);
  return { starts: shifted, wires: without(wires), coefficients: without(coefficients) };
}

export function withoutRow(r1cs: R1cs, row: number): R1cs {
  return { ...r1cs, rowCount: r1cs.rowCount - 1, a: cut(r1cs.a, row), b: cut(r1cs.b, row), c: cut(r1cs.c, row) };
}
