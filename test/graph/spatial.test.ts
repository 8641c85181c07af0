/**
 * Convolutions and pools over signals and images, batches of them, odd geometries: groups, depthwise, dilations, uneven pads, every auto_pad, ceil_mode with a last window that starts
 * in the padding. Each against onnxruntime-web and the circuit.
 */
import { describe, test } from 'vitest';
import {
  type Attribute,
  bias,
  type ModelParts,
  node,
  type Part,
  parameters,
  part,
  type Quantization,
  qdq,
  quantize,
  value,
  weights,
} from '../support/onnx-builder.ts';
import { expectCircuitAgrees, expectOrtsAnswer, randomInputs } from '../support/oracle.ts';

type Form = 'QDQ' | 'QOperator';
type Attributes = Record<string, Attribute>;
const scale = 0.05;
const triple = (name: string) => [`${name}_q`, `${name}_scale`, `${name}_zero_point`];
const y8 = ['y_scale', 'y_zero_point'];
const microsoft = { domain: 'com.microsoft' };

/** x → op → y in either form; `operands` are constants beside x. */
function single(
  op: { readonly qdq: string; readonly qlinear: string; readonly microsoft?: true },
  dims: readonly number[],
  attributes: Attributes,
  form: Form,
  {
    y,
    operands = [],
    opset = 17,
  }: { readonly y: Quantization; readonly operands?: readonly ReturnType<typeof weights>[]; readonly opset?: number },
): ModelParts {
  const x: Quantization = { scale, zeroPoint: y.dtype === 'int8' ? 3 : 131, dtype: y.dtype };
  const boundary = { inputs: [value('x', 'float32', dims)], outputs: [value('out', 'float32', null)], opset };
  if (form === 'QDQ') {
    const parts: Part[] = [
      qdq('x', x),
      ...operands,
      part(node(op.qdq, ['x_dq', ...operands.map(({ dq }) => dq)], ['y'], attributes)),
      qdq('y', y, 'out'),
    ];
    return { ...boundary, parts };
  }
  const [w, b] = operands;
  const inputs = w === undefined ? [...triple('x'), ...y8] : [...triple('x'), ...triple('w'), ...y8, ...(b === undefined ? [] : [b.q])];
  const parts: Part[] = [
    quantize('x', x),
    { nodes: [], initializers: operands.flatMap(({ initializers }) => [...initializers]) },
    part(node(op.qlinear, inputs, ['y_q'], attributes, op.microsoft ? microsoft : {}), parameters('y', y)),
    part(node('DequantizeLinear', ['y_q', ...y8], ['out'])),
  ];
  return { ...boundary, parts };
}

interface Conv {
  readonly x: readonly number[];
  readonly w: readonly number[];
  readonly attributes?: Attributes;
}

function conv({ x, w, attributes = {} }: Conv, form: Form, type: 'uint8' | 'int8', perChannel: boolean): ModelParts {
  const scales = Array.from({ length: perChannel ? w[0]! : 1 }, (_, c) => 0.01 + 0.003 * c);
  const data = Array.from({ length: w.reduce((a, b) => a * b) }, (_, i) => ((i * 89 + 31) % 255) - 127);
  const operands = [
    weights('w', w, data, { scales, dtype: 'int8' }),
    bias(
      'b',
      Array.from({ length: w[0]! }, (_, i) => 900 * i - 700),
      scale,
      scales,
    ),
  ];
  const y: Quantization = { scale: 0.13, zeroPoint: type === 'int8' ? -9 : 119, dtype: type };
  return single({ qdq: 'Conv', qlinear: 'QLinearConv' }, x, attributes, form, { y, operands });
}

const convs: readonly [string, Conv][] = [
  ['a batch of images', { x: [3, 2, 5, 6], w: [4, 2, 3, 3], attributes: { pads: [1, 0, 2, 1] } }],
  ['a batch by groups', { x: [2, 4, 5, 5], w: [6, 2, 2, 3], attributes: { group: 2, strides: [2, 1] } }],
  ['a batch, depthwise, dilated', { x: [2, 3, 7, 6], w: [3, 1, 3, 2], attributes: { group: 3, dilations: [2, 3], pads: [2, 1, 0, 1] } }],
  ['depthwise with a multiplier', { x: [1, 3, 6, 6], w: [6, 1, 3, 3], attributes: { group: 3, auto_pad: 'VALID', strides: [1, 2] } }],
  ['a batch of signals', { x: [3, 2, 9], w: [4, 2, 3], attributes: { pads: [2, 0], dilations: [2] } }],
  ['signals by groups', { x: [2, 4, 9], w: [4, 2, 2], attributes: { group: 2, strides: [3] } }],
  ['signals, SAME_UPPER', { x: [1, 2, 10], w: [3, 2, 4], attributes: { auto_pad: 'SAME_UPPER', strides: [3] } }],
  ['signals, SAME_LOWER', { x: [1, 2, 10], w: [3, 2, 4], attributes: { auto_pad: 'SAME_LOWER', strides: [3] } }],
  ['SAME_UPPER, an even kernel', { x: [2, 2, 6, 7], w: [3, 2, 4, 2], attributes: { auto_pad: 'SAME_UPPER', strides: [1, 2] } }],
  ['SAME_LOWER, an even kernel', { x: [2, 2, 6, 7], w: [3, 2, 4, 2], attributes: { auto_pad: 'SAME_LOWER', strides: [1, 2] } }],
  ['SAME_LOWER, strides beyond the kernel', { x: [1, 2, 9, 8], w: [3, 2, 1, 2], attributes: { auto_pad: 'SAME_LOWER', strides: [3, 3] } }],
  ['NOTSET said, pads on one side', { x: [1, 2, 4, 4], w: [2, 2, 3, 3], attributes: { auto_pad: 'NOTSET', pads: [0, 0, 2, 2] } }],
  ['VALID, dilated', { x: [2, 2, 8, 8], w: [2, 2, 3, 3], attributes: { auto_pad: 'VALID', dilations: [3, 2] } }],
  ['a kernel as large as the image', { x: [2, 3, 4, 3], w: [5, 3, 4, 3] }],
  ['1×1', { x: [2, 3, 4, 5], w: [5, 3, 1, 1], attributes: { strides: [2, 2] } }],
];

describe.each(['QDQ', 'QOperator'] as const)('Conv, %s', (form) => {
  describe.each(['uint8', 'int8'] as const)('%s', (type) => {
    test.each(convs)('%s', async (_, geometry) => {
      for (const perChannel of [false, true]) {
        const parts = conv(geometry, form, type, perChannel);
        const feeds = randomInputs(parts, scale, perChannel ? 5 : 6);
        expectCircuitAgrees(await expectOrtsAnswer(parts, feeds), feeds);
      }
    });
  });
});

const pools: readonly [string, readonly number[], Attributes][] = [
  ['a batch', [3, 2, 6, 5], { kernel_shape: [2, 3], strides: [2, 1] }],
  ['a batch of signals', [2, 3, 9], { kernel_shape: [3], strides: [2], pads: [1, 0] }],
  ['uneven pads', [2, 2, 6, 7], { kernel_shape: [3, 3], strides: [2, 2], pads: [0, 1, 2, 0] }],
  ['ceil_mode', [1, 2, 6, 7], { kernel_shape: [3, 2], strides: [2, 3], ceil_mode: 1 }],
  [
    'ceil_mode, the last window starts in the padding',
    [1, 2, 5, 5],
    { kernel_shape: [2, 2], strides: [3, 3], pads: [0, 0, 1, 1], ceil_mode: 1 },
  ],
  ['ceil_mode, uneven pads', [2, 1, 7, 8], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 0, 1, 2], ceil_mode: 1 }],
  ['ceil_mode of signals', [2, 2, 8], { kernel_shape: [3], strides: [2], pads: [1, 1], ceil_mode: 1 }],
  ['SAME_UPPER', [2, 2, 5, 6], { kernel_shape: [2, 3], strides: [2, 2], auto_pad: 'SAME_UPPER' }],
  ['SAME_LOWER', [2, 2, 5, 6], { kernel_shape: [2, 3], strides: [2, 2], auto_pad: 'SAME_LOWER' }],
  ['VALID', [2, 2, 5, 6], { kernel_shape: [2, 3], strides: [2, 2], auto_pad: 'VALID' }],
  ['SAME_UPPER of signals', [2, 2, 7], { kernel_shape: [4], strides: [3], auto_pad: 'SAME_UPPER' }],
];

const pool = (
  op: 'AveragePool' | 'MaxPool' | 'GlobalAveragePool',
  dims: readonly number[],
  attributes: Attributes,
  form: Form,
  y: Quantization,
  opset = 17,
) =>
  single(
    { qdq: op, qlinear: op === 'MaxPool' ? 'MaxPool' : `QLinear${op}`, ...(op === 'MaxPool' ? {} : { microsoft: true as const }) },
    dims,
    attributes,
    form,
    { y, opset },
  );

describe.each(['QDQ', 'QOperator'] as const)('AveragePool, %s', (form) => {
  describe.each(['uint8', 'int8'] as const)('%s', (type) => {
    // Where ceil_mode meets pads behind the image, the runtime infers two shapes, and cannot load what it fuses.
    const loadable = pools.filter(([name]) => form === 'QOperator' || !/last window|uneven pads/.test(name) || name === 'uneven pads');
    test.each(loadable)('%s', async (_, dims, attributes) => {
      for (const count_include_pad of [0, 1]) {
        for (const yScale of [scale, 0.031]) {
          const y: Quantization = { scale: yScale, zeroPoint: type === 'int8' ? -9 : 119, dtype: type };
          const parts = pool('AveragePool', dims, { ...attributes, count_include_pad }, form, y);
          const feeds = randomInputs(parts, scale);
          expectCircuitAgrees(await expectOrtsAnswer(parts, feeds), feeds);
        }
      }
    });
    test('Global, a batch of images and of signals', async () => {
      for (const dims of [
        [3, 4, 5, 3],
        [2, 3, 7],
      ]) {
        const parts = pool('GlobalAveragePool', dims, {}, form, { scale: 0.02, zeroPoint: 1, dtype: type });
        const feeds = randomInputs(parts, scale);
        expectCircuitAgrees(await expectOrtsAnswer(parts, feeds), feeds);
      }
    });
  });
});

describe('MaxPool', () => {
  test.each([
    ...pools,
    ['dilations', [2, 2, 8, 7], { kernel_shape: [3, 2], dilations: [2, 3], strides: [1, 2], pads: [2, 0, 1, 1] }],
    ['dilations and ceil_mode', [1, 2, 8, 7], { kernel_shape: [2, 3], dilations: [3, 2], strides: [2, 2], ceil_mode: 1 }],
    ['dilations of signals', [2, 2, 9], { kernel_shape: [3], dilations: [3], pads: [2, 2] }],
  ] satisfies [string, number[], Attributes][] | typeof pools)('%s', async (_, dims, attributes) => {
    for (const type of ['uint8', 'int8'] as const) {
      const x: Quantization = { scale, zeroPoint: type === 'int8' ? 3 : 131, dtype: type };
      const parts = pool('MaxPool', dims, attributes, 'QDQ', x);
      const feeds = randomInputs(parts, scale);
      expectCircuitAgrees(await expectOrtsAnswer(parts, feeds), feeds);
    }
  });

  test('Global, a batch', async () => {
    const q: Quantization = { scale, zeroPoint: 3, dtype: 'int8' };
    const parts: ModelParts = {
      parts: [qdq('x', q), part(node('GlobalMaxPool', ['x_dq'], ['y'])), qdq('y', q, 'out')],
      inputs: [value('x', 'float32', [3, 2, 4, 5])],
      outputs: [value('out', 'float32', null)],
    };
    const feeds = randomInputs(parts, scale);
    expectCircuitAgrees(await expectOrtsAnswer(parts, feeds), feeds);
  });
});

describe('AveragePool in floats, which ONNX Runtime has no integer kernel for', () => {
  const q = (s: number, dtype: 'uint8' | 'int8'): Quantization => ({ scale: s, zeroPoint: dtype === 'int8' ? -9 : 119, dtype });
  const dilated: readonly [string, readonly number[], Attributes][] = [
    ['dilations', [2, 2, 9, 8], { kernel_shape: [3, 2], dilations: [2, 3], strides: [1, 2], pads: [2, 0, 1, 1] }],
    ['dilations along one axis', [1, 3, 9, 8], { kernel_shape: [3, 3], dilations: [1, 2], pads: [1, 2, 1, 2] }],
    ['dilations, ceil_mode', [1, 2, 9, 8], { kernel_shape: [2, 3], dilations: [2, 2], strides: [2, 2], ceil_mode: 1 }],
    [
      'dilations, ceil_mode and pads',
      [1, 2, 8, 8],
      { kernel_shape: [2, 2], dilations: [2, 3], strides: [3, 2], pads: [1, 1, 1, 1], ceil_mode: 1 },
    ],
    ['dilations of signals', [2, 2, 9], { kernel_shape: [3], dilations: [3], pads: [2, 2] }],
  ];
  test.each(dilated)('%s', async (_, dims, attributes) => {
    for (const [count_include_pad, opset, type] of [
      [0, 19, 'uint8'],
      [1, 19, 'int8'],
      [0, 22, 'int8'],
      [1, 22, 'uint8'],
    ] as const) {
      for (const s of [scale, 0.031]) {
        const parts = pool('AveragePool', dims, { ...attributes, count_include_pad }, 'QDQ', q(s, type), opset);
        const feeds = randomInputs(parts, scale);
        // Fused, the runtime cannot load it: it gives QLinearAveragePool a `dilations` that this does not know.
        expectCircuitAgrees(await expectOrtsAnswer(parts, feeds, { unfused: true }), feeds);
      }
    }
  });

  test('int8 with a second reader, from opset 19 on', async () => {
    for (const [opset, ceil_mode] of [
      [19, 0],
      [19, 1],
      [22, 1],
    ] as const) {
      for (const count_include_pad of [0, 1]) {
        const at = { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], ceil_mode, count_include_pad };
        const inner = pool('AveragePool', [1, 2, 12, 12], at, 'QDQ', q(scale, 'int8'), opset);
        const parts: ModelParts = {
          ...inner,
          parts: [...inner.parts!, part(node('Flatten', ['x_dq'], ['again']))],
          outputs: [...inner.outputs, value('again', 'float32', null)],
        };
        const feeds = randomInputs(parts, scale);
        expectCircuitAgrees(await expectOrtsAnswer(parts, feeds), feeds);
      }
    }
  });
});
