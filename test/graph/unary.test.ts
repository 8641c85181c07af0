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
import { channels, unaryCases } from '../support/unary-cases.ts';
import { differences, everyInteger, randomFrom, randomPair, unaryModel } from '../support/unary-oracle.ts';

const dims = [1, channels, 256];
const lowOf = (dtype: string) => (dtype === 'int8' ? -128 : 0);

function between(x: Quantization, inner: readonly Part[], y: Quantization): ModelParts {
  return unaryModel({ parts: inner, opset: 17, domain: 'all' }, x, y);
}

const single = (op: string, attributes: Record<string, Attribute> = {}): Part[] => [part(node(op, ['x_dq'], ['y'], attributes))];
const slope = (data: readonly number[], shape: readonly number[]) => [
  part(node('PRelu', ['x_dq', 's'], ['y']), [tensor('s', 'float32', shape, data)]),
];

/** Rising, falling, neither; per channel; of one node and of several. */
const inCircuits = [
  'LeakyRelu',
  'Neg',
  'Abs',
  'Sigmoid',
  'Sin',
  'PRelu, per channel',
  'Abs, Sqrt, Tanh',
  'SiLU',
  'Gelu, product last',
  'x² alone',
];

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

  test.each(inCircuits)('%s', async (name) => {
    const feeds = everyInteger(from);
    const program = await expectOrtsAnswer(unaryModel(unaryCases[name]!, from, to), feeds);
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

// The slow suite has 200 pairs of parameters for each.
test.each(Object.entries(unaryCases))("%s is ONNX Runtime's, bit for bit", async (name, unary) => {
  const next = randomFrom(name.length);
  for (let k = 0; k < 3; k++) {
    const { x, y } = randomPair(next, unary);
    expect(await differences(unary, x, y), JSON.stringify({ x, y })).toEqual([]);
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

test('a constant per channel of a tensor whose channels reach differently far', async () => {
  // a reaches ±100 in the joined scale, b ±128: no element of a's channel meets what its function would be at 127.
  const joined: Quantization = { dtype: 'int8', scale: Math.fround(0.0192), zeroPoint: 0 };
  const a: Quantization = { ...joined, scale: Math.fround(0.015) };
  const y: Quantization = { dtype: 'int8', scale: Math.fround(0.0192), zeroPoint: 3 };
  const parts: ModelParts = {
    parts: [
      qdq('a', a),
      qdq('b', joined),
      part(node('Concat', ['a_dq', 'b_dq'], ['x'], { axis: 1 })),
      qdq('x', joined),
      part(node('Sub', ['x_dq', 'c'], ['y']), [tensor('c', 'float32', [2, 1], [-0.9, 0.8])]),
      qdq('y', y),
    ],
    inputs: [value('a', 'float32', [1, 1, 256]), value('b', 'float32', [1, 1, 256])],
    outputs: [value('y_dq', 'float32', null)],
  };
  const every = (q: Quantization): Tensor => {
    const data = Float32Array.from({ length: 256 }, (_, i) => Math.fround((i - 128) * q.scale));
    return { dtype: 'float32', dims: [1, 1, 256], data };
  };
  const feeds = { a: every(a), b: every(joined) };
  const program = await expectOrtsAnswer(parts, feeds);
  verifyProgram(program);
  expectCircuitAgrees(program, feeds);
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
    ['Log of negative values', single('Log'), /NaN/],
    ['a root of negative values', [part(node('Pow', ['x_dq', 'e'], ['y']), [tensor('e', 'float32', [], [0.5])])], /NaN/],
    ['a Pow whose exponent is computed', [part(node('Pow', ['x_dq', 'x_dq'], ['y']))], /exponent/],
    ['a Pow by the integer 5', [part(node('Pow', ['x_dq', 'e'], ['y']), [tensor('e', 'int64', [], [5])])], /exponent/],
    ['a bias that is computed', [part(node('BiasGelu', ['x_dq', 'x_dq'], ['y'], {}, { domain: 'com.microsoft' }))], /bias/],
    [
      'functions of two tensors',
      [
        part(node('Tanh', ['x_dq'], ['b'])),
        qdq('b', x),
        part(node('Exp', ['b_dq'], ['t']), node('Sigmoid', ['x_dq'], ['s']), node('Mul', ['t', 's'], ['y'])),
      ],
      /float result of/,
    ],
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
