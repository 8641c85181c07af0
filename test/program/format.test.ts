/** program.json and program.bin: one form, read strictly, and nothing inconsistent passes. */
import { beforeAll, describe, expect, test } from 'vitest';
import { ZkonnxError } from '../../src/errors.ts';
import { buildGraph } from '../../src/graph/build.ts';
import { decodeModel } from '../../src/onnx/decode.ts';
import { buildProgram } from '../../src/program/build.ts';
import { decodeProgram, encodeProgram } from '../../src/program/format.ts';
import type { Program } from '../../src/program/program.ts';
import { verifyProgram } from '../../src/program/verify.ts';
import { digitsModel } from '../support/digits.ts';
import { model, node, part, qdq, value } from '../support/onnx-builder.ts';

/** Every kind of op, apart from what digits has: add, average of both forms, concat with a requantization, argmax. */
function mixed(): Program {
  const q = { scale: 0.1, zeroPoint: 3, dtype: 'uint8' } as const;
  const file = model({
    parts: [
      qdq('x', q),
      part(node('AveragePool', ['x_dq'], ['p'], { kernel_shape: [2, 2], strides: [2, 2] })),
      qdq('p', q),
      part(node('AveragePool', ['p_dq'], ['r'], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] })),
      qdq('r', { ...q, scale: 0.07 }),
      part(node('Add', ['p_dq', 'r_dq'], ['s'])),
      qdq('s', { ...q, scale: 0.2 }),
      part(node('Concat', ['s_dq', 'r_dq'], ['c'], { axis: 1 })),
      qdq('c', { ...q, scale: 0.25 }),
      part(node('Transpose', ['c_dq'], ['t'], { perm: [0, 2, 3, 1] })),
      qdq('t', { ...q, scale: 0.25 }),
      part(node('ArgMax', ['t_q'], ['i'], { axis: 3, keepdims: 0 })),
    ],
    inputs: [value('x', 'float32', [1, 2, 8, 8])],
    outputs: [value('t_dq', 'float32', null), value('i', 'int64', null)],
  });
  return buildProgram(buildGraph(decodeModel(file)));
}

const programs: Program[] = [];
beforeAll(async () => {
  programs.push(buildProgram(buildGraph(decodeModel(await digitsModel()))), mixed());
});

const refusal = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof ZkonnxError && error.code === 'ZK5004') return error.message;
    throw error;
  }
  return 'accepted';
};

describe('program files', () => {
  test('come back as they were, and are the same bytes again', () => {
    expect(new Set(programs.flatMap((p) => p.ops.map((op) => op.kind)))).toEqual(
      new Set(['linear', 'requantize', 'max', 'gather', 'average', 'add', 'argmax']),
    );
    for (const program of programs) {
      const { json, bin } = encodeProgram(program);
      const back = decodeProgram(json, bin);
      expect(back).toEqual(program);
      expect(encodeProgram(back)).toEqual({ json, bin });
    }
  });

  test('are read at any offset of a buffer', () => {
    const { json, bin } = encodeProgram(programs[1]!);
    const moved = new Uint8Array(bin.length + 3);
    moved.set(bin, 3);
    expect(decodeProgram(json, moved.subarray(3))).toEqual(programs[1]);
  });

  test('left-overs, missing bytes, other text are refused', () => {
    const { json, bin } = encodeProgram(programs[0]!);
    expect(refusal(() => decodeProgram(json, Uint8Array.of(...bin, 0)))).toMatch('1 bytes that nothing reads');
    expect(refusal(() => decodeProgram(json, bin.subarray(0, bin.length - 8)))).toMatch('program.bin');
    expect(refusal(() => decodeProgram(json.slice(0, -1), bin))).toMatch('no JSON');
    expect(refusal(() => decodeProgram('{}', new Uint8Array()))).toMatch('profile');
    expect(refusal(() => decodeProgram('null', new Uint8Array()))).toMatch('program.json');
    expect(refusal(() => decodeProgram(json.replace('"int8"', '"int7"'), bin))).toMatch('program.json');
    expect(refusal(() => decodeProgram(json.replace('"ort-fused"', '"ort-fused-arm"'), bin))).toMatch('profile');
    expect(refusal(() => decodeProgram(json.replace('"layer"', '"extra": 1, "layer"'), bin))).toMatch('extra');
  });
});

describe('verifyProgram refuses', () => {
  type Json = Record<string, unknown>;
  /** The first op of that kind; of 'requantize' the first with a line, so that its numbers mean something. */
  const first = (ops: Json[], kind: string) =>
    ops.find((op) => op.kind === kind && (kind !== 'requantize' || !JSON.stringify(op).includes('thresholds')))!;
  const at = (value: unknown, path: string): Json => path.split('.').reduce((inner, key) => (inner as Json)[key] as Json, value as Json);

  test.each<[string, number, string, string, (inner: Json, program: Json) => void, RegExp]>([
    ['a line with another A', 0, 'requantize', 'forms.0', (form) => (form.A = (form.A as number) + 1), /is not its rule/],
    ['a line with another b', 0, 'requantize', 'forms.0', (form) => (form.b = (form.b as number) - (form.A as number)), /is not its rule/],
    ['another scale', 0, 'requantize', 'rules.0', (rule) => (rule.scale = (rule.scale as number) * 1.001), /is not its rule/],
    ['another zero point', 0, 'requantize', 'rules.0', (rule) => (rule.zeroPoint = (rule.zeroPoint as number) + 1), /is not its rule/],
    ['a rule too few', 0, 'requantize', '', (op) => (op.rules as unknown[]).pop(), /channels/],
    ['channels that do not divide the tensor', 0, 'requantize', '', (op) => (op.inner = 7), /sizes/],
    ['an interval upside down', 0, 'requantize', '', (op) => ([op.lows, op.highs] = [op.highs, op.lows]), /interval|rule/],
    ['tables that say nothing', 1, 'add', 'form', (form) => (form.a as Float64Array).fill(0), /is not its rule/],
    ['an average of another divisor', 1, 'average', 'shapes.0', (shape) => (shape.divisor = 5), /shape of element/],
    ['an average of another form', 1, 'average', 'rule', (rule) => (rule.scale = (rule.scale as number) / 2), /is not its rule/],
    ['an average shape that does not exist', 1, 'average', '', (op) => (op.shapeOf as Int32Array).fill(9), /shape of element/],
    ['a window beyond its tensor', 0, 'max', 'windows', (windows) => ((windows.indices as Int32Array)[0] = 99_999), /index 99999/],
    ['an empty window', 0, 'max', 'windows', (windows) => ((windows.starts as Int32Array)[1] = 0), /window 0 is empty/],
    ['a gather beyond its source', 1, 'gather', '', (op) => ((op.index as Int32Array)[0] = -1), /source of element 0|index -1/],
    ['a gather from a source that is not there', 1, 'gather', '', (op) => ((op.from as Int32Array)[0] = 7), /source of element 0/],
    ['weights too few', 0, 'linear', 'map', (map) => (map.weights = (map.weights as Int32Array).slice(1)), /weights/],
    ['a kernel of another size', 0, 'linear', 'map', (map) => (map.kernel = [2, 2]), /weights/],
    ['an op that reads ahead', 0, 'linear', '', (op, program) => (op.x = (program.tensors as unknown[]).length - 1), /before it is made/],
    ['a tensor made twice', 0, 'requantize', '', (op) => (op.y = op.x), /made twice/],
    ['a tensor of another size', 0, 'requantize', '', (_, program) => ((program.tensors as Json[])[1]!.count = 3), /elements/],
    ['an interval beyond int32', 0, 'requantize', '', (_, program) => ((program.tensors as Json[])[1]!.high = 2 ** 31), /int32/],
    ['an output that nothing makes', 0, 'requantize', '', (_, program) => ((program.outputs as Json[])[0]!.tensor = 999), /has no tensor/],
    ['an output of another size', 0, 'requantize', '', (_, program) => ((program.outputs as Json[])[0]!.dims = [3]), /another size/],
  ])('%s', (_, which, kind, path, change, message) => {
    const copy = structuredClone(programs[which]!) as unknown as Json;
    verifyProgram(copy as unknown as Program);
    const op = first(copy.ops as Json[], kind);
    change(path === '' ? op : at(op, path), copy);
    expect(() => verifyProgram(copy as unknown as Program)).toThrow(message);
  });
});
