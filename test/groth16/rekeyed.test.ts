/** Keys of our own with the file that spares two transforms: the same proof as without it, and never another key's. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { computeProof, wasmProver } from '../../src/groth16/prove.ts';
import { loadProvingKey } from '../../src/groth16/proving-key.ts';
import { rekeyedPath } from '../../src/groth16/rekeyed.ts';
import { verifyProof } from '../../src/groth16/verify.ts';
import { readZkeyHeader } from '../../src/groth16/zkey.ts';
import { startKernelThreads } from '../../src/kernels/threads.ts';
import { readWtnsValues } from '../../src/witness/format.ts';
import { endSnarkjsThreads, setUp } from '../support/groth16-fixture.ts';
import { productCircuit, randomCircuit, type SmallCircuit } from '../support/small-r1cs.ts';

const folder = mkdtempSync(join(tmpdir(), 'zkonnx-rekeyed-'));
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await endSnarkjsThreads();
});

const blinding = { r: 12345n, s: 678910n };

async function proofOf(path: string, circuit: SmallCircuit, vectors: boolean) {
  const threads = await startKernelThreads({ threads: 1, stage: 'test', vectors });
  const header = await readZkeyHeader({ path });
  const key = await loadProvingKey(threads, { path }, header, {});
  const proof = await computeProof(threads, key, readWtnsValues(circuit.wtns), blinding, {});
  expect(verifyProof(header.verificationKey, circuit.signals, proof)).toMatchObject({ valid: true });
  return { proof, isRekeyed: key.isRekeyed };
}

async function keysOnDisk(name: string, circuit: SmallCircuit) {
  const keys = await setUp(circuit);
  const path = join(folder, `${name}.zkey`);
  writeFileSync(path, keys.zkey as Uint8Array);
  return { path, file: keys.rekeyed! };
}

test.each([
  ['a product', () => productCircuit(), true],
  ['random rows', () => randomCircuit(300, 7, 7), true],
  ['random rows, scalar kernels', () => randomCircuit(90, 3, 2), false],
  ['nothing public', () => randomCircuit(40, 0, 2), true],
] as const)('%s: the same points as by the standard way', async (name, make, vectors) => {
  const circuit = make();
  const { path, file } = await keysOnDisk(name, circuit);
  const standard = await proofOf(path, circuit, vectors);
  writeFileSync(rekeyedPath(path), file);
  const rekeyed = await proofOf(path, circuit, vectors);
  expect([standard.isRekeyed, rekeyed.isRekeyed]).toEqual([false, true]);
  expect(rekeyed.proof).toEqual(standard.proof);
});

test("another key's file is passed over, a damaged one is not", async () => {
  const circuit = randomCircuit(60, 2, 3);
  const [first, second] = [await keysOnDisk('first', circuit), await keysOnDisk('second', circuit)];
  // As after a contribution: the same circuit, other secrets.
  writeFileSync(rekeyedPath(second.path), first.file);
  expect((await proofOf(second.path, circuit, true)).isRekeyed).toBe(false);
  writeFileSync(rekeyedPath(first.path), first.file);
  const other = await keysOnDisk('other', productCircuit());
  copyFileSync(rekeyedPath(first.path), rekeyedPath(other.path));
  expect((await proofOf(other.path, productCircuit(), true)).isRekeyed).toBe(false);
  const prover = wasmProver({ threads: 1 });
  for (const offset of [0, 5, 20, 44, 200, first.file.length - 1]) {
    const damaged = readFileSync(rekeyedPath(first.path));
    damaged[offset]! ^= 1;
    const path = join(folder, `damaged-${offset}.zkey`);
    copyFileSync(first.path, path);
    writeFileSync(rekeyedPath(path), damaged);
    await expect(prover.prove({ path }, circuit.wtns), String(offset)).rejects.toMatchObject({ code: 'ZK5004' });
  }
  await prover.prove({ path: first.path }, circuit.wtns);
  await prover.close();
});
