/**
 * Integer networks (QuantLib/DORY): RequantShift and its neighbours, each tensor beside what onnxruntime-web makes of the same network with every RequantShift written
 * out in float64 (Mul, Add, Add div/2, Div, Floor, Clip), and the circuit beside the program.
 */
import { expect, test } from 'vitest';
import type { ZkonnxError } from '../../src/errors.ts';
import { buildGraph } from '../../src/graph/build.ts';
import { decodeModel } from '../../src/onnx/decode.ts';
import { buildProgram } from '../../src/program/build.ts';
import type { Program } from '../../src/program/program.ts';
import { run } from '../../src/run.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { only, reportOf } from '../support/graphs.ts';
import {
  type Attribute,
  type ModelParts,
  model,
  type NodeProto,
  node,
  type Part,
  part,
  quantize,
  type TensorProto,
  tensor,
  value,
} from '../support/onnx-builder.ts';
import { expectCircuitAgrees } from '../support/oracle.ts';
import { ortSession } from '../support/ort.ts';

type Shift = {
  readonly mul: readonly number[];
  readonly add: readonly number[];
  readonly shape: readonly number[];
  readonly signed: 0 | 1;
} & {
  readonly div?: number;
  readonly levels?: number;
};
/** How a RequantShift stands in the file: as one node, or as the float64 operators that it means. */
type Spelling = (x: string, y: string, shift: Shift) => Part;

const number = (dtype: 'float32' | 'float64', name: string, v: number) => tensor(name, dtype, [], [v]);

const asNode: Spelling = (x, y, { mul, add, shape, signed, div = 2 ** 16, levels = 256 }) =>
  part(
    node('RequantShift', [x, `${y}.mul`, `${y}.add`], [y], {
      div: { tensor: number('float32', '', div) },
      n_levels_out: { tensor: tensor('', 'float32', [1], [levels]) },
      signed: { tensor: tensor('', 'float32', [1], [signed]) },
    }),
    [tensor(`${y}.mul`, 'float32', shape, mul), tensor(`${y}.add`, 'float32', shape, add)],
  );

const writtenOut: Spelling = (x, y, { mul, add, shape, signed, div = 2 ** 16, levels = 256 }) => {
  const [low, high] = signed === 1 ? [-levels / 2, levels / 2 - 1] : [0, levels - 1];
  const steps = ['Mul', 'Add', 'Add', 'Div'].map((op, i) => node(op, [`${y}.${i}`, `${y}:${i}`], [`${y}.${i + 1}`]));
  return part(
    node('Cast', [x], [`${y}.0`], { to: 11 }),
    ...steps,
    node('Floor', [`${y}.4`], [`${y}.5`]),
    node('Clip', [`${y}.5`, `${y}:low`, `${y}:high`], [`${y}.6`]),
    node('Cast', [`${y}.6`], [y], { to: 1 }),
    [
      tensor(`${y}:0`, 'float64', shape, mul),
      tensor(`${y}:1`, 'float64', shape, add),
      number('float64', `${y}:2`, Math.floor(div / 2)),
      number('float64', `${y}:3`, div),
      number('float64', `${y}:low`, low),
      number('float64', `${y}:high`, high),
    ],
  );
};

const spread = (count: number, low: number, high: number, stride = 53) =>
  Array.from({ length: count }, (_, i) => low + ((i * stride) % (high - low + 1)));
const integers = (name: string, dims: readonly number[], low: number, high: number): TensorProto =>
  tensor(
    name,
    'float32',
    dims,
    spread(
      dims.reduce((a, b) => a * b, 1),
      low,
      high,
    ),
  );

interface Network {
  readonly input: readonly number[];
  readonly tensors: readonly string[];
  readonly parts: (shift: Spelling) => readonly Part[];
  readonly opset?: number;
}

function parts({ input, tensors, parts: inner, opset = 13 }: Network, spelling: Spelling): ModelParts {
  return {
    parts: inner(spelling),
    inputs: [value('x', 'float32', input)],
    outputs: tensors.map((name) => value(name, 'float32', null)),
    opset,
  };
}

const programOf = (m: ModelParts, options = {}): Program => buildProgram(buildGraph(decodeModel(model(m)), options));

/** Every output of the network, beside onnxruntime-web's of the written-out one. */
async function expectIntegers(network: Network, x: Tensor, inputTypes: Readonly<Record<string, 'uint8' | 'int8'>> = {}): Promise<Program> {
  const program = programOf(parts(network, asNode), { inputTypes });
  const mine = await run(program, { x });
  const session = await ortSession(model(parts(network, writtenOut)));
  const expected = await session.run({ x: { dtype: 'float32', dims: x.dims, data: Float32Array.from(x.data as Uint8Array) } });
  await session.release();
  for (const name of network.tensors) {
    expect(mine[name]!.dims, name).toEqual(expected[name]!.dims);
    expect(Array.from(mine[name]!.data as Int32Array), name).toEqual(Array.from(expected[name]!.data as Float32Array, (v) => v + 0));
  }
  expectCircuitAgrees(program, { x });
  return program;
}

const bytes = (dims: readonly number[], seed = 1): Tensor => ({
  dtype: 'uint8',
  dims,
  data: Uint8Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => (i * 97 + seed * 31) % 256),
});

const perChannel = { mul: [514, 257, 9_000, 131_072], add: [0, -1_000_000, 32_768, 65_535], shape: [4, 1, 1] };

const convolutional: Network = {
  input: [1, 2, 6, 7],
  tensors: ['c1', 'r1', 'c2', 'r2', 'sum', 'p', 'g', 'y'],
  parts: (shift) => [
    part(node('Conv', ['x', 'w1'], ['c1'], { pads: [1, 1, 1, 1], strides: [1, 2] }), [integers('w1', [4, 2, 3, 3], -30, 31)]),
    shift('c1', 'r1', { ...perChannel, signed: 1 }),
    part(node('Conv', ['r1', 'w2', 'b2'], ['c2'], { group: 4, pads: [1, 1, 1, 1] }), [
      integers('w2', [4, 1, 3, 3], -42, 43),
      integers('b2', [4], -3000, 3000),
    ]),
    shift('c2', 'r2', { ...perChannel, signed: 1 }),
    part(node('Add', ['r1', 'r2'], ['sum'])),
    shift('sum', 'rs', { mul: [40_000], add: [11], shape: [], signed: 0 }),
    part(
      node('MaxPool', ['rs'], ['p'], { kernel_shape: [2, 2], strides: [2, 2] }),
      node('Flatten', ['p'], ['f']),
      node('Gemm', ['f', 'w3', 'b3'], ['g'], { transB: 1 }),
      [integers('w3', [5, 24], -7, 8), integers('b3', [5], -700, 500)],
    ),
    shift('g', 'y', { mul: [514], add: [0], shape: [], signed: 1 }),
  ],
};

test('a residual network of Conv, Add, MaxPool and Gemm', async () => {
  const program = await expectIntegers(convolutional, bytes([1, 2, 6, 7]));
  expect(program.inputs[0]).toMatchObject({ modelDType: 'uint8' });
  expect(program.outputs.at(-1)).toMatchObject({ name: 'y', modelDType: 'int8' });
});

test('the float32 inputs hold uint8, or int8 where that is asked for', async () => {
  const x: Tensor = { dtype: 'int8', dims: [1, 2, 6, 7], data: Int8Array.from({ length: 84 }, (_, i) => ((i * 71) % 256) - 128) };
  const program = await expectIntegers(convolutional, x, { x: 'int8' });
  expect(program.tensors[program.inputs[0]!.tensor]).toMatchObject({ dtype: 'int8', low: -128, high: 127 });
  await expect(run(programOf(parts(convolutional, asNode)), { x })).rejects.toThrow(
    expect.objectContaining({ code: 'ZK4102' }) as ZkonnxError,
  );
});

test('factors of every sign, ties, other divisors and levels', async () => {
  const shifts: readonly Shift[] = [
    { mul: [-514, 0, 300, -1, 65_536], add: [40, 77_000, -5, 3, -32_768], shape: [5], signed: 1 },
    { mul: [3], add: [0], shape: [1], signed: 1, div: 2, levels: 16 },
    { mul: [5, 7, -9, 11, 1], add: [1], shape: [5], signed: 0, div: 1, levels: 200 },
    { mul: [1], add: [-4096, 4095, 0, 1, 2], shape: [1, 5], signed: 0, div: 2 ** 13, levels: 2 },
  ].map((shift) => ({ ...shift, mul: filled(shift.mul), add: filled(shift.add), shape: [5] }) as Shift);
  for (const shift of shifts) {
    const network: Network = {
      input: [3, 4],
      tensors: ['g', 'y'],
      parts: (spelled) => [part(node('MatMul', ['x', 'w'], ['g']), [integers('w', [4, 5], -40, 41)]), spelled('g', 'y', shift)],
    };
    await expectIntegers(network, bytes([3, 4], shift.mul[0]));
  }
});

function filled(values: readonly number[]): readonly number[] {
  return values.length === 1 ? new Array<number>(5).fill(values[0]!) : values;
}

test('plain integers: Sub, Relu, Clip, Max, Min, Concat, Pad and constants', async () => {
  const network: Network = {
    input: [1, 3, 4],
    tensors: ['d', 'e', 'r', 'k', 'm', 'n', 'j', 'q', 'y'],
    parts: (shift) => [
      part(
        node('MatMul', ['x', 'w'], ['g']),
        node('Sub', ['x', 'g'], ['d']),
        node('Add', ['c', 'd'], ['e']),
        node('Relu', ['e'], ['r']),
        node('Clip', ['r', 'lo', 'hi'], ['k']),
        node('Max', ['d', 'k', 'c'], ['m']),
        node('Min', ['m', 'e'], ['n']),
        node('Concat', ['n', 'm'], ['j'], { axis: 1 }),
        node('Pad', ['j', 'pads'], ['q']),
        [
          integers('w', [4, 4], -50, 50),
          integers('c', [3, 1], -2000, 2000),
          number('float32', 'lo', 3),
          number('float32', 'hi', 9000),
          tensor('pads', 'int64', [6], [0, 1, 0, 0, 0, 1]),
        ],
      ),
      shift('q', 'y', { mul: [514], add: [0], shape: [], signed: 1 }),
    ],
  };
  await expectIntegers(network, bytes([1, 3, 4]));
});

test('ReduceSum for averages, Mul by a constant, products with a constant on the left and of two computed tensors, Gemm in its forms', async () => {
  const network: Network = {
    input: [1, 2, 4, 4],
    tensors: ['s', 'k', 'l', 'm', 'g', 'y'],
    parts: (shift) => [
      part(
        node('ReduceSum', ['x', 'axes'], ['s'], { keepdims: 1 }),
        node('Mul', ['three', 'x'], ['k']),
        node('MatMul', ['w', 'k'], ['l']),
        [tensor('axes', 'int64', [2], [2, 3]), number('float32', 'three', -3), integers('w', [3, 4], -7, 8)],
      ),
      shift('l', 'r', { mul: [600], add: [5], shape: [], signed: 1 }),
      part(
        node('MatMul', ['r', 'x'], ['m']),
        node('Reshape', ['m', 'shape'], ['f']),
        node('Gemm', ['f', 'v', 'c'], ['g'], { transA: 1, transB: 1 }),
        [tensor('shape', 'int64', [2], [12, -1]), integers('v', [5, 12], -3, 4), integers('c', [2, 1], -900, 900)],
      ),
      shift('g', 'y', { mul: [514], add: [0], shape: [], signed: 1 }),
    ],
  };
  await expectIntegers(network, bytes([1, 2, 4, 4]));
});

test('a shift is the line it says, or a cheaper one', () => {
  const network: Network = {
    input: [1, 4],
    tensors: ['y'],
    parts: (shift) => [
      part(node('MatMul', ['x', 'w'], ['g']), [integers('w', [4, 2], -120, 120)]),
      shift('g', 'y', { mul: [514, 47_123], add: [99, 5], shape: [2], signed: 1 }),
    ],
  };
  const op = programOf(parts(network, asNode)).ops.find(({ kind }) => kind === 'requantize')!;
  const forms = op.kind === 'requantize' ? op.forms : [];
  for (const form of forms) expect(form).toMatchObject({ kind: 'line', exceptions: [], tie: null });
  // 514/65536 in lowest terms; 47123/65536 is 87/121 over this interval.
  expect(forms).toEqual([expect.objectContaining({ m: 257, A: 32_768 }), expect.objectContaining({ m: 87, A: 121 })]);
});

test('the graph says what it found', () => {
  const graph = buildGraph(decodeModel(model(parts(convolutional, asNode))));
  expect(graph.values.filter(({ quantization }) => quantization !== null)).toEqual([]);
  expect(only({ ...graph, nodes: graph.nodes.filter(({ y }) => graph.values[y]!.name === 'r1') }, 'shift')).toMatchObject({
    muls: Int32Array.from(perChannel.mul),
    adds: Int32Array.from(perChannel.add),
    div: 2 ** 16,
    inner: 24,
    min: -128,
    max: 127,
  });
});

const one = (attributes: Readonly<Record<string, Attribute>>, constants: readonly TensorProto[] = [], domain = ''): ModelParts => ({
  parts: [
    part(node('RequantShift', ['x', 'mul', 'add'], ['y'], attributes, { domain }), [
      ...constants,
      ...[number('float32', 'mul', 3), number('float32', 'add', 0)].filter(({ name }) => !constants.some((given) => given.name === name)),
    ]),
  ],
  inputs: [value('x', 'float32', [1, 4])],
  outputs: [value('y', 'float32', null)],
  domains: { PACTOps: 1, 'com.example': 1 },
});
const good = { div: 2 ** 16, n_levels: 256, signed: 0 };

test('attributes as integers, floats or tensors, in either domain', () => {
  for (const domain of ['', 'PACTOps']) {
    expect(programOf(one({ div: { float: 65_536 }, n_levels: 256, signed: { float: 1 } }, [], domain)).outputs[0]).toMatchObject({
      modelDType: 'int8',
    });
  }
});

test.each<readonly [string, ModelParts, RegExp, RegExp]>([
  ['another domain', one(good, [], 'com.example'), /knows no RequantShift of the domain "com.example"/, /ai\.onnx or PACTOps/],
  ['no levels', one({ div: 65_536, signed: 1 }), /0 attributes of n_levels, n_levels_out/, /as QuantLib does/],
  ['another attribute', one({ ...good, bias: 3 }), /unknown attribute "bias"/, /./],
  ['two spellings', one({ ...good, n_levels_out: 256 }), /2 attributes of n_levels, n_levels_out/, /as QuantLib does/],
  ['levels beyond 8 bits', one({ ...good, n_levels: 257 }), /257 levels/, /2 to 256/],
  ['an odd number of signed levels', one({ ...good, n_levels: 255, signed: 1 }), /255 levels/, /even/],
  ['a divisor that is no power of two', one({ ...good, div: 1000 }), /div = 1000/, /power of two/],
  ['signed = 2', one({ ...good, signed: 2 }), /signed = 2/, /as QuantLib does/],
  ['a factor that is no integer', one(good, [number('float32', 'mul', 0.5)]), /"mul" holds 0\.5, which is no integer/, /integerize/],
  ['a factor beyond int32', one(good, [number('float32', 'mul', 2 ** 31)]), /"mul" holds 2147483648, int32 ends/, /smaller/],
])('refuses %s', (_, parts, why, whatToDo) => {
  const { entries } = reportOf(parts);
  expect(entries).toEqual([
    expect.objectContaining({ op: 'RequantShift', why: expect.stringMatching(why), whatToDo: expect.stringMatching(whatToDo) }),
  ]);
});

test('RequantShift beside QuantizeLinear: behind integer sums it is what it is, behind floats it is refused', async () => {
  const q = { dtype: 'uint8', scale: 0.1, zeroPoint: 3 } as const;
  const last = [tensor('mul', 'float32', [], [3000]), tensor('add', 'float32', [], [7])];
  const beside = (nodes: readonly NodeProto[]): ModelParts => ({
    parts: [quantize('x', q), part(...nodes, [tensor('w', 'int8', [2, 2], [90, -3, 77, 5]), ...last])],
    inputs: [value('x', 'float32', [1, 2])],
    outputs: [value('y', 'int8', null)],
  });
  const shift = (x: string) => node('RequantShift', [x, 'mul', 'add'], ['y'], { div: 2 ** 16, n_levels: 256, signed: 1 });
  const sums = programOf(beside([node('MatMulInteger', ['x_q', 'w', 'x_zero_point'], ['acc']), shift('acc')]));
  const x: Tensor = { dtype: 'float32', dims: [1, 2], data: Float32Array.of(12.3, 4) };
  const acc = [123 * 90 + 40 * 77, 123 * -3 + 40 * 5];
  expect(Array.from((await run(sums, { x })).y!.data as Int8Array)).toEqual(
    acc.map((sum) => Math.min(127, Math.floor((sum * 3000 + 7 + 2 ** 15) / 2 ** 16))),
  );
  const { entries } = reportOf(beside([node('DequantizeLinear', ['x_q', 'x_scale', 'x_zero_point'], ['f']), shift('f')]));
  expect(entries).toEqual([expect.objectContaining({ op: 'RequantShift', why: expect.stringContaining('no integer network') })]);
});

test('refuses weights that are no integers, averages, and types for inputs that have one', () => {
  const whyOf = (network: Network) => reportOf(parts(network, asNode)).entries.map(({ op, why }) => `${op}: ${why}`);
  const last = { mul: [1], add: [0], shape: [], signed: 0 } as const;
  const weighted: Network = {
    input: [1, 4],
    tensors: ['y'],
    parts: (shift) => [part(node('MatMul', ['x', 'w'], ['g']), [tensor('w', 'float32', [4, 1], [1, 2, 2.5, 3])]), shift('g', 'y', last)],
  };
  expect(whyOf(weighted)).toEqual(['MatMul: its constant "w" holds 2.5, which is no integer']);
  const averaged: Network = {
    input: [1, 2, 4, 4],
    tensors: ['y'],
    parts: (shift) => [part(node('GlobalAveragePool', ['x'], ['g'])), shift('g', 'y', last)],
  };
  expect(reportOf(parts(averaged, asNode)).entries).toEqual([
    expect.objectContaining({ op: 'GlobalAveragePool', whatToDo: expect.stringContaining('ReduceSum') }),
  ]);
  const typed = { ...one(good), inputs: [value('x', 'uint8', [1, 4])] };
  expect(() => buildGraph(decodeModel(model(typed)), { inputTypes: { x: 'int8' } })).toThrow(expect.objectContaining({ code: 'ZK3001' }));
  expect(() => buildGraph(decodeModel(model(typed)), { inputTypes: { z: 'int8' } })).toThrow(expect.objectContaining({ code: 'ZK1005' }));
});

test('refuses sums that leave int32, and 8-bit sums in which ONNX would wrap around', () => {
  const wide: Network = {
    input: [1, 70],
    tensors: ['y'],
    parts: (shift) => [
      part(node('MatMul', ['x', 'w'], ['g']), [integers('w', [70, 1], 130_000, 130_000)]),
      shift('g', 'y', { mul: [1], add: [0], shape: [], signed: 0 }),
    ],
  };
  expect(() => programOf(parts(wide, asNode))).toThrow(expect.objectContaining({ code: 'ZK3002' }));
  const wraps: ModelParts = {
    parts: [part(node('Add', ['x', 'x'], ['y']))],
    inputs: [value('x', 'int8', [2])],
    outputs: [value('y', 'int8', null)],
  };
  expect(() => programOf(wraps)).toThrow(
    expect.objectContaining({ code: 'ZK3003', message: expect.stringContaining('int8 result can be -256') }),
  );
});
