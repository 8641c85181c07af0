/**
 * Groups whose outcome depends on how ONNX Runtime sees the graph around them, against onnxruntime-web: int8 tensors that it turns into
 * uint8 or not, computations moved behind their QuantizeLinear, quantizations that it leaves alone. Scales are such that ties are common.
 */
import { describe, expect, test } from 'vitest';
import { buildGraph } from '../../src/graph/build.ts';
import { decodeModel } from '../../src/onnx/decode.ts';
import { buildProgram } from '../../src/program/build.ts';
import { run } from '../../src/run.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import {
  type Attribute,
  type ModelParts,
  model,
  type NodeProto,
  node,
  type Part,
  part,
  type Quantization,
  qdq,
  scalar,
  tensor,
  value,
  weights,
} from '../support/onnx-builder.ts';
import { ortSession } from '../support/ort.ts';

/** Every int8 and uint8 value occurs, and what lies outside. */
function inputs(parts: ModelParts, scale: number): Record<string, Tensor> {
  let seed = 7;
  const next = () => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return seed / 2 ** 32;
  };
  return Object.fromEntries(
    parts.inputs.map((info) => {
      const dims = info.type!.tensorType!.shape!.dim!.map((d) => Number(d.dimValue));
      const data = Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => (next() * 300 - 150) * scale);
      return [info.name!, { dtype: 'float32', dims, data } satisfies Tensor];
    }),
  );
}

async function expectOrtsAnswer(parts: ModelParts, scale: number): Promise<void> {
  const file = model(parts);
  const program = buildProgram(buildGraph(decodeModel(file)));
  const feeds = inputs(parts, scale);
  const session = await ortSession(file);
  const expected = await session.run(feeds);
  await session.release();
  const mine = await run(program, feeds);
  expect(Object.keys(mine).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, { dims, data }] of Object.entries(expected)) {
    expect(mine[name]!.dims).toEqual(dims);
    const differing = Array.from(data.keys()).filter((i) => data[i] !== mine[name]!.data[i]);
    expect({ name, differing }).toEqual({ name, differing: [] });
  }
}

const image = [1, 2, 24, 24];
const types = [
  { dtype: 'int8', zeroPoint: 3 },
  { dtype: 'uint8', zeroPoint: 131 },
] as const;

describe.each(types)('$dtype, zero point $zeroPoint', (type) => {
  const q = (scale: number, more = 0): Quantization => ({ ...type, scale, zeroPoint: type.zeroPoint + more });

  describe('Add, scales 0.1 + 0.1 to 0.2', () => {
    const [a, y] = [0.1, 0.2];
    /** Flatten reads a tensor once more. */
    const readAgain = (...names: string[]) => names.map((name) => node('Flatten', [`${name}_dq`], [`${name}_again`]));
    const sum = (inner: readonly NodeProto[], more: readonly NodeProto[] = []): ModelParts => ({
      parts: [qdq('a', q(a)), qdq('b', q(a, -2)), part(...inner), qdq('y', q(y, 1)), part(...more)],
      inputs: [value('a', 'float32', image), value('b', 'float32', image)],
      outputs: [value('y_dq', 'float32', null), ...more.map((n) => value(n.output![0]!, 'float32', null))],
    });
    const add = node('Add', ['a_dq', 'b_dq'], ['y']);

    test('alone', () => expectOrtsAnswer(sum([add]), a));
    test('one input read again', () => expectOrtsAnswer(sum([add], readAgain('a')), a));
    test('the output read twice', () => expectOrtsAnswer(sum([add], readAgain('y')), a));
    test('all read again', () => expectOrtsAnswer(sum([add], readAgain('a', 'b', 'y')), a));
    test('of a tensor to itself', () => {
      const own = [node('Add', ['a_dq', 'a_dq'], ['y'])];
      return expectOrtsAnswer({ ...sum(own, readAgain('b')) }, a);
    });
    test('a Relu behind it', () => expectOrtsAnswer(sum([node('Add', ['a_dq', 'b_dq'], ['s']), node('Relu', ['s'], ['y'])]), a));
    test('of a constant', () => {
      const low = type.dtype === 'int8' ? -128 : 0;
      const data = Array.from({ length: 2 * 24 * 24 }, (_, i) => low + (i % 256));
      const c = weights('c', image, data, { scales: [a], zeroPoints: [type.zeroPoint], dtype: type.dtype });
      return expectOrtsAnswer(
        {
          parts: [qdq('a', q(a)), c, part(node('Add', ['c_dq', 'a_dq'], ['y'])), qdq('y', q(y))],
          inputs: [value('a', 'float32', image)],
          outputs: [value('y_dq', 'float32', null)],
        },
        a,
      );
    });
  });

  describe.each<[string, Record<string, Attribute>]>([
    ['2×2', { kernel_shape: [2, 2], strides: [2, 2] }],
    ['3×3 with counted pads', { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], count_include_pad: 1 }],
    ['3×3 with ceil_mode', { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 }],
    ['3×3 SAME_LOWER', { kernel_shape: [3, 3], strides: [2, 2], auto_pad: 'SAME_LOWER' }],
  ])('AveragePool %s', (_, attributes) => {
    test.each([0.1, 0.0371])('scales 0.1 to %d', (y) =>
      expectOrtsAnswer(
        {
          parts: [qdq('x', q(0.1)), part(node('AveragePool', ['x_dq'], ['y'], attributes)), qdq('y', q(y))],
          inputs: [value('x', 'float32', image)],
          outputs: [value('y_dq', 'float32', null)],
        },
        0.1,
      ),
    );
  });

  /** x → Q/DQ → nodes → Q/DQ. */
  const chain = (inner: readonly (Part | NodeProto)[], y: Quantization): ModelParts => ({
    parts: [qdq('x', q(0.1)), ...inner.map((n) => ('nodes' in n ? n : part(n))), qdq('y', y)],
    inputs: [value('x', 'float32', image)],
    outputs: [value('y_dq', 'float32', null)],
  });

  test('Relu and Clip between Q/DQ pairs', async () => {
    await expectOrtsAnswer(chain([node('Relu', ['x_dq'], ['y'])], q(0.07, 2)), 0.1);
    const bounds = [scalar('lo', 'float32', -1.05), scalar('hi', 'float32', 2.55)];
    await expectOrtsAnswer(chain([part(node('Clip', ['x_dq', 'lo', 'hi'], ['y']), bounds)], q(0.07, 2)), 0.1);
  });

  test('other parameters behind a Reshape', () => {
    const shape = tensor('s', 'int64', [2], [0, -1]);
    return expectOrtsAnswer(chain([part(node('Reshape', ['x_dq', 's'], ['y']), [shape])], q(0.05, 4)), 0.1);
  });

  test('Conv with a float bias, then MaxPool and Relu before the QuantizeLinear', () => {
    const w = weights(
      'w',
      [3, 2, 3, 3],
      Array.from({ length: 54 }, (_, i) => ((i * 37) % 255) - 127),
      { scales: [0.01, 0.02, 0.003], dtype: 'int8' },
    );
    const b = tensor('b', 'float32', [3], [0.5, -3.21, 0.0004]);
    const nodes = [
      w,
      part(node('Conv', ['x_dq', 'w_dq', 'b'], ['c'], { pads: [1, 1, 1, 1] }), [b]),
      node('MaxPool', ['c'], ['y'], { kernel_shape: [2, 2], strides: [2, 2] }),
    ];
    return expectOrtsAnswer(chain(nodes, q(0.2)), 0.1);
  });

  test('Concat of other parameters, and of one side read twice', () => {
    const parts: ModelParts = {
      parts: [qdq('a', q(0.1)), qdq('b', q(0.07, 5)), part(node('Concat', ['a_dq', 'b_dq', 'a_dq'], ['y'], { axis: 1 })), qdq('y', q(0.2))],
      inputs: [value('a', 'float32', image), value('b', 'float32', image)],
      outputs: [value('y_dq', 'float32', null)],
    };
    return expectOrtsAnswer(parts, 0.1);
  });

  test('GlobalAveragePool and ArgMax', () => {
    const parts = chain([node('GlobalAveragePool', ['x_dq'], ['y'])], q(0.004));
    const outputs = [...parts.outputs, value('i', 'int64', null)];
    return expectOrtsAnswer({ ...parts, outputs, nodes: [node('ArgMax', ['x_dq'], ['i'], { axis: 2, select_last_index: 1 })] }, 0.1);
  });
});
