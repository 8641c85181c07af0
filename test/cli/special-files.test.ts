/** Files that are none: pipes that nobody writes, devices, folders, links in a circle, files of 5 GB. Refused at once, and nothing of them replaced; what a shell hands over as a pipe is read. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeNpz } from '../../src/tensor/npz.ts';
import { zkonnxHere } from '../support/cli.ts';
import { tinyInputs, tinyModel } from '../support/tiny.ts';

let folder: string;
const run = (...args: string[]) => zkonnxHere(args, folder);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'zkonnx-special-'));
  writeFileSync(join(folder, 'tiny.onnx'), tinyModel());
  writeFileSync(join(folder, 'x.npz'), writeNpz(new Map(Object.entries(tinyInputs(1)))));
  await run('compile', 'tiny.onnx', '--out', 'tiny');
  await run('setup', 'tiny', '--dev', '--seed', 'special');
  expect(await run('prove', 'tiny', '--inputs', 'x.npz', '--out', 'receipt.json')).toMatchObject({ code: 0 });
  for (const name of ['big.onnx', 'big.npz', 'big.r1cs', 'big.json']) {
    writeFileSync(join(folder, name), '');
    truncateSync(join(folder, name), 5 * 2 ** 30);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(process.platform === 'win32')('pipes, devices, links', () => {
  beforeAll(() => {
    execFileSync('mkfifo', ['pipe'], { cwd: folder });
    symlinkSync('loop', join(folder, 'loop'));
  });

  test.each(['pipe', 'loop', '.', '/dev/zero'])('%s in the place of a file', async (file) => {
    for (const args of [
      ['compile', file],
      ['run', 'tiny', '--inputs', file],
      ['verify', file],
      ['verify', 'receipt.json', '--vkey', file],
      ['verify', 'receipt.json', '--trust', file],
      ['export', file, 'calldata'],
      ['ceremony', 'contribute', file, '--out', 'next.zkey'],
      ['prove', '--zkey', 'tiny/circuit.zkey', '--witness', file, '--out', 'proof.json'],
    ]) {
      const { code, stderr } = await run(...args);
      expect([code, stderr], args.join(' ')).toEqual([expect.toBeOneOf([2, 5]), expect.stringMatching(/^ZK(1001|1002|5005) /)]);
    }
  });

  test.each(['manifest.json', 'program.json', 'circuit.r1cs', 'circuit.zkey', 'verification_key.json', 'circuit.zkey.rekeyed'])(
    'a pipe in the place of %s',
    async (name) => {
      cpSync(join(folder, 'tiny'), join(folder, 'piped'), { recursive: true });
      rmSync(join(folder, 'piped', name));
      execFileSync('mkfifo', [join('piped', name)], { cwd: folder });
      const { code, stderr } = await run('prove', 'piped', '--inputs', 'x.npz', '--out', 'never.json');
      expect([code, stderr]).toEqual([expect.toBeOneOf([2, 5]), expect.stringMatching(/^ZK500[15] /)]);
      rmSync(join(folder, 'piped'), { recursive: true });
    },
  );

  test('a device or a pipe is not replaced by what is written', async () => {
    for (const out of ['/dev/null', 'pipe']) {
      const { code, stderr } = await run('run', 'tiny', '--inputs', 'x.npz', '--out', out);
      expect([code, stderr]).toEqual([2, expect.stringMatching(/^ZK1003 .*a device or a pipe/)]);
    }
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
    expect(statSync(join(folder, 'pipe')).isFIFO()).toBe(true);
  });

  test('a pipe that the shell hands over is read', () => {
    const bin = join(import.meta.dirname, '../../bin/zkonnx.js');
    const shell = (command: string): string => execFileSync('bash', ['-c', command], { cwd: folder, encoding: 'utf8' });
    const verify = `"${process.execPath}" "${bin}" verify --allow-dev-setup --json`;
    expect(JSON.parse(shell(`cat receipt.json | ${verify} /dev/stdin`))).toMatchObject({ valid: true });
  });
});

test('files that are too large to read are refused by their size', async () => {
  for (const args of [
    ['compile', 'big.onnx'],
    ['run', 'tiny', '--inputs', 'big.npz'],
    ['audit', 'big.r1cs', '--inputs', '1'],
    ['verify', 'big.json'],
  ]) {
    const { code, stderr } = await run(...args);
    expect([code, stderr], args.join(' ')).toEqual([2, expect.stringContaining('5.4 GB, at most 2 GiB are read')]);
  }
});

test('a file in the place of the folder to write to', async () => {
  expect(await run('batch', 'tiny', '--inputs', 'x.npz', '--out', 'receipt.json')).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^ZK1003 /),
  });
  expect(await run('compile', 'tiny.onnx', '--out', 'receipt.json')).toMatchObject({ code: 2, stderr: expect.stringMatching(/^ZK1003 /) });
});
