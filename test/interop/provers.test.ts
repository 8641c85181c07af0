/** Both provers behind one interface: each proves with the same key, and both verifiers accept what it made. */
import { afterAll, expect, test } from 'vitest';
import { verifyProof } from '../../src/groth16/verify.ts';
import { snarkjsVerify } from '../../src/interop/snarkjs.ts';
import { makeProver, proverNames } from '../../src/provers.ts';
import { endSnarkjsThreads, setUp } from '../support/groth16-fixture.ts';
import { randomCircuit } from '../support/small-r1cs.ts';

afterAll(endSnarkjsThreads);

test.each(proverNames)('%s', async (name) => {
  const circuit = randomCircuit(50, 3, 8);
  const { zkey, verificationKey } = await setUp(circuit, { seed: 'provers' });
  const prover = makeProver(name, { threads: 1 });
  const { proof, publicSignals } = await prover.prove(zkey, circuit.wtns);
  await prover.close();
  expect(publicSignals).toEqual(circuit.signals);
  expect(verifyProof(verificationKey, publicSignals, proof)).toMatchObject({ valid: true });
  expect(await snarkjsVerify({ verificationKey, signals: publicSignals, proof })).toBe(true);
});
