/**
 * A constraint system at a point τ: for each wire s the values A_s(τ), B_s(τ), C_s(τ) of its column polynomials, and the Lagrange basis of the odd coset
 * that the quotient's points are made of. Works in the kernels' memory; addresses are of elements of their scalar field.
 *
 * Reference: Groth 2016, §3; snarkjs `zkey_new.js` (extra rows, odd coset).
 */
import type { RunOptions } from '../events.ts';
import { invert, power, scalarOrder } from '../field/bn254.ts';
import { montgomery } from '../kernels/field-code.ts';
import { elementBytes, writeLimbs } from '../kernels/kernel.ts';
import type { KernelThreads } from '../kernels/threads.ts';
import type { R1cs, SparseMatrix } from '../r1cs/r1cs.ts';
import { rootOfUnity } from './domain.ts';
import { makePace } from './pace.ts';

const r = scalarOrder;

export interface QapAtTau {
  /** wireCount elements each. */
  readonly a: number;
  readonly b: number;
  readonly c: number;
  /** 2N elements; the odd ones are L_{2i+1}(τ) of the 2N-th roots, the even ones L_i(τ) of the N-th roots. */
  readonly lagrange: number;
}

/** Stores a value at a new address. */
export function allocScalar({ memory, alloc }: KernelThreads, value: bigint): number {
  const address = alloc(elementBytes);
  writeLimbs(memory, address, montgomery(((value % r) + r) % r, r));
  return address;
}

/** Elements that one inversion is shared by. */
const batch = 8192;

/**
 * Both Lagrange bases at τ, interleaved: with w = ω_{2N} and D_j = w^j/(τ − w^j), the N-th roots' basis is L_i = (τ^N − 1)/N · D_{2i}, and the 2N-th roots'
 * basis is L_j = (τ^{2N} − 1)/(2N) · D_j. τ must not be a 2N-th root of unity.
 */
async function lagrangeBases(threads: KernelThreads, logDomain: number, tau: bigint, options: RunOptions): Promise<number> {
  const n = 2 ** logDomain;
  const basis = threads.alloc(2 * n * elementBytes);
  const [differences, prefixes] = [threads.alloc(batch * elementBytes), threads.alloc((batch + 1) * elementBytes)];
  const tauN = power(tau, BigInt(n), r);
  const [root, point, zero, current] = [rootOfUnity(logDomain + 1), tau, 0n, 1n].map((value) => allocScalar(threads, value)) as [
    number,
    number,
    number,
    number,
  ];
  const evenFactor = allocScalar(threads, (tauN - 1n) * invert(BigInt(n), r));
  const oddFactor = allocScalar(threads, (tauN * tauN - 1n) * invert(BigInt(2 * n), r));
  const [one, inverse, factor] = [allocScalar(threads, 1n), allocScalar(threads, 0n), allocScalar(threads, 0n)];
  const { mul, add, sub, inverse: invertElement } = threads.local.kernel.fr;
  const tick = makePace('set-up', 2 * n, 'Lagrange basis', options);
  for (let start = 0; start < 2 * n; start += batch) {
    const count = Math.min(batch, 2 * n - start);
    add(prefixes, one, zero);
    for (let i = 0; i < count; i++) {
      const difference = differences + i * elementBytes;
      add(basis + (start + i) * elementBytes, current, zero);
      sub(difference, point, current);
      mul(prefixes + (i + 1) * elementBytes, prefixes + i * elementBytes, difference);
      mul(current, current, root);
      add(current, current, zero);
    }
    invertElement(inverse, prefixes + count * elementBytes);
    for (let i = count - 1; i >= 0; i--) {
      const element = basis + (start + i) * elementBytes;
      mul(factor, inverse, prefixes + i * elementBytes);
      mul(factor, factor, (i & 1) === 0 ? evenFactor : oddFactor);
      mul(element, element, factor);
      mul(inverse, inverse, differences + i * elementBytes);
    }
    await tick(start + count);
  }
  return basis;
}

/** What a coefficient asks for: most are ±1, which need no multiplication. */
const multiply = 2;

export async function evaluateQap(
  threads: KernelThreads,
  r1cs: R1cs,
  logDomain: number,
  tau: bigint,
  options: RunOptions,
): Promise<QapAtTau> {
  const { rowCount, wireCount, publicCount } = r1cs;
  const matrices: readonly SparseMatrix[] = [r1cs.a, r1cs.b, r1cs.c];
  const columns = matrices.map(() => threads.alloc(wireCount * elementBytes));
  const values = r1cs.pool.field;
  const coefficients = threads.alloc(values.length * elementBytes);
  const product = threads.alloc(elementBytes);
  const lagrange = await lagrangeBases(threads, logDomain, tau, options);
  const kinds = new Int8Array(values.length);
  for (const [index, value] of values.entries()) {
    kinds[index] = value === 0n ? 0 : value === 1n ? 1 : value === r - 1n ? -1 : multiply;
    writeLimbs(threads.memory, coefficients + index * elementBytes, montgomery(value, r));
  }
  for (const start of columns) new Uint8Array(threads.memory.buffer, start, wireCount * elementBytes).fill(0);
  const { add, sub, mul } = threads.local.kernel.fr;
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
        if (kind === 1) add(sum, sum, value);
        else if (kind === -1) sub(sum, sum, value);
        else if (kind === multiply) {
          mul(product, value, coefficients + coefficient * elementBytes);
          add(sum, sum, product);
        }
      }
      if ((row & 1023) === 0) await tick(done + starts[row]!);
    }
    done += starts[rowCount]!;
  }
  const [a, b, c] = columns as [number, number, number];
  for (let s = 0; s <= publicCount; s++) {
    const sum = a + s * elementBytes;
    add(sum, sum, lagrange + 2 * (rowCount + s) * elementBytes);
  }
  return { a, b, c, lagrange };
}
