/** Keys from powers of tau against snarkjs' own, byte for byte. */
import { afterAll, expect, test } from 'vitest';
import { initialKey } from '../../../src/groth16/ceremony/initial-key.ts';
import { withPtau } from '../../../src/groth16/ceremony/ptau.ts';
import { startKernelThreads } from '../../../src/kernels/threads.ts';
import { encodeR1cs } from '../../../src/r1cs/format.ts';
import { endSnarkjsThreads } from '../../support/groth16-fixture.ts';
import { snarkjsInitialKey, snarkjsPtau } from '../../support/ptau-fixture.ts';
import { zkeyOf } from '../../support/sections.ts';
import { productCircuit, randomCircuit } from '../../support/small-r1cs.ts';

const { raw, prepared } = await snarkjsPtau(8);
afterAll(endSnarkjsThreads);

/** The order in which snarkjs writes the sections of a new key. */
const snarkjsOrder = [1, 2, 4, 3, 9, 8, 5, 6, 7, 10];

test.each([
  ['x·y = z', productCircuit()],
  ['40 rows', randomCircuit(40, 3, 1)],
  ['all powers of the file', randomCircuit(244, 11, 2)],
] as const)('%s: the whole file is the one that snarkjs writes', async (_, { r1cs }) => {
  const threads = await startKernelThreads({ threads: 1, stage: 'test' });
  const { sections, bytes } = await withPtau(prepared, (ptau) => initialKey(threads, r1cs, ptau, {}));
  expect(Buffer.compare(bytes, zkeyOf(sections, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]))).toBe(0);
  const wanted = await snarkjsInitialKey(encodeR1cs(r1cs), prepared);
  expect(Buffer.compare(zkeyOf(sections, snarkjsOrder), wanted)).toBe(0);
  const { sections: own } = await withPtau(raw, (ptau) => initialKey(threads, r1cs, ptau, {}));
  expect(Buffer.compare(zkeyOf(own, snarkjsOrder), wanted), 'not prepared').toBe(0);
});
