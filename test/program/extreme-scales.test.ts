/** Scales and windows at the edge of what can be proven: answered with an error that names the node, never with another model, a hang or a bare RangeError. */
import { describe, expect, test } from 'vitest';
import { buildGraph } from '../../src/graph/build.ts';
import type { Profile } from '../../src/graph/profile.ts';
import { decodeModel } from '../../src/onnx/decode.ts';
import { buildProgram } from '../../src/program/build.ts';
import { model, node, part, qdq, value, weights } from '../support/onnx-builder.ts';

const program = (bytes: Uint8Array, profile?: Profile) => buildProgram(buildGraph(decodeModel(bytes), { profile }));

function average(scale: number, side: number, yScale = scale): Uint8Array {
  const x = qdq('x', { scale, zeroPoint: 3, dtype: 'uint8' });
  const y = qdq('y', { scale: yScale, zeroPoint: 3, dtype: 'uint8' });
  return model({
    parts: [x, part(node('AveragePool', [x.dq], ['y'], { kernel_shape: [side, side] })), y],
    inputs: [value('x', 'float32', [1, 1, side, side])],
    outputs: [value(y.dq, 'float32', [1, 1, 1, 1])],
  });
}

function dense(xScale: number, wScale: number, yScale: number): Uint8Array {
  const x = qdq('x', { scale: xScale, zeroPoint: 3, dtype: 'uint8' });
  const w = weights('w', [2, 1], [3, -5], { scales: [wScale], dtype: 'int8' });
  const y = qdq('y', { scale: yScale, zeroPoint: 3, dtype: 'uint8' });
  return model({
    parts: [x, w, part(node('MatMul', [x.dq, w.dq], ['y'])), y],
    inputs: [value('x', 'float32', [1, 2])],
    outputs: [value(y.dq, 'float32', [1, 1])],
  });
}

function add(aScale: number, bScale: number, yScale = aScale * 1.7): Uint8Array {
  const a = qdq('a', { scale: aScale, zeroPoint: 3, dtype: 'uint8' });
  const b = qdq('b', { scale: bScale, zeroPoint: 200, dtype: 'uint8' });
  const y = qdq('y', { scale: Math.fround(yScale), zeroPoint: 3, dtype: 'uint8' });
  return model({
    parts: [a, b, part(node('Add', [a.dq, b.dq], ['y'])), y],
    inputs: [value('a', 'float32', [1, 1]), value('b', 'float32', [1, 1])],
    outputs: [value(y.dq, 'float32', [1, 1])],
  });
}

describe('refused with ZK3001: no quantizer writes such scales', () => {
  test.each([
    ['AveragePool, scale 1e37', average(1e37, 2)],
    ['MatMul whose S would be infinite', dense(1e20, 1e20, 1e-10)],
    ['MatMul, y scale 1e-30', dense(0.1, 0.1, 1e-30)],
    ['Add, scale 1e38', add(1e38, 1e38)],
  ])('%s', (_name, bytes) => {
    expect(() => program(bytes)).toThrow(expect.objectContaining({ code: 'ZK3001' }));
  });
});

test('scales at the ends of what is taken keep S finite', () => {
  for (const [x, w, y] of [
    [2 ** 30, 2 ** 30, 2 ** -60],
    [2 ** -60, 2 ** -60, 2 ** 30],
  ] as const) {
    expect(program(dense(x, w, y)).outputs).toHaveLength(1);
  }
});

test('AveragePool over windows too large for the circuit names the node', () => {
  for (const side of [8, 20]) expect(program(average(0.1, side)).outputs).toHaveLength(1);
  // No noise decides: its sum alone would, of more elements than can be enumerated.
  expect(() => program(average(0.1, 17, 0.35))).toThrow(
    expect.objectContaining({ code: 'ZK3003', message: expect.stringContaining('AveragePool') }),
  );
});

test.each([1e3, 1e6, 1e9, 1e15])('Add of tensors whose scales differ by %s has a form, checked against its rule on all pairs', (ratio) => {
  expect(program(add(0.1, 0.1 / ratio)).ops.filter(({ kind }) => kind === 'add')).toHaveLength(1);
});

test('Add of scales so far apart that no integers hold both sides names the node', () => {
  expect(() => program(add(1, 2 ** -50, 2 ** -50))).toThrow(
    expect.objectContaining({ code: 'ZK3003', message: expect.stringMatching(/"Add:y" \(Add\).*too far apart/) }),
  );
});

test('on x86-64 a result that leaves int32 before it is clamped is refused, as the kernel wraps around', () => {
  const bytes = add(2 ** 25, 1, 0.5);
  expect(program(bytes).outputs).toHaveLength(1);
  expect(() => program(bytes, 'ort-fused-x64')).toThrow(
    expect.objectContaining({ code: 'ZK3003', message: expect.stringContaining('int32') }),
  );
  expect(program(add(2 ** 15, 1, 0.5), 'ort-fused-x64').outputs).toHaveLength(1);
});
