/**
 * Sub, Mul and products by float constants against onnxruntime-web: on all 2^16 pairs of integers, for random scales and powers of two; and their circuits
 * against `evaluate`.
 */
import { describe, expect, test } from 'vitest';
import type { Program, ProgramOp } from '../../src/program/program.ts';
import { verifyProgram } from '../../src/program/verify.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { reportOf } from '../support/graphs.ts';
import {
  dequantize,
  type ModelParts,
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
import { expectCircuitAgrees, expectOrtsAnswer, randomInputs } from '../support/oracle.ts';

const lowOf = (dtype: string) => (dtype === 'int8' ? -128 : 0);
const triple = (name: string) => [`${name}_q`, `${name}_scale`, `${name}_zero_point`];

/** Every integer of the type. */
function everyInteger({ scale, zeroPoint, dtype }: Quantization, dims: readonly number[]): Tensor {
  return {
    dtype: 'float32',
    dims,
    data: Float32Array.from({ length: 256 }, (_, i) => Math.fround((i + lowOf(dtype) - zeroPoint) * Math.fround(scale))),
  };
}

interface World {
  readonly a: Quantization;
  readonly b: Quantization;
  readonly y: Quantization;
}

const boundary = (aDims: readonly number[], bDims: readonly number[], out: string) => ({
  inputs: [value('a', 'float32', aDims), value('b', 'float32', bDims)],
  outputs: [value(out, 'float32', null)],
});

const inQdq = (
  op: string,
  { a, b, y }: World,
  aDims: readonly number[],
  bDims: readonly number[],
  more: readonly Part[] = [],
): ModelParts => ({
  parts: [qdq('a', a), qdq('b', b), part(node(op, ['a_dq', 'b_dq'], [more.length > 0 ? 's' : 'y'])), ...more, qdq('y', y)],
  ...boundary(aDims, bDims, 'y_dq'),
});

const qoperator = (op: string, { a, b, y }: World, aDims: readonly number[], bDims: readonly number[]): ModelParts => ({
  parts: [
    quantize('a', a),
    quantize('b', b),
    part(
      node(op, [...triple('a'), ...triple('b'), 'y_scale', 'y_zero_point'], ['y_q'], {}, { domain: 'com.microsoft' }),
      parameters('y', y),
    ),
    dequantize('y_q', 'out', y),
  ],
  ...boundary(aDims, bDims, 'out'),
});

const scales = [
  [0.05123, 0.0718, 0.3022],
  [0.0371, 0.0613, 0.0212],
  [0.02, 0.0039, 0.0051],
  [0.5, 0.25, 1],
  [0.0625, 0.0625, 0.125],
  [0.09371, 0.10117, 0.09853],
  [0.012317, 0.0078713, 0.0042219],
] as const;
const worlds = scales.flatMap(([a, b, y], i) =>
  (['uint8', 'int8'] as const).map((dtype): World & { dtype: string } => {
    const q = (scale: number, zero: number): Quantization => ({ dtype, scale: Math.fround(scale), zeroPoint: lowOf(dtype) + zero });
    return {
      dtype,
      a: q(a, [128, 3, 0, 130, 255, 64, 0][i]!),
      b: q(b, [120, 0, 255, 128, 1, 9, 0][i]!),
      y: q(y, [128, 130, 0, 17, 255, 99, 0][i]!),
    };
  }),
);

const small = [40];

/** Rows of an element at most, by the form that was found. */
function rowsMost({ ops }: Program): number {
  const op = ops.find(({ kind }) => kind === 'add' || kind === 'multiply')!;
  if (op.kind === 'add') return op.form.kind === 'plane' ? 30 : 185;
  const { exceptions } = (op as ProgramOp & { readonly kind: 'multiply' }).form;
  return exceptions.length === 0 ? 30 : 85 + 5 * exceptions.length;
}

describe.each(worlds)('$dtype, scales $a.scale, $b.scale to $y.scale', (world) => {
  const [aDims, bDims] = [
    [256, 1],
    [1, 256],
  ];
  const pairs = { a: everyInteger(world.a, aDims), b: everyInteger(world.b, bDims) };
  const rows = (parts: ModelParts, program: Program) => {
    const feeds = randomInputs(parts, world.a.scale);
    return expectCircuitAgrees(program, feeds);
  };

  test.each(['Sub', 'Mul'])('%s on all pairs', async (op) => {
    await expectOrtsAnswer(inQdq(op, world, aDims, bDims), pairs);
    const few = inQdq(op, world, small, small);
    const program = await expectOrtsAnswer(few, randomInputs(few, world.a.scale));
    // Two inputs of 8 rows, and the operator.
    expect(rows(few, program)).toBeLessThan(40 * (16 + rowsMost(program)));
  });

  test('QLinearMul on all pairs', async () => {
    await expectOrtsAnswer(qoperator('QLinearMul', world, aDims, bDims), pairs);
  });

  test.each(['Sub', 'Mul'])('%s, then Relu', async (op) => {
    await expectOrtsAnswer(inQdq(op, world, aDims, bDims, [part(node('Relu', ['s'], ['y']))]), pairs);
  });

  test.each(['Sub', 'Mul'])('%s of a quantized constant, broadcast', async (op) => {
    const data = Array.from({ length: 8 }, (_, i) => lowOf(world.dtype) + i * 31);
    const c = weights('c', [8, 1], data, { scales: [world.b.scale], zeroPoints: [world.b.zeroPoint], dtype: world.b.dtype });
    for (const inputs of [
      ['a_dq', 'c_dq'],
      ['c_dq', 'a_dq'],
    ]) {
      const parts: ModelParts = {
        parts: [qdq('a', world.a), c, part(node(op, inputs, ['y'])), qdq('y', world.y)],
        inputs: [value('a', 'float32', [1, 256])],
        outputs: [value('y_dq', 'float32', null)],
      };
      const feeds = { a: everyInteger(world.a, [1, 256]) };
      expectCircuitAgrees(await expectOrtsAnswer(parts, feeds), feeds);
    }
  });

  test.each(['Add', 'Sub', 'Mul', 'Div'])('%s of a float constant', async (op) => {
    const dims = [1, 2, 256];
    const x = everyInteger(world.a, [256]);
    const feeds: Record<string, Tensor> = {
      a: { dtype: 'float32', dims, data: Float32Array.of(...(x.data as Float32Array), ...(x.data as Float32Array)) },
    };
    for (const [inputs, shape, values] of [
      [['a_dq', 'c'], [], [0.37]],
      [
        ['a_dq', 'c'],
        [2, 1],
        [-1.7, 0.9],
      ],
      [['c', 'a_dq'], [1], [0.37]],
    ] as const) {
      // A constant divided by 0 is NaN or infinite.
      if (op === 'Div' && inputs[0] === 'c') continue;
      const parts: ModelParts = {
        parts: [qdq('a', world.a), part(node(op, [...inputs], ['y']), [tensor('c', 'float32', shape, values)]), qdq('y', world.y)],
        inputs: [value('a', 'float32', dims)],
        outputs: [value('y_dq', 'float32', null)],
      };
      await expectOrtsAnswer(parts, feeds);
    }
  });
});

// Ratios of round decimals make ties that float32 noise decides: then it is two lookups and a step, or a product with exceptions.
describe.each([
  [0.05, 0.07, 0.3],
  [0.1, 0.1, 0.2],
  [0.1, 0.05, 0.1],
  [0.04, 0.06, 0.08],
  [0.02, 0.01, 0.05],
] as const)('round scales %d, %d to %d', (a, b, y) => {
  test.each(['Add', 'Sub', 'Mul'])('%s on all pairs', async (op) => {
    const quantization = (scale: number, zeroPoint: number): Quantization => ({ dtype: 'uint8', scale: Math.fround(scale), zeroPoint });
    const world: World = { a: quantization(a, 128), b: quantization(b, 3), y: quantization(y, 100) };
    await expectOrtsAnswer(inQdq(op, world, [256, 1], [1, 256]), {
      a: everyInteger(world.a, [256, 1]),
      b: everyInteger(world.b, [1, 256]),
    });
    const few = inQdq(op, world, small, small);
    const feeds = randomInputs(few, a);
    const program = await expectOrtsAnswer(few, feeds);
    expect(expectCircuitAgrees(program, feeds)).toBeLessThan(40 * (16 + rowsMost(program)));
  });
});

const unsigned = (scale: number, zeroPoint: number): Quantization => ({ dtype: 'uint8', scale: Math.fround(scale), zeroPoint });
const allPairs = ({ a, b }: World) => ({ a: everyInteger(a, [256, 1]), b: everyInteger(b, [1, 256]) });

test('products whose outcome float32 rounding decides are set right one by one; where they are too many, the model is refused', async () => {
  let [exceptions, refused] = [0, 0];
  for (const [a, b, y] of [
    [0.1, 0.1, 0.1],
    [0.1, 0.1, 0.2],
    [0.1, 0.3, 0.6],
    [0.05, 0.07, 0.3],
    [0.01, 0.03, 0.003],
    [0.05, 0.05, 0.07],
  ] as const) {
    for (const zero of [0, 117]) {
      const world = { a: unsigned(a, zero), b: unsigned(b, 255 - zero), y: unsigned(y, 128) };
      const parts = inQdq('Mul', world, [256, 1], [1, 256]);
      try {
        const program = await expectOrtsAnswer(parts, allPairs(world));
        exceptions += (program.ops[0] as ProgramOp & { kind: 'multiply' }).form.exceptions.length;
        const few = inQdq('Mul', world, small, small);
        const feeds = randomInputs(few, world.a.scale);
        expectCircuitAgrees(await expectOrtsAnswer(few, feeds), feeds);
      } catch (error) {
        expect(error).toMatchObject({ code: 'ZK3003' });
        refused++;
      }
    }
  }
  expect(exceptions).toBeGreaterThan(0);
  expect(refused).toBeGreaterThan(0);
});

test('a program with another form, or one exception less, is refused', async () => {
  for (let k = 0; k < 24; k++) {
    const world = { a: unsigned(0.01 + k * 0.01, 3), b: unsigned(0.03, 9), y: unsigned(0.07, 100) };
    const parts = inQdq('Mul', world, small, small);
    const program = await expectOrtsAnswer(parts, randomInputs(parts, world.a.scale));
    const op = program.ops[0] as ProgramOp & { kind: 'multiply' };
    const altered = (form: (typeof op)['form']): Program => ({ ...program, ops: [{ ...op, form }] });
    expect(() => verifyProgram(altered({ ...op.form, unit: op.form.unit === 1 ? 2 : 1 }))).toThrow(/its form is not its rule/);
    if (op.form.exceptions.length === 0) continue;
    expect(() => verifyProgram(altered({ ...op.form, exceptions: op.form.exceptions.slice(1) }))).toThrow(/its form is not its rule/);
    return;
  }
  throw new Error('no scales gave an exception');
});

test('mixed types are joined by Sub and Mul', async () => {
  const world: World = {
    a: { dtype: 'uint8', scale: 0.05, zeroPoint: 7 },
    b: { dtype: 'int8', scale: 0.0313, zeroPoint: -5 },
    y: { dtype: 'int8', scale: 0.1, zeroPoint: 2 },
  };
  const feeds = { a: everyInteger(world.a, [256, 1]), b: everyInteger(world.b, [1, 256]) };
  await expectOrtsAnswer(inQdq('Sub', world, [256, 1], [1, 256]), feeds);
  await expectOrtsAnswer(inQdq('Mul', { ...world, y: { ...world.y, scale: 0.4 } }, [256, 1], [1, 256]), feeds);
  expect(reportOf(inQdq('Div', { ...world, b: world.a }, small, small)).entries[0]!.why).toMatch(/divides/);
});
