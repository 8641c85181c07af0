/** A model whose end is left in floats, as quantize_static leaves a LogSoftmax: refused with the tensor to prove instead, proven up to it, and found again by verify. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeNpz } from '../../src/tensor/npz.ts';
import { zkonnxHere } from '../support/cli.ts';
import { model, node, part, qdq, value, weights } from '../support/onnx-builder.ts';

const q = { dtype: 'uint8', scale: 0.1, zeroPoint: 128 } as const;
const network = (last: string, weight = 3) =>
  model({
    parts: [
      qdq('x', q),
      weights('w', [2, 2], [weight, -1, 2, 5], { scales: [0.5], dtype: 'int8' }),
      part(node('MatMul', ['x_dq', 'w_dq'], ['y'])),
      qdq('y', q),
      part(node(last, ['y_dq'], ['p'])),
    ],
    inputs: [value('x', 'float32', [1, 2])],
    outputs: [value('p', 'float32', null)],
  });

test('check names the tensor before a float end; --outputs proves it; verify finds it in the receipt', async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'zkonnx-outputs-'));
  const cli = (...args: string[]) => zkonnxHere(args, cwd);
  try {
    await writeFile(join(cwd, 'net.onnx'), network('LogSoftmax'));
    await writeFile(join(cwd, 'other.onnx'), network('LogSoftmax', 4));
    await writeFile(join(cwd, 'tanh.onnx'), network('Tanh'));
    const data = Float32Array.of(1, -2);
    await writeFile(join(cwd, 'x.npz'), writeNpz(new Map([['x', { dtype: 'float32', dims: [1, 2], data }]])));

    expect(await cli('check', 'tanh.onnx')).toMatchObject({ code: 3, stderr: expect.stringContaining('--outputs y_dq') });
    expect(await cli('check', 'net.onnx')).toMatchObject({ code: 3, stderr: expect.stringContaining('--outputs TENSOR') });
    expect(await cli('check', 'net.onnx', '--outputs', 'logits')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/ZK1005.*no output named "logits"; it has p, y_dq, x_dq/s),
    });
    expect(await cli('check', 'net.onnx', '--outputs', 'y_dq,,')).toMatchObject({ code: 2, stderr: expect.stringContaining('ZK1001') });
    expect(await cli('check', 'net.onnx', '--outputs', 'y_dq')).toMatchObject({ code: 0 });

    for (const args of [
      ['compile', 'net.onnx', '--out', 'net', '--outputs', 'y_dq', '--visibility', 'x=public'],
      ['setup', 'net', '--dev', '--seed', 'outputs'],
      ['prove', 'net', '--inputs', 'x.npz', '--out', 'receipt.json'],
    ])
      expect(await cli(...args), args.join(' ')).toMatchObject({ code: 0 });
    const verified = await cli('verify', 'receipt.json', '--model', 'net.onnx', '--allow-dev-setup', '--json');
    expect(verified).toMatchObject({ code: 0 });
    expect(JSON.parse(verified.stdout)).toMatchObject({ valid: true });
    // Another model with the same names is another circuit.
    expect(await cli('verify', 'receipt.json', '--model', 'other.onnx', '--allow-dev-setup')).toMatchObject({ code: 1 });
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
});
