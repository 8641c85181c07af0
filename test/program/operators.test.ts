/**
 * Every operator against onnxruntime-web, in QDQ and QOperator form, uint8 and int8, per tensor and per channel, with random scales and with powers of two
 * (exact ties), zero points at the edges of their type included. Inputs are weighted towards the edges. Nothing may differ.
 */
import { describe, expect, test } from 'vitest';
import { buildGraph } from '../../src/graph/build.ts';
import { decodeModel } from '../../src/onnx/decode.ts';
import { buildProgram } from '../../src/program/build.ts';
import { run } from '../../src/run.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import {
  type Attribute,
  bias,
  dequantize,
  type ModelParts,
  model,
  type NodeProto,
  node,
  type Part,
  parameters,
  part,
  type Quantization,
  qdq,
  quantize,
  scalar,
  tensor,
  value,
  weights,
} from '../support/onnx-builder.ts';
import { ortSession } from '../support/ort.ts';

type Rng = () => number;
type DType = 'uint8' | 'int8';
type Scales = 'random' | 'powers of two';
type Attributes = Readonly<Record<string, Attribute>>;

function rng(seed: number): Rng {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const lowOf = (dtype: DType) => (dtype === 'int8' ? -128 : 0);
const pick = <T>(next: Rng, items: readonly T[]): T => items[Math.floor(next() * items.length)]!;
const product = (dims: readonly number[]) => dims.reduce((a, b) => a * b, 1);

/** One of the type's edges, its middle, or anything. */
function zeroPointOf(next: Rng, dtype: DType): number {
  return lowOf(dtype) + pick(next, [0, 255, 128, 1, Math.floor(next() * 256)]);
}

/** About `typical`. */
function scaleOf(next: Rng, scales: Scales, typical: number): number {
  const factor = 2 ** (next() * 2 - 1);
  return scales === 'random' ? Math.fround(typical * factor) : 2 ** Math.round(Math.log2(typical * factor));
}

interface World {
  readonly next: Rng;
  readonly dtype: DType;
  readonly scales: Scales;
  readonly perChannel: boolean;
  readonly form: 'QDQ' | 'QOperator';
}

function quantization({ next, dtype, scales }: World, typical: number): Quantization {
  return { dtype, scale: scaleOf(next, scales, typical), zeroPoint: zeroPointOf(next, dtype) };
}

function integers(next: Rng, count: number, dtype: DType): number[] {
  return Array.from({ length: count }, () => lowOf(dtype) + (next() < 0.2 ? pick(next, [0, 255]) : Math.floor(next() * 256)));
}

/** Weights along `axis` of [.., channels, ..]; int8 weights are symmetric per channel, as quantize_static makes them, unless per tensor. */
function constant(world: World, name: string, dims: readonly number[], axis: number, dtype: DType) {
  const { next, perChannel, scales } = world;
  const channels = perChannel ? dims[axis]! : 1;
  return {
    data: integers(next, product(dims), dtype),
    dims,
    name,
    dtype,
    axis,
    scales: Array.from({ length: channels }, () => scaleOf(next, scales, 0.01)),
    zeroPoints: Array.from({ length: channels }, () => (perChannel && dtype === 'int8' ? 0 : zeroPointOf(next, dtype))),
  };
}
type Constant = ReturnType<typeof constant>;

const asWeights = (c: Constant) => weights(c.name, c.dims, c.data, c);
const triple = (name: string) => [`${name}_q`, `${name}_scale`, `${name}_zero_point`];
const microsoft = { domain: 'com.microsoft' };

/** A model of one operator: float inputs x (and b), output y, Q/DQ at the boundary whatever the form within. */
interface Operator {
  readonly inputs: readonly { readonly name: string; readonly dims: readonly number[]; readonly q: Quantization }[];
  readonly y: Quantization;
  /** Between <input>_dq and y. */
  readonly qdq: readonly (Part | NodeProto)[];
  /** Between <input>_q and y_q, parameters of inputs and y being there. */
  readonly qoperator: readonly (Part | NodeProto)[];
}

const asPart = (item: Part | NodeProto): Part => ('nodes' in item ? item : part(item));

function modelOf({ inputs, y, qdq: inner, qoperator }: Operator, form: World['form']): ModelParts {
  const boundary = {
    inputs: inputs.map(({ name, dims }) => value(name, 'float32', dims)),
    outputs: [value('out', 'float32', null)],
  };
  if (form === 'QDQ')
    return { ...boundary, parts: [...inputs.map(({ name, q }) => qdq(name, q)), ...inner.map(asPart), qdq('y', y, 'out')] };
  return {
    ...boundary,
    parts: [
      ...inputs.map(({ name, q }) => quantize(name, q)),
      part(parameters('y', y)),
      ...qoperator.map(asPart),
      dequantize('y_q', 'out', y),
    ],
  };
}

/** Dequantized integers, some a little off, some far outside. */
function feeds({ inputs }: Operator, next: Rng): Record<string, Tensor> {
  return Object.fromEntries(
    inputs.map(({ name, dims, q }) => {
      const data = Float32Array.from(integers(next, product(dims), q.dtype), (i) => {
        const off = next() < 0.1 ? 0.5 : next() < 0.02 ? 1000 : 0;
        return (i - q.zeroPoint + off) * q.scale;
      });
      return [name, { dtype: 'float32', dims, data } satisfies Tensor];
    }),
  );
}

async function expectOrtsAnswer(operator: Operator, { form, next }: World): Promise<void> {
  const file = model(modelOf(operator, form));
  const program = buildProgram(buildGraph(decodeModel(file)));
  const session = await ortSession(file);
  for (let round = 0; round < 3; round++) {
    const inputs = feeds(operator, next);
    const mine = (await run(program, inputs)).out!;
    const wanted = (await session.run(inputs)).out!;
    expect(mine.dims).toEqual(wanted.dims);
    const differing = Array.from(wanted.data.keys()).filter((i) => mine.data[i] !== wanted.data[i]);
    expect(differing.map((i) => ({ i, mine: mine.data[i], ort: wanted.data[i] }))).toEqual([]);
  }
  await session.release();
}

const y8 = ['y_scale', 'y_zero_point'];
const conv =
  (xDims: readonly number[], wDims: readonly number[], attributes: Attributes) =>
  (world: World): Operator => {
    const { next, dtype } = world;
    const x = quantization(world, 0.03);
    const w = constant(world, 'w', wDims, 0, dtype === 'int8' ? 'int8' : pick(next, ['int8', 'uint8']));
    const b = bias(
      'b',
      Array.from({ length: wDims[0]! }, () => Math.round((next() - 0.5) * 20000)),
      x.scale,
      w.scales,
    );
    return {
      inputs: [{ name: 'x', dims: xDims, q: x }],
      y: quantization(world, 0.2),
      qdq: [asWeights(w), b, node('Conv', ['x_dq', 'w_dq', 'b_dq'], ['y'], attributes)],
      qoperator: [
        { nodes: [], initializers: [...asWeights(w).initializers, ...b.initializers] },
        node('QLinearConv', [...triple('x'), ...triple('w'), ...y8, 'b_q'], ['y_q'], attributes),
      ],
    };
  };

const matmul =
  (xDims: readonly number[], wDims: readonly number[]) =>
  (world: World): Operator => {
    const w = constant(world, 'w', wDims, 1, world.dtype === 'int8' ? 'int8' : pick(world.next, ['int8', 'uint8']));
    return {
      inputs: [{ name: 'x', dims: xDims, q: quantization(world, 0.03) }],
      y: quantization(world, 0.2),
      qdq: [asWeights(w), node('MatMul', ['x_dq', 'w_dq'], ['y'])],
      qoperator: [
        { nodes: [], initializers: asWeights(w).initializers },
        node('QLinearMatMul', [...triple('x'), ...triple('w'), ...y8], ['y_q']),
      ],
    };
  };

const gemm =
  (transB: number) =>
  (world: World): Operator => {
    const { next } = world;
    const x = quantization(world, 0.03);
    const w = constant(
      world,
      'w',
      transB === 1 ? [7, 20] : [20, 7],
      transB === 1 ? 0 : 1,
      world.dtype === 'int8' ? 'int8' : pick(next, ['int8', 'uint8']),
    );
    const b = bias(
      'b',
      Array.from({ length: 7 }, () => Math.round((next() - 0.5) * 20000)),
      x.scale,
      w.scales,
    );
    return {
      inputs: [{ name: 'x', dims: [1, 20], q: x }],
      y: quantization(world, 0.2),
      qdq: [asWeights(w), b, node('Gemm', ['x_dq', 'w_dq', 'b_dq'], ['y'], { transB })],
      qoperator: [
        { nodes: [], initializers: [...asWeights(w).initializers, ...b.initializers] },
        node('QGemm', [...triple('x'), ...triple('w'), 'b_q', ...y8], ['y_q'], { transB, alpha: { float: 1 } }, microsoft),
      ],
    };
  };

const add =
  (aDims: readonly number[], bDims: readonly number[]) =>
  (world: World): Operator => ({
    inputs: [
      { name: 'a', dims: aDims, q: quantization(world, 0.05) },
      { name: 'b', dims: bDims, q: quantization(world, 0.05) },
    ],
    y: quantization(world, 0.08),
    qdq: [node('Add', ['a_dq', 'b_dq'], ['y'])],
    qoperator: [node('QLinearAdd', [...triple('a'), ...triple('b'), ...y8], ['y_q'], {}, microsoft)],
  });

/** Scales of x and y are the same where the operator only moves or picks elements. */
const moved =
  (dims: readonly number[], item: (from: string, to: string) => Part | NodeProto) =>
  (world: World): Operator => {
    const q = quantization(world, 0.05);
    return { inputs: [{ name: 'x', dims, q }], y: q, qdq: [item('x_dq', 'y')], qoperator: [item('x_q', 'y_q')] };
  };

const pool =
  (op: 'AveragePool' | 'GlobalAveragePool', dims: readonly number[], attributes: Attributes, sameScale: boolean) =>
  (world: World): Operator => {
    const x = quantization(world, 0.05);
    return {
      inputs: [{ name: 'x', dims, q: x }],
      y: sameScale ? x : quantization(world, 0.03),
      qdq: [node(op, ['x_dq'], ['y'], attributes)],
      qoperator: [node(`QLinear${op}`, [...triple('x'), ...y8], ['y_q'], attributes, microsoft)],
    };
  };

const concat = (world: World): Operator => {
  const a = quantization(world, 0.05);
  const b = quantization(world, 0.04);
  return {
    inputs: [
      { name: 'a', dims: [1, 3, 8, 8], q: a },
      { name: 'b', dims: [1, 5, 8, 8], q: b },
    ],
    y: a,
    qdq: [node('Concat', ['a_dq', 'b_dq'], ['y'], { axis: 1 })],
    qoperator: [node('QLinearConcat', [...y8, ...triple('a'), ...triple('b')], ['y_q'], { axis: 1 }, microsoft)],
  };
};

/** A Relu or Clip behind a Conv moves no clamp where y's range begins at 0: the profile's and ORT's fused group are then the same. */
const activated =
  (item: Part | NodeProto) =>
  (world: World): Operator => {
    const inner = conv([1, 2, 8, 8], [4, 2, 3, 3], { pads: [1, 1, 1, 1] })(world);
    const y = { ...inner.y, zeroPoint: lowOf(world.dtype) };
    const renamed = inner.qdq.map((part) => ('opType' in part && part.opType === 'Conv' ? { ...part, output: ['c'] } : part));
    return { ...inner, y, qdq: [...renamed, item] };
  };

const image = [1, 4, 9, 9] as const;
const shape = (name: string, dims: readonly number[]) => [tensor(name, 'int64', [dims.length], dims)];

/** Operators whose arithmetic has scales of its own. */
const arithmetic: Readonly<Record<string, (world: World) => Operator>> = {
  'Conv 3×3, pads': conv(image, [6, 4, 3, 3], { pads: [1, 1, 1, 1] }),
  'Conv strides, uneven pads': conv(image, [6, 4, 3, 2], { strides: [2, 3], pads: [1, 0, 2, 1] }),
  'Conv groups, dilations': conv(image, [6, 2, 3, 3], { group: 2, dilations: [2, 2] }),
  'Conv depthwise, auto_pad': conv(image, [4, 1, 3, 3], { group: 4, auto_pad: 'SAME_UPPER', strides: [2, 2] }),
  MatMul: matmul([3, 20], [20, 6]),
  Gemm: gemm(0),
  'Gemm transB': gemm(1),
  Add: add([1, 3, 20, 20], [1, 3, 20, 20]),
  'Add broadcast': add([2, 6, 30], [6, 1]),
  GlobalAveragePool: pool('GlobalAveragePool', [1, 12, 7, 7], {}, false),
  Concat: concat,
};

/** Operators without weights, per tensor only. */
const others: Readonly<Record<string, (world: World) => Operator>> = {
  'AveragePool, one scale': pool('AveragePool', [1, 3, 12, 12], { kernel_shape: [2, 2], strides: [2, 2] }, true),
  'AveragePool pads': pool('AveragePool', [1, 3, 12, 12], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }, false),
  'AveragePool counting pads': pool(
    'AveragePool',
    [1, 3, 12, 12],
    { kernel_shape: [3, 2], pads: [1, 0, 1, 1], count_include_pad: 1 },
    true,
  ),
  MaxPool: moved([1, 3, 11, 11], (x, y) => node('MaxPool', [x], [y], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] })),
  Flatten: moved([1, 3, 4, 5], (x, y) => node('Flatten', [x], [y])),
  Reshape: moved([1, 3, 4, 5], (x, y) => part(node('Reshape', [x, 's'], [y]), shape('s', [1, 5, -1]))),
  'Reshape by a Constant': moved([1, 3, 4, 5], (x, y) =>
    part(node('Constant', [], ['s'], { value: { tensor: tensor('', 'int64', [2], [1, 60]) } }), node('Reshape', [x, 's'], [y])),
  ),
  Transpose: moved([1, 3, 4, 5], (x, y) => node('Transpose', [x], [y], { perm: [0, 2, 3, 1] })),
  Identity: moved([1, 3, 4, 5], (x, y) => node('Identity', [x], [y])),
};

const dtypes = ['uint8', 'int8'] as const;
const forms = ['QDQ', 'QOperator'] as const;
const scaleKinds = ['random', 'powers of two'] as const;
const SEEDS = 2;

/** Runs an operator with several seeds for each kind of scale. */
async function everyWorld(make: (world: World) => Operator, fixed: Pick<World, 'dtype' | 'form' | 'perChannel'>): Promise<void> {
  for (const scales of scaleKinds) {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const world: World = { ...fixed, scales, next: rng(seed * 7919) };
      await expectOrtsAnswer(make(world), world);
    }
  }
}

describe.each(dtypes)('%s', (dtype) => {
  describe.each(forms)('%s', (form) => {
    test.each(Object.entries(arithmetic))('%s', async (_, make) => {
      for (const perChannel of [false, true]) await everyWorld(make, { dtype, form, perChannel });
    });
    test.each(Object.entries(others))('%s', async (_, make) => everyWorld(make, { dtype, form, perChannel: false }));
  });

  test('Relu and Clip behind a Conv', async () => {
    await everyWorld(activated(node('Relu', ['c'], ['y'])), { dtype, form: 'QDQ', perChannel: true });
    const bounds = [scalar('lo', 'float32', 0), scalar('hi', 'float32', 1e9)];
    await everyWorld(activated(part(node('Clip', ['c', 'lo', 'hi'], ['y']), bounds)), { dtype, form: 'QDQ', perChannel: false });
  });

  test.each([0, 1])('ArgMax, select_last_index %d', async (last) => {
    for (let seed = 0; seed < 4; seed++) {
      const next = rng(seed + 5);
      const q: Quantization = { dtype, scale: 0.1, zeroPoint: lowOf(dtype) + 3 };
      const dims = [3, 10, 4];
      const file = model({
        parts: [quantize('x', q), part(node('ArgMax', ['x_q'], ['i'], { axis: 1, keepdims: seed % 2, select_last_index: last }))],
        inputs: [value('x', 'float32', dims)],
        outputs: [value('i', 'int64', null)],
      });
      // Few values, so that ties are everywhere.
      const x: Tensor = { dtype: 'float32', dims, data: Float32Array.from({ length: 120 }, () => Math.floor(next() * 4) * 0.1) };
      const [mine, wanted] = [await run(buildProgram(buildGraph(decodeModel(file))), { x }), await (await ortSession(file)).run({ x })];
      expect(mine.i).toEqual(wanted.i);
    }
  });
});
