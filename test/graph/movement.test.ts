/** Ops that move elements, against onnxruntime-web, on floats between Q/DQ pairs and on integers; they cost no constraint. */
import { describe, expect, test } from 'vitest';
import { graphOf, kindsOf, reportOf } from '../support/graphs.ts';
import {
  type Attribute,
  dequantize,
  type ModelParts,
  model,
  node,
  type Part,
  part,
  type Quantization,
  qdq,
  quantize,
  scalar,
  tensor,
  value,
  weights,
} from '../support/onnx-builder.ts';
import { expectCircuitAgrees, expectOrtsAnswer, randomInputs } from '../support/oracle.ts';
import { ortSession } from '../support/ort.ts';

const ints = (name: string, values: readonly number[]) => tensor(name, 'int64', [values.length], values);
const floats = (name: string, values: readonly number[]) => tensor(name, 'float32', [values.length], values);

interface Movement {
  readonly dims: readonly number[];
  /** Given input and output names. */
  readonly make: (x: string, y: string) => Part;
  readonly opset?: number;
  /** ONNX Runtime has no kernel of it for 8-bit integers. */
  readonly floatsOnly?: true;
}

const simple =
  (op: string, attributes: Record<string, Attribute>, ...inputs: ReturnType<typeof tensor>[]) =>
  (x: string, y: string): Part =>
    part(node(op, [x, ...inputs.map((t) => t.name!)], [y], attributes), inputs);

const resize = (attributes: Record<string, Attribute>, scales: readonly number[]): Movement['make'] => {
  const initializer = floats('scales', scales);
  return (x, y) => part(node('Resize', [x, '', 'scales'], [y], { mode: 'nearest', ...attributes }), [initializer]);
};

const image = [1, 4, 6, 5];
const movements: Readonly<Record<string, Movement>> = {
  Slice: {
    dims: image,
    make: simple('Slice', {}, ints('s', [1, 4]), ints('e', [4, -(2 ** 62)]), ints('a', [2, 3]), ints('t', [2, -2])),
  },
  'Slice without axes': { dims: image, make: simple('Slice', {}, ints('s', [0, 1]), ints('e', [1, 3])) },
  'Slice, opset 9': { dims: image, make: simple('Slice', { starts: [1, -3], ends: [99, -1], axes: [1, -1] }), opset: 9, floatsOnly: true },
  'Pad with 0': { dims: image, make: simple('Pad', {}, ints('p', [0, 0, 1, 2, 0, 0, 2, 1])), floatsOnly: true },
  'Pad, cropping': { dims: image, make: simple('Pad', {}, ints('p', [0, 0, -1, 2, 0, 0, 2, -1])), floatsOnly: true },
  'Pad reflect': { dims: image, make: simple('Pad', { mode: 'reflect' }, ints('p', [0, 0, 3, 2, 0, 0, 2, 1])) },
  'Pad edge, axes': {
    dims: image,
    make: (x, y) => part(node('Pad', [x, 'p', '', 'a'], [y], { mode: 'edge' }), [ints('p', [3, 2, 2, 1]), ints('a', [-2, 3])]),
    opset: 18,
  },
  'Pad wrap': { dims: image, make: simple('Pad', { mode: 'wrap' }, ints('p', [0, 0, 3, 2, 0, 0, 2, 1])), opset: 19 },
  'Gather rows': { dims: image, make: simple('Gather', { axis: 2 }, ints('i', [5, -1, 0, 0])) },
  'Gather one': { dims: image, make: (x, y) => part(node('Gather', [x, 'i'], [y], { axis: -1 }), [scalar('i', 'int64', 2)]) },
  'Gather by a matrix': {
    dims: image,
    make: (x, y) => part(node('Gather', [x, 'i'], [y], { axis: 1 }), [tensor('i', 'int64', [2, 3], [0, 1, 2, 3, 3, 0])]),
  },
  Expand: { dims: [1, 4, 1, 5], make: simple('Expand', {}, ints('s', [2, 1, 1, 3, 1])) },
  Tile: { dims: image, make: simple('Tile', {}, ints('r', [1, 2, 1, 3])) },
  'DepthToSpace DCR': { dims: [1, 8, 3, 2], make: simple('DepthToSpace', { blocksize: 2 }), floatsOnly: true },
  'DepthToSpace CRD': { dims: [1, 8, 3, 2], make: simple('DepthToSpace', { blocksize: 2, mode: 'CRD' }), floatsOnly: true },
  SpaceToDepth: { dims: [1, 3, 4, 6], make: simple('SpaceToDepth', { blocksize: 2 }), floatsOnly: true },
  'Resize, opset 10': {
    dims: image,
    make: simple('Resize', { mode: 'nearest' }, floats('scales', [1, 1, 0.7, 2.5])),
    opset: 10,
    floatsOnly: true,
  },
  'Upsample, opset 9': { dims: image, make: simple('Upsample', {}, floats('scales', [1, 1, 2, 3])), opset: 9, floatsOnly: true },
  'Resize by sizes': {
    dims: image,
    make: (x, y) => part(node('Resize', [x, '', '', 'z'], [y], { mode: 'nearest' }), [ints('z', [1, 4, 13, 3])]),
  },
};
for (const coordinates of ['asymmetric', 'half_pixel', 'pytorch_half_pixel', 'align_corners']) {
  for (const rounding of ['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil']) {
    const attributes = { coordinate_transformation_mode: coordinates, nearest_mode: rounding };
    Object.assign(movements, { [`Resize ${coordinates} ${rounding}`]: { dims: image, make: resize(attributes, [1, 1, 2, 1.7]) } });
    Object.assign(movements, {
      [`Resize ${coordinates} ${rounding}, smaller`]: { dims: image, make: resize(attributes, [1, 1, 0.6, 0.5]) },
    });
  }
}

const q8 = (dtype: 'uint8' | 'int8'): Quantization => ({ scale: 0.1, zeroPoint: dtype === 'int8' ? -7 : 121, dtype });

function inQdq({ dims, make, opset = 17 }: Movement, x: Quantization, y: Quantization): ModelParts {
  return {
    parts: [qdq('x', x), make('x_dq', 'y'), qdq('y', y)],
    inputs: [value('x', 'float32', dims)],
    outputs: [value('y_dq', 'float32', null)],
    opset,
  };
}

describe.each(['uint8', 'int8'] as const)('%s', (dtype) => {
  test.each(Object.entries(movements).filter(([, m]) => (m.opset ?? 17) >= 10))('%s between Q/DQ pairs', async (_, movement) => {
    const q = q8(dtype);
    const parts = inQdq(movement, q, q);
    const feeds = randomInputs(parts, q.scale);
    const program = await expectOrtsAnswer(parts, feeds);
    expect(program.ops.every(({ kind }) => kind === 'gather' || kind === 'constant')).toBe(true);
    expectCircuitAgrees(program, feeds);
    const other = inQdq(movement, q, { ...q, scale: 0.07 });
    await expectOrtsAnswer(other, feeds);
  });

  test.each(Object.entries(movements).filter(([, m]) => m.floatsOnly === undefined))('%s of integers', async (_, movement) => {
    const q = q8(dtype);
    const parts: ModelParts = {
      parts: [quantize('x', q), movement.make('x_q', 'y_q'), dequantize('y_q', 'y', q)],
      inputs: [value('x', 'float32', movement.dims)],
      outputs: [value('y', 'float32', null)],
      opset: movement.opset ?? 17,
    };
    await expectOrtsAnswer(parts, randomInputs(parts, q.scale));
  });

  test.each([true, false])('Split in pieces, sizes given: %s', async (given) => {
    const q = q8(dtype);
    const names = ['s0', 's1', 's2'];
    const split = given
      ? part(node('Split', ['x_dq', 'sizes'], names, { axis: 1 }), [ints('sizes', [1, 3, 2])])
      : part(node('Split', ['x_dq'], names, { axis: -1 }));
    const parts: ModelParts = {
      parts: [qdq('x', q), split, ...names.map((name) => qdq(name, q))],
      inputs: [value('x', 'float32', [1, 6, 9])],
      outputs: names.map((name) => value(`${name}_dq`, 'float32', null)),
    };
    const feeds = randomInputs(parts, q.scale);
    expectCircuitAgrees(await expectOrtsAnswer(parts, feeds), feeds);
  });

  test('an Add behind a Slice, ties everywhere', async () => {
    const q = { ...q8(dtype), scale: 0.25 };
    const parts: ModelParts = {
      parts: [
        qdq('x', q),
        simple('Slice', {}, ints('s', [1]), ints('e', [5]), ints('a', [2]))('x_dq', 'm'),
        qdq('b', q),
        part(node('Add', ['m', 'b_dq'], ['y'])),
        qdq('y', { ...q, scale: 0.5, zeroPoint: q.zeroPoint + 1 }),
      ],
      inputs: [value('x', 'float32', [1, 4, 9, 9]), value('b', 'float32', [1, 4, 4, 9])],
      outputs: [value('y_dq', 'float32', null)],
    };
    await expectOrtsAnswer(parts, randomInputs(parts, 0.25));
  });

  test('a Conv before a Slice', async () => {
    const q = q8(dtype);
    const w = weights(
      'w',
      [2, 4, 3, 3],
      Array.from({ length: 72 }, (_, i) => ((i * 37) % 255) - 127),
      { scales: [0.01], dtype: 'int8' },
    );
    const slice = simple('Slice', {}, ints('s', [1]), ints('e', [3]), ints('a', [2]))('c', 'y');
    const parts: ModelParts = {
      parts: [qdq('x', q), w, part(node('Conv', ['x_dq', 'w_dq'], ['c'])), slice, qdq('y', { ...q, scale: 0.4 })],
      inputs: [value('x', 'float32', image)],
      outputs: [value('y_dq', 'float32', null)],
    };
    await expectOrtsAnswer(parts, randomInputs(parts, q.scale));
  });
});

test('a Pad of integers by an integer', async () => {
  const q = q8('uint8');
  const parts: ModelParts = {
    parts: [
      quantize('x', q),
      part(node('Pad', ['x_q', 'p', 'v'], ['y_q']), [ints('p', [1, 0, 0, 2]), scalar('v', 'uint8', 9)]),
      dequantize('y_q', 'y', q),
    ],
    inputs: [value('x', 'float32', [3, 4])],
    outputs: [value('y', 'float32', null)],
  };
  expectCircuitAgrees(await expectOrtsAnswer(parts, randomInputs(parts, q.scale)), randomInputs(parts, q.scale));
});

test('a Pad by one of the quantized values, and of the input before it is quantized', async () => {
  const q: Quantization = { scale: 0.25, zeroPoint: 100, dtype: 'uint8' };
  const pad = (x: string, y: string) => part(node('Pad', [x, 'p', 'v'], [y]), [ints('p', [1, 0, 0, 2]), scalar('v', 'float32', -3.5)]);
  const boundary = { inputs: [value('x', 'float32', [3, 4])], outputs: [value('y_dq', 'float32', null)] };
  const behind: ModelParts = { ...boundary, parts: [qdq('x', q), pad('x_dq', 'y'), qdq('y', q)] };
  await expectOrtsAnswer(behind, randomInputs(behind, q.scale));
  const before: ModelParts = { ...boundary, parts: [pad('x', 'y'), qdq('y', q)] };
  await expectOrtsAnswer(before, randomInputs(before, q.scale));
});

describe('refused', () => {
  const q = q8('uint8');
  const conv = (after: Part): ModelParts => ({
    parts: [
      qdq('x', q),
      weights('w', [2, 4, 1, 1], [1, 2, 3, 4, 5, 6, 7, 8], { scales: [0.01], dtype: 'int8' }),
      part(node('Conv', ['x_dq', 'w_dq'], ['c'])),
      after,
      qdq('y', q),
    ],
    inputs: [value('x', 'float32', image)],
    outputs: [value('y_dq', 'float32', null)],
  });

  test.each([
    ['a Tile between a Conv and its Q', conv(simple('Tile', {}, ints('r', [1, 1, 2, 1]))('c', 'y')), /in floats/],
    ['a Pad between a Conv and its Q', conv(simple('Pad', {}, ints('p', [0, 0, 1, 1, 0, 0, 1, 1]))('c', 'y')), /pads the float result/],
    ['Resize linear', inQdq({ dims: image, make: resize({ mode: 'linear' }, [1, 1, 2, 2]) }, q, q), /interpolates/],
    [
      'a Pad with a value between two quantized ones',
      inQdq(
        {
          dims: image,
          make: (x, y) => part(node('Pad', [x, 'p', 'v'], [y]), [ints('p', [0, 0, 1, 1, 0, 0, 1, 1]), scalar('v', 'float32', 0.123)]),
        },
        q,
        q,
      ),
      /none of its quantized values/,
    ],
    ['an index out of range', inQdq({ dims: image, make: simple('Gather', { axis: 1 }, ints('i', [4])) }, q, q), /index 4 of 4/],
  ])('%s', (_, parts, why) => {
    expect(reportOf(parts).entries.map((entry) => entry.why)).toEqual([expect.stringMatching(why)]);
  });
});

test('shape computations fold: Shape, Slice, Gather, arithmetic, Concat', async () => {
  const q = q8('uint8');
  const parts: ModelParts = {
    parts: [
      qdq('x', q),
      part(
        node('Shape', ['x_dq'], ['s']),
        node('Slice', ['s', 'b', 'e'], ['head']),
        node('Gather', ['s', 'last'], ['width']),
        node('Mul', ['width', 'height'], ['pixels']),
        node('Div', ['pixels', 'two'], ['half']),
        node('Add', ['half', 'half'], ['whole']),
        node('Sub', ['whole', 'none'], ['rest']),
        node('Concat', ['head', 'rest'], ['shape'], { axis: 0 }),
        node('Reshape', ['x_dq', 'shape'], ['y']),
        [ints('b', [0]), ints('e', [2]), ints('last', [3]), ints('height', [6]), ints('two', [2]), ints('none', [0])],
      ),
      qdq('y', q),
    ],
    inputs: [value('x', 'float32', image)],
    outputs: [value('y_dq', 'float32', null)],
  };
  expect(kindsOf(graphOf(parts))).toEqual(['reshape']);
  const session = await ortSession(model(parts));
  expect((await session.run(randomInputs(parts, q.scale))).y_dq!.dims).toEqual([1, 4, 30]);
});
