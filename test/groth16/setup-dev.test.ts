/** Dev keys: snarkjs proves with them, both verifiers agree, and what a seed does and does not share. */

import { groth16, zKey } from 'snarkjs';
import { afterAll, describe, expect, test } from 'vitest';
import type { StageEvent } from '../../src/events.ts';
import { devSetup } from '../../src/groth16/setup-dev.ts';
import { lintKey, verifyProof } from '../../src/groth16/verify.ts';
import { readZkeyHeader } from '../../src/groth16/zkey.ts';
import { copyOf } from '../support/altered.ts';
import { endSnarkjsThreads, proveOnce, setUp, testDigest } from '../support/groth16-fixture.ts';
import { makeR1cs, productCircuit, randomCircuit, withWitness } from '../support/small-r1cs.ts';

afterAll(endSnarkjsThreads);

describe.each([
  ['x·y = z', () => productCircuit()],
  ['one wire squared, nothing public', () => withWitness(makeR1cs([[[[1, 1n]], [[1, 1n]], [[2, 1n]]]], 3, 0), [1n, 9n, 81n])],
  ['20 rows, all but one wire public', () => randomCircuit(20, 30, 1)],
  ['domain filled to the last row', () => randomCircuit(120, 7, 5)],
  ['600 rows', () => randomCircuit(600, 9, 2)],
])('%s', (_, make) => {
  const circuit = make();

  test('snarkjs reads the key and proves with it; both verifiers accept, and refuse any other signal', async () => {
    const keys = await setUp(circuit);
    expect(await zKey.exportVerificationKey(keys.zkey)).toEqual(keys.verificationKey);
    const proof = await proveOnce(circuit, keys);
    expect(verifyProof(keys.verificationKey, circuit.signals, proof)).toEqual({ valid: true, reason: 'the pairing equation holds' });
    expect(await groth16.verify(copyOf(keys.verificationKey), copyOf(circuit.signals), copyOf(proof))).toBe(true);
    for (let i = 0; i < circuit.signals.length; i += 4) {
      const altered = circuit.signals.with(i, String(BigInt(circuit.signals[i]!) === 0n ? 1n : BigInt(circuit.signals[i]!) - 1n));
      expect(verifyProof(keys.verificationKey, altered, proof)).toEqual({ valid: false, reason: 'pairing: the equation does not hold' });
      expect(await groth16.verify(copyOf(keys.verificationKey), copyOf(altered), copyOf(proof))).toBe(false);
    }
  });
});

test('a witness that breaks any constraint gives no valid proof', async () => {
  const circuit = randomCircuit(60, 3, 8);
  const keys = await setUp(circuit);
  for (let wire = 4; wire < circuit.witness.length - 1; wire += 5) {
    const broken = withWitness(circuit.r1cs, circuit.witness.with(wire, circuit.witness[wire]! + 1n));
    const { proof, publicSignals } = await groth16.prove(keys.zkey, broken.wtns, undefined, { singleThread: true });
    expect(verifyProof(keys.verificationKey, publicSignals, proof).valid).toBe(false);
  }
});

test('the same seed and circuit give the same key, byte for byte; another circuit or seed shares no secret with it', async () => {
  const { r1cs } = productCircuit();
  const make = (circuitDigest: string, seed?: string) => devSetup(r1cs, seed === undefined ? { circuitDigest } : { circuitDigest, seed });
  const first = await make(testDigest, 's');
  const again = await make(testDigest, 's');
  expect(Buffer.compare(first.zkey as Uint8Array, again.zkey as Uint8Array)).toBe(0);
  const others = [await make('c2'.repeat(32), 's'), await make(testDigest, 't'), await make(testDigest), await make(testDigest)];
  for (const field of ['vk_alpha_1', 'vk_beta_2', 'vk_delta_2'] as const) {
    expect(new Set([first, ...others].map((keys) => JSON.stringify(keys.verificationKey[field]))).size).toBe(5);
  }
  expect(new Set([first, ...others].map((keys) => keys.vkeyHash)).size).toBe(5);
});

test('seed and digest do not run together: ("a", "bc") is not ("ab", "c")', async () => {
  const { r1cs } = productCircuit();
  const one = await devSetup(r1cs, { seed: 'a', circuitDigest: 'bc' });
  const two = await devSetup(r1cs, { seed: 'ab', circuitDigest: 'c' });
  expect(one.vkeyHash).not.toBe(two.vkeyHash);
});

test('the key says what it is: dev, no contribution, its circuit, and passes its lint', async () => {
  const circuit = randomCircuit(40, 2, 4);
  const keys = await setUp(circuit);
  expect(keys.setup).toEqual({ kind: 'dev' });
  expect(keys.circuitDigest).toBe(testDigest);
  expect(lintKey(keys.verificationKey)).toBeNull();
  const header = await readZkeyHeader(keys.zkey);
  const { wireCount, publicCount, a, b, rowCount } = circuit.r1cs;
  expect(header).toMatchObject({ wireCount, publicCount, domainSize: 64, contributionCount: 0, sizeBytes: keys.zkey.length });
  expect(header.termCount).toBe(a.starts[rowCount]! + b.starts[rowCount]! + publicCount + 1);
});

test('tells its stages and stops at once when asked to', async () => {
  const circuit = randomCircuit(3_000, 4, 6);
  const events: StageEvent[] = [];
  await devSetup(circuit.r1cs, { circuitDigest: testDigest }, { onEvent: (event) => events.push(event) });
  expect(new Set(events.map((event) => event.note))).toEqual(
    new Set(['Lagrange basis', 'terms of the constraints', 'scalars', 'rows of the key', 'points of 7 sets']),
  );
  expect(events.every((event) => event.stage === 'set-up' && event.done <= event.total)).toBe(true);

  const controller = new AbortController();
  const onEvent = ({ note, done }: StageEvent): void => {
    if (note === 'points of 7 sets' && done > 0) controller.abort();
  };
  const aborted = devSetup(circuit.r1cs, { circuitDigest: testDigest }, { signal: controller.signal, onEvent });
  await expect(aborted).rejects.toMatchObject({ code: 'ZK1006' });
  await expect(devSetup(circuit.r1cs, { circuitDigest: testDigest }, { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'ZK1006',
  });
});
