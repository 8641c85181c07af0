/** QOperator files: each QLinear operator is one node of the same graph that the QDQ form gives. */
import { describe, expect, test } from 'vitest';
import { graphOf, kindsOf, only, reportOf } from '../support/graphs.ts';
import {
  bias,
  dequantize,
  node,
  type Part,
  parameters,
  part,
  type Quantization,
  qdq,
  quantize,
  scalar,
  type TensorProto,
  value,
  weights,
} from '../support/onnx-builder.ts';

const u8: Quantization = { scale: 0.5, zeroPoint: 3, dtype: 'uint8' };
const y8: Quantization = { scale: 0.25, zeroPoint: 7, dtype: 'uint8' };
const image = [1, 4, 6, 6];
const microsoft = { domain: 'com.microsoft' };

/** Initializers `<name>_q`, `<name>_scale`, `<name>_zero_point` without their DequantizeLinear. */
function constants(...args: Parameters<typeof weights>): TensorProto[] {
  return [...weights(...args).initializers];
}

const triple = (name: string) => [`${name}_q`, `${name}_scale`, `${name}_zero_point`];

/** x → Q → op (given) → y_q → DQ → y. */
function model(dims: number[], op: Part, q = u8) {
  return {
    parts: [quantize('x', q), op, dequantize('y_q', 'y', y8)],
    inputs: [value('x', 'float32', dims)],
    outputs: [value('y', 'float32', [])],
  };
}

const kernelData = Array.from({ length: 72 }, (_, i) => (i % 9) - 4);
const kernel = ['w', [2, 4, 3, 3], kernelData, { scales: [0.01, 0.02], zeroPoints: [0, 1], dtype: 'int8' }] as const;
const matrix = ['w', [4, 2], [1, 2, 3, 4, 5, 6, 7, 8], { scales: [0.1, 0.2], dtype: 'int8', axis: 1 }] as const;

describe('the same graph as the QDQ form', () => {
  /** Nodes without names, which differ. */
  const shapeOf = (parts: Parameters<typeof graphOf>[0]) => {
    const graph = graphOf(parts);
    return {
      nodes: graph.nodes.map(({ name: _name, op: _op, ...rest }) => rest),
      values: graph.values.map(({ name: _name, ...rest }) => rest),
    };
  };
  const qdqModel = (dims: number[], inner: Part[]) => ({
    parts: [qdq('x', u8), ...inner, qdq('y', y8)],
    inputs: [value('x', 'float32', dims)],
    outputs: [value('y_dq', 'float32', [])],
  });
  const y = ['y_scale', 'y_zero_point'];

  test('QLinearConv', () => {
    const attributes = { pads: [1, 1, 1, 1], strides: [2, 2] };
    const b = bias('b', [5, 6], u8.scale, [0.01, 0.02]);
    const qlinear = node('QLinearConv', [...triple('x'), ...triple('w'), ...y, 'b_q'], ['y_q'], attributes);
    const quantized = part(qlinear, constants(...kernel), [...b.initializers]);
    const float = part(node('Conv', ['x_dq', 'w_dq', 'b_dq'], ['y'], attributes));
    expect(shapeOf(model(image, quantized))).toEqual(shapeOf(qdqModel(image, [weights(...kernel), b, float])));
  });

  test('QLinearMatMul', () => {
    const quantized = part(node('QLinearMatMul', [...triple('x'), ...triple('w'), ...y], ['y_q']), constants(...matrix));
    const float = part(node('MatMul', ['x_dq', 'w_dq'], ['y']));
    expect(shapeOf(model([3, 4], quantized))).toEqual(shapeOf(qdqModel([3, 4], [weights(...matrix), float])));
  });

  test('QGemm', () => {
    const w = ['w', [2, 4], [1, 2, 3, 4, 5, 6, 7, 8], { scales: [0.1, 0.2], dtype: 'int8', axis: 0 }] as const;
    const b = bias('b', [5, 6], u8.scale, [0.1, 0.2]);
    const attributes = { transB: 1 };
    const qgemm = node('QGemm', [...triple('x'), ...triple('w'), 'b_q', ...y], ['y_q'], { ...attributes, alpha: { float: 1 } }, microsoft);
    const float = part(node('Gemm', ['x_dq', 'w_dq', 'b_dq'], ['y'], attributes));
    expect(shapeOf(model([1, 4], part(qgemm, constants(...w), [...b.initializers])))).toEqual(
      shapeOf(qdqModel([1, 4], [weights(...w), b, float])),
    );
  });

  test('QLinearAveragePool, QLinearGlobalAveragePool', () => {
    const attributes = { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1 };
    const average = part(node('QLinearAveragePool', [...triple('x'), ...y], ['y_q'], attributes, microsoft));
    expect(shapeOf(model(image, average))).toEqual(shapeOf(qdqModel(image, [part(node('AveragePool', ['x_dq'], ['y'], attributes))])));
    const global = part(node('QLinearGlobalAveragePool', [...triple('x'), ...y], ['y_q'], { channels_last: 0 }, microsoft));
    expect(shapeOf(model(image, global))).toEqual(shapeOf(qdqModel(image, [part(node('GlobalAveragePool', ['x_dq'], ['y']))])));
  });

  test('QLinearAdd of a constant', () => {
    const c = ['c', [4, 1, 1], [1, 2, 3, 4], { scales: [0.1], dtype: 'uint8' }] as const;
    const quantized = part(node('QLinearAdd', [...triple('x'), ...triple('c'), ...y], ['y_q'], {}, microsoft), constants(...c));
    expect(shapeOf(model(image, quantized))).toEqual(shapeOf(qdqModel(image, [weights(...c), part(node('Add', ['x_dq', 'c_dq'], ['y']))])));
  });

  test('QLinearConcat', () => {
    const c = ['c', [1, 2, 6, 6], new Array(72).fill(9), { scales: [0.1], dtype: 'uint8' }] as const;
    const inputs = [...y, ...triple('x'), ...triple('c')];
    const quantized = part(node('QLinearConcat', inputs, ['y_q'], { axis: 1 }, microsoft), constants(...c));
    const float = part(node('Concat', ['x_dq', 'c_dq'], ['y'], { axis: 1 }));
    expect(shapeOf(model(image, quantized))).toEqual(shapeOf(qdqModel(image, [weights(...c), float])));
  });
});

test('integers go from operator to operator without Q/DQ, movement in between', () => {
  const graph = graphOf({
    parts: [
      quantize('x', u8),
      part(node('MaxPool', ['x_q'], ['m'], { kernel_shape: [3, 3], strides: [3, 3] }), node('Flatten', ['m'], ['f'])),
      part(node('QLinearMatMul', ['f', 'x_scale', 'x_zero_point', ...triple('w'), 'y_scale', 'y_zero_point'], ['y_q']), [
        ...constants('w', [16, 3], new Array(48).fill(1), { scales: [0.1], dtype: 'int8' }),
        ...parameters('y', y8),
      ]),
      part(node('ArgMax', ['y_q'], ['i'], { axis: 1 })),
    ],
    inputs: [value('x', 'float32', image)],
    outputs: [value('i', 'int64', [1, 1])],
  });
  expect(kindsOf(graph)).toEqual(['maxpool', 'reshape', 'matmul', 'argmax']);
});

test('an operand read with other parameters than it was made with is the same integers, read otherwise', () => {
  const op = part(node('QLinearGlobalAveragePool', ['x_q', 'o_scale', 'o_zero_point', 'y_scale', 'y_zero_point'], ['y_q'], {}, microsoft), [
    ...parameters('o', { scale: 2, zeroPoint: 1, dtype: 'uint8' }),
  ]);
  const graph = graphOf(model(image, op));
  expect(kindsOf(graph)).toEqual(['reshape', 'globalaveragepool']);
  expect(graph.values[only(graph, 'globalaveragepool').x]!.quantization).toEqual({ scale: 2, zeroPoint: 1 });
});

test('left-overs in floats between QLinear operators: DequantizeLinear, Relu, QuantizeLinear', () => {
  const relu = [
    dequantize('x_q', 'v', u8),
    part(node('Relu', ['v'], ['r'])),
    part(node('QuantizeLinear', ['r', 'y_scale', 'y_zero_point'], ['y_q'])),
  ];
  const graph = graphOf({
    parts: [quantize('x', u8), ...relu, dequantize('y_q', 'y', y8)],
    inputs: [value('x', 'float32', [4])],
    outputs: [value('y', 'float32', [4])],
  });
  expect(only(graph, 'requantize').activation).toEqual({ min: 0, max: null });
});

describe('refused', () => {
  const y = ['y_scale', 'y_zero_point'];
  const computed = part(node('QLinearConv', [...triple('x'), ...triple('x'), ...y], ['y_q']));
  const noOutputScale = part(node('QGemm', [...triple('x'), ...triple('w'), ''], ['y_q'], {}, microsoft), constants(...matrix));
  test.each<[string, number[], Part, RegExp]>([
    ['computed weights', image, computed, /weights "x_q" is not a constant/],
    ['QGemm without output scale', [1, 4], noOutputScale, /no output scale/],
    [
      'channels last',
      image,
      part(node('QLinearGlobalAveragePool', [...triple('x'), ...y], ['y_q'], { channels_last: 1 }, microsoft)),
      /channels_last/,
    ],
    [
      'a float where integers are wanted',
      image,
      part(node('QLinearGlobalAveragePool', ['x', 'x_scale', 'x_zero_point', ...y], ['y_q'], {}, microsoft)),
      /is float/,
    ],
    [
      'a QLinearConcat of 4 inputs',
      image,
      part(node('QLinearConcat', [...y, ...triple('x'), 'x_q'], ['y_q'], { axis: 1 }, microsoft)),
      /6 inputs/,
    ],
  ])('%s', (_, dims, op, why) => {
    expect(reportOf(model(dims, op)).entries[0]!.why).toMatch(why);
  });

  test('an output of another type than the input', () => {
    const op = part(node('QLinearGlobalAveragePool', [...triple('x'), 's', 'z'], ['i']), [
      scalar('s', 'float32', 1),
      scalar('z', 'int8', 0),
    ]);
    const parts = {
      ...model(image, { ...op, nodes: op.nodes.map((n) => ({ ...n, domain: 'com.microsoft' })) }),
      outputs: [value('i', 'int8', [])],
    };
    const nodes = parts.parts.slice(0, 2);
    expect(reportOf({ ...parts, parts: nodes }).entries[0]!.why).toMatch(/reads uint8 and puts out int8/);
  });
});
