/** A proof from a real circuit, set-up and prover, on an EVM: the signals 9 and 0 of table A. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compileSolidity, type LocalEvm, startEvm } from '../../examples/digits/evm.ts';
import { calldata } from '../../src/evm/calldata.ts';
import { solidityVerifier } from '../../src/evm/solidity.ts';
import { endSnarkjsThreads, type Groth16Fixture, groth16Fixture, nineAndZero } from '../support/groth16-fixture.ts';

const yes = `0x${'0'.repeat(63)}1`;
const no = `0x${'0'.repeat(64)}`;

let fixture: Groth16Fixture;
let evm: LocalEvm;
let verifier: string;

beforeAll(async () => {
  fixture = await groth16Fixture(nineAndZero());
  const { verificationKey, circuitDigest, setup } = fixture.keys;
  evm = await startEvm();
  verifier = await evm.deploy(compileSolidity(solidityVerifier({ verificationKey, circuitDigest, setupKind: setup.kind })).initCode);
});

afterAll(endSnarkjsThreads);

test('is accepted', async () => {
  expect(await evm.call(verifier, calldata(fixture.proof, ['9', '0']).hex)).toMatchObject({ error: null, output: yes });
});

test.each([[['9', '1']], [['8', '0']], [['0', '9']], [['0', '0']]])('is refused for the signals %j', async (signals) => {
  expect(await evm.call(verifier, calldata(fixture.proof, signals).hex)).toMatchObject({ error: null, output: no });
});

test('a trailing zero signal cannot be left out', async () => {
  const { hex } = calldata(fixture.proof, ['9', '0']);
  expect(await evm.call(verifier, hex.slice(0, -64))).toMatchObject({ error: 'revert' });
  expect(await evm.call(verifier, calldata(fixture.proof, ['9']).hex)).toMatchObject({ error: 'revert' });
});
