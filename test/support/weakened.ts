/** Circuits with one term of one row weakened, and which of them say the same as before. O(non-zeros) each. */
import { mod, scalarOrder } from '../../src/field/bn254.ts';
import type { R1cs, SparseMatrix } from '../../src/r1cs/r1cs.ts';

type SideName = 'a' | 'b' | 'c';

/** The coefficient of one term replaced. */
function altered(r1cs: R1cs, side: SideName, at: number, change: (k: bigint) => bigint): R1cs {
  const { pool } = r1cs;
  const value = mod(change(pool.field[r1cs[side].coefficients[at]!]!), scalarOrder);
  const small = value > scalarOrder / 2n ? Number(value - scalarOrder) : Number(value);
  const coefficients = r1cs[side].coefficients.slice();
  coefficients[at] = pool.field.length;
  const matrix: SparseMatrix = { ...r1cs[side], coefficients };
  return {
    ...r1cs,
    [side]: matrix,
    pool: { field: [...pool.field, value], small: Float64Array.of(...pool.small, Number.isSafeInteger(small) ? small : Number.NaN) },
  };
}

/** One term left out. */
function withoutTerm(r1cs: R1cs, side: SideName, at: number): R1cs {
  const matrix = r1cs[side];
  const cut = (list: Uint32Array): Uint32Array => Uint32Array.from([...list.subarray(0, at), ...list.subarray(at + 1)]);
  const starts = matrix.starts.map((start) => (start > at ? start - 1 : start));
  return { ...r1cs, [side]: { starts, wires: cut(matrix.wires), coefficients: cut(matrix.coefficients) } };
}

/** Wires with a row w·w = w. */
function bitsOf({ a, b, c, rowCount }: R1cs): Set<number> {
  const bits = new Set<number>();
  for (let row = 0; row < rowCount; row++) {
    const [x, y, z] = [a, b, c].map(({ starts, wires }) => (starts[row + 1]! - starts[row]! === 1 ? wires[starts[row]!]! : -1));
    if (x! > 0 && x === y && x === z) bits.add(x!);
  }
  return bits;
}

/** Whether the two sides are 0 for the same values of their bits. */
function sameZeros(r1cs: R1cs, variant: R1cs, side: 'a' | 'b', row: number): boolean {
  const bits = bitsOf(r1cs);
  const { starts, wires } = r1cs[side];
  const [from, to] = [starts[row]!, starts[row + 1]!];
  const list = [...wires.subarray(from, to)];
  if (list.length > 6 || !list.every((wire) => wire === 0 || bits.has(wire))) return false;
  const isZero = ({ [side]: { coefficients }, pool }: R1cs, pattern: number): boolean =>
    list.reduce((sum, wire, i) => sum + (wire === 0 || (pattern >> i) & 1 ? pool.field[coefficients[from + i]!]! : 0n), 0n) %
      scalarOrder ===
    0n;
  return Array.from({ length: 1 << list.length }, (_, pattern) => pattern).every(
    (pattern) => isZero(r1cs, pattern) === isZero(variant, pattern),
  );
}

/** Whether scaling this term scales a whole factor of a product that is 0, or of one with an inverse that only this row has. */
function isScaleFree(r1cs: R1cs, variant: R1cs, side: SideName, at: number): boolean {
  if (side === 'c') return false;
  const row = r1cs[side].starts.findIndex((start, i) => start <= at && at < r1cs[side].starts[i + 1]!);
  const terms = ({ starts, wires }: SparseMatrix): Uint32Array => wires.subarray(starts[row], starts[row + 1]);
  if (terms(r1cs.c).length === 0 && sameZeros(r1cs, variant, side, row)) return true;
  if (terms(r1cs[side]).length !== 1) return false;
  if (terms(r1cs.c).length === 0) return true;
  const isLone = (wire: number): boolean =>
    [r1cs.a, r1cs.b, r1cs.c].reduce((sum, { wires }) => sum + wires.filter((w) => w === wire).length, 0) === 1;
  return [r1cs.a, r1cs.b].some((matrix) => terms(matrix).length === 1 && isLone(terms(matrix)[0]!));
}

export type Weakening = 'left out' | 'doubled' | 'negated';

/** @returns null where the variant says the same. */
export function weakened(r1cs: R1cs, side: SideName, at: number, how: Weakening): R1cs | null {
  if (how === 'left out') return withoutTerm(r1cs, side, at);
  const variant = altered(r1cs, side, at, (k) => (how === 'doubled' ? 2n * k : -k));
  return isScaleFree(r1cs, variant, side, at) ? null : variant;
}
