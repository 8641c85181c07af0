/** The way of an integer network with signed inputs through the command line: named when compiling, found again in the receipt. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeNpz } from '../../src/tensor/npz.ts';
import { zkonnxHere } from '../support/cli.ts';
import { model, node, part, tensor, value } from '../support/onnx-builder.ts';

const network = model({
  parts: [
    part(node('RequantShift', ['x', 'mul', 'add'], ['y'], { div: 256, n_levels: 256, signed: 1 }), [
      tensor('mul', 'float32', [1], [-77]),
      tensor('add', 'float32', [1], [300]),
    ]),
  ],
  inputs: [value('x', 'float32', [1, 3])],
  outputs: [value('y', 'float32', null)],
});

test('compile --input-types, prove, and verify against the model file', async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'zkonnx-types-'));
  const cli = (...args: string[]) => zkonnxHere(args, cwd);
  try {
    await writeFile(join(cwd, 'net.onnx'), network);
    await writeFile(
      join(cwd, 'x.npz'),
      writeNpz(new Map([['x', { dtype: 'int64', dims: [1, 3], data: BigInt64Array.of(-128n, 5n, 127n) }]])),
    );
    expect(await cli('compile', 'net.onnx', '--input-types', 'x=int16')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('uint8 or int8'),
    });
    expect(await cli('run', 'net.onnx', '--inputs', 'x.npz')).toMatchObject({ code: 4, stderr: expect.stringContaining('ZK4102') });
    expect(await cli('run', 'net.onnx', '--inputs', 'x.npz', '--input-types', 'x=int8')).toMatchObject({ code: 0 });
    for (const args of [
      ['compile', 'net.onnx', '--out', 'net', '--input-types', 'x=int8', '--visibility', 'x=public'],
      ['setup', 'net', '--dev', '--seed', 'input types'],
      ['prove', 'net', '--inputs', 'x.npz', '--out', 'receipt.json'],
    ])
      expect(await cli(...args), args.join(' ')).toMatchObject({ code: 0 });
    const verified = await cli('verify', 'receipt.json', '--model', 'net.onnx', '--allow-dev-setup', '--json');
    expect(verified).toMatchObject({ code: 0 });
    // −77·−128/256 + 300/256 = 39.67, −1.5 + 1.17 = −0.33, −38.2 + 1.17 = −37.03
    expect(JSON.parse(verified.stdout)).toMatchObject({ valid: true });
    expect(await cli('run', 'net', '--inputs', 'x.npz', '--out', 'y.npz')).toMatchObject({ stdout: expect.stringMatching(/40.*0.*-37/s) });
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
});
