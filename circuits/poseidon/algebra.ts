/**
 * The linear algebra of Poseidon's partial rounds, done once: only lane 0 goes through the S-box there, so every lane is a linear expression of the 17 S-box outputs y before the
 * partial rounds and the outputs z_q of the rounds so far, and needs no wire. With N = the matrix M without its column 0, state s_p before partial round p is
 *
 *     s_p = N^p·M·y + Σ_{q<p} N^(p−1−q)·M·e_0·z_q + k_p,   k_0 = 0, k_(p+1) = N·(k_p + c_p).
 */
import { modulus, type PoseidonConstants } from './grain.ts';

type Vector = readonly bigint[];
type Matrix = readonly Vector[];

export interface PoseidonAlgebra extends PoseidonConstants {
  /** Row 0 of N^p·M: coefficients of y in lane 0 before partial round p. Entry 0 of row p − 1 − q is that of z_q. */
  readonly laneRows: readonly Vector[];
  /** What is added in lane 0 before partial round p: k_p and the round constant. */
  readonly laneConstants: readonly bigint[];
  /** N^P·M, P the number of partial rounds: coefficients of y in all lanes behind them. */
  readonly lastMatrix: Matrix;
  /** N^j·M·e_0: behind the partial rounds, z_q has the coefficients of j = P − 1 − q. */
  readonly lastColumns: readonly Vector[];
  /** k_P. */
  readonly lastConstants: Vector;
}

function dot(left: Vector, right: Vector): bigint {
  let sum = 0n;
  for (let i = 0; i < left.length; i++) sum += left[i]! * right[i]!;
  return sum % modulus;
}

function transpose(matrix: Matrix): Matrix {
  return matrix[0]!.map((_, j) => matrix.map((row) => row[j]!));
}

function times(left: Matrix, right: Matrix): Matrix {
  const columns = transpose(right);
  return left.map((row) => columns.map((column) => dot(row, column)));
}

/** matrix^exponent, exponent ≥ 1. */
function power(matrix: Matrix, exponent: number): Matrix {
  if (exponent === 1) return matrix;
  const half = power(matrix, exponent >> 1);
  const square = times(half, half);
  return exponent % 2 === 0 ? square : times(square, matrix);
}

export function poseidonAlgebra(constants: PoseidonConstants): PoseidonAlgebra {
  const { t, fullRounds, partialRounds, roundConstants, matrix } = constants;
  const without = matrix.map((row) => row.map((entry, j) => (j === 0 ? 0n : entry)));
  const [matrixColumns, withoutColumns] = [transpose(matrix), transpose(without)];

  const laneRows: Vector[] = [];
  const laneConstants: bigint[] = [];
  const lastColumns: Vector[] = [];
  let row: Vector = matrix.map((_, j) => (j === 0 ? 1n : 0n));
  let added: Vector = matrix.map(() => 0n);
  let column: Vector = matrixColumns[0]!;
  for (let p = 0; p < partialRounds; p++) {
    const round = roundConstants.slice((fullRounds / 2 + p) * t, (fullRounds / 2 + p + 1) * t);
    laneRows.push(matrixColumns.map((entries) => dot(row, entries)));
    laneConstants.push((added[0]! + round[0]!) % modulus);
    lastColumns.push(column);
    row = withoutColumns.map((entries) => dot(row, entries));
    const shifted = added.map((value, i) => value + round[i]!);
    added = without.map((entries) => dot(entries, shifted));
    column = without.map((entries) => dot(entries, column));
  }
  return {
    ...constants,
    laneRows,
    laneConstants,
    lastMatrix: times(power(without, partialRounds), matrix),
    lastColumns,
    lastConstants: added,
  };
}
