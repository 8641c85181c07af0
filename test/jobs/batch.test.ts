/** Batches through the real pool: one receipt per input, resume, one bad input among good ones, cancellation. */
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compile } from '../../src/compile.ts';
import type { Keys } from '../../src/groth16/keys.ts';
import type { NamedTensors } from '../../src/inputs.ts';
import { batch } from '../../src/jobs/batch.ts';
import { setup } from '../../src/setup.ts';
import { saveArtifact, saveKeys } from '../../src/store/artifact.ts';
import { verify } from '../../src/verify.ts';
import { tinyInputs, tinyModel } from '../support/tiny.ts';

let folder = '';
let artifact = '';
let keys: Keys;
let three: NamedTensors;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zkonnx-batch-'));
  artifact = join(folder, 'artifact');
  const compiled = await compile(tinyModel(), { name: 'tiny' });
  keys = await setup(compiled, { kind: 'dev', seed: 'batch' });
  await saveArtifact(artifact, compiled);
  await saveKeys(artifact, keys);
  three = tinyInputs(3);
}, 240_000);

afterAll(async () => {
  if (folder !== '') await rm(folder, { recursive: true, force: true });
});

const receipts = async (out: string) => (await readdir(out)).filter((name) => /^\d{6}\.json$/.test(name)).sort();

test('one receipt per input; a second run proves nothing again; a lost or damaged one is made anew', async () => {
  const out = join(folder, 'out');
  const saltOut = join(folder, 'salts.ndjson');
  const events: number[] = [];
  const first = await batch(artifact, three, {
    out,
    threads: 2,
    saltOut,
    onEvent: ({ stage, done }) => void (stage === 'batch' && events.push(done)),
  });
  expect(first).toEqual({ count: 3, proven: 3, kept: 0, failed: [] });
  expect(events.at(-1)).toBe(3);
  expect(await receipts(out)).toEqual(['000000.json', '000001.json', '000002.json']);
  for (const name of await receipts(out)) {
    const text = await readFile(join(out, name), 'utf8');
    expect(await verify(JSON.parse(text), { vkeyHash: keys.vkeyHash })).toMatchObject({ valid: true });
  }
  expect((await stat(saltOut)).mode & 0o077).toBe(0);
  expect((await readFile(saltOut, 'utf8')).trim().split('\n')).toHaveLength(3);

  expect(await batch(artifact, three, { out })).toEqual({ count: 3, proven: 0, kept: 3, failed: [] });

  const whole = await readFile(join(out, '000001.json'), 'utf8');
  await rm(join(out, '000000.json'));
  await writeFile(join(out, '000001.json'), whole.slice(0, whole.length / 2));
  // A receipt of another input under this name is not this inference's.
  await writeFile(join(out, '000002.json'), whole);
  expect(await batch(artifact, three, { out })).toEqual({ count: 3, proven: 3, kept: 0, failed: [] });
}, 240_000);

test('one bad input does not stop the others, and says which and why', async () => {
  const data = (three.input!.data as Float32Array).slice(0, 2 * 8);
  data[8 + 5] = Number.NaN;
  const out = join(folder, 'bad');
  const result = await batch(artifact, { input: { dtype: 'float32', dims: [2, 8], data } }, { out, threads: 1 });
  expect(result).toMatchObject({ count: 2, proven: 1, kept: 0, failed: [{ index: 1, code: 'ZK4105' }] });
  expect(await receipts(out)).toEqual(['000000.json']);
  const journal = (await readFile(join(out, 'journal.jsonl'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  expect(journal).toContainEqual({ index: 1, status: 'failed', code: 'ZK4105' });
}, 240_000);

test('other inputs under the same index are proven anew; a folder of another batch is refused', async () => {
  const out = join(folder, 'out');
  expect((await stat(join(out, 'journal.jsonl'))).mode & 0o077).toBe(0);
  const data = (three.input!.data as Float32Array).slice();
  data[8] = 1 - data[8]!;
  expect(await batch(artifact, { input: { ...three.input!, data } }, { out })).toEqual({ count: 3, proven: 1, kept: 2, failed: [] });
  await expect(batch(artifact, three, { out, context: 'another' })).rejects.toMatchObject({ code: 'ZK5002' });
}, 120_000);

test('cancelled: rejects, leaves whole receipts only', async () => {
  const controller = new AbortController();
  const out = join(folder, 'cancelled');
  const running = batch(artifact, three, {
    out,
    threads: 1,
    signal: controller.signal,
    onEvent: ({ stage, done }) => stage === 'batch' && done === 1 && controller.abort(),
  });
  await expect(running).rejects.toMatchObject({ code: 'ZK1006' });
  expect(await receipts(out)).toEqual(['000000.json']);
  expect((await readdir(out)).filter((name) => !/^(\d{6}\.json|journal\.jsonl)$/.test(name))).toEqual([]);
}, 240_000);
