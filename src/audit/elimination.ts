/** Sparse elimination over the scalar field: the reduced form of a few hundred linear relations. */
import { invert, mod, scalarOrder } from '../field/bn254.ts';
import type { Form } from './form.ts';

const r = scalarOrder;

/**
 * Gauss–Jordan in place, the shortest row first, in it the wire that the fewest rows have: the coefficient of each pivot becomes 1, and no other row has it. The constant (atom 0) is no pivot; rows that
 * come to nothing are left empty.
 * @param most multiplications; more are not done.
 * @returns row by pivot, or null where it took too long.
 */
export function eliminate(rows: readonly Form[], most: number): ReadonlyMap<number, number> | null {
  const rowsOf = new Map<number, Set<number>>();
  for (const [i, row] of rows.entries()) for (const atom of row.keys()) if (atom !== 0) (rowsOf.get(atom) ?? setAt(rowsOf, atom)).add(i);
  const pivots = new Map<number, number>();
  const left = new Set(rows.keys());
  let done = 0;
  while (left.size > 0) {
    let at = -1;
    for (const i of left) if (at < 0 || rows[i]!.size < rows[at]!.size) at = i;
    left.delete(at);
    const row = rows[at]!;
    let pivot = -1;
    for (const atom of row.keys()) if (atom !== 0 && (pivot < 0 || rowsOf.get(atom)!.size < rowsOf.get(pivot)!.size)) pivot = atom;
    if (pivot < 0) continue;
    pivots.set(pivot, at);
    const inverse = invert(row.get(pivot)!, r);
    for (const [atom, k] of row) row.set(atom, mod(k * inverse, r));
    for (const i of [...rowsOf.get(pivot)!]) {
      if (i === at) continue;
      const other = rows[i]!;
      const factor = other.get(pivot)!;
      done += row.size;
      if (done > most) return null;
      for (const [atom, k] of row) {
        const value = mod((other.get(atom) ?? 0n) - factor * k, r);
        if (value !== 0n) {
          other.set(atom, value);
          if (atom !== 0) rowsOf.get(atom)!.add(i);
        } else if (other.delete(atom) && atom !== 0) rowsOf.get(atom)!.delete(i);
      }
    }
  }
  return pivots;
}

function setAt(rowsOf: Map<number, Set<number>>, atom: number): Set<number> {
  const rows = new Set<number>();
  rowsOf.set(atom, rows);
  return rows;
}
