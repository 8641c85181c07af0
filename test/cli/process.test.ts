/** Real processes: each exit code of the contract, streams, signals, and that they end by themselves. What the codes are for: contract.test.ts. */
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { zkonnx } from '../support/cli.ts';

const digits = fileURLToPath(new URL('../../examples/digits/', import.meta.url));
const model = join(digits, 'digits.onnx');
const inputs = join(digits, 'inputs.npz');
let cwd = '';
const path = (name: string): string => join(cwd, name);

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'zkonnx-process-'));
  for (const args of [
    ['compile', model, '--out', 'digits'],
    ['setup', 'digits', '--dev'],
    ['prove', 'digits', '--inputs', inputs, '--index', '3', '--out', 'receipt.json'],
  ]) {
    const { code, stderr } = await zkonnx(args, { cwd });
    expect(code, stderr).toBe(0);
  }
}, 180_000);

afterAll(() => rm(cwd, { recursive: true, force: true }));

const commandLines: readonly (readonly [exit: number, args: readonly string[]])[] = [
  [0, ['verify', 'receipt.json', '--allow-dev-setup']],
  [1, ['verify', 'receipt.json']],
  [2, ['verify', 'nosuch.json']],
  [2, ['frobnicate']],
  [3, ['check', join(digits, 'float.onnx')]],
  [4, ['run', model, '--inputs', join(digits, 'labels.npz')]],
];

test.each(commandLines)('exit %i: zkonnx %j', async (exit, args) => {
  const { code, stdout, stderr } = await zkonnx(args, { cwd, env: { FORCE_COLOR: '1' } });
  expect(code, stderr).toBe(exit);
  expect(stdout + stderr).not.toContain('\x1b');
  expect(stderr).not.toMatch(/^\s+at |Warning/m);
});

test('exit 5: a damaged folder', async () => {
  await cp(path('digits'), path('damaged'), { recursive: true });
  await writeFile(path('damaged/program.bin'), 'damaged');
  const { code, stdout } = await zkonnx(['run', 'damaged', '--inputs', inputs, '--json'], { cwd });
  expect(code).toBe(5);
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'ZK5001', exit: 5 } });
});

test.skipIf(process.platform === 'win32').each(['SIGINT', 'SIGTERM'] as const)('exit 130: %s leaves no half file', async (signal) => {
  const folder = `interrupted-${signal}`;
  await cp(path('digits'), path(folder), { recursive: true });
  const before = await readdir(path(folder));
  const manifest = await readFile(path(`${folder}/manifest.json`), 'utf8');
  let sent = false;
  const result = await zkonnx(['setup', folder, '--dev', '--json'], {
    cwd,
    onStderr: (text, child) => {
      if (sent || !text.includes('"set-up"')) return;
      sent = true;
      child.kill(signal);
    },
  });
  expect({ code: result.code, signal: result.signal }).toEqual({ code: 130, signal: null });
  expect(JSON.parse(result.stdout)).toMatchObject({ error: { code: 'ZK1006', exit: 130 } });
  expect(await readdir(path(folder))).toEqual(before);
  expect(await readFile(path(`${folder}/manifest.json`), 'utf8')).toBe(manifest);
});

test('a reader that closes the pipe early is no error', async () => {
  const { spawn } = await import('node:child_process');
  const bin = fileURLToPath(new URL('../../bin/zkonnx.js', import.meta.url));
  const child = spawn(process.execPath, [bin, 'export', 'digits', 'solidity'], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (text: Buffer) => {
    stderr += text.toString();
  });
  child.stdout.destroy();
  const code = await new Promise((resolve) => child.on('close', resolve));
  expect({ code, trace: /^\s+at /m.test(stderr) }).toEqual({ code: 0, trace: false });
});
