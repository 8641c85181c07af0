/** Conv and pools of 1-D signals [1, C, L], and GlobalMaxPool, against onnxruntime-web; their circuits against `evaluate`. */
import { describe, expect, test } from 'vitest';
import { reportOf } from '../support/graphs.ts';
import {
  type Attribute,
  bias,
  dequantize,
  type ModelParts,
  node,
  parameters,
  part,
  type Quantization,
  qdq,
  quantize,
  value,
  weights,
} from '../support/onnx-builder.ts';
import { expectCircuitAgrees, expectOrtsAnswer, randomInputs } from '../support/oracle.ts';

const signal = [1, 4, 30];
const image = [1, 3, 5, 6];
const microsoft = { domain: 'com.microsoft' };
const triple = (name: string) => [`${name}_q`, `${name}_scale`, `${name}_zero_point`];
const y8 = ['y_scale', 'y_zero_point'];

async function expectExact(parts: ModelParts, scale: number): Promise<void> {
  const feeds = randomInputs(parts, scale);
  expectCircuitAgrees(await expectOrtsAnswer(parts, feeds), feeds);
}

describe.each(['uint8', 'int8'] as const)('%s', (dtype) => {
  const zeroPoint = dtype === 'int8' ? -7 : 121;
  const x: Quantization = { scale: 0.1, zeroPoint, dtype };
  const y: Quantization = { scale: 0.3, zeroPoint: zeroPoint + 2, dtype };
  const boundary = (dims: readonly number[], out: string) => ({
    inputs: [value('x', 'float32', dims)],
    outputs: [value(out, 'float32', null)],
  });

  test.each<[string, number[], Record<string, Attribute>]>([
    ['pads', [6, 4, 3], { pads: [1, 1] }],
    ['strides, uneven pads', [6, 4, 5], { strides: [3], pads: [4, 1] }],
    ['groups, dilations', [6, 2, 3], { group: 2, dilations: [4] }],
    ['depthwise, auto_pad', [4, 1, 4], { group: 4, auto_pad: 'SAME_LOWER', strides: [2], kernel_shape: [4] }],
  ])('Conv %s', async (_, dims, attributes) => {
    const channels = dims[0]!;
    const scales = Array.from({ length: channels }, (_, c) => 0.01 + c / 400);
    const data = Array.from({ length: dims.reduce((a, b) => a * b) }, (_, i) => ((i * 37) % 255) - 127);
    const w = weights('w', dims, data, { scales, dtype: 'int8' });
    const b = bias(
      'b',
      Array.from({ length: channels }, (_, c) => c * 400 - 900),
      x.scale,
      scales,
    );
    const conv = part(node('Conv', ['x_dq', 'w_dq', 'b_dq'], ['y'], attributes));
    await expectExact({ parts: [qdq('x', x), w, b, conv, qdq('y', y)], ...boundary(signal, 'y_dq') }, x.scale);
    const qlinear = part(
      node('QLinearConv', [...triple('x'), ...triple('w'), ...y8, 'b_q'], ['y_q'], attributes),
      parameters('y', y),
      [...w.initializers],
      [b.initializers[0]!],
    );
    await expectExact({ parts: [quantize('x', x), qlinear, dequantize('y_q', 'out', y)], ...boundary(signal, 'out') }, x.scale);
  });

  test.each<[string, Record<string, Attribute>]>([
    ['plain', { kernel_shape: [3] }],
    ['strides, pads, ceil_mode', { kernel_shape: [4], strides: [3], pads: [1, 2], ceil_mode: 1 }],
    ['auto_pad', { kernel_shape: [3], strides: [2], auto_pad: 'SAME_UPPER' }],
  ])('MaxPool and AveragePool %s', async (_, attributes) => {
    for (const op of ['MaxPool', 'AveragePool']) {
      const to = op === 'MaxPool' ? x : y;
      await expectExact(
        { parts: [qdq('x', x), part(node(op, ['x_dq'], ['y'], attributes)), qdq('y', to)], ...boundary(signal, 'y_dq') },
        x.scale,
      );
    }
    const average = part(node('QLinearAveragePool', [...triple('x'), ...y8], ['y_q'], attributes, microsoft), parameters('y', y));
    await expectExact({ parts: [quantize('x', x), average, dequantize('y_q', 'out', y)], ...boundary(signal, 'out') }, x.scale);
  });

  test('MaxPool with dilations', () =>
    expectExact(
      {
        parts: [qdq('x', x), part(node('MaxPool', ['x_dq'], ['y'], { kernel_shape: [3], dilations: [4] })), qdq('y', x)],
        ...boundary(signal, 'y_dq'),
      },
      x.scale,
    ));

  test.each([signal, image])('global pools of [%d, %d, %d, …]', async (...dims) => {
    for (const [op, to] of [
      ['GlobalAveragePool', y],
      ['GlobalMaxPool', x],
      ['GlobalMaxPool', y],
    ] as const) {
      await expectExact({ parts: [qdq('x', x), part(node(op, ['x_dq'], ['y'])), qdq('y', to)], ...boundary(dims, 'y_dq') }, x.scale);
    }
  });
});

test('a weight of another rank than its input is refused', () => {
  const q: Quantization = { scale: 0.1, zeroPoint: 0, dtype: 'uint8' };
  const parts: ModelParts = {
    parts: [
      qdq('x', q),
      weights('w', [2, 4, 1, 1], [1, 2, 3, 4, 5, 6, 7, 8], { scales: [0.1], dtype: 'int8' }),
      part(node('Conv', ['x_dq', 'w_dq'], ['y'])),
      qdq('y', q),
    ],
    inputs: [value('x', 'float32', signal)],
    outputs: [value('y_dq', 'float32', null)],
  };
  expect(reportOf(parts).entries.map(({ why }) => why)).toEqual([expect.stringMatching(/weights have shape/)]);
});
