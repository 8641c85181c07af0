/**
 * ReduceMean, ReduceSum and averages that ONNX Runtime leaves in floats, beside it: the profile's sum is exact, ONNX Runtime's has the order of its kernels. Nothing but ties may differ, by
 * one step; how many do is printed, and stands in docs/onnx-semantics.md.
 */
import { describe, expect, test } from 'vitest';
import { buildProgram } from '../../src/program/build.ts';
import { evaluate } from '../../src/program/evaluate.ts';
import type { Program } from '../../src/program/program.ts';
import { graphOf, kindsOf } from '../support/graphs.ts';
import {
  type Attribute,
  type ModelParts,
  model,
  node,
  type Part,
  part,
  type Quantization,
  qdq,
  tensor,
  value,
} from '../support/onnx-builder.ts';
import { expectCircuitAgrees, expectOrtsAnswer, randomInputs } from '../support/oracle.ts';
import { ortSession } from '../support/ort.ts';

type Attributes = Readonly<Record<string, Attribute>>;

const u8 = (scale: number, zeroPoint = 0): Quantization => ({ scale, zeroPoint, dtype: 'uint8' });
const s8 = (scale: number, zeroPoint = 0): Quantization => ({ scale, zeroPoint, dtype: 'int8' });
const image = [1, 6, 5, 4];

/** x → Q/DQ → nodes that make y of x_dq → Q/DQ. */
function between(
  inner: Part,
  xq: Quantization,
  yq: Quantization,
  dims: readonly number[],
  opset: number,
  more: ModelParts['outputs'] = [],
): ModelParts {
  return {
    opset,
    parts: [qdq('x', xq), inner, qdq('y', yq)],
    inputs: [value('x', 'float32', dims)],
    outputs: [value('y_dq', 'float32', null), ...more],
  };
}

const ofAttributes = (op: string, attributes: Attributes = {}) => part(node(op, ['x_dq'], ['y'], attributes));
const ofAxes = (op: string, axes: readonly number[], attributes: Attributes = {}) =>
  part(node(op, ['x_dq', 'axes'], ['y'], attributes), [tensor('axes', 'int64', [axes.length], axes)]);

describe.each([
  ['uint8', u8],
  ['int8', s8],
] as const)('%s', (_, q) => {
  test.each<[string, Part, number, number]>([
    ['ReduceMean, opset 10, two axes', ofAttributes('ReduceMean', { axes: [2, 3] }), 10, 0.03],
    ['ReduceMean, opset 13, a negative axis, not kept', ofAttributes('ReduceMean', { axes: [-1], keepdims: 0 }), 13, 0.04],
    ['ReduceMean, opset 17, all axes', ofAttributes('ReduceMean'), 17, 0.01],
    ['ReduceMean, opset 18, axes as input', ofAxes('ReduceMean', [1, 3]), 18, 0.04],
    ['ReduceMean, opset 23, no axes and noop', ofAttributes('ReduceMean', { noop_with_empty_axes: 1 }), 23, 0.08],
    ['ReduceSum, opset 11', ofAttributes('ReduceSum', { axes: [1] }), 11, 0.37],
    ['ReduceSum, opset 13, axes as input', ofAxes('ReduceSum', [2, -1], { keepdims: 0 }), 13, 0.61],
    ['ReduceSum, opset 21, all', ofAttributes('ReduceSum', { keepdims: 0 }), 21, 5.3],
  ])('%s', async (_name, inner, opset, scale) => {
    const parts = between(inner, q(0.07, 9), q(scale, 3), image, opset);
    for (const spread of [1, 1 / 20]) {
      const feeds = randomInputs(parts, 0.07 * spread);
      expectCircuitAgrees(await expectOrtsAnswer(parts, feeds), feeds);
    }
  });

  test('a Relu behind ReduceMean, and two quantizations of it', async () => {
    const relu = part(node('ReduceMean', ['x_dq'], ['m'], { axes: [2, 3] }), node('Relu', ['m'], ['y']));
    const parts = between(relu, q(0.07, 9), q(0.02, 3), image, 13);
    const feeds = randomInputs(parts, 0.07 / 3);
    expectCircuitAgrees(await expectOrtsAnswer(parts, feeds), feeds);
    const z = {
      ...qdq('z', q(0.011, 7)),
      nodes: qdq('z', q(0.011, 7)).nodes.map((n, i) => (i === 0 ? { ...n, input: ['y', 'z_scale', 'z_zero_point'] } : n)),
    };
    const twice: ModelParts = {
      ...between(ofAttributes('ReduceMean', { axes: [1] }), q(0.07, 9), q(0.02, 3), image, 13),
      nodes: z.nodes,
      initializers: z.initializers,
      outputs: [value('y_dq', 'float32', null), value('z_dq', 'float32', null)],
    };
    expectCircuitAgrees(await expectOrtsAnswer(twice, feeds), feeds);
  });
});

test('AveragePool of 9×10 elements and equal scales: each float32 addition in the circuit', async () => {
  const pool = ofAttributes('AveragePool', { kernel_shape: [9, 10], strides: [9, 10] });
  const parts = between(pool, u8(0.0371, 9), u8(0.0371, 9), [1, 2, 9, 20], 13);
  for (const [seed, spread] of [1, 1 / 100].entries()) {
    const feeds = randomInputs(parts, 0.0371 * spread, seed + 11);
    expectCircuitAgrees(await expectOrtsAnswer(parts, feeds), feeds);
  }
});

describe('averages left in floats', () => {
  const pools: [string, Attributes][] = [
    ['2×2', { kernel_shape: [2, 2], strides: [2, 2] }],
    ['3×3 with pads', { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }],
    ['3×3 with counted pads', { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], count_include_pad: 1 }],
    ['3×2 with ceil_mode', { kernel_shape: [3, 2], strides: [2, 2], ceil_mode: 1 }],
  ];
  const flat = (op: string, attributes: Attributes) => part(node(op, ['x_dq'], ['y'], attributes), node('Flatten', ['x_dq'], ['f']));

  test.each(pools)('an int8 AveragePool beside another reader: %s', async (_, attributes) => {
    const parts = between(flat('AveragePool', attributes), s8(0.07, 3), s8(0.041, 3), image, 13, [value('f', 'float32', null)]);
    expect(graphOf(parts).nodes.some((n) => n.kind === 'averagepool' && !n.inOrder)).toBe(true);
    const feeds = randomInputs(parts, 0.07);
    expectCircuitAgrees(await expectOrtsAnswer(parts, feeds), feeds);
  });

  test('an int8 GlobalAveragePool beside another reader', async () => {
    const parts = between(flat('GlobalAveragePool', {}), s8(0.07, 3), s8(0.0171, 3), image, 13, [value('f', 'float32', null)]);
    expect(kindsOf(graphOf(parts))).toContain('reducesum');
    const feeds = randomInputs(parts, 0.07 / 2);
    expectCircuitAgrees(await expectOrtsAnswer(parts, feeds), feeds);
  });

  test.each(['AveragePool', 'GlobalAveragePool'])('a Relu that moves a clamp behind %s', async (op) => {
    const attributes: Attributes = op === 'AveragePool' ? { kernel_shape: [2, 2] } : {};
    const inner = part(node(op, ['x_dq'], ['m'], attributes), node('Relu', ['m'], ['y']));
    const parts = between(inner, u8(0.07, 120), u8(0.0231, 30), image, 13);
    const feeds = randomInputs(parts, 0.07);
    expectCircuitAgrees(await expectOrtsAnswer(parts, feeds), feeds);
  });
});

/** Differences of the formula from ONNX Runtime, in steps of y, over many random inputs of one model. */
async function differences(
  parts: ModelParts,
  program: Program,
  xq: Quantization,
  yq: Quantization,
  runs: number,
): Promise<{ compared: number; off: number[] }> {
  const session = await ortSession(model(parts));
  const { name, dims } = program.inputs[0]!;
  const count = dims.reduce((a, b) => a * b, 1);
  const low = xq.dtype === 'uint8' ? 0 : -128;
  const off: number[] = [];
  let compared = 0;
  let state = 2463534242;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  for (let run = 0; run < runs; run++) {
    const spread = [256, 40, 5][run % 3]!;
    const from = low + Math.floor(next() * (257 - spread));
    const q = Int32Array.from({ length: count }, () => from + Math.floor(next() * spread));
    const data = Float32Array.from(q, (v) => Math.fround(v - xq.zeroPoint) * Math.fround(xq.scale));
    const answer = (await session.run({ x: { dtype: 'float32', dims, data } })).y_dq!;
    const mine = evaluate(program, new Map([[name, q]])).get(program.outputs[0]!.tensor)!;
    mine.forEach((y, i) => {
      compared++;
      const difference = y - Math.round(Number(answer.data[i]) / Math.fround(yq.scale)) - yq.zeroPoint;
      if (difference !== 0) off.push(difference);
    });
  }
  await session.release();
  return { compared, off };
}

test('100,000 means and sums: only ties differ, by one step', async () => {
  const totals: Record<string, { compared: number; off: number }> = {};
  const scales: [string, number, number][] = [
    ['random scales', 0.0713, 0.0331],
    ['powers of two', 0.0625, 0.03125],
    ['equal scales', 0.05, 0.05],
  ];
  const axesOf: [number[], number[]][] = [
    [
      [1, 64, 7, 7],
      [2, 3],
    ],
    [[64, 16, 8], [1]],
    [[128, 24], [1]],
  ];
  for (const op of ['ReduceMean', 'ReduceSum']) {
    for (const [name, xScale, yScale] of scales) {
      for (const [dims, axes] of axesOf) {
        for (const q of [u8, s8]) {
          const [xq, yq] = [q(xScale, 7), q(op === 'ReduceSum' ? 16 * yScale : yScale, 3)];
          const parts = between(op === 'ReduceSum' ? ofAxes(op, axes) : ofAttributes(op, { axes }), xq, yq, dims, 13);
          const { compared, off } = await differences(parts, buildProgram(graphOf(parts)), xq, yq, 24);
          expect(off.filter((steps) => Math.abs(steps) !== 1)).toEqual([]);
          const before = totals[`${op}, ${name}`] ?? { compared: 0, off: 0 };
          totals[`${op}, ${name}`] = { compared: before.compared + compared, off: before.off + off.length };
        }
      }
    }
  }
  for (const [name, { compared, off }] of Object.entries(totals)) {
    console.log(`${name}: ${off} of ${compared} elements differ`);
    expect(off, name).toBeLessThanOrEqual(name.includes('equal') ? compared / 50 : 3);
  }
  expect(Object.values(totals).reduce((sum, { compared }) => sum + compared, 0)).toBeGreaterThan(100_000);
}, 60_000);
