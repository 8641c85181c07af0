/** verification_key.json, public.json, proof.json: read back what we and snarkjs write, refuse the rest by name. */

import { groth16, zKey } from 'snarkjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeProof, decodeSignals, decodeVerificationKey, encodeJson } from '../../src/groth16/json.ts';
import { verifyProof } from '../../src/groth16/verify.ts';
import { copyOf, edit } from '../support/altered.ts';
import { endSnarkjsThreads, type Groth16Fixture, groth16Fixture } from '../support/groth16-fixture.ts';
import { productCircuit } from '../support/small-r1cs.ts';

let fixture: Groth16Fixture;
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

beforeAll(async () => {
  fixture = await groth16Fixture(productCircuit());
});
afterAll(endSnarkjsThreads);

test('what we write is read back, by us and by snarkjs', async () => {
  const { verificationKey } = fixture.keys;
  const files = [verificationKey, fixture.circuit.signals, fixture.proof].map(encodeJson);
  const [key, signals, proof] = [
    decodeVerificationKey(bytesOf(files[0]!)),
    decodeSignals(bytesOf(files[1]!)),
    decodeProof(bytesOf(files[2]!)),
  ];
  expect([key, signals, proof]).toEqual([verificationKey, fixture.circuit.signals, fixture.proof]);
  expect(verifyProof(key, signals, proof).valid).toBe(true);
  expect(await groth16.verify(JSON.parse(files[0]!), JSON.parse(files[1]!), JSON.parse(files[2]!))).toBe(true);
});

test('what snarkjs writes is read', async () => {
  const key = await zKey.exportVerificationKey(fixture.keys.zkey);
  const { proof, publicSignals } = await groth16.prove(fixture.keys.zkey, fixture.circuit.wtns, undefined, { singleThread: true });
  const text = (value: unknown) => bytesOf(JSON.stringify(value, null, 1));
  expect(verifyProof(decodeVerificationKey(text(key)), decodeSignals(text(publicSignals)), decodeProof(text(proof))).valid).toBe(true);
});

describe('refused with ZK5004', () => {
  const proofText = (change: (proof: unknown) => unknown): string => JSON.stringify(change(copyOf(fixture.proof)));
  const rows: readonly (readonly [string, () => unknown, RegExp])[] = [
    ['not JSON', () => decodeProof(bytesOf('{"pi_a":'), 'p.json'), /^proof file p\.json: not JSON$/],
    ['not UTF-8', () => decodeProof(Uint8Array.of(0x22, 0xff, 0x22)), /not JSON/],
    ['nothing', () => decodeSignals(new Uint8Array(0)), /not JSON/],
    ['a proof of a megabyte', () => decodeProof(new Uint8Array(1 << 20).fill(0x20)), /1048576 bytes, at most 1792 expected/],
    ['a proof off the curve', () => decodeProof(bytesOf(proofText(edit('pi_a.0', () => '5')))), /proof\.pi_a: not on the curve/],
    ['a proof with a field too many', () => decodeProof(bytesOf(proofText(edit('note', () => 'hi')))), /unknown field "note"/],
    ['signals as an object', () => decodeSignals(bytesOf('{"0":"1"}')), /signals: not an array/],
    ['signals as numbers', () => decodeSignals(bytesOf('[1]')), /signals\[0\]: not a canonical decimal string below r/],
    ['arrays a million deep', () => decodeSignals(bytesOf('['.repeat(1_000_000))), /not JSON/],
    ['a key as an array', () => decodeVerificationKey(bytesOf('[]')), /key: not an object/],
    ['a proof as a key', () => decodeVerificationKey(bytesOf(encodeJson(fixture.proof))), /key: unknown field "pi_a"/],
  ];
  test.each(rows)('%s', (_, read, reason) => {
    expect(read).toThrow(expect.objectContaining({ code: 'ZK5004', message: expect.stringMatching(reason) }));
  });
});
