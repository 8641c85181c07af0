/**
 * Rows over the field say the same whatever they are multiplied by, and compilers that solve rows for a wire leave them divided by its coefficient: Σ 2^i·bit_i = x solved for the last bit has the
 * coefficients 2^(i − n) mod r, which as integers are as large as r. The rules compare integers; so each linear relation is multiplied by the factor that makes its coefficients small.
 */
import { centred, mod, scalarOrder } from '../field/bn254.ts';
import { smallOrWide } from '../field/small.ts';
import { CoefficientTable } from '../r1cs/coefficients.ts';
import type { R1cs, SparseMatrix } from '../r1cs/r1cs.ts';
import { inverseOf } from './quadratic.ts';
import { constantOf, valuesOf } from './shape.ts';
import { wireTerms } from './state.ts';

const r = scalarOrder;
const mostTries = 4;

/** The same circuit: wires as they were, A and C of some rows multiplied by a constant. The argument itself where there is nothing to do. O(non-zeros), and the tries for rows with large coefficients. */
export function normalize(r1cs: R1cs): R1cs {
  const { a, c, pool, rowCount } = r1cs;
  const factors = new Map<number, bigint>();
  /** Gadgets repeat. */
  const known = new Map<string, bigint>();
  for (let row = 0; row < rowCount; row++) {
    if (!hasWide(r1cs, row)) continue;
    const values = valuesOf(r1cs, row);
    if (values === null) continue;
    const coefficients = coefficientsOf(r1cs, row, values === 'linear');
    const key = coefficients.join();
    const factor = known.get(key) ?? factorFor(coefficients);
    known.set(key, factor);
    if (factor !== 1n) factors.set(row, factor);
  }
  if (factors.size === 0) return r1cs;
  const table = new CoefficientTable();
  for (const [id, value] of pool.field.entries()) table.intern(Number.isNaN(pool.small[id]) ? value : pool.small[id]!);
  const multiply = ({ starts, wires, coefficients }: SparseMatrix): SparseMatrix => {
    const multiplied = coefficients.slice();
    for (const [row, factor] of factors)
      for (let i = starts[row]!; i < starts[row + 1]!; i++)
        multiplied[i] = table.intern(smallOrWide(mod(factor * pool.field[coefficients[i]!]!, r)));
    return { starts, wires, coefficients: multiplied };
  };
  return { ...r1cs, a: multiply(a), c: multiply(c), pool: table.finish() };
}

/** Whether a wire of the row has a coefficient that is no safe integer. */
function hasWide({ a, b, c, pool }: R1cs, row: number): boolean {
  for (const { starts, wires, coefficients } of [a, b, c])
    for (let i = starts[row]!; i < starts[row + 1]!; i++) if (wires[i] !== 0 && Number.isNaN(pool.small[coefficients[i]!]!)) return true;
  return false;
}

/** Of the relation's wires: of A's Σ where it has one of two values, of (constant)·B − C where it is linear. */
function coefficientsOf(r1cs: R1cs, row: number, isLinear: boolean): bigint[] {
  const { a, b, c, pool } = r1cs;
  const sums = new Map<number, bigint>();
  const add = ({ starts, wires, coefficients }: SparseMatrix, factor: bigint): void => {
    for (let i = starts[row]!; i < starts[row + 1]!; i++)
      if (wires[i] !== 0) sums.set(wires[i]!, (sums.get(wires[i]!) ?? 0n) + factor * pool.field[coefficients[i]!]!);
  };
  if (isLinear) {
    const [side, constant] = wireTerms(a, row) === 0 ? [b, a] : [a, b];
    add(side, constantOf(constant, row, pool.field));
    add(c, -1n);
  } else add(a, 1n);
  return [...sums.values()].map((value) => mod(value, r)).filter((value) => value !== 0n);
}

/**
 * The factor with the fewest bits in all, among those that make one coefficient 1. With the first one made 1, the others are ratios; of integers w_i up to a common factor, the least has the ratio
 * w_i/w_0 mod r, as large as any, but an inverse ratio that is an integer of w_0/w_i's size: those are tried, the largest inverse first.
 */
function factorFor(coefficients: readonly bigint[]): bigint {
  let best = 1n;
  let fewest = bitsOf(coefficients);
  const consider = (k: bigint): void => {
    const factor = inverseOf(k);
    const bits = bitsOf(coefficients.map((other) => other * factor));
    if (bits < fewest) [best, fewest] = [factor, bits];
  };
  const [first] = coefficients;
  if (first === undefined) return best;
  const divided = inverseOf(first);
  const smaller = coefficients
    .map((k) => ({ k, ratio: sizeOf(k * divided), inverse: sizeOf(first * inverseOf(k)) }))
    .filter(({ ratio, inverse }) => inverse < ratio)
    .sort((x, y) => (x.inverse > y.inverse ? -1 : 1));
  consider(first);
  for (const { k } of smaller.slice(0, mostTries)) consider(k);
  return best;
}

const sizeOf = (k: bigint): bigint => {
  const value = centred(k, r);
  return value < 0n ? -value : value;
};

function bitsOf(coefficients: readonly bigint[]): number {
  let bits = 0;
  for (const k of coefficients) bits += sizeOf(k).toString(16).length;
  return bits;
}
