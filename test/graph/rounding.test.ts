/** Which zero point int8 groups round with, beside ONNX Runtime, in graphs with readers that it counts in its own way. */
import { expect, test } from 'vitest';
import { compileProgram } from '../../src/compile.ts';
import { run } from '../../src/run.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { model, node, part, qdq, value } from '../support/onnx-builder.ts';
import { ortRun } from '../support/ort.ts';

test.each(['x', 'both', 'all'])('a DequantizeLinear that nothing reads counts as a reader to ONNX Runtime: %s', async (where) => {
  const x = qdq('x', { scale: 0.25, zeroPoint: -3, dtype: 'int8' });
  const z = qdq('z', { scale: 0.25, zeroPoint: 8, dtype: 'int8' });
  const y = qdq('y', { scale: 0.5, zeroPoint: 5, dtype: 'int8' });
  const u = qdq('u', { scale: 0.5, zeroPoint: 4, dtype: 'int8' });
  const unread = (of: string) => part(node('DequantizeLinear', [`${of}_q`, `${of}_scale`, `${of}_zero_point`], [`${of}_unread`]));
  const bytes = model({
    parts: [
      x,
      ...(where === 'z' ? [] : [unread('x')]),
      z,
      ...(where === 'x' ? [] : [unread('z')]),
      part(node('Add', [x.dq, z.dq], ['y'])),
      y,
      ...(where === 'all' ? [unread('y')] : []),
      part(node('Add', [y.dq, y.dq], ['u'])),
      u,
    ],
    inputs: [value('x', 'float32', [256]), value('z', 'float32', [256])],
    outputs: [value(y.dq, 'float32', [256]), value(u.dq, 'float32', [256])],
  });
  const tensor = (step: number): Tensor => ({
    dtype: 'float32',
    dims: [256],
    data: Float32Array.from({ length: 256 }, (_, i) => (((i * step) % 256) - 128) * 0.25),
  });
  const inputs = { x: tensor(89), z: tensor(51) };
  const expected = await ortRun(bytes, inputs);
  const { program } = await compileProgram(bytes);
  const actual = await run(program, inputs);
  for (const { name } of program.outputs) expect(actual[name]!.data).toEqual(expected[name]!.data);
});
