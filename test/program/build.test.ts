/** Lowering: bounds, clamps, windows, the choice of max before requantize; rows of linear maps against the evaluator. */
import { describe, expect, test } from 'vitest';
import { ZkonnxError } from '../../src/errors.ts';
import { buildGraph } from '../../src/graph/build.ts';
import { decodeModel } from '../../src/onnx/decode.ts';
import { buildProgram } from '../../src/program/build.ts';
import { evaluate } from '../../src/program/evaluate.ts';
import { linearRow, maxTaps, rowCount } from '../../src/program/linear.ts';
import type { Program, ProgramOp } from '../../src/program/program.ts';
import { applyForm } from '../../src/program/steps/form.ts';
import {
  type ModelParts,
  model,
  type NodeProto,
  node,
  type Part,
  part,
  type Quantization,
  qdq,
  value,
  weights,
} from '../support/onnx-builder.ts';

const u8 = (scale: number, zeroPoint = 0): Quantization => ({ dtype: 'uint8', scale, zeroPoint });
const build = (parts: ModelParts): Program => buildProgram(buildGraph(decodeModel(model(parts))));
const chain = (dims: number[], x: Quantization, inner: (Part | NodeProto)[], y: Quantization): Program =>
  build({
    parts: [qdq('x', x), ...inner.map((item) => ('nodes' in item ? item : part(item))), qdq('y', y)],
    inputs: [value('x', 'float32', dims)],
    outputs: [value('y_dq', 'float32', null)],
  });
const op = <K extends ProgramOp['kind']>(program: Program, kind: K) => program.ops.find((o) => o.kind === kind) as ProgramOp & { kind: K };
const kernel = (dims: number[], data: number[], dtype: 'int8' | 'uint8' = 'int8', zeroPoint = 0) =>
  weights('w', dims, data, { scales: [0.01], zeroPoints: [zeroPoint], dtype });

describe('bounds', () => {
  test('signed interval arithmetic, zero points folded in', () => {
    const program = chain([1, 3], u8(0.1, 10), [kernel([3, 2], [1, -2, 3, 4, -5, 6]), node('MatMul', ['x_dq', 'w_dq'], ['y'])], u8(0.1));
    const acc = program.tensors[op(program, 'linear').y]!;
    // x − 10 ∈ [−10, 245]; columns 1, 3, −5 and −2, 4, 6.
    expect([acc.low, acc.high]).toEqual([Math.min(-40 - 1225, -490 - 100), Math.max(980 + 50, 2450 + 20)]);
    const { lows, highs } = op(program, 'requantize');
    expect([...lows, ...highs]).toEqual([-1265, -590, 1030, 2470]);
  });

  test('what a requantization cannot reach is not counted behind it', () => {
    const inner = [
      kernel([2, 2], [100, 0, 0, 1]),
      node('MatMul', ['x_dq', 'w_dq'], ['m']),
      qdq('m', u8(1)),
      node('MatMul', ['m_dq', 'w_dq'], ['y']),
    ];
    const program = chain([1, 2], u8(0.01), inner, u8(1));
    const [, second] = program.ops.filter((o) => o.kind === 'linear');
    const bounds = program.tensors[second!.y]!;
    // m = (RNE(255·100·1e-4), RNE(255·1e-4)) at most: (3, 0).
    expect([bounds.low, bounds.high]).toEqual([0, 300]);
  });

  test('ZK3002 names the node and the bound', () => {
    // 255·128·70,000 = 2.28e9.
    const big = weights('w', [70_000, 1], new Array(70_000).fill(-128), { scales: [0.01], dtype: 'int8' });
    try {
      chain([1, 70_000], u8(0.1), [big, node('MatMul', ['x_dq', 'w_dq'], ['y'], {}, { name: 'wide' })], u8(0.1));
      throw new Error('it was built');
    } catch (error) {
      expect(error).toBeInstanceOf(ZkonnxError);
      expect(error).toMatchObject({ code: 'ZK3002', params: { node: 'wide', op: 'MatMul', bound: -255 * 128 * 70_000 } });
      expect(error).toMatchObject({ details: [{ node: 'wide', op: 'MatMul', shape: [1, 1] }] });
    }
  });

  test('several nodes that overflow are one report', () => {
    const wide = (name: string) => weights(name, [70_000, 1], new Array(70_000).fill(-128), { scales: [0.01], dtype: 'int8' });
    const inner = [
      wide('w'),
      wide('v'),
      node('MatMul', ['x_dq', 'w_dq'], ['a'], {}, { name: 'first' }),
      qdq('a', u8(0.1)),
      node('MatMul', ['x_dq', 'v_dq'], ['b'], {}, { name: 'second' }),
      qdq('b', u8(0.1)),
      node('Add', ['a_dq', 'b_dq'], ['y']),
    ];
    expect(() => chain([1, 70_000], u8(0.1), inner, u8(0.1))).toThrow(
      expect.objectContaining({
        code: 'ZK3001',
        message: '2 of 3 nodes cannot be proven yet',
        details: [expect.objectContaining({ node: 'first' }), expect.objectContaining({ node: 'second' })],
      }),
    );
  });
});

describe('activations only move clamps', () => {
  const conv = [kernel([1, 1, 1, 1], [3]), node('Conv', ['x_dq', 'w_dq'], ['c'])];
  test('Relu: the zero point; Clip: Q of its bounds', () => {
    const relu = chain([1, 1, 2, 2], u8(0.1), [...conv, node('Relu', ['c'], ['y'])], u8(0.01, 20));
    expect(op(relu, 'requantize').rules[0]).toMatchObject({ min: 20, max: 255 });
    const constants = part(
      node('Constant', [], ['lo'], { value_float: { float: -1.25 } }),
      node('Constant', [], ['hi'], { value_float: { float: 7.625 } }),
    );
    const clip = chain([1, 1, 2, 2], u8(0.1), [...conv, constants, node('Clip', ['c', 'lo', 'hi'], ['y'])], u8(0.25, 20));
    // −1.25/0.25 = −5; 7.625/0.25 = 30.5: half to even.
    expect(op(clip, 'requantize').rules[0]).toMatchObject({ min: 15, max: 50 });
  });
});

describe('max', () => {
  const pooled = (window: number, stride: number, alsoOut: boolean): Program => {
    const program: ModelParts = {
      parts: [
        qdq('x', u8(0.02)),
        kernel(
          [4, 1, 3, 3],
          Array.from({ length: 36 }, (_, i) => ((i * 29) % 200) - 100),
        ),
        part(node('Conv', ['x_dq', 'w_dq'], ['c'])),
        qdq('c', u8(0.05)),
        part(node('MaxPool', ['c_dq'], ['m'], { kernel_shape: [window, window], strides: [stride, stride] })),
        qdq('m', u8(0.05)),
      ],
      inputs: [value('x', 'float32', [1, 1, 12, 12])],
      outputs: [value('m_dq', 'float32', null), ...(alsoOut ? [value('c_dq', 'float32', null)] : [])],
    };
    return build(program);
  };
  test('goes before a requantization that only it reads, where that is cheaper', () => {
    expect(op(pooled(2, 2, false), 'max').beforeRequantize).toBe(true);
    expect(op(pooled(2, 2, true), 'max').beforeRequantize).toBe(false);
    // Windows that overlap almost wholly: as many requantizations either way, and longer comparisons before.
    expect(op(pooled(2, 1, false), 'max').beforeRequantize).toBe(false);
  });
  test('commutes: both orders give the same integers', () => {
    const program = pooled(2, 2, false);
    const [requantize, max] = [op(program, 'requantize'), op(program, 'max')];
    const x = Int32Array.from({ length: 144 }, (_, i) => (i * 37) % 256);
    const values = evaluate(program, new Map([['x', x]]));
    const acc = values.get(requantize.x)!;
    const { starts, indices } = max.windows;
    const swapped = Array.from(values.get(max.y)!.keys(), (o) => {
      const window = [...indices.subarray(starts[o], starts[o + 1])];
      const channel = Math.floor(window[0]! / requantize.inner) % requantize.rules.length;
      return applyForm(requantize.forms[channel]!, Math.max(...window.map((i) => acc[i]!)));
    });
    expect(swapped).toEqual([...values.get(max.y)!]);
  });
});

describe('rows of linear maps', () => {
  test.each<[string, Program]>([
    [
      'conv2d: groups, strides, dilations, uneven pads, weight zero points',
      chain(
        [1, 4, 7, 6],
        u8(0.1, 9),
        [
          kernel(
            [6, 2, 3, 2],
            Array.from({ length: 72 }, (_, i) => (i * 53) % 256),
            'uint8',
            77,
          ),
          node('Conv', ['x_dq', 'w_dq'], ['y'], { group: 2, strides: [2, 1], dilations: [1, 2], pads: [1, 2, 2, 0] }),
        ],
        u8(3),
      ),
    ],
    [
      'matmul of several rows',
      chain(
        [3, 5],
        u8(0.1, 200),
        [
          kernel(
            [5, 4],
            Array.from({ length: 20 }, (_, i) => ((i * 53) % 256) - 128),
          ),
          node('MatMul', ['x_dq', 'w_dq'], ['y']),
        ],
        u8(1),
      ),
    ],
    ['windowsum', chain([1, 3, 4, 5], u8(0.1, 17), [node('GlobalAveragePool', ['x_dq'], ['y'])], u8(0.1))],
  ])('%s: the sums that evaluate makes, inside the proven interval', (_, program) => {
    const { map, x, y } = op(program, 'linear');
    const input = Int32Array.from({ length: program.tensors[x]!.count }, (_, i) => (i % 5 === 0 ? 255 : (i * 91) % 256));
    const sums = evaluate(program, new Map([['x', input]])).get(y)!;
    expect(rowCount(map)).toBe(sums.length);
    const xs = new Int32Array(maxTaps(map));
    const ws = new Int32Array(maxTaps(map));
    for (let o = 0; o < sums.length; o++) {
      const { count, constant } = linearRow(map, o, xs, ws);
      let sum = constant;
      for (let t = 0; t < count; t++) {
        sum += ws[t]! * input[xs[t]!]!;
        expect(ws[t]).not.toBe(0);
        if (t > 0) expect(xs[t]).toBeGreaterThan(xs[t - 1]!);
      }
      expect(sum).toBe(sums[o]);
      expect(sum).toBeGreaterThanOrEqual(program.tensors[y]!.low);
      expect(sum).toBeLessThanOrEqual(program.tensors[y]!.high);
    }
  });
});

test('evaluate names a missing input', () => {
  const program = chain([1, 2], u8(0.1), [kernel([2, 1], [1, 1]), node('MatMul', ['x_dq', 'w_dq'], ['y'])], u8(0.1));
  expect(() => evaluate(program, new Map([['z', new Int32Array(2)]]))).toThrow('no values for input "x"; given: z');
});
