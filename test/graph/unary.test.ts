/**
 * Functions of one tensor against onnxruntime-web: on all 256 integers of a tensor, for random scales and powers of two, alone and in chains; and their circuits
 * against `evaluate`, on all 256 again. Attacks on the table gadget itself are in test/circuits.
 */
import { describe, expect, test } from 'vitest';
import { buildGraph } from '../../src/graph/build.ts';
import { decodeModel } from '../../src/onnx/decode.ts';
import { buildProgram } from '../../src/program/build.ts';
import { decodeProgram, encodeProgram } from '../../src/program/format.ts';
import type { Program, ProgramOp } from '../../src/program/program.ts';
import { verifyProgram } from '../../src/program/verify.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { reportOf } from '../support/graphs.ts';
import {
  type Attribute,
  dequantize,
  type ModelParts,
  model,
  node,
  type Part,
  parameters,
  part,
  type Quantization,
  qdq,
  quantize,
  tensor,
  value,
  weights,
} from '../support/onnx-builder.ts';
import { expectCircuitAgrees, expectOrtsAnswer } from '../support/oracle.ts';

const channels = 2;
const dims = [1, channels, 256];
const lowOf = (dtype: string) => (dtype === 'int8' ? -128 : 0);

/** Every integer of the type in every channel. */
function everyInteger({ scale, zeroPoint, dtype }: Quantization): Record<string, Tensor> {
  const data = Float32Array.from({ length: 256 * channels }, (_, i) =>
    Math.fround(((i % 256) + lowOf(dtype) - zeroPoint) * Math.fround(scale)),
  );
  return { x: { dtype: 'float32', dims, data } };
}

function between(x: Quantization, inner: readonly Part[], y: Quantization): ModelParts {
  return {
    parts: [qdq('x', x), ...inner, qdq('y', y)],
    inputs: [value('x', 'float32', dims)],
    outputs: [value('y_dq', 'float32', null)],
    opset: 17,
  };
}

const single = (op: string, attributes: Record<string, Attribute> = {}): Part[] => [part(node(op, ['x_dq'], ['y'], attributes))];

/** Chain of nodes without attributes, the first reading x_dq, the last making y. */
const chain = (...ops: readonly [op: string, attributes?: Record<string, Attribute>][]): Part[] =>
  ops.map(([op, attributes], i) =>
    part(node(op, [i === 0 ? 'x_dq' : `t${i}`], [i === ops.length - 1 ? 'y' : `t${i + 1}`], attributes ?? {})),
  );

const slope = (data: readonly number[], shape: readonly number[]) => [
  part(node('PRelu', ['x_dq', 's'], ['y']), [tensor('s', 'float32', shape, data)]),
];

const functions: Readonly<Record<string, readonly Part[]>> = {
  LeakyRelu: single('LeakyRelu'),
  'LeakyRelu, steep': single('LeakyRelu', { alpha: { float: 1.7 } }),
  'LeakyRelu, falling': single('LeakyRelu', { alpha: { float: -0.3 } }),
  HardSigmoid: single('HardSigmoid'),
  'HardSigmoid, Keras': single('HardSigmoid', { alpha: { float: 1 / 6 }, beta: { float: 0.5 } }),
  HardSwish: single('HardSwish'),
  ThresholdedRelu: single('ThresholdedRelu', { alpha: { float: 0.7 } }),
  Abs: single('Abs'),
  Neg: single('Neg'),
  Sign: single('Sign'),
  Floor: single('Floor'),
  Ceil: single('Ceil'),
  Round: single('Round'),
  Sigmoid: single('Sigmoid'),
  Tanh: single('Tanh'),
  'PRelu, one slope': slope([0.2], [1]),
  'PRelu, per channel': slope([0.2, -1.3], [channels, 1]),
  'PRelu, quantized slope': [
    weights('s', [channels, 1], [3, 77], { scales: [0.01], dtype: 'int8' }),
    part(node('PRelu', ['x_dq', 's_dq'], ['y'])),
  ],
  'Relu, then Neg': chain(['Relu'], ['Neg']),
  'Abs, Sqrt, Tanh': chain(['Abs'], ['Sqrt'], ['Tanh']),
  'LeakyRelu, Relu, HardSigmoid': chain(['LeakyRelu', { alpha: { float: -0.5 } }], ['Relu'], ['HardSigmoid']),
};

/** About the values that activations have; ties where they are powers of two. */
const worlds = [
  [0.05, 0.02],
  [0.0371, 0.0613],
  [0.0039, 0.0038],
  [0.5, 0.25],
  [0.0625, 0.0625],
  [0.125, 1 / 256],
].flatMap(([x, y], i) => (['uint8', 'int8'] as const).map((dtype) => ({ dtype, x: x!, y: y!, zeroPoint: [128, 3, 0, 130, 255, 64][i]! })));

describe.each(worlds)('$dtype, scales $x to $y, zero point $zeroPoint', ({ dtype, x, y, zeroPoint }) => {
  const from: Quantization = { dtype, scale: Math.fround(x), zeroPoint: zeroPoint + lowOf(dtype) };
  const to: Quantization = { dtype, scale: Math.fround(y), zeroPoint: lowOf(dtype) + ((zeroPoint + 17) % 256) };

  test.each(Object.entries(functions))('%s', async (_, inner) => {
    const feeds = everyInteger(from);
    const program = await expectOrtsAnswer(between(from, inner, to), feeds);
    expect(program.ops.map(({ kind }) => kind)).toEqual(['table']);
    expectCircuitAgrees(program, feeds);
  });

  test.each(['LeakyRelu', 'Sigmoid'])('QLinear%s', async (op) => {
    const inputs = ['x_q', 'x_scale', 'x_zero_point', 'y_scale', 'y_zero_point'];
    const quantized = part(node(`QLinear${op}`, inputs, ['y_q'], {}, { domain: 'com.microsoft' }), parameters('y', to));
    const parts: ModelParts = {
      parts: [quantize('x', from), quantized, dequantize('y_q', 'out', to)],
      inputs: [value('x', 'float32', dims)],
      outputs: [value('out', 'float32', null)],
    };
    const feeds = everyInteger(from);
    expectCircuitAgrees(await expectOrtsAnswer(parts, feeds), feeds);
  });
});

test('Sqrt and Reciprocal where they are defined', async () => {
  const x: Quantization = { dtype: 'uint8', scale: 0.037, zeroPoint: 0 };
  const y: Quantization = { dtype: 'uint8', scale: 0.013, zeroPoint: 3 };
  await expectOrtsAnswer(between(x, single('Sqrt'), y), everyInteger(x));
  await expectOrtsAnswer(between(x, single('Reciprocal'), y), everyInteger(x));
});

test("many scales: Sigmoid and Tanh are ONNX Runtime's, bit for bit", async () => {
  for (let k = 1; k <= 40; k++) {
    const x: Quantization = { dtype: 'int8', scale: Math.fround(0.003 * 1.25 ** (k % 20) + k / 1e5), zeroPoint: (k * 37) % 128 };
    const y: Quantization = { dtype: 'int8', scale: 1 / 256, zeroPoint: k % 2 === 0 ? -128 : 0 };
    await expectOrtsAnswer(between(x, single(k % 2 === 0 ? 'Sigmoid' : 'Tanh'), y), everyInteger(x));
  }
});

const constants = (name: string, values: readonly number[]) => tensor(name, 'float32', [values.length], values);
const batchNorm = (x: string, attributes: Record<string, Attribute> = {}) =>
  part(node('BatchNormalization', [x, 'g', 'b', 'm', 'v'], ['y'], attributes), [
    constants('g', [1.37, -0.61]),
    constants('b', [0.213, -1.7]),
    constants('m', [0.377, 2.1]),
    constants('v', [0.031, 7.3]),
  ]);

test.each([
  [0.05, 0.0713],
  [0.0371, 0.02],
  [0.0625, 0.125],
])('BatchNormalization of a quantized tensor, scales %d to %d', async (from, to) => {
  for (const dtype of ['uint8', 'int8'] as const) {
    const x: Quantization = { dtype, scale: Math.fround(from), zeroPoint: 77 };
    const y: Quantization = { dtype, scale: Math.fround(to), zeroPoint: 9 };
    for (const attributes of [{}, { epsilon: { float: 0.001 } }]) {
      const feeds = everyInteger(x);
      expectCircuitAgrees(await expectOrtsAnswer(between(x, [batchNorm('x_dq', attributes)], y), feeds), feeds);
    }
  }
});

test('BatchNormalization whose scale and bias are quantized, as quantize_static leaves them', async () => {
  const x: Quantization = { dtype: 'uint8', scale: Math.fround(0.0371), zeroPoint: 77 };
  const y: Quantization = { dtype: 'uint8', scale: Math.fround(0.0713), zeroPoint: 9 };
  const g = weights('g', [2], [127, -54], { scales: [0.0113], dtype: 'int8' });
  const b = weights('b', [2], [531, -4111], { scales: [0.000413], dtype: 'int32' });
  const norm = part(node('BatchNormalization', ['x_dq', g.dq, b.dq, 'm', 'v'], ['y']), [
    constants('m', [0.377, 2.1]),
    constants('v', [0.031, 7.3]),
  ]);
  await expectOrtsAnswer(between(x, [g, b, norm], y), everyInteger(x));
});

describe('the program', () => {
  const x: Quantization = { dtype: 'int8', scale: 0.05, zeroPoint: 0 };
  const y: Quantization = { dtype: 'int8', scale: 0.0713, zeroPoint: 5 };
  const programOf = (inner: readonly Part[]) => buildProgram(buildGraph(decodeModel(model(between(x, inner, y)))));
  const tableOf = (program: Program) => program.ops[0] as ProgramOp & { kind: 'table' };

  test('a falling function is a table of at most 50 constraints an element, a rising one may be a line', () => {
    const falling = programOf(single('Neg'));
    expect(tableOf(falling).tables[0]!.step).toBeNull();
    const inputs = 8;
    expect(expectCircuitAgrees(falling, everyInteger(x))).toBeLessThan((50 + inputs) * 256 * channels);
    const rising = programOf(single('LeakyRelu', { alpha: { float: 1 } }));
    expect(tableOf(rising).tables[0]!.step?.kind).toBe('line');
  });

  test('written and read, it is the same; with another table or form it is refused', () => {
    const program = programOf(single('LeakyRelu', { alpha: { float: 1 } }));
    const { json, bin } = encodeProgram(program);
    expect(decodeProgram(json, bin)).toEqual(program);
    const op = tableOf(program);
    const [table] = op.tables;
    const altered = (tables: (typeof op)['tables']): Program => ({ ...program, ops: [{ ...op, tables }] });
    expect(() => verifyProgram(altered(op.tables))).not.toThrow();
    for (let i = 0; i < 256; i += 15) {
      const values = table!.values.with(i, table!.values[i]! + (table!.values[i]! === 127 ? -1 : 1));
      expect(() => verifyProgram(altered([{ ...table!, values }]))).toThrow(/table/);
    }
    expect(() => verifyProgram(altered([{ values: table!.values.slice(1), step: null }]))).toThrow(/table/);
    expect(() => verifyProgram(altered([table!, table!, table!]))).toThrow(/sizes/);
  });
});

describe('refused', () => {
  const x: Quantization = { dtype: 'int8', scale: 0.05, zeroPoint: 0 };
  const conv = [
    weights('w', [channels, channels, 1], [1, 2, 3, 4], { scales: [0.01], dtype: 'int8' }),
    part(node('Conv', ['x_dq', 'w_dq'], ['c']), node('Sigmoid', ['c'], ['y'])),
  ];
  test.each<[string, readonly Part[], RegExp]>([
    ['Sqrt of negative values', single('Sqrt'), /NaN/],
    ['Sigmoid behind a Conv that is not quantized', conv, /follows Conv/],
    [
      'a slope along two axes',
      slope(
        Array.from({ length: 512 }, (_, i) => i),
        [channels, 256],
      ),
      /shape \[2, 256\]/,
    ],
    ['a slope that is computed', [part(node('PRelu', ['x_dq', 'x_dq'], ['y']))], /computed/],
    ['a Relu by integers', [part(node('Sigmoid', ['x_q'], ['y']))], /integers/],
  ])('%s', (_, inner, why) => {
    expect(reportOf(between(x, inner, x)).entries[0]!.why).toMatch(why);
  });
});
