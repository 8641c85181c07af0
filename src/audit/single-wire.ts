/**
 * Every wire of a witness altered alone, by every field element: which other values would all rows still accept? Exact, over all r − 1 differences t at once:
 * a row with values (a, b, c) and coefficients (α, β, γ) of the wire holds for t iff t·(α·b + β·a − γ) + t²·αβ = 0. So a row allows all t, none but 0, or one other.
 *
 * A weak attack (a network's wires depend on each other), and a cheap one: O(non-zeros). Figure F5 of docs/threat-model.md.
 */
import { invert, mod, scalarOrder } from '../field/bn254.ts';
import type { R1cs, SparseMatrix } from '../r1cs/r1cs.ts';
import { getWire } from '../witness/row.ts';
import type { Witness } from '../witness/witness.ts';

const r = scalarOrder;

/** A wire that could have another value: one more, or any. */
export interface Survivor {
  readonly wire: number;
  readonly other: bigint | 'any';
}

/** @param witness satisfies every row. Inputs are wires like others: leave them out of what is made of the result. */
export function singleWireSurvivors(r1cs: R1cs, witness: Witness): Survivor[] {
  const { a, b, c, pool, rowCount, wireCount } = r1cs;
  const values = [a, b, c].map((side) => Array.from({ length: rowCount }, (_, row) => sideValue(side, row, r1cs, witness)));
  // What is left of t for each wire: undefined: everything; null: only 0.
  const left: (bigint | null | undefined)[] = new Array(wireCount).fill(undefined);
  const factors = new Map<number, [bigint, bigint, bigint]>();
  for (let row = 0; row < rowCount; row++) {
    factors.clear();
    for (const [i, { starts, wires, coefficients }] of [a, b, c].entries()) {
      for (let t = starts[row]!; t < starts[row + 1]!; t++) {
        const wire = wires[t]!;
        if (wire === 0 || left[wire] === null) continue;
        const found = factors.get(wire) ?? [0n, 0n, 0n];
        found[i] = pool.field[coefficients[t]!]!;
        factors.set(wire, found);
      }
    }
    for (const [wire, [alpha, beta, gamma]] of factors) {
      const linear = mod(alpha * values[1]![row]! + beta * values[0]![row]! - gamma, r);
      const square = mod(alpha * beta, r);
      if (square === 0n && linear === 0n) continue;
      const root = square === 0n || linear === 0n ? null : mod(-linear * invert(square, r), r);
      const before = left[wire];
      left[wire] = before === undefined ? root : before === root ? root : null;
    }
  }
  const survivors: Survivor[] = [];
  for (let wire = 1; wire < wireCount; wire++) {
    const t = left[wire];
    if (t === null) continue;
    survivors.push({ wire, other: t === undefined ? 'any' : mod(getWire(witness, wire) + t, r) });
  }
  return survivors;
}

function sideValue({ starts, wires, coefficients }: SparseMatrix, row: number, { pool }: R1cs, witness: Witness): bigint {
  let sum = 0n;
  for (let t = starts[row]!; t < starts[row + 1]!; t++) sum += pool.field[coefficients[t]!]! * getWire(witness, wires[t]!);
  return mod(sum, r);
}
