/** A few wires of a circuit and the rows that connect them, as a circuit of its own: for the search, which looks at all of what it is given. */
import { mod, scalarOrder } from '../field/bn254.ts';
import type { R1cs, SparseMatrix } from '../r1cs/r1cs.ts';
import { getWire, type WireValues } from '../witness/row.ts';

export interface Part {
  /** Without value. */
  readonly wires: readonly number[];
  readonly rows: readonly number[];
}

/** Its wires come first, from 1 on, then those around it, whose values are given. */
export function partOf(r1cs: R1cs, { wires, rows }: Part, values: WireValues): { part: R1cs; fixed: Map<number, bigint> } {
  const local = new Map(wires.map((wire, i) => [wire, i + 1]));
  local.set(0, 0);
  const fixed = new Map<number, bigint>();
  const side = (matrix: SparseMatrix): SparseMatrix => {
    const starts = new Uint32Array(rows.length + 1);
    const localWires: number[] = [];
    const coefficients: number[] = [];
    rows.forEach((row, i) => {
      for (let t = matrix.starts[row]!; t < matrix.starts[row + 1]!; t++) {
        const wire = matrix.wires[t]!;
        let at = local.get(wire);
        if (at === undefined) {
          at = local.size;
          local.set(wire, at);
          fixed.set(at, mod(getWire(values, wire), scalarOrder));
        }
        localWires.push(at);
        coefficients.push(matrix.coefficients[t]!);
      }
      starts[i + 1] = localWires.length;
    });
    return { starts, wires: Uint32Array.from(localWires), coefficients: Uint32Array.from(coefficients) };
  };
  const [a, b, c] = [side(r1cs.a), side(r1cs.b), side(r1cs.c)];
  return { part: { wireCount: local.size, publicCount: 0, privateInputCount: 0, rowCount: rows.length, a, b, c, pool: r1cs.pool }, fixed };
}
