/**
 * One row of the constraint system on given wire values: does it hold, and what value must one wire have so that it does. Exact either way.
 *
 * Nearly every value is a small integer, so rows are computed in doubles as long as that is provably exact: a side is trusted only if Σ|coefficient·value| stays below 2^53 (then
 * every product and every partial sum is an integer below 2^53; rounding is monotone, so the computed bound reaches 2^53 whenever the true one does). A wide wire is NaN, a wide
 * coefficient is NaN, and NaN fails each comparison: whatever is not proven exact falls through to BigInt.
 */
import { ZkonnxError } from '../errors.ts';
import { centred, invert, mod, scalarOrder } from '../field/bn254.ts';
import type { CoefficientPool, R1cs, SparseMatrix } from '../r1cs/r1cs.ts';

/** Values of all wires while they are being filled: NaN in `small` and absent from `wide` is "no value yet". */
export interface WireValues {
  readonly small: Float64Array;
  readonly wide: Map<number, bigint>;
}

const exactLimit = 0x20_0000_0000_0000;

/** No value anywhere but wire 0 = 1. */
export function emptyValues(wireCount: number): WireValues {
  const small = new Float64Array(wireCount).fill(Number.NaN);
  small[0] = 1;
  return { small, wide: new Map() };
}

export function setWire(values: WireValues, wire: number, value: bigint): void {
  const near = centred(value, scalarOrder);
  const small = Number(near);
  if (Number.isSafeInteger(small)) {
    values.small[wire] = small;
    values.wide.delete(wire);
  } else {
    values.small[wire] = Number.NaN;
    values.wide.set(wire, mod(near, scalarOrder));
  }
}

/** Value mod r, centred where it is small. @throws ZkonnxError ZK7001 if the wire has none yet. */
export function getWire(values: { readonly small: Float64Array; readonly wide: ReadonlyMap<number, bigint> }, wire: number): bigint {
  const small = values.small[wire];
  if (!Number.isNaN(small)) return BigInt(small);
  const wide = values.wide.get(wire);
  if (wide === undefined) throw new ZkonnxError('ZK7001', { what: `wire ${wire} is read before it has a value` });
  return wide;
}

/** Sum of terms [start, end) in doubles; NaN unless provably exact. */
export function sumSmall(
  wires: Uint32Array,
  coefficients: Uint32Array,
  start: number,
  end: number,
  poolSmall: Float64Array,
  small: Float64Array,
): number {
  let sum = 0;
  let bound = 0;
  for (let i = start; i < end; i++) {
    const term = poolSmall[coefficients[i]] * small[wires[i]];
    sum += term;
    bound += Math.abs(term);
  }
  return bound < exactLimit ? sum : Number.NaN;
}

type ReadValues = { readonly small: Float64Array; readonly wide: ReadonlyMap<number, bigint> };

/** Sum of terms [start, end), not reduced; the term of wire `except` is left out. */
export function sumExact(
  wires: Uint32Array,
  coefficients: Uint32Array,
  start: number,
  end: number,
  pool: CoefficientPool,
  values: ReadValues,
  except = -1,
): bigint {
  let sum = 0n;
  for (let i = start; i < end; i++) {
    if (wires[i] === except) continue;
    const coefficient = pool.small[coefficients[i]];
    sum += (Number.isNaN(coefficient) ? pool.field[coefficients[i]] : BigInt(coefficient)) * getWire(values, wires[i]);
  }
  return sum;
}

function sideSmall(side: SparseMatrix, row: number, r1cs: R1cs, small: Float64Array): number {
  return sumSmall(side.wires, side.coefficients, side.starts[row], side.starts[row + 1], r1cs.pool.small, small);
}

function sideExact(side: SparseMatrix, row: number, r1cs: R1cs, values: ReadValues, except?: number): bigint {
  return sumExact(side.wires, side.coefficients, side.starts[row], side.starts[row + 1], r1cs.pool, values, except);
}

/** Coefficient (in [0, r)) of the wire on one side, 0 if it is not there. */
function coefficientOf(side: SparseMatrix, row: number, wire: number, pool: CoefficientPool): bigint {
  const at = side.wires.subarray(side.starts[row], side.starts[row + 1]).indexOf(wire);
  return at < 0 ? 0n : pool.field[side.coefficients[side.starts[row] + at]];
}

/** Whether the side has no wire but ONE and perhaps `except`. */
function isConstant(side: SparseMatrix, row: number, except: number): boolean {
  for (let i = side.starts[row]; i < side.starts[row + 1]; i++) if (side.wires[i] !== 0 && side.wires[i] !== except) return false;
  return true;
}

/** ⟨A⟩·⟨B⟩ = ⟨C⟩ in the field, on wires that all have values. */
export function rowHolds(r1cs: R1cs, row: number, values: ReadValues): boolean {
  const product = sideSmall(r1cs.a, row, r1cs, values.small) * sideSmall(r1cs.b, row, r1cs, values.small);
  const c = sideSmall(r1cs.c, row, r1cs, values.small);
  if (Math.abs(product) < exactLimit && Math.abs(c) < exactLimit) return product === c;
  const difference = sideExact(r1cs.a, row, r1cs, values) * sideExact(r1cs.b, row, r1cs, values) - sideExact(r1cs.c, row, r1cs, values);
  return difference % scalarOrder === 0n;
}

/**
 * Gives the wire the one value with which the row holds. The wire's old value is forgotten.
 * @throws ZkonnxError ZK7001 where the row does not determine it: the wire stands in a product with another wire or itself, or not at all.
 */
export function solveRow(r1cs: R1cs, row: number, wire: number, values: WireValues): void {
  const { small } = values;
  const { c, pool } = r1cs;
  // `define` puts the wire last on C with coefficient 1. It is NaN while A and B are summed, so that a wire on those sides is not overlooked.
  const last = c.starts[row + 1] - 1;
  if (last >= c.starts[row] && c.wires[last] === wire && pool.small[c.coefficients[last]] === 1) {
    small[wire] = Number.NaN;
    const product = sideSmall(r1cs.a, row, r1cs, small) * sideSmall(r1cs.b, row, r1cs, small);
    if (Math.abs(product) < exactLimit) {
      const value = product - sumSmall(c.wires, c.coefficients, c.starts[row], last, pool.small, small);
      if (Math.abs(value) < exactLimit) {
        // + 0: no negative zero.
        small[wire] = value + 0;
        if (values.wide.size > 0) values.wide.delete(wire);
        return;
      }
    }
  }
  solveExact(r1cs, row, wire, values);
}

function solveExact(r1cs: R1cs, row: number, wire: number, values: WireValues): void {
  const { a, b, c, pool } = r1cs;
  const [ka, kb, kc] = [coefficientOf(a, row, wire, pool), coefficientOf(b, row, wire, pool), coefficientOf(c, row, wire, pool)];
  if ((ka !== 0n && !isConstant(b, row, -1)) || (kb !== 0n && !isConstant(a, row, -1))) {
    throw new ZkonnxError('ZK7001', { what: `row ${row} has wire ${wire} in a product: it does not determine it` });
  }
  const [a0, b0, c0] = [
    sideExact(a, row, r1cs, values, wire),
    sideExact(b, row, r1cs, values, wire),
    sideExact(c, row, r1cs, values, wire),
  ];
  // (a0 + ka·w)(b0 + kb·w) = c0 + kc·w, at most one of ka, kb ≠ 0.
  const cofactor = mod(ka * b0 + kb * a0 - kc, scalarOrder);
  if (cofactor === 0n) throw new ZkonnxError('ZK7001', { what: `row ${row} does not determine wire ${wire}: its cofactor is 0` });
  setWire(values, wire, (c0 - a0 * b0) * invert(cofactor, scalarOrder));
}
