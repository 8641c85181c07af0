/** Artifact folders: what is saved is what is loaded, keys come and go with their circuit, and an interruption leaves the old ones. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { selfTestProgram } from '../../src/cli/self-test.ts';
import { assembleCircuit, type CompiledModel } from '../../src/compile.ts';
import type { Keys } from '../../src/groth16/keys.ts';
import { setup } from '../../src/setup.ts';
import { artifactFolderName, loadArtifact, loadProgram, readManifest, saveArtifact, saveKeys } from '../../src/store/artifact.ts';
import { decodeManifest, encodeManifest } from '../../src/store/manifest.ts';

const model = { name: 'turn', sha256: '7'.repeat(64) };
let compiled: CompiledModel;
let other: CompiledModel;
let keys: Keys;
let folder = '';

beforeAll(async () => {
  compiled = await assembleCircuit(selfTestProgram, model);
  other = await assembleCircuit(selfTestProgram, model, { visibility: { x: 'public' } });
  keys = await setup(compiled, { kind: 'dev', seed: 'store test' });
}, 60_000);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zkonnx-store-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('what is saved is what is loaded', async () => {
  await saveArtifact(folder, compiled);
  expect((await loadArtifact(folder)).keys).toBeNull();
  await saveKeys(folder, keys);
  const loaded = await loadArtifact(folder);
  expect(loaded.compiled).toEqual(compiled);
  expect(loaded.keys).toMatchObject({ vkeyHash: keys.vkeyHash, circuitDigest: keys.circuitDigest, setup: { kind: 'dev' } });
  expect(new Uint8Array(await readFile((loaded.keys!.zkey as { path: string }).path))).toEqual(keys.zkey);
  expect((await loadProgram(folder)).program).toEqual(selfTestProgram);
});

test('a manifest is read back as written, and nothing unknown in it is passed over', async () => {
  const manifest = await saveArtifact(folder, compiled);
  const text = encodeManifest(manifest);
  expect(decodeManifest(text, 'manifest.json')).toEqual(manifest);
  const damaged: [string, string][] = [
    ['{', 'it is not JSON'],
    ['[]', 'manifest'],
    [text.replace('"version": 1,\n  "model"', '"version": 2,\n  "model"'), 'version'],
    [text.replace('"setup": null', '"setup": null, "trusted": true'), 'trusted'],
    [text.replace('"program.bin"', '"../../program.bin"'), '../../program.bin'],
    [text.replace('"visibility": "hashed"', '"visibility": "secret"'), 'visibility'],
  ];
  for (const [bad, what] of damaged) {
    expect(bad).not.toBe(text);
    expect(() => decodeManifest(bad, 'manifest.json')).toThrow(
      expect.objectContaining({ code: 'ZK5001', message: expect.stringContaining(what) }),
    );
  }
});

test('keys of another circuit are refused, and the folder stays as it was', async () => {
  await saveArtifact(folder, other);
  await expect(saveKeys(folder, keys)).rejects.toMatchObject({ code: 'ZK5002' });
  expect(await readdir(folder)).not.toContain('circuit.zkey');
});

test('compiling the same again keeps the keys, another circuit drops them', async () => {
  await saveArtifact(folder, compiled);
  const withKeys = await saveKeys(folder, keys);
  expect(await saveArtifact(folder, compiled)).toEqual(withKeys);
  await saveArtifact(folder, other);
  expect((await readdir(folder)).sort()).toEqual(['circuit.r1cs', 'circuit.sym', 'manifest.json', 'program.bin', 'program.json']);
  expect((await loadArtifact(folder)).keys).toBeNull();
});

test('an interrupted second set-up leaves the first', async () => {
  await saveArtifact(folder, compiled);
  const before = await saveKeys(folder, keys);
  const controller = new AbortController();
  const second = await setup(compiled, { kind: 'dev', seed: 'another' });
  const attempt = saveKeys(folder, second, { signal: controller.signal, onEvent: () => controller.abort() });
  await expect(attempt).rejects.toMatchObject({ code: 'ZK1006' });
  expect(await readManifest(folder)).toEqual(before);
  expect((await loadArtifact(folder)).keys?.vkeyHash).toBe(keys.vkeyHash);
  expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});

test('no folder, or one without a manifest, is no artifact', async () => {
  await expect(loadArtifact(join(folder, 'nosuch'))).rejects.toMatchObject({ code: 'ZK5005', exit: 2 });
  await expect(loadArtifact(folder)).rejects.toMatchObject({ code: 'ZK5005', exit: 2 });
});

test("a folder's name holds nothing that a shell or file system minds", () => {
  const named = (name: string): string => artifactFolderName({ ...compiled, model: { ...model, name } });
  const digest = compiled.digests.circuit.slice(0, 8);
  expect(named('credit v2')).toBe(`credit-v2-${digest}`);
  expect(named('../../etc/passwd')).toBe(`etc-passwd-${digest}`);
  expect(named('…')).toBe(`model-${digest}`);
  expect(named('x'.repeat(500)).length).toBeLessThan(100);
});
