/** What quantizers other than ONNX Runtime's write, and what exporters leave around it, against onnxruntime-web and through the circuit. */
import { describe, expect, test } from 'vitest';
import { graphOf } from '../support/graphs.ts';
import {
  type ModelParts,
  node,
  type Part,
  part,
  type Quantization,
  qdq,
  type TensorProto,
  tensor,
  value,
  weights,
} from '../support/onnx-builder.ts';
import { expectCircuitAgrees, expectOrtsAnswer, randomInputs } from '../support/oracle.ts';

const spread = (length: number, most = 127) => Array.from({ length }, (_, i) => ((i * 53) % (2 * most + 1)) - most);
const scalar = (name: string, dtype: 'float32' | 'uint8' | 'int8', v: number) => tensor(name, dtype, [], [v]);

async function expectExact(parts: ModelParts, scale: number): Promise<void> {
  for (const seed of [7, 8, 9]) {
    const feeds = randomInputs(parts, scale, seed);
    const program = await expectOrtsAnswer(parts, feeds);
    if (seed === 7) expectCircuitAgrees(program, feeds);
  }
}

/** Q → Clip to fewer bits → DQ, of an activation or of float weights. */
function narrowPair(x: string, q: Quantization, [low, high]: readonly [number, number]): Part & { readonly dq: string } {
  const made = part(
    node('QuantizeLinear', [x, `${x}_scale`, `${x}_zero_point`], [`${x}_q`]),
    node('Clip', [`${x}_q`, `${x}_low`, `${x}_high`], [`${x}_c`]),
    node('DequantizeLinear', [`${x}_c`, `${x}_scale`, `${x}_zero_point`], [`${x}_dq`]),
    [
      scalar(`${x}_scale`, 'float32', q.scale),
      scalar(`${x}_zero_point`, q.dtype, q.zeroPoint),
      scalar(`${x}_low`, q.dtype, low),
      scalar(`${x}_high`, q.dtype, high),
    ],
  );
  return { ...made, dq: `${x}_dq` };
}

describe('fewer than 8 bits in 8 (Brevitas QCDQ)', () => {
  test.each([
    ['int8', [-8, 7]],
    ['uint8', [0, 15]],
    ['int8', [-32, 31]],
  ] as const)('%s within %j', async (dtype, bounds) => {
    const q: Quantization = { dtype, scale: 0.37, zeroPoint: 0 };
    const x = narrowPair('x', q, bounds);
    const w = narrowPair('w', { dtype: 'int8', scale: 0.11, zeroPoint: 0 }, [-7, 7]);
    const parts: ModelParts = {
      parts: [
        x,
        {
          nodes: w.nodes,
          initializers: [
            ...w.initializers,
            tensor(
              'w',
              'float32',
              [4, 5],
              spread(20, 13).map((v) => v / 11),
            ),
          ],
        },
        part(node('Gemm', [x.dq, w.dq, 'b'], ['h'], { transB: 1 }), node('Relu', ['h'], ['y']), [
          tensor('b', 'float32', [4], [0.3, -0.2, 1.1, 0]),
        ]),
        narrowPair('y', { ...q, scale: 0.29 }, bounds),
      ],
      inputs: [value('x', 'float32', [3, 5])],
      outputs: [value('y_dq', 'float32', null)],
    };
    await expectExact(parts, 0.1);
  });

  test('a reduced range, as torch.ao writes it', async () => {
    const q: Quantization = { dtype: 'uint8', scale: 0.04, zeroPoint: 60 };
    const x = narrowPair('x', q, [0, 127]);
    const w = weights('w', [2, 3, 3, 3], spread(54), { scales: [0.011, 0.007], dtype: 'int8' });
    const parts: ModelParts = {
      parts: [
        x,
        w,
        part(node('Conv', [x.dq, w.dq, 'b'], ['y'], { pads: [1, 1, 1, 1] }), [tensor('b', 'float32', [2], [0.31, -1.7])]),
        narrowPair('y', { ...q, scale: 0.07 }, [0, 127]),
      ],
      inputs: [value('x', 'float32', [1, 3, 4, 4])],
      outputs: [value('y_dq', 'float32', null)],
    };
    await expectExact(parts, 0.04);
  });
});

describe('a MatMul and a vector', () => {
  const x: Quantization = { dtype: 'uint8', scale: 0.05, zeroPoint: 120 };
  const matMul = (
    dims: readonly number[],
    inputs: (product: string) => readonly string[],
    bias: TensorProto,
    columns: 1 | 3 = 1,
  ): ModelParts => ({
    parts: [
      qdq('x', x),
      weights('w', [6, 3], spread(18), { scales: columns === 1 ? [0.01] : [0.01, 0.017, 0.02], dtype: 'int8', axis: 1 }),
      part(node('MatMul', ['x_dq', 'w_dq'], ['m']), node('Add', inputs('m'), ['y']), [bias]),
      qdq('y', { dtype: 'uint8', scale: 0.06, zeroPoint: 100 }),
    ],
    inputs: [value('x', 'float32', dims)],
    outputs: [value('y_dq', 'float32', null)],
  });
  const vector = tensor('b', 'float32', [3], [0.7, -0.33, 0.021]);

  test('are one Gemm, whichever side the vector stands on', async () => {
    for (const dims of [
      [4, 6],
      [2, 3, 6],
    ]) {
      await expectExact(
        matMul(dims, (m) => [m, 'b'], vector),
        0.05,
      );
      await expectExact(
        matMul(dims, (m) => ['b', m], vector, 3),
        0.05,
      );
    }
  });

  test('but not with anything else than a vector', () => {
    const wide = tensor('b', 'float32', [4, 3], spread(12));
    expect(() => graphOf(matMul([4, 6], (m) => [m, 'b'], wide))).toThrow(expect.objectContaining({ code: 'ZK3001' }));
  });
});

describe('tf2onnx', () => {
  test('channels last around a Conv, weights transposed behind their DequantizeLinear, pairs without need, Identity, Constant nodes', async () => {
    const q: Quantization = { dtype: 'int8', scale: 0.03, zeroPoint: -3 };
    const again = (from: string, to: string): Part =>
      part(
        node('QuantizeLinear', [from, 'x_scale', 'x_zero_point'], [`${to}_q`]),
        node('DequantizeLinear', [`${to}_q`, 'x_scale', 'x_zero_point'], [to]),
      );
    const parts: ModelParts = {
      parts: [
        qdq('x', q),
        part(node('Transpose', ['x_dq'], ['nchw'], { perm: [0, 3, 1, 2] })),
        again('nchw', 'nchw_dq'),
        weights('w', [3, 3, 2, 4], spread(72), { scales: [0.01, 0.02, 0.013, 0.007], dtype: 'int8', axis: 3 }),
        part(
          node('Transpose', ['w_dq'], ['kernel'], { perm: [3, 2, 0, 1] }),
          node('Conv', ['nchw_dq', 'kernel', 'b'], ['c'], { auto_pad: 'SAME_UPPER', kernel_shape: [3, 3], strides: [2, 2] }),
          node('Transpose', ['c'], ['y'], { perm: [0, 2, 3, 1] }),
          [tensor('b', 'float32', [4], [0.1, -0.2, 0.3, 0])],
        ),
        qdq('y', { dtype: 'int8', scale: 0.05, zeroPoint: -128 }),
        part(
          node('Identity', ['y_dq'], ['i']),
          node('Constant', [], ['flat'], { value: { tensor: tensor('', 'int64', [2], [-1, 16]) } }),
          node('Reshape', ['i', 'flat'], ['r']),
        ),
        qdq('r', { dtype: 'int8', scale: 0.05, zeroPoint: -128 }),
      ],
      inputs: [value('x', 'float32', [1, 4, 4, 2])],
      outputs: [value('r_dq', 'float32', null)],
    };
    await expectExact(parts, 0.03);
  });
});

describe('integers at the ends', () => {
  test.each(['Div', 'Sub'] as const)('pixels of uint8, cast and normalized by %s', async (op) => {
    const parts: ModelParts = {
      parts: [
        part(
          node('Cast', ['image'], ['real'], { to: 1 }),
          node('Transpose', ['real'], ['nchw'], { perm: [0, 3, 1, 2] }),
          node(op, ['nchw', 'c'], ['x']),
          [op === 'Div' ? tensor('c', 'float32', [], [255]) : tensor('c', 'float32', [3, 1, 1], [123.7, 116.3, 103.5])],
        ),
        qdq('x', op === 'Div' ? { dtype: 'uint8', scale: 1 / 255, zeroPoint: 0 } : { dtype: 'int8', scale: 1.17, zeroPoint: 4 }),
        weights('w', [2, 3, 2, 2], spread(24), { scales: [0.01], dtype: 'int8' }),
        part(node('Conv', ['x_dq', 'w_dq'], ['y'])),
        qdq('y', op === 'Div' ? { dtype: 'uint8', scale: 0.02, zeroPoint: 90 } : { dtype: 'int8', scale: 2, zeroPoint: 0 }),
      ],
      inputs: [value('image', 'uint8', [1, 4, 4, 3])],
      outputs: [value('y_dq', 'float32', null)],
    };
    const image = { dtype: 'uint8', dims: [1, 4, 4, 3], data: Uint8Array.from({ length: 48 }, (_, i) => (i * 37) % 256) } as const;
    expectCircuitAgrees(await expectOrtsAnswer(parts, { image }), { image });
  });

  test('an ArgMax cast to int32', async () => {
    const parts: ModelParts = {
      parts: [
        qdq('x', { dtype: 'uint8', scale: 0.05, zeroPoint: 3 }),
        part(node('ArgMax', ['x_dq'], ['index'], { axis: 1, keepdims: 0 }), node('Cast', ['index'], ['label'], { to: 6 })),
      ],
      inputs: [value('x', 'float32', [2, 7])],
      outputs: [value('label', 'int32', null)],
    };
    const feeds = randomInputs(parts, 0.05);
    const program = await expectOrtsAnswer(parts, feeds);
    expect(program.outputs[0]).toMatchObject({ modelDType: 'int32' });
    expectCircuitAgrees(program, feeds);
  });
});
