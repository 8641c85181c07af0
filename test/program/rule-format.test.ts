/** Programs with the rules that list integer or float32 steps: as files, and refused when their rules or forms are changed. */
import { describe, expect, test } from 'vitest';
import { buildGraph } from '../../src/graph/build.ts';
import { decodeModel } from '../../src/onnx/decode.ts';
import { buildProgram } from '../../src/program/build.ts';
import { decodeProgram, encodeProgram } from '../../src/program/format.ts';
import type { Program, ProgramOp } from '../../src/program/program.ts';
import { verifyProgram } from '../../src/program/verify.ts';
import { type ModelParts, model, node, part, qdq, quantize, tensor, value } from '../support/onnx-builder.ts';

type Requantize = ProgramOp & { readonly kind: 'requantize' };

const build = (parts: ModelParts): Program => buildProgram(buildGraph(decodeModel(model(parts))));
const weights = tensor('w', 'int8', [2, 2], [100, -3, 77, 5]);

const shifts = build({
  parts: [
    part(node('MatMul', ['x', 'v'], ['g']), node('RequantShift', ['g', 'mul', 'add'], ['y'], { div: 1024, n_levels: 256, signed: 1 }), [
      tensor('v', 'float32', [2, 2], [100, -3, 77, 5]),
      tensor('mul', 'float32', [2], [7, 300]),
      tensor('add', 'float32', [2], [-5, 999]),
    ]),
  ],
  inputs: [value('x', 'float32', [1, 2])],
  outputs: [value('y', 'float32', null)],
});

const floats = build({
  parts: [
    quantize('x', { dtype: 'uint8', scale: 0.1, zeroPoint: 3 }),
    part(
      node('MatMulInteger', ['x_q', 'w', 'x_zero_point'], ['acc']),
      node('Cast', ['acc'], ['v'], { to: 1 }),
      node('Mul', ['v', 's'], ['m']),
      node('Add', ['m', 'b'], ['y']),
      [weights, tensor('s', 'float32', [2], [0.0017, 0.031]), tensor('b', 'float32', [1], [0.7])],
    ),
    qdq('y', { dtype: 'int8', scale: 0.3, zeroPoint: 1 }),
  ],
  inputs: [value('x', 'float32', [1, 2])],
  outputs: [value('y_dq', 'float32', null)],
});

const requantize = (program: Program) => program.ops.find((op): op is Requantize => op.kind === 'requantize')!;

test('come back as they were', () => {
  expect(requantize(shifts).rules.map(({ kind }) => kind)).toEqual(['shift', 'shift']);
  expect(requantize(floats).rules[0]).toMatchObject({
    kind: 'floats',
    steps: [{ kind: 'multiply' }, { kind: 'add', value: Math.fround(0.7) }],
  });
  for (const program of [shifts, floats]) {
    const { json, bin } = encodeProgram(program);
    expect(decodeProgram(json, bin)).toEqual(program);
  }
});

describe('verifyProgram refuses', () => {
  type Json = Record<string, unknown>;
  const step = (rule: Json, i: number) => (rule.steps as Json[])[i]!;

  test.each<[string, Program, (rule: Json) => void, RegExp]>([
    ['another factor', shifts, (rule) => (rule.mul = 8), /is not its rule/],
    ['another addend', shifts, (rule) => (rule.add = 600), /is not its rule/],
    ['another divisor', shifts, (rule) => (rule.divisor = 512), /is not its rule/],
    ['a divisor that is no power of two', shifts, (rule) => (rule.divisor = 1000), /none that rises/],
    ['another clamp', shifts, (rule) => (rule.max = 126), /is not its rule/],
    ['another scale in floats', floats, (rule) => (step(rule, 0).value = 0.0018), /is not its rule/],
    ['a scale below 0', floats, (rule) => (step(rule, 0).value = -1), /none that rises/],
    ['a bias that is no number', floats, (rule) => (step(rule, 1).value = Number.NaN), /none that rises/],
    ['steps in another order', floats, (rule) => (rule.steps as Json[]).reverse(), /is not its rule/],
  ])('%s', (_, program, change, message) => {
    const copy = structuredClone(program);
    verifyProgram(copy);
    change(requantize(copy).rules[0] as unknown as Json);
    expect(() => verifyProgram(copy)).toThrow(message);
  });
});
