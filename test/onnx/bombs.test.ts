/** Files made to exhaust a reader: nesting, lists, nodes, names. A typed error (or a program, where nothing is wrong) within two seconds of the processor and 256 MiB. */
import onnxProto from 'onnx-proto';
import { describe, expect, test } from 'vitest';
import { ZkonnxError } from '../../src/errors.ts';
import { buildGraph } from '../../src/graph/build.ts';
import { decodeModel } from '../../src/onnx/decode.ts';
import { buildProgram } from '../../src/program/build.ts';
import { type ModelParts, model, modelProto, node, part, type Quantization, qdq, tensor, value, weights } from '../support/onnx-builder.ts';

const { onnx } = onnxProto;
const q: Quantization = { dtype: 'uint8', scale: 0.1, zeroPoint: 3 };

/** The code of the error, or 'a program', with what it cost. */
function outcome(bytes: Uint8Array): string {
  const started = process.cpuUsage();
  const before = process.memoryUsage.rss();
  let result = 'a program';
  try {
    buildProgram(buildGraph(decodeModel(bytes)));
  } catch (error) {
    if (!(error instanceof ZkonnxError)) throw error;
    result = error.code;
  }
  const { user, system } = process.cpuUsage(started);
  expect((user + system) / 1_000).toBeLessThan(2_000);
  expect(process.memoryUsage.rss() - before).toBeLessThan(256 * 1024 * 1024);
  return result;
}

const boundary = (dims: number[], out = 'y_dq'): Pick<ModelParts, 'inputs' | 'outputs'> => ({
  inputs: [value('x', 'float32', dims)],
  outputs: [value(out, 'float32', null)],
});

/** 100 MB: a message in a message in a message, each of a few bytes more than the last, by their fields' numbers. */
function nestedMessages(sizeBytes: number, first: readonly number[], fields: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(sizeBytes);
  let at = 0;
  for (let level = 0; at + 12 < sizeBytes; level++) {
    bytes[at++] = (first[level] ?? fields[(level - first.length) % fields.length]!) * 8 + 2;
    // Its length: what remains behind these five bytes.
    const length = sizeBytes - at - 5;
    for (let i = 0; i < 5; i++) bytes[at++] = (Math.floor(length / 128 ** i) % 128) | (i < 4 ? 0x80 : 0);
  }
  return bytes;
}

describe('nesting', () => {
  test('100 MB of nested messages: graph, node, attribute, graph …', () => {
    expect(outcome(nestedMessages(100_000_000, [7], [1, 5, 6]))).toBe('ZK2002');
  });
  test('100 MB of nested types', () => {
    expect(outcome(nestedMessages(100_000_000, [7, 11, 2], [4, 1]))).toBe('ZK2002');
  });
  test('100 MB of one tensor that lies about its shape', () => {
    const lie = { ...tensor('w', 'int8', [1], [1]), dims: [2 ** 30], rawData: new Uint8Array(100_000_000) };
    expect(outcome(model({ ...boundary([1, 2], 'x'), initializers: [lie] }))).toBe('ZK2004');
  });
  test('10 levels of control flow in control flow', () => {
    let graph: onnxProto.onnx.IGraphProto = { name: 'g', node: [node('Relu', ['a'], ['b'])] };
    for (let i = 0; i < 9; i++) {
      graph = { name: 'g', node: [{ ...node('Loop', ['a'], ['b']), attribute: [{ name: 'body', type: 5, g: graph }] }] };
    }
    const proto = modelProto({ parts: [qdq('x', q)], ...boundary([1, 2], 'y') });
    proto.graph!.node!.push({ ...node('Loop', ['x_dq'], ['y']), attribute: [{ name: 'body', type: 5, g: graph }] });
    expect(outcome(new Uint8Array(onnx.ModelProto.encode(onnx.ModelProto.fromObject(proto)).finish()))).toMatch(/^ZK(2002|3001)$/);
  });
});

describe('lists', () => {
  test('an attribute of a million integers', () => {
    const huge = part(node('Transpose', ['x_dq'], ['y'], { perm: new Array(1_000_000).fill(0) }));
    expect(outcome(model({ parts: [qdq('x', q), huge, qdq('y', q)], ...boundary([1, 2, 3]) }))).toBe('ZK3001');
  });
  test('an attribute of a million strings', () => {
    const huge = part(node('Relu', ['x_dq'], ['y'], { s: new Array(1_000_000).fill('') }));
    expect(outcome(model({ parts: [qdq('x', q), huge, qdq('y', q)], ...boundary([1, 2, 3]) }))).toBe('ZK3001');
  });
  test('10,000 attributes of one node', () => {
    const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`a${i}`, i]));
    expect(outcome(model({ parts: [qdq('x', q), part(node('Relu', ['x_dq'], ['y'], many)), qdq('y', q)], ...boundary([1, 2, 3]) }))).toBe(
      'ZK3001',
    );
  });
  test('100,000 inputs of one node', () => {
    const many = part(node('Max', new Array(100_000).fill('x_dq'), ['y']));
    expect(outcome(model({ parts: [qdq('x', q), many, qdq('y', q)], ...boundary([1, 2, 3]) }))).toBe('ZK2005');
  });
  test('20,000 nodes one behind the other', () => {
    const chain = Array.from({ length: 20_000 }, (_, i) =>
      node('Identity', [i === 0 ? 'x_dq' : `t${i}`], [i === 19_999 ? 'y' : `t${i + 1}`]),
    );
    expect(outcome(model({ parts: [qdq('x', q), part(...chain), qdq('y', q)], ...boundary([1, 2]) }))).toBe('a program');
  });
  test('3,000 nodes that read one tensor', () => {
    const readers = Array.from({ length: 3_000 }, (_, i) => node('Add', ['x_dq', 'x_dq'], [`s${i}`]));
    expect(
      outcome(
        model({ parts: [qdq('x', q), part(...readers)], inputs: [value('x', 'float32', [1, 2])], outputs: [value('s0', 'float32', null)] }),
      ),
    ).toBe('ZK3001');
  });
  test('100,000 initializers that nothing reads', () => {
    const initializers = Array.from({ length: 100_000 }, (_, i) => tensor(`i${i}`, 'int8', [1], [1]));
    expect(outcome(model({ parts: [qdq('x', q, 'y')], initializers, ...boundary([1, 2], 'y') }))).toBe('a program');
  });
});

describe('shapes that multiply', () => {
  const tile = (name: string, from: string, to: string, repeats: number[]) =>
    part(node('Tile', [from, name], [to]), [tensor(name, 'int64', [repeats.length], repeats)]);
  test.each([
    ['once, far too much', [2 ** 40, 2 ** 40]],
    ['beyond 2^63 together', [2 ** 32, 2 ** 32]],
    ['just too much', [1, 2 ** 24 + 1]],
  ])('Tile %s', (_, repeats) => {
    expect(outcome(model({ parts: [qdq('x', q), tile('r', 'x_dq', 'y', repeats), qdq('y', q)], ...boundary([1, 1]) }))).toBe('ZK3001');
  });
  test('many times a little', () => {
    const steps = Array.from({ length: 12 }, (_, i) => tile(`r${i}`, i === 0 ? 'x_dq' : `t${i}`, i === 11 ? 'y' : `t${i + 1}`, [1, 8]));
    expect(outcome(model({ parts: [qdq('x', q), ...steps, qdq('y', q)], ...boundary([1, 1]) }))).toBe('ZK3001');
  });
  test('many tensors of a size that one may have', () => {
    const steps = Array.from({ length: 40 }, (_, i) => tile(`r${i}`, 'x_dq', `t${i}`, [1, 2 ** 22]));
    const parts = { parts: [qdq('x', q), ...steps], inputs: [value('x', 'float32', [1, 1])], outputs: [value('t0', 'float32', null)] };
    expect(outcome(model(parts))).toBe('ZK3001');
  });
  test.each(['Expand', 'ConstantOfShape', 'Reshape'])('%s to a shape beyond 2^53', (op) => {
    const shape = tensor('s', 'int64', [2], [2 ** 52, 2 ** 52]);
    const inputs = op === 'ConstantOfShape' ? ['s'] : ['x_dq', 's'];
    expect(outcome(model({ parts: [qdq('x', q), part(node(op, inputs, ['y']), [shape]), qdq('y', q)], ...boundary([1, 1]) }))).toBe(
      'ZK3001',
    );
  });
  test('a pool whose windows hold far more than the image', () => {
    const pool = part(node('MaxPool', ['x_dq'], ['y'], { kernel_shape: [2 ** 30, 2 ** 30], pads: [2 ** 29, 2 ** 29, 2 ** 29, 2 ** 29] }));
    expect(outcome(model({ parts: [qdq('x', q), pool, qdq('y', q)], ...boundary([1, 1, 4, 4]) }))).toBe('ZK3001');
  });
});

describe('names', () => {
  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', '', '\u0000', 'a'.repeat(100_000), '\u202e', '../../x'])(
    'an input called %j is an input like others, or refused',
    (name) => {
      const w = weights('w', [2, 2], [1, 2, 3, 4], { scales: [0.1], dtype: 'int8' });
      const pair = qdq('x', q);
      const renamed = { ...pair, nodes: pair.nodes.map((n, i) => (i === 0 ? { ...n, input: [name, ...n.input!.slice(1)] } : n)) };
      const parts = {
        parts: [renamed, w, part(node('MatMul', ['x_dq', 'w_dq'], ['y'])), qdq('y', q)],
        inputs: [value(name, 'float32', [1, 2])],
        outputs: [value('y_dq', 'float32', null)],
      };
      expect(outcome(model(parts))).toBe(name === '' ? 'ZK2005' : 'a program');
      expect(({} as Record<string, unknown>)[name === '__proto__' ? 'polluted' : '__nothing__']).toBeUndefined();
    },
  );
  test('initializers among the inputs, as IR 3 demands, and operator sets imported twice', () => {
    const w = weights('w', [2, 2], [1, 2, 3, 4], { scales: [0.1], dtype: 'int8' });
    const parts = [qdq('x', q), w, part(node('MatMul', ['x_dq', 'w_dq'], ['y'])), qdq('y', q)];
    const inputs = [value('x', 'float32', [1, 2]), value('w_q', 'int8', [2, 2]), value('w_scale', 'float32', [])];
    const old: ModelParts = { parts, inputs, outputs: [value('y_dq', 'float32', null)], irVersion: 3 };
    expect(outcome(model(old))).toBe('a program');
    expect(outcome(model({ ...old, domains: { 'ai.onnx': 17 } }))).toBe('a program');
    expect(outcome(model({ ...old, domains: { 'ai.onnx': 13 } }))).toBe('ZK2005');
  });
});
