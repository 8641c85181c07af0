/** Files are there whole or not at all. */
import { chmod, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeFileAtomic } from '../../src/store/atomic.ts';
import { digestFile } from '../../src/store/file-digest.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zkonnx-atomic-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('text, bytes and pieces; the answer is the digest of what is there', async () => {
  const path = join(folder, 'deep', 'file');
  const contents = ['grün', new TextEncoder().encode('grün'), ['gr', new TextEncoder().encode('ün')]] as const;
  for (const content of contents) {
    const written = await writeFileAtomic(path, content);
    expect(await readFile(path, 'utf8')).toBe('grün');
    expect(written).toEqual(await digestFile(path));
    expect(written.bytes).toBe(5);
  }
  expect(await readdir(join(folder, 'deep'))).toEqual(['file']);
});

test('a write that fails half-way leaves the old file and nothing else', async () => {
  const path = join(folder, 'file');
  await writeFile(path, 'old');
  function* broken(): Generator<Uint8Array> {
    yield new Uint8Array(100_000);
    throw new Error('the source broke');
  }
  await expect(writeFileAtomic(path, broken())).rejects.toMatchObject({ code: 'ZK1003' });
  expect(await readFile(path, 'utf8')).toBe('old');
  expect(await readdir(folder)).toEqual(['file']);
});

test('an abort between pieces leaves the old file and nothing else', async () => {
  const path = join(folder, 'file');
  await writeFile(path, 'old');
  const controller = new AbortController();
  function* pieces(): Generator<Uint8Array> {
    yield Uint8Array.of(1);
    controller.abort();
    yield Uint8Array.of(2);
  }
  await expect(writeFileAtomic(path, pieces(), { signal: controller.signal })).rejects.toMatchObject({ code: 'ZK1006', exit: 130 });
  expect(await readFile(path, 'utf8')).toBe('old');
  expect(await readdir(folder)).toEqual(['file']);
});

test('what cannot be written is ZK1003 and says why', async () => {
  const path = join(folder, 'file');
  await writeFile(path, 'a file, not a folder');
  await expect(writeFileAtomic(join(path, 'inside'), 'x')).rejects.toMatchObject({ code: 'ZK1003', exit: 2 });
  await expect(writeFileAtomic(folder, 'x')).rejects.toMatchObject({ code: 'ZK1003' });
});

test.skipIf(process.platform === 'win32')('secrets are written with mode 0600, also over an open file', async () => {
  const path = join(folder, 'secret');
  await writeFile(path, 'old');
  await chmod(path, 0o644);
  await writeFileAtomic(path, 'new', { mode: 0o600 });
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test('what a killed run left is removed after an hour, what another run is writing is not', async () => {
  const stale = join(folder, '.zkonnx-0123456789abcdef.tmp');
  const fresh = join(folder, '.zkonnx-fedcba9876543210.tmp');
  await writeFile(stale, 'half');
  await writeFile(fresh, 'half');
  const twoHoursAgo = new Date(Date.now() - 7_200_000);
  await utimes(stale, twoHoursAgo, twoHoursAgo);
  await writeFileAtomic(join(folder, 'file'), 'x');
  expect((await readdir(folder)).sort()).toEqual(['.zkonnx-fedcba9876543210.tmp', 'file']);
});

test('of many writers at once one wins whole', async () => {
  const path = join(folder, 'file');
  const texts = Array.from({ length: 12 }, (_, i) => String(i).repeat(200_000));
  await Promise.all(texts.map((text) => writeFileAtomic(path, text)));
  expect(texts).toContain(await readFile(path, 'utf8'));
  expect(await readdir(folder)).toEqual(['file']);
});
