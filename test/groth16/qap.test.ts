/** The columns at τ against their definition: sums of Lagrange basis polynomials in bigint. */
import { expect, test } from 'vitest';
import { invert, mod, power, scalarOrder } from '../../src/field/bn254.ts';
import { logDomainSize, rootOfUnity } from '../../src/groth16/domain.ts';
import { evaluateQap } from '../../src/groth16/qap.ts';
import { elementBytes, readCanonical } from '../../src/kernels/kernel.ts';
import { startKernelThreads } from '../../src/kernels/threads.ts';
import type { SparseMatrix } from '../../src/r1cs/r1cs.ts';
import { productCircuit, randomCircuit } from '../support/small-r1cs.ts';

const r = scalarOrder;
const tau = 1234567890123456789012345678901234567890123456789n;

/** L_i(τ) over the n-th roots: (τ^n − 1)·ω^i / (n (τ − ω^i)). */
function lagrangeAt(log: number): bigint[] {
  const n = 2 ** log;
  const root = rootOfUnity(log);
  const factor = (power(tau, BigInt(n), r) - 1n) * invert(BigInt(n), r);
  return Array.from({ length: n }, (_, i) => {
    const point = power(root, BigInt(i), r);
    return mod(factor * point * invert(tau - point, r), r);
  });
}

test.each([
  ['product', productCircuit()],
  ['random, 200 rows', randomCircuit(200, 7, 3)],
] as const)('A_s, B_s, C_s and both bases at τ: %s', async (_, { r1cs }) => {
  const log = logDomainSize(r1cs.rowCount, r1cs.publicCount);
  const threads = await startKernelThreads({ threads: 1, stage: 'test' });
  const qap = await evaluateQap(threads, r1cs, log, tau, {});
  const room = threads.alloc(32);
  const element = (at: number): bigint => readCanonical(threads.memory, threads.local.kernel.fr, at, room);
  const [even, double] = [lagrangeAt(log), lagrangeAt(log + 1)];
  expect(even.map((_, i) => element(qap.lagrange + 2 * elementBytes * i))).toEqual(even);
  expect(even.map((_, i) => element(qap.lagrange + elementBytes * (2 * i + 1)))).toEqual(even.map((_, i) => double[2 * i + 1]));

  const columns = (matrix: SparseMatrix): bigint[] => {
    const sums = new Array<bigint>(r1cs.wireCount).fill(0n);
    for (let row = 0; row < r1cs.rowCount; row++) {
      for (let t = matrix.starts[row]!; t < matrix.starts[row + 1]!; t++) {
        const wire = matrix.wires[t]!;
        sums[wire] = mod(sums[wire]! + r1cs.pool.field[matrix.coefficients[t]!]! * even[row]!, r);
      }
    }
    return sums;
  };
  const a = columns(r1cs.a);
  for (let s = 0; s <= r1cs.publicCount; s++) a[s] = mod(a[s]! + even[r1cs.rowCount + s]!, r);
  for (const [address, wanted] of [
    [qap.a, a],
    [qap.b, columns(r1cs.b)],
    [qap.c, columns(r1cs.c)],
  ] as const) {
    expect(wanted.map((_, s) => element(address + elementBytes * s))).toEqual(wanted);
  }
});

test('the domain is the power of two that holds the rows and one more per public wire and the one', () => {
  // [rows, public, log2]; snarkjs: floor(log2(rows + public)) + 1.
  const wanted = [
    [1, 0, 1],
    [1, 1, 2],
    [2, 1, 2],
    [3, 0, 2],
    [3, 1, 3],
    [250, 5, 8],
    [251, 5, 9],
    [2 ** 18 - 12, 11, 18],
    [2 ** 18 - 11, 11, 19],
  ];
  for (const [rows, publics, log] of wanted) expect(logDomainSize(rows!, publics!)).toBe(log);
  expect(() => logDomainSize(2 ** 28, 1)).toThrow(/domain/);
});

test('roots of unity have exactly their order', () => {
  for (const log of [1, 2, 9, 18, 28]) {
    expect(power(rootOfUnity(log), 2n ** BigInt(log - 1), r)).toBe(r - 1n);
  }
});
