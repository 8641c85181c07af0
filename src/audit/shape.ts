/**
 * What kind of statement each row is, told from its terms alone: a linear relation; a linear expression that has one of two values (a bit that needs no wire, or a wire that is a bit); or a product.
 * One pass over the non-zeros. Terms are in ascending order of wires, the constant first.
 */
import { centred, mod, scalarOrder } from '../field/bn254.ts';
import type { R1cs, SparseMatrix } from '../r1cs/r1cs.ts';
import { inverseOf, quadraticRoots } from './quadratic.ts';
import { wireTerms } from './state.ts';

const r = scalarOrder;

export const PRODUCT = 0;
/** One of the factors is a constant. */
export const LINEAR = 1;
/** Σ of A's terms (the constant left out) is `low` or `low + gap`, two or more wires. */
export const PAIR = 2;
/** The same of one wire. */
export const TWO_VALUES = 3;

export interface Shapes {
  readonly kind: Uint8Array;
  /** PAIR and TWO_VALUES: the lesser value of A's Σ, and what the greater is more; whole numbers, exact in doubles, below r in size. */
  readonly lows: Float64Array;
  readonly gaps: Float64Array;
}

/** The constant term of a side. */
export function constantOf({ starts, wires, coefficients }: SparseMatrix, row: number, field: readonly bigint[]): bigint {
  const first = starts[row];
  return first < starts[row + 1] && wires[first] === 0 ? field[coefficients[first]]! : 0n;
}

/** f with right = f·left, constants left out; null if there is none. Both have terms. */
function ratio(left: SparseMatrix, right: SparseMatrix, row: number, field: readonly bigint[]): bigint | null {
  const count = wireTerms(left, row);
  if (wireTerms(right, row) !== count) return null;
  const [l, m] = [left.starts[row + 1] - count, right.starts[row + 1] - count];
  for (let i = 0; i < count; i++) if (left.wires[l + i] !== right.wires[m + i]) return null;
  if (left.coefficients.subarray(l, l + count).every((id, i) => id === right.coefficients[m + i])) return 1n;
  const f = mod(field[right.coefficients[m]]! * inverseOf(field[left.coefficients[l]]!), r);
  for (let i = 1; i < count; i++) if (mod(f * field[left.coefficients[l + i]]! - field[right.coefficients[m + i]]!, r) !== 0n) return null;
  return f;
}

interface Shape {
  readonly kind: number;
  readonly low: number;
  readonly gap: number;
}

const product: Shape = { kind: PRODUCT, low: 0, gap: 0 };
const linear: Shape = { kind: LINEAR, low: 0, gap: 0 };

export function shapesOf(r1cs: R1cs): Shapes {
  const { rowCount } = r1cs;
  const kind = new Uint8Array(rowCount);
  const lows = new Float64Array(rowCount);
  const gaps = new Float64Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    const shape = shapeOf(r1cs, row);
    kind[row] = shape.kind;
    lows[row] = shape.low;
    gaps[row] = shape.gap;
  }
  return { kind, lows, gaps };
}

function shapeOf(r1cs: R1cs, row: number): Shape {
  const values = valuesOf(r1cs, row);
  if (values === 'linear') return linear;
  if (values === null) return product;
  const sorted = values.map((value) => centred(value, r)).sort((x, y) => (x < y ? -1 : 1));
  const [first, gap] = [sorted[0]!, sorted[sorted.length - 1]! - sorted[0]!];
  // Doubles hold large powers of two exactly, as relations have them that end in an eliminated bit.
  if (BigInt(Number(first)) !== first || BigInt(Number(gap)) !== gap) return product;
  return { kind: wireTerms(r1cs.a, row) === 1 ? TWO_VALUES : PAIR, low: Number(first), gap: Number(gap) };
}

/** Of a row that has all its wires in one linear expression, A's Σ: the one or two values that it leaves it. Null of other products. */
export function valuesOf({ a, b, c, pool: { field } }: R1cs, row: number): 'linear' | readonly bigint[] | null {
  if (wireTerms(a, row) === 0 || wireTerms(b, row) === 0) return 'linear';
  const f = ratio(a, b, row, field);
  if (f === null) return null;
  const g = wireTerms(c, row) === 0 ? 0n : ratio(a, c, row, field);
  if (g === null) return null;
  // (Σ + a0)·(f·Σ + b0) = g·Σ + c0.
  const [a0, b0, c0] = [constantOf(a, row, field), constantOf(b, row, field), constantOf(c, row, field)];
  const roots = g === 0n && c0 === 0n ? [mod(-a0, r), mod(-b0 * inverseOf(f), r)] : quadraticRoots(f, b0 + f * a0 - g, a0 * b0 - c0);
  return roots === null || roots.length === 0 ? null : roots;
}
