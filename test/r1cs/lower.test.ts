/** Every op of a program, lowered: on boundary and random inputs the witness satisfies all rows and gives what `evaluate` gives. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Program, ProgramOp } from '../../src/program/program.ts';
import { expectExact, type NodeSpec, programOf, type ValueSpec, weightsOf, window2d } from '../support/programs.ts';

const kinds = (program: Program): ProgramOp['kind'][] => program.ops.map(({ kind }) => kind);

const conv = (scales: readonly number[], more: Partial<Extract<NodeSpec, { kind: 'conv' }>> = {}): NodeSpec => ({
  kind: 'conv',
  x: 0,
  y: 1,
  weights: weightsOf([3, 2, 3, 3], scales),
  bias: Int32Array.of(100, -7000, 0),
  group: 1,
  window: window2d(3, 1, 1),
  activation: null,
  ...more,
});

describe('each op, lowered, is what evaluate computes', () => {
  const x: ValueSpec = { dims: [1, 2, 5, 5], zeroPoint: 3 };
  const y: ValueSpec = { dims: [1, 3, 5, 5], scale: 0.11, zeroPoint: -9 };

  test('conv, per tensor', () => expectExact(programOf([x, y], [conv([0.004])])));
  test('conv, per channel, exceptions and fall-backs included', () => expectExact(programOf([x, y], [conv([0.0041, 0.00093, 0.017])])));
  test('conv with Relu inside the range', () => expectExact(programOf([x, y], [conv([0.004], { activation: { min: 0, max: null } })])));
  test('conv with Relu6', () => expectExact(programOf([x, y], [conv([0.004], { activation: { min: 0, max: 6 } })])));
  test('conv with power-of-two scales: ties', () =>
    expectExact(
      programOf(
        [
          { ...x, scale: 2 ** -4 },
          { ...y, scale: 2 ** -3 },
        ],
        [conv([2 ** -8])],
      ),
    ));
  test('conv by groups, strides, uint8', () =>
    expectExact(
      programOf(
        [
          { dims: [1, 4, 6, 6], dtype: 'uint8', zeroPoint: 128 },
          { dims: [1, 4, 2, 2], dtype: 'uint8', scale: 0.07, zeroPoint: 0 },
        ],
        [conv([0.01], { weights: weightsOf([4, 2, 3, 3], [0.01], 5), bias: null, group: 2, window: window2d(3, 2, 0) })],
      ),
    ));
  test('matmul', () =>
    expectExact(
      programOf(
        [{ dims: [2, 9] }, { dims: [2, 4], scale: 0.3 }],
        [{ kind: 'matmul', x: 0, y: 1, weights: weightsOf([9, 4], [0.01]), bias: null, alpha: 1, form: 'matmul', activation: null }],
      ),
    ));
  test('weights that are all 0: the accumulator is a constant', () => {
    const weights = { ...weightsOf([9, 4], [0.01]), data: new Int32Array(36) };
    const bias = Int32Array.of(-9000, 0, 77, 4000);
    expectExact(
      programOf(
        [{ dims: [1, 9] }, { dims: [1, 4], scale: 0.3 }],
        [{ kind: 'matmul', x: 0, y: 1, weights, bias, alpha: 1, form: 'gemm', activation: null }],
      ),
    );
  });
  test.each([true, false])('maxpool, on accumulators: %s', (before) => {
    const program = programOf(
      [x, y, { ...y, dims: [1, 3, 2, 2] }],
      [conv([0.004]), { kind: 'maxpool', x: 1, y: 2, window: window2d(2, 2, 0) }],
    );
    const ops = program.ops.map((op) => (op.kind === 'max' ? { ...op, beforeRequantize: before } : op));
    expectExact({ ...program, ops });
  });
  test('maxpool of an input, overlapping and padded', () =>
    expectExact(programOf([{ dims: [1, 2, 5, 5] }, { dims: [1, 2, 3, 3] }], [{ kind: 'maxpool', x: 0, y: 1, window: window2d(3, 2, 1) }])));
  test('requantize', () =>
    expectExact(
      programOf([{ dims: [300] }, { dims: [300], scale: 0.031, zeroPoint: 17 }], [{ kind: 'requantize', x: 0, y: 1, activation: null }]),
    ));
  test.each([
    ['plane', 0.1, 0.07, 0.13],
    ['tables', 0.031, 0.047, 0.06],
  ])('add: %s', (kind, a, b, y) => {
    const program = programOf(
      [
        { dims: [40], scale: a, zeroPoint: 5 },
        { dims: [40], scale: b, zeroPoint: -3 },
        { dims: [40], scale: y, zeroPoint: 1 },
      ],
      [{ kind: 'add', a: 0, b: 1, y: 2, activation: null, roundingZero: 1, fused: true }],
      2,
    );
    expect(program.ops[0]).toMatchObject({ kind: 'add', form: { kind } });
    expectExact(program);
  });
  test('add with ties, a Relu, and a constant side broadcast', () =>
    expectExact(
      programOf(
        [
          { dims: [3, 4], scale: 0.25 },
          { dims: [4], scale: 0.5, constant: [1, -128, 127, 9] },
          { dims: [3, 4], scale: 1 },
        ],
        [{ kind: 'add', a: 0, b: 1, y: 2, activation: { min: 0, max: null }, roundingZero: 0, fused: false }],
      ),
    ));
  test('global average pool', () =>
    expectExact(
      programOf(
        [{ dims: [1, 3, 4, 4] }, { dims: [1, 3, 1, 1], scale: 0.021 }],
        [{ kind: 'globalaveragepool', x: 0, y: 1, activation: null }],
      ),
    ));
  test.each([
    ['sums', 0.05, 0.043],
    ['equal scales', 0.05, 0.05],
    ['equal scales, powers of two', 0.0625, 0.0625],
  ])('average pool, %s', (_, from, to) =>
    expectExact(
      programOf(
        [
          { dims: [1, 2, 5, 5], scale: from, zeroPoint: 2 },
          { dims: [1, 2, 5, 5], scale: to, zeroPoint: 2 },
        ],
        [
          {
            kind: 'averagepool',
            x: 0,
            y: 1,
            window: window2d(3, 1, 1),
            counted: 'image',
            inOrder: true,
            activation: null,
            roundingZero: 2,
          },
        ],
      ),
    ),
  );
  test('movement and concat', () => {
    const program = programOf(
      [
        { dims: [2, 3] },
        { dims: [2, 3], scale: 0.09 },
        { dims: [3, 2] },
        { dims: [6, 1] },
        { dims: [6, 1], scale: 0.09 },
        { dims: [6, 2], scale: 0.09 },
      ],
      [
        { kind: 'transpose', x: 0, y: 2, perm: [1, 0] },
        { kind: 'reshape', x: 2, y: 3 },
        { kind: 'reshape', x: 1, y: 4 },
        { kind: 'concat', xs: [3, 4], axis: 1, y: 5 },
      ],
      2,
    );
    expect(kinds(program)).toContain('gather');
    expectExact(program);
  });
  test.each([false, true])('argmax, last index %s', (selectLastIndex) =>
    expectExact(
      programOf(
        [{ dims: [4, 10] }, { dims: [4], dtype: 'int64' }],
        [{ kind: 'argmax', x: 0, y: 1, axis: 1, keepDims: false, selectLastIndex, least: false }],
      ),
    ),
  );
});

test('random quantization parameters: dense layers stay exact', () => {
  fc.assert(
    fc.property(
      fc.record({
        sx: fc.double({ min: 0.001, max: 0.5, noNaN: true }),
        sw: fc.double({ min: 0.0005, max: 0.1, noNaN: true }),
        sy: fc.oneof(fc.double({ min: 0.001, max: 2, noNaN: true }), fc.constantFrom(0.25, 0.5, 1, 2)),
        zx: fc.integer({ min: -128, max: 127 }),
        zy: fc.integer({ min: -128, max: 127 }),
        relu: fc.boolean(),
        seed: fc.nat(1000),
      }),
      ({ sx, sw, sy, zx, zy, relu, seed }) => {
        const program = programOf(
          [
            { dims: [1, 12], scale: sx, zeroPoint: zx },
            { dims: [1, 6], scale: sy, zeroPoint: zy },
          ],
          [
            {
              kind: 'matmul',
              x: 0,
              y: 1,
              weights: weightsOf([12, 6], [sw], seed),
              bias: null,
              alpha: 1,
              form: 'matmul',
              activation: relu ? { min: 0, max: null } : null,
            },
          ],
        );
        expectExact(program, 4);
      },
    ),
    { numRuns: 40 },
  );
});
