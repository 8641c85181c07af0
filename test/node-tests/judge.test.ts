/** The node tests' judge itself: right answers pass, wrong ones fail, whichever way a test is run. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import onnxProto from 'onnx-proto';
import { expect, test } from 'vitest';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { model, type NodeProto, node, tensor, value } from '../support/onnx-builder.ts';
import { readNodeTests } from './folder.ts';
import { judge, type Verdict } from './judge.ts';
import { printSummary } from './summary.ts';

const { onnx } = onnxProto;

const floats = (dims: readonly number[], data: readonly number[]): Tensor => ({ dtype: 'float32', dims, data: Float32Array.from(data) });
const int64 = (...data: number[]): Tensor => ({ dtype: 'int64', dims: [data.length], data: BigInt64Array.from(data, BigInt) });

/** Writes the test as ONNX's package has them, reads it back and judges it. */
async function judged(one: NodeProto, inputs: readonly Tensor[], outputs: readonly Tensor[]): Promise<Verdict> {
  const root = mkdtempSync(join(tmpdir(), 'node-tests-'));
  const set = join(root, 'test_one', 'test_data_set_0');
  mkdirSync(set, { recursive: true });
  const infos = (names: readonly string[], tensors: readonly Tensor[]) => tensors.map((t, i) => value(names[i]!, t.dtype, t.dims));
  const bytes = model({ nodes: [one], inputs: infos(one.input!, inputs), outputs: infos(one.output!, outputs) });
  writeFileSync(join(root, 'test_one', 'model.onnx'), bytes);
  const write = (file: string, t: Tensor): void => {
    writeFileSync(join(set, file), onnx.TensorProto.encode(onnx.TensorProto.fromObject(tensor('', t.dtype, t.dims, t.data))).finish());
  };
  for (const [i, t] of inputs.entries()) write(`input_${i}.pb`, t);
  for (const [i, t] of outputs.entries()) write(`output_${i}.pb`, t);
  const [found] = [...readNodeTests(root)];
  if (found === undefined || 'why' in found) throw new Error('the test was not read');
  return await judge(found);
}

const x = floats([2, 3], [0.5, -1.25, 3, 1e9, -7, 0.125]);
const transpose = node('Transpose', ['x'], ['y']);

test('movement is judged on ranks, bit for bit', async () => {
  const moved = [0.5, 1e9, -1.25, -7, 3, 0.125];
  expect(await judged(transpose, [x], [floats([3, 2], moved)])).toEqual({ outcome: 'passed', how: 'ranks' });
  const wrong = await judged(transpose, [x], [floats([3, 2], moved.with(4, 3.0000002384185791))]);
  expect(wrong).toMatchObject({ outcome: 'failed', why: expect.stringMatching(/y\[4\]/) });
  expect(await judged(transpose, [x], [floats([2, 3], moved)])).toMatchObject({ outcome: 'failed' });
});

test('ranks of more than one byte', async () => {
  const data = Array.from({ length: 600 }, (_, i) => ((i * 7919) % 600) / 7);
  const shape = node('Reshape', ['x', 'shape'], ['y']);
  expect(await judged(shape, [floats([600], data), int64(20, -1)], [floats([20, 30], data)])).toEqual({ outcome: 'passed', how: 'ranks' });
  const swapped = data.with(3, data[4]!).with(4, data[3]!);
  expect(await judged(shape, [floats([600], data), int64(20, -1)], [floats([20, 30], swapped)])).toMatchObject({ outcome: 'failed' });
});

test('a float operator is judged between Q/DQ pairs, within a step', async () => {
  const add = node('Add', ['a', 'b'], ['y']);
  const [a, b] = [floats([2, 2], [1, 2, 3, 4]), floats([2], [10, -20])];
  expect(await judged(add, [a, b], [floats([2, 2], [11, -18, 13, -16])])).toEqual({ outcome: 'passed', how: 'quantized' });
  expect(await judged(add, [a, b], [floats([2, 2], [11, -18, 13, -15])])).toMatchObject({ outcome: 'failed' });
});

test('shapes are constants', async () => {
  const shape = node('Shape', ['x'], ['y']);
  expect(await judged(shape, [x], [int64(2, 3)])).toEqual({ outcome: 'passed', how: 'constants' });
  expect(await judged(shape, [x], [int64(3, 2)])).toMatchObject({ outcome: 'failed' });
});

test('what is not supported says why, and failures are printed one by one', async () => {
  const unsupported = await judged(node('Det', ['x'], ['y']), [floats([2, 2], [1, 0, 0, 1])], [floats([], [1])]);
  expect(unsupported).toMatchObject({ outcome: 'unsupported', why: expect.stringContaining('Det') });
  const printed = printSummary([
    { name: 'a', verdict: unsupported },
    { name: 'b', verdict: { outcome: 'failed', why: 'y[0] is 1' } },
    { name: 'c', verdict: { outcome: 'passed', how: 'ranks' } },
  ]);
  expect(printed).toContain('passed       1 (1 ranks)');
  expect(printed).toContain('b: y[0] is 1');
});
