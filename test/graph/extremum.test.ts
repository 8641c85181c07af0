/** Max, Min, ReduceMax, ReduceMin, ArgMin against onnxruntime-web; their circuits against `evaluate`, and no other output can be proven. */
import { describe, expect, test } from 'vitest';
import { buildGraph } from '../../src/graph/build.ts';
import { decodeModel } from '../../src/onnx/decode.ts';
import { buildProgram } from '../../src/program/build.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { expectOnlyTrueOutput } from '../support/only-output.ts';
import {
  type Attribute,
  dequantize,
  type ModelParts,
  model,
  node,
  part,
  type Quantization,
  qdq,
  quantize,
  tensor,
  value,
  weights,
} from '../support/onnx-builder.ts';
import { expectCircuitAgrees, expectOrtsAnswer, randomInputs } from '../support/oracle.ts';

async function expectExact(parts: ModelParts, feeds: Record<string, Tensor>): Promise<void> {
  expectCircuitAgrees(await expectOrtsAnswer(parts, feeds), feeds);
}

describe.each(['uint8', 'int8'] as const)('%s', (dtype) => {
  const zero = dtype === 'int8' ? 0 : 128;
  const q = (scale: number, more: number): Quantization => ({ dtype, scale: Math.fround(scale), zeroPoint: zero + more });
  const [a, b, c] = [q(0.05, 3), q(0.0371, -20), q(0.25, 0)];

  test.each(['Max', 'Min'])('%s of three tensors of other parameters, broadcast', async (op) => {
    const parts: ModelParts = {
      parts: [qdq('a', a), qdq('b', b), qdq('c', c), part(node(op, ['a_dq', 'b_dq', 'c_dq'], ['y'])), qdq('y', q(0.0613, 9))],
      inputs: [value('a', 'float32', [2, 3, 4]), value('b', 'float32', [3, 1]), value('c', 'float32', [2, 1, 4])],
      outputs: [value('y_dq', 'float32', null)],
    };
    await expectExact(parts, randomInputs(parts, 0.05));
  });

  test.each(['Max', 'Min'])('%s of two tensors of one quantization: all pairs', async (op) => {
    const parts: ModelParts = {
      parts: [qdq('a', a), qdq('b', a), part(node(op, ['a_dq', 'b_dq'], ['y'])), qdq('y', a)],
      inputs: [value('a', 'float32', [256, 1]), value('b', 'float32', [1, 256])],
      outputs: [value('y_dq', 'float32', null)],
    };
    const every = (dims: number[]): Tensor => ({
      dtype: 'float32',
      dims,
      data: Float32Array.from({ length: 256 }, (_, i) => (i + (dtype === 'int8' ? -128 : 0) - a.zeroPoint) * a.scale),
    });
    await expectOrtsAnswer(parts, { a: every([256, 1]), b: every([1, 256]) });
  });

  test.each(['Max', 'Min'])('%s with constants', async (op) => {
    const boundary = { inputs: [value('a', 'float32', [4, 60])], outputs: [value('y_dq', 'float32', null)] };
    const w = weights('w', [4, 1], [1, 60, 100, 127], { scales: [0.031], zeroPoints: [zero], dtype });
    const quantized: ModelParts = { ...boundary, parts: [qdq('a', a), w, part(node(op, ['a_dq', 'w_dq'], ['y'])), qdq('y', b)] };
    await expectExact(quantized, randomInputs(quantized, 0.05));
    const float = [tensor('k', 'float32', [4, 1], [-1, 0, 0.3, 2])];
    const unquantized: ModelParts = { ...boundary, parts: [qdq('a', a), part(node(op, ['a_dq', 'k'], ['y']), float), qdq('y', b)] };
    await expectExact(unquantized, randomInputs(unquantized, 0.05));
  });

  test.each<[string, Record<string, Attribute>]>([
    ['ReduceMax', { axes: [2, 3] }],
    ['ReduceMin', { axes: [1], keepdims: 0 }],
    ['ReduceMax', {}],
    ['ReduceMin', { axes: [-1, 0] }],
  ])('%s %j', async (op, attributes) => {
    const boundary = { inputs: [value('a', 'float32', [1, 3, 4, 5])], outputs: [value('y_dq', 'float32', null)] };
    for (const y of [a, b]) {
      const parts: ModelParts = { ...boundary, parts: [qdq('a', a), part(node(op, ['a_dq'], ['y'], attributes)), qdq('y', y)] };
      await expectExact(parts, randomInputs(parts, 0.05));
    }
    const integers: ModelParts = {
      ...boundary,
      outputs: [value('out', 'float32', null)],
      parts: [quantize('a', a), part(node(op, ['a_q'], ['y_q'], attributes)), dequantize('y_q', 'out', a)],
    };
    await expectExact(integers, randomInputs(integers, 0.05));
  });

  test('ReduceMin behind a requantization: taken on accumulators', async () => {
    const w = weights(
      'w',
      [6, 4],
      Array.from({ length: 24 }, (_, i) => ((i * 37) % 255) - 127),
      { scales: [0.01], dtype: 'int8' },
    );
    const parts: ModelParts = {
      parts: [
        qdq('a', a),
        w,
        part(node('MatMul', ['a_dq', 'w_dq'], ['m'])),
        qdq('m', b),
        part(node('ReduceMin', ['m_dq'], ['y'], { axes: [1] })),
        qdq('y', b),
      ],
      inputs: [value('a', 'float32', [5, 6])],
      outputs: [value('y_dq', 'float32', null)],
    };
    await expectExact(parts, randomInputs(parts, 0.05));
  });

  test.each([0, 1])('ArgMin, select_last_index %d', async (last) => {
    const parts: ModelParts = {
      parts: [quantize('a', c), part(node('ArgMin', ['a_q'], ['i'], { axis: 1, keepdims: last, select_last_index: last }))],
      inputs: [value('a', 'float32', [3, 10, 4])],
      outputs: [value('i', 'int64', null)],
    };
    // Few values, so that ties are everywhere.
    const feeds = {
      a: { dtype: 'float32', dims: [3, 10, 4], data: Float32Array.from({ length: 120 }, (_, i) => ((i * 7919) % 5) * 0.25) } as Tensor,
    };
    await expectExact(parts, feeds);
  });
});

test.each<[string, Record<string, Attribute>]>([
  ['ReduceMax', { axes: [0] }],
  ['ReduceMin', { axes: [0] }],
  ['ArgMin', { axis: 0 }],
])('%s: one output only', (op, attributes) => {
  const q: Quantization = { dtype: 'uint8', scale: 0.25, zeroPoint: 3 };
  const made = part(node(op, ['a_q'], ['y'], attributes));
  const outputs = [value('y', op === 'ArgMin' ? 'int64' : 'uint8', null)];
  const program = buildProgram(
    buildGraph(decodeModel(model({ parts: [quantize('a', q), made], inputs: [value('a', 'float32', [3])], outputs }))),
  );
  for (const x of [
    [0, 0, 0],
    [255, 255, 255],
    [7, 3, 7],
    [255, 0, 254],
    [1, 2, 1],
  ])
    expectOnlyTrueOutput(program, new Map([['a', Int32Array.from(x)]]));
  expect(program.ops.at(-1)!.kind).toBe(op === 'ArgMin' ? 'argmax' : 'max');
});
