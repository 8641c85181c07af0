/** The report of everything that cannot be proven: all nodes at once, each with where, why and what to do. */
import { readdirSync, readFileSync } from 'node:fs';
import onnxProto from 'onnx-proto';
import { describe, expect, test } from 'vitest';
import { buildGraph } from '../../src/graph/build.ts';
import { ops } from '../../src/graph/ops.ts';
import { decodeModel } from '../../src/onnx/decode.ts';
import { reportOf } from '../support/graphs.ts';
import {
  bias,
  dequantize,
  type ModelParts,
  modelProto,
  node,
  part,
  type Quantization,
  qdq,
  quantize,
  tensor,
  value,
  weights,
} from '../support/onnx-builder.ts';
import { sharedPath } from '../support/shared.ts';

const encode = (proto: onnxProto.onnx.IModelProto) =>
  new Uint8Array(onnxProto.onnx.ModelProto.encode(onnxProto.onnx.ModelProto.fromObject(proto)).finish());
const u8: Quantization = { scale: 0.5, zeroPoint: 3, dtype: 'uint8' };

test('one report lists all nodes, also those behind refused ones', () => {
  const { entries, error } = reportOf({
    parts: [
      qdq('x', u8),
      part(node('Asin', ['x_dq'], ['e'])),
      qdq('e', u8),
      part(node('Conv', ['e_dq', 'k'], ['c'], {}, { name: 'first' }), [tensor('k', 'float32', [1, 1, 1, 1], [1])]),
      qdq('c', u8),
      part(node('Mystery', ['c_dq'], ['m'], {}, { domain: 'org.example', name: 'second' })),
      qdq('m', u8),
      part(node('LogSoftmax', ['m_dq'], ['y'], {}, { name: 'third' })),
    ],
    inputs: [value('x', 'float32', [1, 1, 4, 4])],
    outputs: [value('y', 'float32', [1, 1, 4, 4])],
    valueInfos: [value('e', 'float32', [1, 1, 4, 4])],
  });
  expect(entries.map((e) => [e.node, e.op, e.domain, e.opset])).toEqual([
    ['Asin:e', 'Asin', '', 17],
    ['first', 'Conv', '', 17],
    ['second', 'Mystery', 'org.example', 0],
    ['third', 'LogSoftmax', '', 17],
  ]);
  expect(entries[0]!.shape).toEqual([1, 1, 4, 4]);
  expect(entries[1]!.shape).toEqual([1, 1, 4, 4]);
  expect(entries[3]!.whatToDo).toMatch(/logits/);
  expect(error).toMatchObject({ exit: 3, message: '4 of 12 nodes cannot be proven yet' });
  for (const { node: name, why, whatToDo } of entries) for (const text of [name, why, whatToDo]) expect(error.hint).toContain(text);
});

test('a model that is not quantized says so once for all its nodes', () => {
  const { entries, error } = reportOf({
    nodes: [node('Conv', ['x', 'w'], ['c']), node('Relu', ['c'], ['r']), node('Flatten', ['r'], ['f']), node('Gemm', ['f', 'v'], ['y'])],
    initializers: [tensor('w', 'float32', [2, 1, 3, 3], new Array(18).fill(1)), tensor('v', 'float32', [8, 2], new Array(16).fill(1))],
    inputs: [value('x', 'float32', [1, 1, 4, 4])],
    outputs: [value('y', 'float32', [1, 2])],
  });
  expect(entries.map((e) => e.op)).toEqual(['Conv', 'Relu', 'Gemm']);
  expect(error.hint.match(/quantize_static/g)).toHaveLength(1);
});

test('dynamic quantization is told to become static', () => {
  const { entries } = reportOf({
    nodes: [
      node('DynamicQuantizeLinear', ['x'], ['q', 's', 'z']),
      node('MatMulInteger', ['q', 'w', 'z'], ['i']),
      node('Cast', ['i'], ['f'], { to: 1 }),
      node('Mul', ['f', 's'], ['y']),
    ],
    initializers: [tensor('w', 'int8', [2, 2], [1, 2, 3, 4])],
    inputs: [value('x', 'float32', [1, 2])],
    outputs: [value('y', 'float32', [1, 2])],
  });
  expect(entries.map((e) => e.op)).toEqual(['DynamicQuantizeLinear']);
  expect(entries[0]!.whatToDo).toMatch(/quantize_static instead of quantize_dynamic/);
});

describe('floats that no QuantizeLinear bounds', () => {
  const kernel = weights('w', [4, 2], [1, 2, 3, 4, 5, 6, 7, 8], { scales: [0.1], dtype: 'int8' });
  const io = (dims: number[]): Pick<ModelParts, 'inputs' | 'outputs'> => ({
    inputs: [value('x', 'float32', dims)],
    outputs: [value('y', 'float32', [])],
  });

  test('before the first: the node is named', () => {
    const { entries } = reportOf({ parts: [part(node('Relu', ['x'], ['r'])), qdq('r', u8, 'y')], ...io([1, 4]) });
    expect(entries).toMatchObject([{ node: 'Relu:r', why: expect.stringMatching(/float input "x" before any QuantizeLinear/) }]);
  });

  test('after the last: the node that computes is named', () => {
    const { entries } = reportOf({ parts: [qdq('x', u8), kernel, part(node('MatMul', ['x_dq', 'w_dq'], ['y']))], ...io([1, 4]) });
    expect(entries).toMatchObject([{ node: 'MatMul:y', op: 'MatMul', why: expect.stringMatching(/reaches the output "y" as float/) }]);
  });

  test('between two computations: the second is named, and the first in its reason', () => {
    const second = weights('v', [2, 2], [1, 2, 3, 4], { scales: [0.1], dtype: 'int8' });
    const nodes = part(node('MatMul', ['x_dq', 'w_dq'], ['m']), node('MatMul', ['m', 'v_dq'], ['z']));
    const { entries } = reportOf({ parts: [qdq('x', u8), kernel, second, nodes, qdq('z', u8, 'y')], ...io([1, 4]) });
    expect(entries).toMatchObject([{ node: 'MatMul:z', why: expect.stringMatching(/"m" is the float result of MatMul "MatMul:m"/) }]);
  });

  test('a computation read by something else beside its QuantizeLinear', () => {
    const nodes = part(node('MatMul', ['x_dq', 'w_dq'], ['m']), node('Relu', ['m'], ['r']));
    const { entries } = reportOf({ parts: [qdq('x', u8), kernel, nodes, qdq('m', u8), qdq('r', u8, 'y')], ...io([1, 4]) });
    expect(entries.map((e) => e.why)).toEqual([expect.stringMatching(/used more than once/), expect.stringMatching(/used more than once/)]);
  });

  test('an input as output, a constant as output, an input that nothing quantizes', () => {
    const passed = reportOf({ parts: [qdq('x', u8)], inputs: [value('x', 'float32', [1])], outputs: [value('x', 'float32', [1])] });
    expect(passed.entries).toMatchObject([{ op: 'output', node: 'x' }]);
    const constant = reportOf({ parts: [kernel], ...io([1, 4]), outputs: [value('w_dq', 'float32', [])] });
    expect(constant.entries).toMatchObject([{ op: 'output', why: 'it is a constant' }]);
    const unused = reportOf({
      parts: [quantize('x', u8), dequantize('x_q', 'y', u8)],
      inputs: [value('x', 'float32', [1]), value('z', 'float32', [1])],
      outputs: [value('y', 'float32', [1])],
    });
    expect(unused.entries).toMatchObject([{ op: 'input', node: 'z', why: 'no QuantizeLinear reads it' }]);
  });
});

test('operator sets: missing, older, newer', () => {
  const gemm = (opset: number) => ({
    parts: [
      qdq('x', u8),
      weights('w', [2, 2], [1, 2, 3, 4], { scales: [0.1], dtype: 'int8' }),
      bias('b', [1, 2], u8.scale, [0.1]),
      part(node('Gemm', ['x_dq', 'w_dq', 'b_dq'], ['y'])),
      qdq('y', u8),
    ],
    inputs: [value('x', 'float32', [1, 2])],
    outputs: [value('y_dq', 'float32', [1, 2])],
    opset,
  });
  expect(reportOf(gemm(9)).entries[0]!.why).toMatch(/opset 9 is not supported for it \(10 to/);
  expect(reportOf(gemm(99)).entries[0]!.whatToDo).toMatch(/version_converter/);
  const missing = { ...gemm(17), nodes: [node('QGemm', ['x_q'], ['z'], {}, { domain: 'com.microsoft' })], domains: {} };
  expect(reportOf(missing).entries[0]!.why).toMatch(/does not import the operator set "com.microsoft"/);
});

test('4-bit weights are reported where they are used', () => {
  const int4 = { name: 'w_q', dataType: 22, dims: [4, 2], rawData: new Uint8Array(4) };
  const { initializers, nodes } = weights('w', [4, 2], new Array(8).fill(0), { scales: [0.1], dtype: 'int8' });
  const { entries } = reportOf({
    parts: [
      qdq('x', u8),
      { nodes, initializers: [int4, ...initializers.slice(1)] },
      part(node('MatMul', ['x_dq', 'w_dq'], ['y'])),
      qdq('y', u8),
    ],
    inputs: [value('x', 'float32', [1, 4])],
    outputs: [value('y_dq', 'float32', [1, 2])],
  });
  expect(entries).toMatchObject([{ op: 'DequantizeLinear', why: 'its input "w_q" is int4' }]);
});

test('functions of the model, unknown domains, control flow, trees: each with its own way out', () => {
  const bytes = encode({
    ...modelProto({
      parts: [
        qdq('x', u8),
        part(
          node('Mine', ['x_dq'], ['a'], {}, { domain: 'my.own' }),
          node('Theirs', ['a'], ['b'], {}, { domain: 'org.example' }),
          node('Loop', ['b'], ['c']),
          node('TreeEnsembleClassifier', ['c'], ['y'], {}, { domain: 'ai.onnx.ml' }),
        ),
      ],
      inputs: [value('x', 'float32', [1, 4])],
      outputs: [value('y', 'float32', [1, 4])],
    }),
    functions: [{ name: 'Mine', domain: 'my.own', node: [node('Relu', ['p'], ['q'])], input: ['p'], output: ['q'] }],
  });
  try {
    buildGraph(decodeModel(bytes));
    throw new Error('it was built');
  } catch (error) {
    expect((error as { details: unknown }).details).toMatchObject([
      { op: 'Mine', whatToDo: expect.stringMatching(/inline_local_functions/) },
      { op: 'Theirs', why: expect.stringMatching(/domain "org.example"/) },
      { op: 'Loop', why: expect.stringMatching(/control flow/) },
      { op: 'TreeEnsembleClassifier', why: expect.stringMatching(/tree/) },
    ]);
  }
});

test('an accumulator that can leave int32 stands in the report of other nodes, too', () => {
  const wide = weights('w', [70_000, 1], new Array(70_000).fill(-128), { scales: [0.01], dtype: 'int8' });
  const { entries } = reportOf({
    parts: [
      qdq('x', u8),
      wide,
      part(node('MatMul', ['x_dq', 'w_dq'], ['m'], {}, { name: 'wide' })),
      qdq('m', u8),
      part(node('GRU', ['m_dq'], ['y'])),
    ],
    inputs: [value('x', 'float32', [1, 70_000])],
    outputs: [value('y', 'float32', [1, 1])],
  });
  // x − 3 ∈ [−3, 252].
  expect(entries).toMatchObject([
    { op: 'GRU', why: expect.stringMatching(/recurrent/) },
    { node: 'wide', op: 'MatMul', why: `its accumulator can reach ${-252 * 128 * 70_000}, int32 ends at 2147483647` },
  ]);
});

test('what keeps its elements elsewhere: other files, sparse tensors', () => {
  const external = { name: 'w_q', dataType: 3, dims: [4, 2], dataLocation: 1, externalData: [{ key: 'location', value: 'w.bin' }] };
  const { initializers, nodes } = weights('w', [4, 2], new Array(8).fill(0), { scales: [0.1], dtype: 'int8' });
  const { entries, error } = reportOf({
    parts: [
      qdq('x', u8),
      { nodes, initializers: [external, ...initializers.slice(1)] },
      part(node('MatMul', ['x_dq', 'w_dq'], ['y'])),
      qdq('y', u8),
    ],
    inputs: [value('x', 'float32', [1, 4])],
    outputs: [value('y_dq', 'float32', [1, 2]), value('w_q', 'int8', [4, 2])],
  });
  expect(entries).toMatchObject([
    {
      op: 'DequantizeLinear',
      why: 'its input "w_q" keeps its elements in another file',
      whatToDo: expect.stringMatching(/--external-data/),
    },
    { op: 'output', node: 'w_q' },
  ]);
  expect(error.message).toBe('1 of 6 nodes and 1 output cannot be proven yet');
});

test('inputs of other types, and shapes that are not fixed', () => {
  const { entries } = reportOf({
    nodes: [node('Flatten', ['a'], ['y']), node('Flatten', ['b'], ['z'])],
    inputs: [value('a', 'float16', [1, 2]), { name: 'b', type: { tensorType: { elemType: 1 } } }],
    outputs: [value('y', 'float16', []), value('z', 'float32', [])],
  });
  expect(entries).toMatchObject([
    { node: 'a', op: 'input', why: 'it is float16' },
    { node: 'b', op: 'input', why: 'its shape is unknown' },
  ]);
});

test('every operator stands once in the list', () => {
  const names = ops.map((op) => `${op.domain}:${op.op}`);
  expect(new Set(names).size).toBe(names.length);
  for (const { opsets, inputs } of ops) {
    expect(opsets[0]).toBeLessThanOrEqual(opsets[1]);
    expect(inputs[0]).toBeLessThanOrEqual(inputs[1]);
  }
});

const nodeTests = sharedPath('models/onnx-node-tests');
test.skipIf(nodeTests === null)('each backend test of ONNX is supported or gets a report, never another error (shared models)', () => {
  for (const folder of readdirSync(nodeTests!)) {
    try {
      buildGraph(decodeModel(readFileSync(`${nodeTests}/${folder}/model.onnx`), { fileName: folder }));
    } catch (error) {
      expect({ folder, ...(error as object) }).toMatchObject({ folder, code: 'ZK3001' });
    }
  }
});
