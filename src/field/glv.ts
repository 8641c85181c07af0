/**
 * The endomorphism of BN254's G1: φ(x, y) = (βx, y) = λ(x, y), β and λ cube roots of one mod q and r. A scalar k is split into k₁ + λk₂ with both halves below 2^127 in magnitude, which halves the doublings of a
 * multiplication. Reference: Gallant, Lambert, Vanstone 2001; Hankerson, Menezes, Vanstone, algorithm 3.74.
 */
import { baseOrder, power, scalarOrder } from './bn254.ts';

/** λ: a root of λ² + λ + 1 mod r. */
export const lambda = power(5n, (scalarOrder - 1n) / 3n, scalarOrder);
/** The one of the two roots mod q whose φ has the eigenvalue λ (tested). */
export const beta = power(3n, (2n * (baseOrder - 1n)) / 3n, baseOrder);

type Vector = readonly [bigint, bigint];

/** Two short vectors (a, b) with a + bλ ≡ 0 mod r, from the extended Euclidean algorithm on r and λ. */
function shortBasis(): readonly [Vector, Vector] {
  const rows: Vector[] = [];
  let [previous, current]: [Vector, Vector] = [
    [scalarOrder, 0n],
    [lambda, 1n],
  ];
  while (current[0] !== 0n) {
    rows.push([current[0], -current[1]]);
    const quotient = previous[0] / current[0];
    [previous, current] = [current, [previous[0] - quotient * current[0], previous[1] - quotient * current[1]]];
  }
  const short = rows.findIndex(([remainder]) => remainder * remainder < scalarOrder);
  const norm = ([a, b]: Vector): bigint => a * a + b * b;
  const [before, after] = [rows[short - 1]!, rows[short + 1]!];
  return [rows[short]!, norm(before) < norm(after) ? before : after];
}

const [first, second] = shortBasis();
const determinant = first[0] * second[1] - second[0] * first[1];

function nearest(numerator: bigint, denominator: bigint): bigint {
  const twice = 2n * numerator + denominator;
  const quotient = twice / (2n * denominator);
  return quotient - (twice % (2n * denominator) !== 0n && twice < 0n !== denominator < 0n ? 1n : 0n);
}

/** k₁ and k₂ with k ≡ k₁ + λk₂ mod r, |k₁|, |k₂| < 2^127. */
export function splitScalar(k: bigint): Vector {
  const c1 = nearest(second[1] * k, determinant);
  const c2 = nearest(-first[1] * k, determinant);
  return [k - c1 * first[0] - c2 * second[0], -c1 * first[1] - c2 * second[1]];
}
