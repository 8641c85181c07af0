/** Estimates against what they estimate: an EVM's gas, a real circuit's size. */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { compileSolidity, startEvm } from '../../examples/digits/evm.ts';
import { selfTestProgram } from '../../src/cli/self-test.ts';
import { assembleCircuit, compile } from '../../src/compile.ts';
import { calldata } from '../../src/evm/calldata.ts';
import { solidityVerifier } from '../../src/evm/solidity.ts';
import { prove } from '../../src/prove.ts';
import type { Visibility } from '../../src/r1cs/layout.ts';
import { snarkjsFiles } from '../../src/receipt/snarkjs.ts';
import { estimateCircuit, estimateProgram } from '../../src/report/estimate.ts';
import { setup } from '../../src/setup.ts';

test.each<Visibility>(['public', 'hashed', 'packed'])(
  'gas, input %s: within 1 % of an EVM',
  async (x) => {
    const compiled = await assembleCircuit(selfTestProgram, { name: 'test', sha256: '0'.repeat(64) }, { visibility: { x } });
    const keys = await setup(compiled, { kind: 'dev', seed: 'gas' });
    const receipt = await prove(
      compiled,
      keys,
      { x: { dtype: 'uint8', dims: [1, 2], data: Uint8Array.of(200, 100) } },
      { context: 'some context' },
    );
    const { verificationKey } = keys;
    const contract = compileSolidity(solidityVerifier({ verificationKey, circuitDigest: compiled.digests.circuit, setupKind: 'dev' }));
    const evm = await startEvm();
    const address = await evm.deploy(contract.initCode);
    const { error, output, transactionGas } = await evm.call(address, calldata(receipt.proof, snarkjsFiles(receipt)['public.json']).hex);
    expect({ error, accepted: BigInt(output) }).toEqual({ error: null, accepted: 1n });
    const { gas } = estimateCircuit(compiled.circuit, 2);
    expect(Math.abs(gas - Number(transactionGas)) / Number(transactionGas)).toBeLessThan(0.01);
  },
  60_000,
);

test('size from the program alone: within 15 % of the circuit', async () => {
  const { program, circuit } = await compile(await readFile(new URL('../../examples/digits/digits.onnx', import.meta.url)));
  const exact = estimateCircuit(circuit, 2);
  const rough = estimateProgram(program, circuit.layout, 2);
  expect({ exact: exact.exact, rough: rough.exact }).toEqual({ exact: true, rough: false });
  expect(Math.abs(rough.constraints / exact.constraints - 1)).toBeLessThan(0.15);
  expect(Math.abs(rough.provingKeyBytes / exact.provingKeyBytes - 1)).toBeLessThan(0.15);
});
