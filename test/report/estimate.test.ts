/** Estimates against what they estimate: an EVM's gas, a real circuit's size. */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { compileSolidity, startEvm } from '../../examples/digits/evm.ts';
import { selfTestProgram } from '../../src/cli/self-test.ts';
import { assembleCircuit, compile } from '../../src/compile.ts';
import { runSteps } from '../../src/events.ts';
import { calldata } from '../../src/evm/calldata.ts';
import { solidityVerifier } from '../../src/evm/solidity.ts';
import { prove } from '../../src/prove.ts';
import { countSteps } from '../../src/r1cs/build.ts';
import type { Visibility } from '../../src/r1cs/layout.ts';
import { snarkjsFiles } from '../../src/receipt/snarkjs.ts';
import { estimateCircuit, estimateSize } from '../../src/report/estimate.ts';
import { measureSpeed } from '../../src/report/speed.ts';
import { setup } from '../../src/setup.ts';

const busyMs = () => process.cpuUsage().user / 1_000;
const machine = { cores: 2, speed: { setupPerUnit: 0.03, proofPerPoint: 0.007, proofFixed: 60 } };

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
    const { gas } = estimateCircuit(compiled.circuit, machine);
    expect(Math.abs(gas - Number(transactionGas)) / Number(transactionGas)).toBeLessThan(0.01);
  },
  60_000,
);

test('counted without the circuit: the same constraints and wires, the key within 5 %', async () => {
  const { program, circuit } = await compile(await readFile(new URL('../../examples/digits/digits.onnx', import.meta.url)));
  const built = estimateCircuit(circuit, machine);
  const counted = estimateSize(runSteps(countSteps(program, circuit.layout)), circuit.layout, machine);
  expect({ built: built.exact, counted: counted.exact }).toEqual({ built: true, counted: false });
  expect([counted.constraints, counted.wires, counted.logDomain]).toEqual([built.constraints, built.wires, built.logDomain]);
  expect(Math.abs(counted.provingKeyBytes / built.provingKeyBytes - 1)).toBeLessThan(0.05);
});

test('this machine is measured: a larger circuit takes longer, more cores less', async () => {
  const speed = await measureSpeed(busyMs);
  // Under load a difference of two times can come out as nothing, never as less.
  for (const value of Object.values(speed)) expect(value).toBeGreaterThanOrEqual(0);
  expect(speed.setupPerUnit * speed.proofFixed).toBeGreaterThan(0);
  const { circuit } = await compile(await readFile(new URL('../../examples/digits/digits.onnx', import.meta.url)));
  const [one, four] = [1, 4].map((cores) => estimateCircuit(circuit, { cores, speed }));
  expect(four!.proofMs).toBeLessThanOrEqual(one!.proofMs);
  expect(four!.setupMs).toBeLessThan(one!.setupMs);
});

test('measuring stops when asked to', async () => {
  await expect(measureSpeed(busyMs, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ZK1006' });
});
