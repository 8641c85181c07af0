/** The prover by itself: a key and a witness in snarkjs' formats in, proof.json and public.json out; what is not right is refused and nothing is written. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifyProof } from '../../src/groth16/verify.ts';
import { snarkjsVerify } from '../../src/interop/snarkjs.ts';
import { encodeR1cs } from '../../src/r1cs/format.ts';
import { zkonnx, zkonnxHere } from '../support/cli.ts';
import { endSnarkjsThreads, nineAndZero, setUp } from '../support/groth16-fixture.ts';
import { randomCircuit } from '../support/small-r1cs.ts';

let folder: string;
const circuit = nineAndZero();
let verificationKey: Parameters<typeof verifyProof>[0];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'zkonnx-raw-'));
  const keys = await setUp(circuit, { seed: 'raw' });
  verificationKey = keys.verificationKey;
  writeFileSync(join(folder, 'c.zkey'), keys.zkey);
  writeFileSync(join(folder, 'c.r1cs'), encodeR1cs(circuit.r1cs));
  writeFileSync(join(folder, 'w.wtns'), circuit.wtns);
  const altered = circuit.wtns.slice();
  altered[altered.length - 32]! ^= 1;
  writeFileSync(join(folder, 'altered.wtns'), altered);
  writeFileSync(join(folder, 'short.wtns'), randomCircuit(20, 3, 5).wtns);
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await endSnarkjsThreads();
});

const read = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
const form = (out: string, witness = 'w.wtns') => [
  'prove',
  '--zkey',
  'c.zkey',
  '--witness',
  witness,
  '--out',
  out,
  '--public',
  `public-${out}`,
];

test('a process of its own: both verifiers accept, and the document has times, threads, memory', async () => {
  const { code, stdout } = await zkonnx([...form('p.json'), '--r1cs', 'c.r1cs', '--repeat', '3', '--json'], { cwd: folder });
  expect(code).toBe(0);
  const report = JSON.parse(stdout);
  expect(report).toMatchObject({ repeat: 3, witnessChecked: true, prover: 'wasm', publicSignals: 2 });
  expect(report.ms.each).toHaveLength(3);
  expect(report.peakMemoryBytes).toBeGreaterThan(1e7);
  expect(Object.keys(report.phases).length).toBeGreaterThan(2);
  const [proof, signals] = [read('p.json'), read('public-p.json')];
  expect(signals).toEqual(circuit.signals);
  expect(verifyProof(verificationKey, signals, proof)).toMatchObject({ valid: true });
  expect(await snarkjsVerify({ verificationKey, signals, proof })).toBe(true);
});

test('with snarkjs as the prover', async () => {
  const { code } = await zkonnx([...form('s.json'), '--prover', 'snarkjs', '--threads', '1'], { cwd: folder });
  expect(code).toBe(0);
  expect(verifyProof(verificationKey, read('public-s.json'), read('s.json'))).toMatchObject({ valid: true });
});

test('a witness that breaks a row is refused, with its number or by the proof, and nothing is written', async () => {
  const checked = await zkonnxHere([...form('a.json', 'altered.wtns'), '--r1cs', 'c.r1cs', '--json'], folder);
  expect([checked.code, JSON.parse(checked.stdout).error.code]).toEqual([5, 'ZK6005']);
  const unchecked = await zkonnxHere([...form('a.json', 'altered.wtns'), '--json'], folder);
  expect([unchecked.code, JSON.parse(unchecked.stdout).error.code]).toEqual([5, 'ZK6002']);
  expect(existsSync(join(folder, 'a.json')) || existsSync(join(folder, 'public-a.json'))).toBe(false);
});

test.each([
  ['a witness of another circuit', form('x.json', 'short.wtns'), 5],
  ['a key that is none', ['prove', '--zkey', 'w.wtns', '--witness', 'w.wtns', '--out', 'x.json'], 5],
  ['a witness that is none', form('x.json', 'c.zkey'), 5],
  ['no such key', ['prove', '--zkey', 'absent.zkey', '--witness', 'w.wtns', '--out', 'x.json'], 2],
  ['no witness', ['prove', '--zkey', 'c.zkey', '--out', 'x.json'], 2],
  ['both forms at once', [...form('x.json'), '--inputs', 'i.npz'], 2],
  ['neither form', ['prove', 'dir'], 2],
])('%s: a typed error', async (_, args, exit) => {
  const { code, stdout } = await zkonnxHere([...args, '--json'], folder);
  expect([code, JSON.parse(stdout).error.code.startsWith('ZK')]).toEqual([exit, true]);
  expect(existsSync(join(folder, 'x.json'))).toBe(false);
});
