/**
 * A constraint system at a point τ: for each wire s the values A_s(τ), B_s(τ), C_s(τ) of its column polynomials, and the Lagrange basis of the odd coset
 * that the quotient's points are made of. Works in the curve module's memory; addresses are of 32-byte Montgomery elements.
 *
 * Reference: Groth 2016, §3; snarkjs `zkey_new.js` (extra rows, odd coset).
 */
import type { RunOptions } from '../events.ts';
import { invert, mod, power, scalarOrder, writeLittleEndian } from '../field/bn254.ts';
import { type CurveModule, maxBatch } from '../kernels/curve.ts';
import type { R1cs, SparseMatrix } from '../r1cs/r1cs.ts';
import { rootOfUnity } from './domain.ts';
import { makePace } from './pace.ts';

const r = scalarOrder;
const elementBytes = 32;

export interface QapAtTau {
  /** wireCount elements each. */
  readonly a: number;
  readonly b: number;
  readonly c: number;
  /** 2N elements; the odd ones are L_{2i+1}(τ) of the 2N-th roots, the even ones L_i(τ) of the N-th roots. */
  readonly lagrange: number;
}

/** Stores value·2^256 mod r at a new address. */
export function allocScalar(curve: CurveModule, value: bigint): number {
  const address = curve.alloc(elementBytes);
  writeMontgomery(curve, value, address);
  return address;
}

function writeMontgomery(curve: CurveModule, value: bigint, address: number): void {
  writeLittleEndian(mod(value << 256n, r), new DataView(curve.bytes().buffer), address);
}

/**
 * Both Lagrange bases at τ, interleaved: with w = ω_{2N} and D_j = w^j/(τ − w^j), the N-th roots' basis is L_i = (τ^N − 1)/N · D_{2i}, and the 2N-th roots'
 * basis is L_j = (τ^{2N} − 1)/(2N) · D_j. τ must not be a 2N-th root of unity.
 */
async function lagrangeBases(curve: CurveModule, logDomain: number, tau: bigint, options: RunOptions): Promise<number> {
  const { mul, sub, copy, batchInverse } = curve.fr;
  const n = 2 ** logDomain;
  const basis = curve.alloc(2 * n * elementBytes);
  const inverses = curve.alloc(maxBatch * elementBytes);
  const root = allocScalar(curve, rootOfUnity(logDomain + 1));
  const point = allocScalar(curve, tau);
  const tauN = power(tau, BigInt(n), r);
  const evenFactor = allocScalar(curve, (tauN - 1n) * invert(BigInt(n), r));
  const oddFactor = allocScalar(curve, (tauN * tauN - 1n) * invert(BigInt(2 * n), r));
  const current = allocScalar(curve, 1n);
  const tick = makePace('set-up', 2 * n, 'Lagrange basis', options);
  for (let start = 0; start < 2 * n; start += maxBatch) {
    const count = Math.min(maxBatch, 2 * n - start);
    for (let i = 0; i < count; i++) {
      copy(current, basis + (start + i) * elementBytes);
      sub(point, current, inverses + i * elementBytes);
      mul(current, root, current);
    }
    batchInverse(inverses, elementBytes, count, inverses, elementBytes);
    for (let i = 0; i < count; i++) {
      const element = basis + (start + i) * elementBytes;
      mul(element, inverses + i * elementBytes, element);
      mul(element, (i & 1) === 0 ? evenFactor : oddFactor, element);
    }
    await tick(start + count);
  }
  return basis;
}

/** What a coefficient asks for: most are ±1, which need no multiplication. */
const multiply = 2;

export async function evaluateQap(curve: CurveModule, r1cs: R1cs, logDomain: number, tau: bigint, options: RunOptions): Promise<QapAtTau> {
  const { add, sub, mul } = curve.fr;
  const { rowCount, wireCount, publicCount } = r1cs;
  const lagrange = await lagrangeBases(curve, logDomain, tau, options);
  const values = r1cs.pool.field;
  const kinds = new Int8Array(values.length);
  const coefficients = curve.alloc(values.length * elementBytes);
  for (const [index, value] of values.entries()) {
    kinds[index] = value === 0n ? 0 : value === 1n ? 1 : value === r - 1n ? -1 : multiply;
    writeMontgomery(curve, value, coefficients + index * elementBytes);
  }
  const product = curve.alloc(elementBytes);
  const matrices: readonly SparseMatrix[] = [r1cs.a, r1cs.b, r1cs.c];
  const columns = matrices.map(() => curve.alloc(wireCount * elementBytes));
  for (const start of columns) curve.bytes().fill(0, start, start + wireCount * elementBytes);

  const termCount = matrices.reduce((sum, matrix) => sum + matrix.starts[rowCount]!, 0);
  const tick = makePace('set-up', termCount, 'terms of the constraints', options);
  let done = 0;
  for (const [index, matrix] of matrices.entries()) {
    const { starts, wires, coefficients: terms } = matrix;
    const column = columns[index]!;
    for (let row = 0; row < rowCount; row++) {
      const value = lagrange + 2 * row * elementBytes;
      const end = starts[row + 1]!;
      for (let t = starts[row]!; t < end; t++) {
        const sum = column + wires[t]! * elementBytes;
        const coefficient = terms[t]!;
        const kind = kinds[coefficient]!;
        if (kind === 1) add(sum, value, sum);
        else if (kind === -1) sub(sum, value, sum);
        else if (kind === multiply) {
          mul(coefficients + coefficient * elementBytes, value, product);
          add(sum, product, sum);
        }
      }
      if ((row & 1023) === 0) await tick(done + starts[row]!);
    }
    done += starts[rowCount]!;
  }
  const [a, b, c] = columns as [number, number, number];
  for (let s = 0; s <= publicCount; s++) add(a + s * elementBytes, lagrange + 2 * (rowCount + s) * elementBytes, a + s * elementBytes);
  return { a, b, c, lagrange };
}
