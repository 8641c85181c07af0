/** Phase 2 in both directions: snarkjs verifies and continues our keys, we continue its own, and both beacons are one. */
import { afterAll, expect, test } from 'vitest';
import { type ContributionResult, type Contributor, contributeToKey } from '../../../src/groth16/ceremony/contribute.ts';
import { decodeTranscript } from '../../../src/groth16/ceremony/transcript.ts';
import { wasmProver } from '../../../src/groth16/prove.ts';
import { ptauSetup } from '../../../src/groth16/setup-ptau.ts';
import { verifyProof } from '../../../src/groth16/verify.ts';
import { readVerificationKey, readZkeyHeader } from '../../../src/groth16/zkey.ts';
import { startKernelThreads } from '../../../src/kernels/threads.ts';
import { encodeR1cs } from '../../../src/r1cs/format.ts';
import { endSnarkjsThreads, proveOnce } from '../../support/groth16-fixture.ts';
import { snarkjsBeacon, snarkjsContribute, snarkjsInitialKey, snarkjsPtau, snarkjsVerifies } from '../../support/ptau-fixture.ts';
import { randomCircuit } from '../../support/small-r1cs.ts';

const { prepared } = await snarkjsPtau(8);
afterAll(endSnarkjsThreads);

const circuit = randomCircuit(60, 4, 3);
const r1cs = encodeR1cs(circuit.r1cs);
const circuitDigest = 'c1'.repeat(32);

async function contribute(zkey: Uint8Array, contributor: Contributor): Promise<{ zkey: Uint8Array; result: ContributionResult }> {
  const threads = await startKernelThreads({ threads: 1, stage: 'test' });
  const pieces: Uint8Array[] = [];
  let result: ContributionResult | undefined;
  for await (const piece of contributeToKey(threads, zkey, contributor, (made) => {
    result = made;
  }))
    pieces.push(piece.slice());
  return { zkey: new Uint8Array(Buffer.concat(pieces)), result: result! };
}

test('snarkjs verifies a key of ours and one that it has continued; both provers prove with it', async () => {
  const keys = await ptauSetup(circuit.r1cs, { circuitDigest, ptau: prepared, name: 'us' });
  expect(await snarkjsVerifies(r1cs, prepared, keys.zkey as Uint8Array)).toBe(true);
  const continued = await snarkjsContribute(keys.zkey as Uint8Array, 'them');
  expect(await snarkjsVerifies(r1cs, prepared, continued)).toBe(true);
  expect((await readZkeyHeader(continued)).contributionCount).toBe(2);
  for (const zkey of [keys.zkey as Uint8Array, continued]) {
    const verificationKey = await readVerificationKey(zkey);
    const prover = wasmProver({ threads: 1 });
    const { proof, publicSignals } = await prover.prove(zkey, circuit.wtns);
    expect(verifyProof(verificationKey, publicSignals, proof).valid).toBe(true);
    const theirs = await proveOnce(circuit, { ...keys, zkey, verificationKey });
    expect(verifyProof(verificationKey, circuit.signals, theirs).valid).toBe(true);
  }
});

test('we continue a key of snarkjs, and a beacon of ours is the one that snarkjs makes', async () => {
  const initial = await snarkjsInitialKey(r1cs, prepared);
  const first = await snarkjsContribute(initial, 'them');
  const second = await contribute(first, { kind: 'contribution', name: 'ünïcode us', entropy: 'a text' });
  expect(second.result.number).toBe(2);
  expect(await snarkjsVerifies(r1cs, prepared, second.zkey)).toBe(true);
  const hash = '0102030405060708090a0b0c0d0e0f1011';
  const beacon = { hash: new Uint8Array(Buffer.from(hash, 'hex')), iterationsLog: 10 };
  const ours = await contribute(second.zkey, { kind: 'beacon', name: 'final', beacon });
  const theirs = await snarkjsBeacon(second.zkey, 'final', hash, 10);
  expect(Buffer.compare(ours.zkey, theirs)).toBe(0);
  expect(await snarkjsVerifies(r1cs, prepared, ours.zkey)).toBe(true);
});

test('two contributions with the same text share no secret; names stand in the key', async () => {
  const keys = await ptauSetup(circuit.r1cs, { circuitDigest, ptau: prepared, name: 'x'.repeat(100), entropy: 'same' });
  const again = await ptauSetup(circuit.r1cs, { circuitDigest, ptau: prepared, entropy: 'same' });
  expect(keys.vkeyHash).not.toBe(again.vkeyHash);
  const section = (zkey: Uint8Array): Uint8Array => zkey.subarray(zkey.length - 64 - 4 - 384 - 8 - 66);
  expect(decodeTranscript(section(keys.zkey as Uint8Array)).contributions[0]!.name).toBe('x'.repeat(64));
  expect(keys.setup).toMatchObject({ kind: 'ptau', transcriptHash: keys.contribution.transcriptHash });
});
