/** MatMulInteger and ConvInteger with static scales, and plain integers, against onnxruntime-web and in the circuit. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { reportOf } from '../support/graphs.ts';
import {
  type Attribute,
  type ModelParts,
  type NodeProto,
  node,
  type Part,
  part,
  type Quantization,
  qdq,
  quantize,
  type TensorProto,
  tensor,
  value,
} from '../support/onnx-builder.ts';
import { expectCircuitAgrees, expectOrtsAnswer, randomInputs } from '../support/oracle.ts';

const floats = (name: string, dims: readonly number[], values: readonly number[]) => tensor(name, 'float32', dims, values);
const spread = (count: number, low: number, high: number, stride = 53) =>
  Array.from({ length: count }, (_, i) => low + ((i * stride) % (high - low + 1)));

/** x → QuantizeLinear → MatMulInteger → Cast, then `inner` from "v" to "y", → Q/DQ. */
interface Product {
  readonly x: Quantization;
  readonly y: Quantization;
  readonly weights: { readonly dtype: 'uint8' | 'int8'; readonly zeros: readonly number[] };
  readonly inner: readonly Part[];
}

function product({ x, y, weights, inner }: Product): ModelParts {
  const [low, high] = weights.dtype === 'uint8' ? [0, 255] : [-128, 127];
  return {
    parts: [
      quantize('x', x),
      part(node('MatMulInteger', ['x_q', 'w', 'x_zero_point', 'w_zero'], ['acc']), node('Cast', ['acc'], ['v'], { to: 1 }), [
        tensor('w', weights.dtype, [12, 5], spread(60, low!, high!)),
        tensor('w_zero', weights.dtype, weights.zeros.length === 1 ? [] : [5], weights.zeros),
      ]),
      ...inner,
      qdq('y', y),
    ],
    inputs: [value('x', 'float32', [3, 12])],
    outputs: [value('y_dq', 'float32', null)],
  };
}

const u8: Quantization = { dtype: 'uint8', scale: 0.05, zeroPoint: 120 };
const i8: Quantization = { dtype: 'int8', scale: 0.43, zeroPoint: -7 };
const scaled = part(node('Mul', ['v', 's'], ['y']), [floats('s', [], [0.00137])]);
const perChannel = part(node('Mul', ['v', 's'], ['m']), node('Add', ['m', 'b'], ['y']), [
  floats('s', [5], [0.0013, 0.002, 0.00091, 0.0007, 0.03]),
  floats('b', [5], [0.1, -3.3, 7.25, 0, 1e-3]),
]);

const products: readonly (readonly [string, Product])[] = [
  ['one scale', { x: u8, y: i8, weights: { dtype: 'int8', zeros: [3] }, inner: [scaled] }],
  ['a scale and a bias per channel', { x: u8, y: u8, weights: { dtype: 'uint8', zeros: [128] }, inner: [perChannel] }],
  ['zero points per channel', { x: i8, y: u8, weights: { dtype: 'int8', zeros: [3, 0, -128, 127, 9] }, inner: [perChannel] }],
  [
    'a scale that is a product of two, as quantize_dynamic leaves it, and a Relu',
    {
      x: u8,
      y: { dtype: 'uint8', scale: 0.21, zeroPoint: 0 },
      weights: { dtype: 'int8', zeros: [0] },
      inner: [
        part(node('Mul', ['sa', 'sb'], ['s']), node('Mul', ['v', 's'], ['m']), node('Relu', ['m'], ['y']), [
          floats('sa', [1], [0.05]),
          floats('sb', [5], [0.02, 0.03, 0.011, 0.5, 0.0007]),
        ]),
      ],
    },
  ],
  [
    'Div and Sub, the constant of a Mul on the left, and a Clip',
    {
      x: u8,
      y: i8,
      weights: { dtype: 'int8', zeros: [1] },
      inner: [
        part(
          node('Mul', ['s', 'v'], ['m']),
          node('Div', ['m', 'd'], ['n']),
          node('Sub', ['n', 'b'], ['k']),
          node('Clip', ['k', 'lo', 'hi'], ['y']),
          [
            floats('s', [], [0.13]),
            floats('d', [1], [71.3]),
            floats('b', [5], [1, 2, 3, 4, 5]),
            floats('lo', [], [-11.3]),
            floats('hi', [], [20]),
          ],
        ),
      ],
    },
  ],
  [
    'sums straight into QuantizeLinear',
    { x: u8, y: { ...i8, scale: 811 }, weights: { dtype: 'int8', zeros: [0] }, inner: [part(node('Identity', ['v'], ['y']))] },
  ],
];

describe('MatMulInteger', () => {
  test.each(products)('%s', async (_, parts) => {
    const feeds = randomInputs(product(parts), 0.05);
    const program = await expectOrtsAnswer(product(parts), feeds);
    expectCircuitAgrees(program, feeds);
  });

  test('random scales, biases and weights', async () => {
    const real = fc.integer({ min: -14, max: -3 }).chain((e) => fc.double({ min: 1, max: 2, noNaN: true }).map((m) => m * 2 ** e));
    const scale = fc.oneof(
      real,
      fc.integer({ min: -14, max: -3 }).map((e) => 2 ** e),
    );
    const cases = fc.record({
      scales: fc.array(scale, { minLength: 5, maxLength: 5 }),
      biases: fc.array(fc.oneof(fc.constant(0), fc.double({ min: -20, max: 20, noNaN: true })), { minLength: 5, maxLength: 5 }),
      yScale: scale.map((s) => s * 16),
      zeros: fc.array(fc.integer({ min: -128, max: 127 }), { minLength: 5, maxLength: 5 }),
      seed: fc.nat(),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ scales, biases, yScale, zeros, seed }) => {
        const inner = part(node('Mul', ['v', 's'], ['m']), node('Add', ['b', 'm'], ['y']), [
          floats('s', [5], scales),
          floats('b', [5], biases),
        ]);
        const parts = product({ x: u8, y: { ...i8, scale: Math.fround(yScale) }, weights: { dtype: 'int8', zeros }, inner: [inner] });
        await expectOrtsAnswer(parts, randomInputs(parts, 0.05, seed));
      }),
      { numRuns: 25 },
    );
  });

  test('int32 outputs, sums with int32 constants, and what reads them twice', async () => {
    const parts: ModelParts = {
      parts: [
        part(
          node('MatMulInteger', ['x', 'w', 'z'], ['acc']),
          node('Add', ['acc', 'c'], ['sum']),
          node('Sub', ['c', 'acc'], ['difference']),
          node('Relu', ['difference'], ['positive']),
          node('Max', ['acc', 'sum'], ['most']),
          node('ArgMax', ['sum'], ['at'], { axis: 1 }),
          [
            tensor('w', 'int8', [4, 3], spread(12, -128, 127)),
            tensor('z', 'uint8', [], [250]),
            tensor('c', 'int32', [3], [1, -100_000, 77]),
          ],
        ),
      ],
      inputs: [value('x', 'uint8', [2, 4])],
      outputs: ['acc', 'sum', 'difference', 'positive', 'most']
        .map((name) => value(name, 'int32', null))
        .concat(value('at', 'int64', null)),
    };
    const feeds: Record<string, Tensor> = { x: { dtype: 'uint8', dims: [2, 4], data: Uint8Array.of(0, 255, 250, 1, 77, 128, 3, 200) } };
    expectCircuitAgrees(await expectOrtsAnswer(parts, feeds), feeds);
  });

  test.each<readonly [string, readonly number[], readonly number[], boolean]>([
    ['a vector and a matrix', [4], [4, 3], true],
    ['a stack and a matrix', [2, 3, 4], [4, 3], true],
    ['a matrix and a stack', [3, 4], [2, 4, 3], true],
    ['a stack and a vector', [2, 3, 4], [4], true],
    ['two computed stacks', [2, 3, 4], [1, 4, 5], false],
  ])('of %s', async (_, a, b, isConstant) => {
    const size = (dims: readonly number[]) => dims.reduce((x, y) => x * y, 1);
    const left = b.length === 1 || isConstant ? 'int8' : 'uint8';
    const parts: ModelParts = {
      parts: [
        part(node('MatMulInteger', ['a', 'b', 'za', 'zb'], ['y']), [
          tensor('za', 'uint8', [], [200]),
          tensor('zb', left, [], [3]),
          ...(isConstant ? [tensor('b', left, b, spread(size(b), -128, 127))] : []),
        ]),
      ],
      inputs: [value('a', 'uint8', a), ...(isConstant ? [] : [value('b', 'uint8', b)])],
      outputs: [value('y', 'int32', null)],
    };
    const bytes = (dims: readonly number[], stride: number): Tensor => ({
      dtype: 'uint8',
      dims,
      data: Uint8Array.from(spread(size(dims), 0, 255, stride)),
    });
    const feeds = { a: bytes(a, 53), ...(isConstant ? {} : { b: bytes(b, 71) }) };
    expectCircuitAgrees(await expectOrtsAnswer(parts, feeds), feeds);
  });

  test('an image of bytes, normalized channel by channel before its QuantizeLinear', async () => {
    const parts: ModelParts = {
      parts: [
        part(
          node('Cast', ['image'], ['f'], { to: 1 }),
          node('Div', ['f', 'full'], ['d']),
          node('Sub', ['d', 'mean'], ['e']),
          node('Div', ['e', 'deviation'], ['y']),
          [
            floats('full', [], [255]),
            floats('mean', [1, 3, 1, 1], [0.485, 0.456, 0.406]),
            floats('deviation', [1, 3, 1, 1], [0.229, 0.224, 0.225]),
          ],
        ),
        qdq('y', { dtype: 'uint8', scale: 0.0187, zeroPoint: 114 }),
      ],
      inputs: [value('image', 'uint8', [1, 3, 8, 11])],
      outputs: [value('y_dq', 'float32', null)],
    };
    const feeds: Record<string, Tensor> = { image: { dtype: 'uint8', dims: [1, 3, 8, 11], data: Uint8Array.from(spread(264, 0, 255, 1)) } };
    expectCircuitAgrees(await expectOrtsAnswer(parts, feeds), feeds);
  });

  test('MatMulIntegerToFloat: scales and a bias per column, or one of each', async () => {
    const parts: ModelParts = {
      parts: [
        part(
          node('MatMulIntegerToFloat', ['a', 'w', 'sa', 'sb', 'za', 'zb', 'bias'], ['y'], {}, { domain: 'com.microsoft' }),
          node('MatMulIntegerToFloat', ['a', 'w', 'sa', 'one', '', 'zb'], ['z'], {}, { domain: 'com.microsoft' }),
          node('Relu', ['z'], ['r']),
          [
            tensor('w', 'int8', [6, 5], spread(30, -128, 127)),
            floats('sa', [], [0.0137]),
            floats('sb', [5], [0.01, 0.003, 0.0217, 0.05, 0.0009]),
            floats('one', [1], [0.0119]),
            tensor('za', 'uint8', [], [117]),
            tensor('zb', 'int8', [5], [1, -2, 3, 0, 127]),
            floats('bias', [5], [0.7, -3.1, 0, 12.25, 1e-3]),
          ],
        ),
        qdq('y', i8),
        qdq('r', u8),
      ],
      inputs: [value('a', 'uint8', [2, 4, 6])],
      outputs: [value('y_dq', 'float32', null), value('r_dq', 'float32', null)],
    };
    const feeds: Record<string, Tensor> = { a: { dtype: 'uint8', dims: [2, 4, 6], data: Uint8Array.from(spread(48, 0, 255, 71)) } };
    expectCircuitAgrees(await expectOrtsAnswer(parts, feeds), feeds);
  });

  test('behind a DequantizeLinear of int32, per tensor and per channel', async () => {
    const parts = product({ x: u8, y: i8, weights: { dtype: 'int8', zeros: [0] }, inner: [] });
    const read: ModelParts = {
      ...parts,
      parts: [
        ...parts.parts!.slice(0, 2),
        part(node('DequantizeLinear', ['acc', 's'], ['y']), [floats('s', [], [0.0021])]),
        part(node('DequantizeLinear', ['acc', 'c'], ['z'], { axis: 1 }), [floats('c', [5], [0.001, 0.002, 0.0031, 0.0007, 0.009])]),
        qdq('y', i8),
        qdq('z', i8),
      ],
      outputs: [...parts.outputs, value('z_dq', 'float32', null)],
    };
    const feeds = randomInputs(read, 0.05);
    expectCircuitAgrees(await expectOrtsAnswer(read, feeds), feeds);
  });
});

describe('ConvInteger', () => {
  const convolution = (attributes: Readonly<Record<string, Attribute>>, channels: number): ModelParts => ({
    parts: [
      quantize('x', u8),
      part(
        node('ConvInteger', ['x_q', 'w', 'x_zero_point', 'w_zero'], ['acc'], attributes),
        node('Cast', ['acc'], ['v'], { to: 1 }),
        node('Mul', ['v', 's'], ['m']),
        node('Add', ['m', 'b'], ['y']),
        [
          tensor('w', 'uint8', [4, channels, 3, 3], spread(36 * channels, 0, 255)),
          tensor('w_zero', 'uint8', [], [131]),
          floats('s', [1, 4, 1, 1], [0.0013, 0.002, 0.00091, 0.0007]),
          floats('b', [4, 1, 1], [0.1, -3.3, 7.25, 0]),
        ],
      ),
      qdq('y', i8),
    ],
    inputs: [value('x', 'float32', [1, 4, 5, 6])],
    outputs: [value('y_dq', 'float32', null)],
  });

  test.each([
    ['padded with the zero point', { pads: [1, 1, 1, 1] }, 4],
    ['in groups, with strides', { group: 2, strides: [2, 1] }, 2],
    ['depthwise', { group: 4, pads: [0, 1, 2, 1] }, 1],
  ])('%s', async (_, attributes, channels) => {
    const parts = convolution(attributes, channels);
    const feeds = randomInputs(parts, 0.05);
    expectCircuitAgrees(await expectOrtsAnswer(parts, feeds), feeds);
  });
});

describe('refused, with advice', () => {
  const whyOf = (parts: ModelParts) => reportOf(parts).entries.map(({ op, why }) => `${op}: ${why}`);
  const inner = (...items: readonly (NodeProto | readonly TensorProto[])[]) =>
    product({ x: u8, y: i8, weights: { dtype: 'int8', zeros: [0] }, inner: [part(...items)] });

  test('scales that are computed, negative, or follow an activation', () => {
    expect(whyOf(inner(node('Mul', ['v', 'v'], ['y'])))).toEqual([
      expect.stringMatching(/^Mul: it follows Cast .* not quantized in between/),
    ]);
    expect(whyOf(inner(node('Mul', ['v', 's'], ['y']), [floats('s', [], [-0.5])]))).toEqual(['Mul: its constant is -0.5']);
    expect(whyOf(inner(node('Relu', ['v'], ['r']), node('Mul', ['r', 's'], ['y']), [floats('s', [], [0.5])]))).toEqual([
      expect.stringMatching(/^Mul: it follows Cast/),
    ]);
    expect(whyOf(inner(node('Sub', ['s', 'v'], ['y']), [floats('s', [], [0.5])]))).toEqual([
      expect.stringMatching(/^Sub: it divides by, or subtracts/),
    ]);
  });

  test('weights that are computed, and zero points that do not fit', () => {
    const shape = { inputs: [value('x', 'uint8', [2, 4])], outputs: [value('y', 'int32', null)] };
    const w = tensor('w', 'int8', [4, 3], spread(12, -128, 127));
    const of = (inputs: readonly string[], ...constants: readonly ReturnType<typeof tensor>[]) =>
      whyOf({ ...shape, parts: [part(node('MatMulInteger', inputs, ['y']), [w, ...constants])] });
    expect(of(['x', 'w', 'z'], tensor('z', 'int8', [], [1]))).toEqual(['MatMulInteger: "x" is uint8, its zero point int8 []']);
    expect(of(['x', 'w', '', 'z'], tensor('z', 'int8', [4], [1, 2, 3, 4]))).toEqual([
      'MatMulInteger: its weights are int8 [4, 3], their zero points int8 [4]',
    ]);
  });
});
