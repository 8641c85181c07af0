/** --batch and --dim on the command line: one circuit for N inferences at once, from check to a receipt that names the model. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readNpz, writeNpz } from '../../src/tensor/npz.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { zkonnxHere } from '../support/cli.ts';
import { model, node, part, qdq, value, weights } from '../support/onnx-builder.ts';
import { ortRun } from '../support/ort.ts';

const q = { scale: 0.05, zeroPoint: 128, dtype: 'uint8' } as const;
const bytes = model({
  parts: [
    qdq('x', q),
    weights('w', [3, 2], [5, -7, 11, 13, -2, 40], { scales: [0.1], dtype: 'int8' }),
    part(node('MatMul', ['x_dq', 'w_dq'], ['y'])),
    qdq('y', { ...q, scale: 0.2 }, 'out'),
  ],
  inputs: [value('x', 'float32', ['N', 'length', 3])],
  outputs: [value('out', 'float32', ['N', 'length', 2])],
});
const images = (count: number): Tensor => ({
  dtype: 'float32',
  dims: [count, 2, 3],
  data: Float32Array.from({ length: count * 6 }, (_, i) => ((i * 29) % 113) / 20 - 2),
});
const options = ['--batch', '2', '--dim', 'length=2'];
let cwd = '';
const cli = (...args: string[]) => zkonnxHere(args, cwd);

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'zkonnx-batch-'));
  await writeFile(join(cwd, 'm.onnx'), bytes);
  for (const count of [2, 6]) await writeFile(join(cwd, `${count}.npz`), writeNpz(new Map([['x', images(count)]])));
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

test('check says the shapes, and what is not fixed', async () => {
  const { code, stdout } = await cli('check', 'm.onnx', ...options, '--json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ inputs: [{ dims: [2, 2, 3] }], outputs: [{ dims: [2, 2, 2] }] });
  const open = await cli('check', 'm.onnx', '--batch', '2');
  expect([open.code, open.stderr]).toEqual([3, expect.stringMatching(/dimension 1 \(length\) is not fixed[\s\S]*--dim length=N/)]);
});

test('run takes N times the batch, from the file and from the folder', async () => {
  await cli('compile', 'm.onnx', ...options, '--out', 'm');
  const wanted = (await ortRun(bytes, { x: images(6) })).out!;
  for (const source of [['m.onnx', ...options], ['m']]) {
    const { code, stderr } = await cli('run', ...source, '--inputs', '6.npz', '--out', 'out.npz');
    expect([code, stderr.includes('ZK')]).toEqual([0, false]);
    expect(readNpz(new Uint8Array(await readFile(join(cwd, 'out.npz'))), 'out.npz').get('out')).toEqual(wanted);
  }
});

test('a receipt of the whole batch; --model takes the sizes from it', async () => {
  await cli('compile', 'm.onnx', ...options, '--out', 'm');
  expect((await cli('setup', 'm', '--dev', '--seed', 'batch')).code).toBe(0);
  expect((await cli('prove', 'm', '--inputs', '2.npz', '--out', 'r.json')).code).toBe(0);
  const verdict = await cli('verify', 'r.json', '--model', 'm.onnx', '--allow-dev-setup', '--json');
  expect([verdict.code, JSON.parse(verdict.stdout)]).toEqual([0, expect.objectContaining({ valid: true })]);
  // Another batch is another circuit.
  const other = await cli('verify', 'r.json', '--model', 'm.onnx', '--batch', '3', '--allow-dev-setup', '--json');
  expect(other.code).toBe(1);
  const two = await cli('prove', 'm', '--inputs', '6.npz', '--index', '2', '--out', 'r2.json');
  expect(two.code).toBe(0);
  expect((await cli('prove', 'm', '--inputs', '6.npz', '--index', '3', '--out', 'r3.json')).stderr).toContain('ZK4108');
}, 120_000);

test.each([
  [['--batch', '0'], /whole number/],
  [['--batch', 'two'], /whole number/],
  [['--dim', 'length'], /NAME=N/],
  [['--dim', 'length=x'], /NAME=N/],
  [['--dim', 'length=2,length=3'], /twice/],
  [['--dim', 'height=2'], /its inputs have N, length/],
])('refuses %j', async (given, why) => {
  const { code, stderr } = await cli('check', 'm.onnx', ...given);
  expect([code, stderr]).toEqual([2, expect.stringMatching(why)]);
});
