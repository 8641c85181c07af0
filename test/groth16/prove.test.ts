/** Our prover beside snarkjs: proofs of both verify with both verifiers; without randomness the points are the sums that the paper says; refusals, aborts, threads. */
import { bn254 } from '@noble/curves/bn254.js';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { baseOrder, fromLittleEndian, invert } from '../../src/field/bn254.ts';
import type { G1Json, G2Json } from '../../src/groth16/keys.ts';
import { g1Json, g2Json } from '../../src/groth16/points.ts';
import { computeProof, wasmProver } from '../../src/groth16/prove.ts';
import { loadProvingKey } from '../../src/groth16/proving-key.ts';
import { verifyProof } from '../../src/groth16/verify.ts';
import { readZkeyHeader, sectionSizes } from '../../src/groth16/zkey.ts';
import { snarkjsVerify } from '../../src/interop/snarkjs.ts';
import { startKernelThreads } from '../../src/kernels/threads.ts';
import { readWtnsValues } from '../../src/witness/format.ts';
import { endSnarkjsThreads, setUp } from '../support/groth16-fixture.ts';
import { productCircuit, randomCircuit, type SmallCircuit, withWitness } from '../support/small-r1cs.ts';

afterAll(endSnarkjsThreads);

test.each([1, 2])('with %i thread: proofs that both verifiers accept', async (threads) => {
  const prover = wasmProver({ threads });
  try {
    for (const circuit of [productCircuit(), randomCircuit(300, 7, 7), randomCircuit(3_000, 3, 2)]) {
      const { zkey, verificationKey } = await setUp(circuit);
      const { proof, publicSignals } = await prover.prove(zkey, circuit.wtns);
      expect(publicSignals).toEqual(circuit.signals);
      expect(verifyProof(verificationKey, circuit.signals, proof)).toMatchObject({ valid: true });
      expect(await snarkjsVerify({ verificationKey, signals: publicSignals, proof })).toBe(true);
      const again = await prover.prove(zkey, circuit.wtns);
      expect(again.proof.pi_a).not.toEqual(proof.pi_a);
      expect(again.proof.pi_b).not.toEqual(proof.pi_b);
    }
  } finally {
    await prover.close();
  }
});

test('small circuits of any shape', async () => {
  const prover = wasmProver({ threads: 1 });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 70 }), fc.integer({ min: 0, max: 5 }), fc.nat(), async (rows, publicCount, seed) => {
      const circuit = randomCircuit(rows, publicCount, seed);
      const { zkey } = await setUp(circuit);
      await prover.prove(zkey, circuit.wtns);
    }),
    { numRuns: 8 },
  );
  await prover.close();
});

/** Sums over the key's points, one scalar multiplication each. */
function slowSums(zkey: Uint8Array, circuit: SmallCircuit, sizes: readonly number[]): { readonly a: G1Json; readonly b: G2Json } {
  const starts: number[] = [];
  for (let at = 12, type = 1; type <= 10; type++) {
    starts[type] = at + 12;
    at += 12 + sizes[type]!;
  }
  const scale = invert(1n << 256n, baseOrder);
  const coordinate = (offset: number): bigint => (fromLittleEndian(zkey.subarray(offset, offset + 32)) * scale) % baseOrder;
  const { G1, G2 } = bn254;
  const g1 = (offset: number) => {
    const [x, y] = [coordinate(offset), coordinate(offset + 32)];
    return x === 0n && y === 0n ? G1.Point.ZERO : G1.Point.fromAffine({ x, y });
  };
  const g2 = (offset: number) => {
    const [x0, x1, y0, y1] = [0, 32, 64, 96].map((part) => coordinate(offset + part)) as [bigint, bigint, bigint, bigint];
    return (x0 | x1 | y0 | y1) === 0n ? G2.Point.ZERO : G2.Point.fromAffine({ x: { c0: x0, c1: x1 }, y: { c0: y0, c1: y1 } });
  };
  let a = g1(starts[2]! + 84);
  let b = g2(starts[2]! + 84 + 128);
  for (const [s, value] of circuit.witness.entries()) {
    if (value === 0n) continue;
    a = a.add(g1(starts[5]! + 64 * s).multiplyUnsafe(value));
    b = b.add(g2(starts[7]! + 128 * s).multiplyUnsafe(value));
  }
  return { a: g1Json(a), b: g2Json(b) };
}

test.each([
  ['vector', 40],
  ['scalar', 40],
  ['vector', 5_000],
  ['scalar', 1],
  ['vector', 1],
] as const)(
  'without randomness, %s kernels, %i rows: A and B are the sums of the paper, and the proof verifies, which leaves C no choice',
  async (variant, rows) => {
    const circuit = randomCircuit(rows, rows < 10 ? 0 : 3, 5);
    const { zkey, verificationKey } = await setUp(circuit);
    const threads = await startKernelThreads({ threads: rows > 1000 ? 2 : 1, stage: 'test', vectors: variant === 'vector' });
    const header = await readZkeyHeader(zkey);
    const key = await loadProvingKey(threads, zkey, header, {});
    const proof = await computeProof(threads, key, readWtnsValues(circuit.wtns), { r: 0n, s: 0n }, {});
    if (rows < 1000) {
      const { a, b } = slowSums(zkey, circuit, sectionSizes(header));
      expect(proof.pi_a).toEqual(a);
      expect(proof.pi_b).toEqual(b);
    }
    expect(verifyProof(verificationKey, circuit.signals, proof)).toMatchObject({ valid: true });
    // What the witness left in the memory is gone.
    for (const [start, sizeBytes] of key.secrets) {
      expect(new Uint8Array(threads.memory.buffer, start, sizeBytes).every((byte) => byte === 0)).toBe(true);
    }
    await threads.close();
  },
);

test('a witness that breaks a constraint gives no proof', async () => {
  const circuit = randomCircuit(60, 2, 3);
  const { zkey } = await setUp(circuit);
  const broken = withWitness(
    circuit.r1cs,
    circuit.witness.map((value, i) => (i === 1 ? value + 1n : value)),
  );
  await expect(wasmProver({ threads: 1 }).prove(zkey, broken.wtns)).rejects.toMatchObject({ code: 'ZK6002' });
});

test('a witness of another circuit, damaged files, indices that point outside', async () => {
  const circuit = randomCircuit(60, 2, 3);
  const { zkey } = await setUp(circuit);
  const prover = wasmProver({ threads: 1 });
  await expect(prover.prove(zkey, productCircuit().wtns)).rejects.toMatchObject({ code: 'ZK5002' });
  await expect(prover.prove(zkey, circuit.wtns.subarray(0, -1))).rejects.toMatchObject({ code: 'ZK5004' });
  const tooLarge = circuit.wtns.slice();
  tooLarge.fill(0xff, 76 + 32 * 5, 76 + 32 * 6);
  await expect(prover.prove(zkey, tooLarge)).rejects.toMatchObject({ code: 'ZK5004' });
  const sizes = sectionSizes(await readZkeyHeader(zkey));
  const terms = 12 + 12 * 4 + sizes[1]! + sizes[2]! + sizes[3]! + 4;
  for (const [offset, what] of [
    [0, 'matrix'],
    [4, 'row'],
    [8, 'wire'],
  ] as const) {
    const damaged = zkey.slice();
    new DataView(damaged.buffer).setUint32(terms + 44 * 3 + offset, 0x7fff_ffff, true);
    await expect(prover.prove(damaged, circuit.wtns), what).rejects.toMatchObject({ code: 'ZK5004' });
  }
  // After all that it still proves.
  await prover.prove(zkey, circuit.wtns);
  await prover.close();
});

test('terms in any order, as a foreign key may have them', async () => {
  const circuit = randomCircuit(60, 2, 3);
  const { zkey } = await setUp(circuit);
  const { termCount, ...shape } = await readZkeyHeader(zkey);
  const sizes = sectionSizes({ termCount, ...shape });
  const start = 12 + 12 * 4 + sizes[1]! + sizes[2]! + sizes[3]! + 4;
  const turned = zkey.slice();
  for (let t = 0; t < termCount; t++) {
    turned.set(zkey.subarray(start + 44 * t, start + 44 * (t + 1)), start + 44 * (termCount - 1 - t));
  }
  await wasmProver({ threads: 1 }).prove(turned, circuit.wtns);
});

test('an abort ends the threads; the prover starts new ones', async () => {
  const circuit = randomCircuit(2_000, 2, 3);
  const { zkey } = await setUp(circuit);
  const prover = wasmProver({ threads: 2 });
  const threadPorts = (): number => process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length;
  const before = threadPorts();
  const controller = new AbortController();
  const seen: string[] = [];
  const onEvent = ({ stage, done }: { stage: string; done: number }): void => {
    seen.push(stage);
    if (done > 2) controller.abort();
  };
  await expect(prover.prove(zkey, circuit.wtns, { signal: controller.signal, onEvent })).rejects.toMatchObject({ code: 'ZK1006' });
  expect(seen).toContain('proof');
  expect(threadPorts()).toBe(before);
  await expect(prover.prove(zkey, circuit.wtns, { signal: controller.signal })).rejects.toMatchObject({ code: 'ZK1006' });
  const [first, second] = await Promise.all([prover.prove(zkey, circuit.wtns), prover.prove(zkey, circuit.wtns)]);
  expect(first.proof.pi_c).not.toEqual(second.proof.pi_c);
  await prover.close();
  expect(threadPorts()).toBe(before);
});
