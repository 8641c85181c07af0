/** decodeModel: payloads in all their forms, names, and what a file must not hold. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import onnxProto from 'onnx-proto';
import { describe, expect, test } from 'vitest';
import type { ErrorCode } from '../../src/errors.ts';
import { decodeModel } from '../../src/onnx/decode.ts';
import type { DType } from '../../src/tensor/tensor.ts';
import { type ModelParts, model, modelProto, node, type TensorProto, tensor, value } from '../support/onnx-builder.ts';
import { sharedPath } from '../support/shared.ts';

const x = value('x', 'float32', [1, 2]);
const y = value('y', 'float32', [1, 2]);
const relu = node('Relu', ['x'], ['y']);

function encode(proto: onnxProto.onnx.IModelProto): Uint8Array {
  const { ModelProto } = onnxProto.onnx;
  return ModelProto.encode(ModelProto.fromObject(proto)).finish();
}

function build(parts: Partial<ModelParts>): Uint8Array {
  return model({ nodes: [relu], inputs: [x], outputs: [y], ...parts });
}

function expectCode(bytes: Uint8Array, code: ErrorCode, message?: RegExp): void {
  let thrown: unknown;
  try {
    decodeModel(bytes);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toMatchObject({ name: 'ZkonnxError', code });
  if (message !== undefined) expect((thrown as Error).message).toMatch(message);
}

function withTensor(t: TensorProto): Uint8Array {
  return build({ initializers: [t] });
}

describe('tensors', () => {
  const cases: [DType, (number | bigint)[]][] = [
    ['float32', [1.5, -0, 3.4028234663852886e38, 1.401298464324817e-45]],
    ['float64', [0.1, -1e300, 5e-324]],
    ['float16', [0, 0x3c00, 0xffff]],
    ['uint8', [0, 1, 255]],
    ['int8', [-128, -1, 127]],
    ['uint16', [0, 65535]],
    ['int16', [-32768, 32767]],
    ['int32', [-2147483648, -1, 2147483647]],
    ['uint32', [0, 4294967295]],
    ['int64', [-9007199254740991, -1, 9007199254740991]],
    ['uint64', [0, 9007199254740991]],
    ['bool', [0, 1]],
  ];
  test.each(cases)('%s: raw_data and the typed field give the same elements', (dtype, values) => {
    const raw = decodeModel(withTensor(tensor('t', dtype, [values.length], values))).initializers.get('t')!;
    const typed = decodeModel(withTensor(tensor('t', dtype, [values.length], values, { typed: true }))).initializers.get('t')!;
    expect(raw).toEqual(typed);
    expect(raw.dtype).toBe(dtype);
    expect(raw.dims).toEqual([values.length]);
    expect(Array.from(raw.data as ArrayLike<number | bigint>, Number)).toEqual(values.map((v) => Number(v)));
  });

  test('int64 is exact beyond 2^53', () => {
    const big = [2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n];
    expect(decodeModel(withTensor(tensor('t', 'int64', [3], big))).initializers.get('t')!.data).toEqual(BigInt64Array.from(big));
  });

  test('scalars, and tensors without elements', () => {
    const scalar = decodeModel(withTensor(tensor('t', 'float32', [], [2]))).initializers.get('t')!;
    expect(scalar).toEqual({ dtype: 'float32', dims: [], data: Float32Array.of(2) });
    const empty = decodeModel(withTensor(tensor('t', 'float32', [3, 0, 2], []))).initializers.get('t')!;
    expect(empty).toEqual({ dtype: 'float32', dims: [3, 0, 2], data: new Float32Array(0) });
  });

  test.each([
    ['raw_data too short', { ...tensor('t', 'int32', [3], [1, 2]) }, /8 bytes, its shape needs 12/],
    ['raw_data too long', { ...tensor('t', 'int8', [1], [1, 2]) }, /2 bytes/],
    ['typed field too short', tensor('t', 'int64', [3], [1, 2], { typed: true }), /2 elements, its shape needs 3/],
    ['no payload', { name: 't', dataType: 1, dims: [2] }, /0 bytes/],
    ['two payloads', { ...tensor('t', 'float32', [1], [1]), floatData: [1] }, /rawData and floatData/],
    ['elements in the wrong field', { name: 't', dataType: 1, dims: [1], int32Data: [1] }, /float32 elements stand in int32Data/],
    ['int8 out of range', { name: 't', dataType: 3, dims: [1], int32Data: [128] }, /128, outside its type/],
    ['uint8 out of range', { name: 't', dataType: 2, dims: [1], int32Data: [-1] }, /-1, outside/],
    ['bool out of range', { name: 't', dataType: 9, dims: [1], int32Data: [2] }, /2, outside/],
    ['negative dimension', { name: 't', dataType: 1, dims: [-1], floatData: [] }, /dimension -1/],
    ['product of dimensions overflows', { name: 't', dataType: 1, dims: [2 ** 31, 2 ** 31, 2 ** 31] }, /elements/],
    ['dimensions beyond 2^53', { name: 't', dataType: 1, dims: [2 ** 62] }, /beyond 2\^53/],
    ['unknown type', { name: 't', dataType: 99, dims: [1], rawData: new Uint8Array(4) }, /unknown data type 99/],
    ['no type', { name: 't', dims: [1], rawData: new Uint8Array(4) }, /unknown data type 0/],
    ['many dimensions', { name: 't', dataType: 1, dims: new Array(33).fill(1), floatData: [1] }, /33 dimensions/],
  ] as [string, TensorProto, RegExp][])('%s is ZK2004', (_, t, message) => expectCode(withTensor(t), 'ZK2004', message));

  test('data outside the file is left alone, or read where that is allowed', () => {
    const external = { name: 't', dataType: 1, dims: [2], dataLocation: 1, externalData: [{ key: 'location', value: 'w.bin' }] };
    const bytes = withTensor(external as TensorProto);
    expect(decodeModel(bytes).opaqueInitializers.get('t')!.why).toMatch(/in another file/);
    const asked: unknown[] = [];
    const read = decodeModel(bytes, {
      external: (where) => {
        asked.push(where);
        return new Uint8Array(Float32Array.of(1.5, -2).buffer);
      },
    });
    expect(asked).toEqual([{ tensor: 't', location: 'w.bin', offset: 0, byteCount: 8, length: null }]);
    expect(read.initializers.get('t')!.data).toEqual(Float32Array.of(1.5, -2));
    expect(read.sha256).not.toBe(decodeModel(bytes).sha256);
  });

  test('types that nothing here reads are named, not guessed', () => {
    const decoded = decodeModel(withTensor({ name: 't', dataType: 22, dims: [3], rawData: Uint8Array.of(1, 2) }));
    expect(decoded.opaqueInitializers.get('t')!.why).toBe('is int4');
    expect(decoded.initializers.size).toBe(0);
  });
});

describe('the model', () => {
  test('shares no memory with the file', () => {
    const bytes = withTensor(tensor('t', 'uint8', [3], [1, 2, 3]));
    const pooled = Buffer.from(bytes);
    const decoded = decodeModel(pooled);
    pooled.fill(0xff);
    expect(decoded.initializers.get('t')!.data).toEqual(Uint8Array.of(1, 2, 3));
    expect(decoded.graphName).toBe('test');
  });

  test('its digest is the SHA-256 of the bytes', () => {
    const bytes = build({});
    expect(decodeModel(bytes).sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
  });

  test('nodes, attributes, shapes', () => {
    const decoded = decodeModel(
      build({
        nodes: [
          {
            ...node('Relu', ['x'], ['y'], {
              i: -3,
              f: { float: 0.5 },
              s: 'SAME_UPPER',
              is: [1, -2],
              fs: { floats: [1.5] },
              ss: ['a', 'b'],
              t: { tensor: tensor('', 'int64', [1], [7]) },
            }),
            name: '',
            domain: 'ai.onnx',
          },
        ],
        inputs: [value('x', 'float32', ['batch', 2])],
        valueInfos: [value('v', 'int8', [])],
      }),
    );
    const [n] = decoded.nodes;
    expect([n!.name, n!.op, n!.domain, n!.index]).toEqual(['Relu_0', 'Relu', '', 0]);
    expect(Object.fromEntries(n!.attributes)).toEqual({
      i: { kind: 'int', value: -3 },
      f: { kind: 'float', value: 0.5 },
      s: { kind: 'string', value: 'SAME_UPPER' },
      is: { kind: 'ints', value: [1, -2] },
      fs: { kind: 'floats', value: [1.5] },
      ss: { kind: 'strings', value: ['a', 'b'] },
      t: { kind: 'tensor', value: { dtype: 'int64', dims: [1], data: BigInt64Array.of(7n) } },
    });
    expect(decoded.inputs).toEqual([{ name: 'x', dtype: 'float32', dims: ['batch', 2] }]);
    expect(decoded.valueInfos.get('v')).toEqual({ name: 'v', dtype: 'int8', dims: [] });
    expect(decoded.opsets).toEqual(
      new Map([
        ['', 17],
        ['com.microsoft', 1],
      ]),
    );
  });

  test('an int64 attribute beyond 2^53 is of kind other', () => {
    const proto = modelProto({ nodes: [node('Relu', ['x'], ['y'], { i: 2 ** 62 })], inputs: [x], outputs: [y] });
    expect(decodeModel(encode(proto)).nodes[0]!.attributes.get('i')).toMatchObject({ kind: 'other' });
  });

  test('initializers among the inputs, as before IR 4, are no inputs', () => {
    const bytes = build({ inputs: [x, value('w', 'float32', [1])], initializers: [tensor('w', 'float32', [1], [1])], irVersion: 3 });
    expect(decodeModel(bytes).inputs.map((i) => i.name)).toEqual(['x']);
  });

  test('__proto__ and constructor are names like others', () => {
    const names = ['__proto__', 'constructor', 'toString'];
    const bytes = build({
      nodes: [node('Relu', ['__proto__'], ['constructor'], { hasOwnProperty: 1 }), node('Relu', ['constructor'], ['y'])],
      inputs: [value('__proto__', 'float32', [1])],
      initializers: [tensor('toString', 'float32', [1], [1])],
    });
    const decoded = decodeModel(bytes);
    expect(decoded.inputs[0]!.name).toBe('__proto__');
    expect(decoded.initializers.get('toString')!.data).toEqual(Float32Array.of(1));
    expect(decoded.initializers.get(names[1]!)).toBeUndefined();
    expect(decoded.nodes[0]!.attributes.get('hasOwnProperty')).toEqual({ kind: 'int', value: 1 });
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe('broken graphs are ZK2005', () => {
  const t = tensor('t', 'float32', [1], [1]);
  test.each<[string, Partial<ModelParts>, RegExp]>([
    ['a name that nothing defines', { nodes: [node('Relu', ['nowhere'], ['y'])] }, /"nowhere", which nothing defines/],
    ['a cycle', { nodes: [node('Add', ['x', 'b'], ['a']), node('Relu', ['a'], ['b']), node('Relu', ['b'], ['y'])] }, /cycle/],
    ['a node that reads itself', { nodes: [node('Add', ['x', 'y'], ['y'])] }, /cycle/],
    ['no topological order', { nodes: [node('Relu', ['a'], ['y']), node('Relu', ['x'], ['a'])] }, /topological/],
    ['an output made twice', { nodes: [relu, node('Relu', ['x'], ['y'])] }, /"y" is defined twice/],
    ['an input made by a node', { nodes: [relu, node('Relu', ['y'], ['x'])] }, /"x" is defined twice/],
    ['an initializer made by a node', { nodes: [relu, node('Relu', ['y'], ['t'])], initializers: [t] }, /"t" is defined twice/],
    ['two initializers of one name', { initializers: [t, t] }, /twice/],
    ['an initializer without a name', { initializers: [tensor('', 'float32', [1], [1])] }, /no name/],
    ['two inputs of one name', { inputs: [x, x] }, /"x" is defined twice/],
    ['a graph output that no node makes', { outputs: [value('z', 'float32', [1])] }, /"z" is made by no node/],
    ['an output listed twice', { outputs: [y, y] }, /listed twice/],
    ['no outputs', { outputs: [] }, /no outputs/],
    ['a node without an op', { nodes: [{ ...relu, opType: '' }] }, /no op_type/],
    [
      'an attribute given twice',
      { nodes: [{ ...relu, attribute: [...node('A', [], [], { a: 1 }).attribute!, ...node('A', [], [], { a: 1 }).attribute!] }] },
      /"a" twice/,
    ],
    ['an attribute without a type', { nodes: [{ ...relu, attribute: [{ name: 'a', i: 1 }] }] }, /no type/],
    ['an attribute of two types', { nodes: [{ ...relu, attribute: [{ name: 'a', type: 2, i: 1, f: 2 }] }] }, /has f too/],
    ['an operator set of version 0', { opset: 0 }, /version 0/],
    ['one domain in two versions', { domains: { 'ai.onnx': 13 } }, /two versions/],
  ])('%s', (_, parts, message) => expectCode(build(parts), 'ZK2005', message));

  test('no operator set', () =>
    expectCode(encode({ ...modelProto({ nodes: [relu], inputs: [x], outputs: [y] }), opsetImport: [] }), 'ZK2005', /no operator set/));
});

describe('what zkonnx would have to ignore is refused, ZK2006', () => {
  const proto = () => modelProto({ nodes: [relu], inputs: [x], outputs: [y] });
  test('training information', () =>
    expectCode(encode({ ...proto(), trainingInfo: [{ algorithm: { name: 'a' } }] }), 'ZK2006', /training/));
  test('segmented tensors', () => expectCode(withTensor({ ...tensor('t', 'float32', [1], [1]), segment: { begin: 0, end: 1 } }), 'ZK2006'));
  test("references to a function's attributes", () =>
    expectCode(build({ nodes: [{ ...relu, attribute: [{ name: 'a', type: 2, refAttrName: 'b' }] }] }), 'ZK2006'));
});

describe('what is reported where it is used', () => {
  const proto = () => modelProto({ nodes: [relu], inputs: [x], outputs: [y] });
  test('model-local functions, with references to their attributes', () => {
    const body = [{ ...relu, attribute: [{ name: 'a', type: 2, refAttrName: 'b' }] }];
    const bytes = encode({ ...proto(), functions: [{ name: 'f', domain: 'my.own', node: body, attribute: ['b'] }] });
    expect([...decodeModel(bytes).functions]).toEqual(['my.own:f']);
  });
  test('sparse initializers', () => {
    const { graph, ...rest } = proto();
    const sparse = [{ dims: [4], values: tensor('s', 'float32', [1], [1]), indices: tensor('', 'int64', [1], [2]) }];
    const decoded = decodeModel(encode({ ...rest, graph: { ...graph!, sparseInitializer: sparse } }));
    expect(decoded.opaqueInitializers.get('s')!.why).toMatch(/sparse/);
    expectCode(encode({ ...rest, graph: { ...graph!, sparseInitializer: [{ dims: [1] }] } }), 'ZK2005', /no name/);
  });
});

const nodeTests = sharedPath('models/onnx-node-tests');
test.skipIf(nodeTests === null)('the backend tests of ONNX 1.22 decode (shared models)', () => {
  const folders = readdirSync(nodeTests!);
  for (const folder of folders) {
    expect(decodeModel(readFileSync(`${nodeTests}/${folder}/model.onnx`), { fileName: folder }).outputs.length).toBeGreaterThan(0);
  }
  expect(folders.length).toBeGreaterThan(300);
});
