/**
 * Groups of int8 and uint8 tensors together, as Brevitas makes them, and groups behind movement that ONNX Runtime carries no Q/DQ pair across. It computes floats there, unless it has
 * turned all int8 tensors into uint8. Add and Mul are exact either way; linear operators are at most a step apart. The circuit is exactly the program.
 */
import { describe, expect, test } from 'vitest';
import { floatGroups } from '../../src/graph/float-groups.ts';
import { decodeModel } from '../../src/onnx/decode.ts';
import {
  type ModelParts,
  model,
  type NodeProto,
  node,
  type Part,
  part,
  type Quantization,
  qdq,
  tensor,
  value,
  weights,
} from '../support/onnx-builder.ts';
import { type Deviation, deviationFromOrt, expectCircuitAgrees, expectOrtsAnswer, randomInputs } from '../support/oracle.ts';

type Type = 'uint8' | 'int8';
const q = (type: Type, scale: number, more = 0): Quantization => ({ scale, zeroPoint: type === 'int8' ? more : 128 + more, dtype: type });
const types: readonly Type[] = ['uint8', 'int8'];
const again = (name: string): NodeProto => node('Flatten', [`${name}_dq`], [`${name}_again`]);

/** a and b into y; tensors in `twice` have another reader, which keeps ONNX Runtime from turning them. */
function binary(op: 'Add' | 'Mul', a: Type, b: Type, y: Type, twice: readonly string[], before: Part | null = null): ModelParts {
  const left = before === null ? 'a_dq' : 'm';
  return {
    parts: [
      qdq('a', q(a, 0.1, 3)),
      qdq('b', q(b, 0.1, -2)),
      ...(before === null ? [] : [before]),
      part(node(op, [left, 'b_dq'], ['y'])),
      qdq('y', q(y, op === 'Add' ? 0.2 : 0.6173, 1)),
      part(...twice.map(again)),
    ],
    inputs: [value('a', 'float32', [2, 3, 20]), value('b', 'float32', [2, 3, 20])],
    outputs: ['y_dq', ...twice.map((name) => `${name}_again`)].map((name) => value(name, 'float32', null)),
  };
}

describe.each(['Add', 'Mul'] as const)('%s', (op) => {
  const all = types.flatMap((a) => types.flatMap((b) => types.map((y) => [a, b, y] as const)));
  test.each(all.filter(([a, b, y]) => !(a === b && b === y)))('of %s and %s to %s', async (a, b, y) => {
    for (const twice of [[], ['a'], ['y'], ['a', 'b', 'y']]) {
      const parts = binary(op, a, b, y, twice);
      for (const seed of [1, 2]) await expectOrtsAnswer(parts, randomInputs(parts, 0.1, seed));
    }
    const parts = binary(op, a, b, y, ['a']);
    const feeds = randomInputs(parts, 0.1);
    expectCircuitAgrees(await expectOrtsAnswer(parts, feeds), feeds);
  });

  test('behind a Gather', async () => {
    const before = part(node('Gather', ['a_dq', 'i'], ['m'], { axis: 1 }), [tensor('i', 'int64', [3], [2, 0, 1])]);
    for (const type of types) {
      const parts = binary(op, type, type, type, [], before);
      const feeds = randomInputs(parts, 0.1);
      expectCircuitAgrees(await expectOrtsAnswer(parts, feeds), feeds);
    }
  });
});

type Linear = 'Conv' | 'MatMul' | 'Gemm' | 'AveragePool' | 'GlobalAveragePool';

function linear(op: Linear, x: Type, w: Type, y: Type, moved = false, bias8 = false): ModelParts {
  const image = op === 'MatMul' || op === 'Gemm' ? [7, 6] : [2, 3, 6, 5];
  const shape = op === 'Conv' ? [4, 3, 2, 2] : [6, 5];
  const data = Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => ((i * 89 + 31) % 251) - 125 + (w === 'int8' ? 0 : 128));
  const pool = op === 'AveragePool' || op === 'GlobalAveragePool';
  const constants = pool ? [] : [weights('w', shape, data, { scales: [0.013], zeroPoints: [w === 'int8' ? 0 : 128], dtype: w })];
  const c = bias8 ? [weights('c', [4], [100, -20, 33, 7], { scales: [0.05], dtype: 'int8' })] : [];
  const from = moved ? 'm' : 'x_dq';
  const inputs = [from, ...constants.map(({ dq }) => dq), ...c.map(({ dq }) => dq)];
  return {
    parts: [
      qdq('x', q(x, 0.043, 3)),
      ...constants,
      ...c,
      ...(moved ? [part(node('Concat', ['x_dq', 'x_dq'], ['m'], { axis: 0 }))] : []),
      part(node(op, inputs, ['y'], op === 'AveragePool' ? { kernel_shape: [2, 3], strides: [2, 1] } : {})),
      qdq('y', q(y, pool ? 0.031 : 0.171, 5)),
    ],
    inputs: [value('x', 'float32', image)],
    outputs: [value('y_dq', 'float32', null)],
  };
}

test('linear operators and averages: at most a step apart', async () => {
  const all: Deviation[] = [];
  const cases: ModelParts[] = [linear('Conv', 'uint8', 'int8', 'uint8', false, true), linear('Conv', 'int8', 'int8', 'int8', false, true)];
  for (const op of ['Conv', 'MatMul', 'Gemm', 'AveragePool', 'GlobalAveragePool'] as const) {
    cases.push(linear(op, 'int8', 'int8', 'uint8'), linear(op, 'uint8', 'int8', 'int8'), linear(op, 'uint8', 'int8', 'uint8', true));
    if (op === 'Conv' || op === 'MatMul' || op === 'Gemm')
      cases.push(linear(op, 'int8', 'uint8', 'int8'), linear(op, 'int8', 'uint8', 'uint8'));
  }
  for (const parts of cases) {
    const feeds = Array.from({ length: 20 }, (_, seed) => randomInputs(parts, 0.043, seed + 1));
    all.push(await deviationFromOrt(parts, feeds));
  }
  const sum = (of: (d: Deviation) => number) => all.reduce((s, d) => s + of(d), 0);
  console.info(`Mixed types, moved operands, 8-bit biases: ${sum((d) => d.differing)} of ${sum((d) => d.elements)} elements differ`);
  expect(Math.max(...all.map(({ steps }) => steps))).toBeLessThanOrEqual(1);
  expect(sum((d) => d.differing)).toBeLessThanOrEqual(sum((d) => d.elements) / 1000);
});

test('check says what is computed in floats', () => {
  const causes = (parts: ModelParts) => floatGroups(decodeModel(model(parts))).map(({ cause }) => cause);
  // The int8 input turned into uint8, nothing stands in the way.
  expect(causes(linear('Conv', 'int8', 'int8', 'uint8'))).toEqual([]);
  const x = linear('Conv', 'int8', 'int8', 'uint8');
  const twice = { ...x, parts: [...x.parts!, part(again('x'))], outputs: [...x.outputs, value('x_again', 'float32', null)] };
  expect(causes(twice)).toEqual(['types']);
  const moved = linear('MatMul', 'uint8', 'int8', 'uint8', true);
  expect(causes(moved)).toEqual(['moved']);
  const dropped = part(node('Identity', ['x_dq'], ['m']));
  const isMove = ({ nodes }: Part) => nodes[0]?.opType === 'Concat';
  expect(causes({ ...moved, parts: moved.parts!.map((p) => (isMove(p) ? dropped : p)) })).toEqual([]);
});
