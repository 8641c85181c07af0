/** Which zero point int8 groups round with, beside ONNX Runtime, in graphs with readers that it counts in its own way. */
import { expect, test } from 'vitest';
import { compileProgram } from '../../src/compile.ts';
import { run } from '../../src/run.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { model, node, part, qdq, value } from '../support/onnx-builder.ts';
import { ortRun } from '../support/ort.ts';

test('a DequantizeLinear that nothing reads keeps ONNX Runtime from recasting the tensor as uint8', async () => {
  const x = qdq('x', { scale: 0.125, zeroPoint: -3, dtype: 'int8' });
  const y = qdq('y', { scale: 0.25, zeroPoint: 5, dtype: 'int8' });
  const bytes = model({
    parts: [
      x,
      part(node('DequantizeLinear', [x.q, 'x_scale', 'x_zero_point'], ['unread'])),
      part(node('AveragePool', [x.dq], ['y'], { kernel_shape: [2, 2], strides: [2, 2] })),
      y,
    ],
    inputs: [value('x', 'float32', [1, 1, 16, 16])],
    outputs: [value(y.dq, 'float32', [1, 1, 8, 8])],
  });
  const input: Tensor = {
    dtype: 'float32',
    dims: [1, 1, 16, 16],
    data: Float32Array.from({ length: 256 }, (_, i) => (((i * 89) % 256) - 128) * 0.125),
  };
  const expected = (await ortRun(bytes, { x: input }))[y.dq]!;
  const { program } = await compileProgram(bytes).catch(() => ({ program: null }));
  // Refused is right, too: what must not be is another answer.
  if (program !== null) expect((await run(program, { x: input }))[y.dq]!.data).toEqual(expected.data);
});
