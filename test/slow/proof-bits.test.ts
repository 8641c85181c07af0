/** Every one of the 2,048 bits of a proof, flipped (figure F10 of docs/security.md). */
import { expect, test } from 'vitest';
import { verifyProof } from '../../src/groth16/verify.ts';
import { groth16Fixture } from '../support/groth16-fixture.ts';
import { bytesOfProof, proofOfBytes } from '../support/proof-bytes.ts';
import { productCircuit } from '../support/small-r1cs.ts';

test('2,048 of 2,048 flipped bits are refused', async () => {
  const { keys, proof, circuit } = await groth16Fixture(productCircuit());
  const bytes = bytesOfProof(proof);
  expect(verifyProof(keys.verificationKey, circuit.signals, proofOfBytes(bytes)).valid).toBe(true);
  let refused = 0;
  for (let bit = 0; bit < 2048; bit++) {
    const flipped = bytes.slice();
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    if (!verifyProof(keys.verificationKey, circuit.signals, proofOfBytes(flipped)).valid) refused++;
  }
  expect(refused).toBe(2048);
});
