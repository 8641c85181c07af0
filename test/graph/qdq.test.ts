/** QDQ files: which groups of nodes become which integer operation. */
import { describe, expect, test } from 'vitest';
import { graphOf, kindsOf, only, reportOf, valueNamed } from '../support/graphs.ts';
import {
  type Attribute,
  bias,
  dequantize,
  type ModelParts,
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

const u8: Quantization = { scale: 0.5, zeroPoint: 3, dtype: 'uint8' };
const other: Quantization = { scale: 0.25, zeroPoint: 7, dtype: 'uint8' };
const image = [1, 4, 6, 6];

/** x → Q/DQ → nodes (x_dq … y) → Q/DQ → y_dq. */
function chain(
  nodes: readonly (NodeProto | Part)[],
  options: Partial<ModelParts> & { x?: Quantization; y?: Quantization; dims?: number[] } = {},
) {
  const { x = u8, y = other, dims = image, ...rest } = options;
  const inner = nodes.map((n) => ('nodes' in n ? n : part(n)));
  return {
    parts: [qdq('x', x), ...inner, qdq('y', y)],
    inputs: [value('x', 'float32', dims)],
    outputs: [value('y_dq', 'float32', [])],
    ...rest,
  };
}

const kernel = weights(
  'w',
  [2, 4, 3, 3],
  Array.from({ length: 72 }, (_, i) => (i % 11) - 5),
  {
    scales: [0.01, 0.02],
    zeroPoints: [1, -2],
    dtype: 'int8',
  },
);
const perTensor = weights('w', [4, 1, 3, 3], new Array(36).fill(2), { scales: [0.01], dtype: 'uint8' });

describe('Conv', () => {
  test('per channel, with bias, strides, pads, dilations', () => {
    const attributes = { strides: [2, 1], pads: [1, 2, 0, 1], dilations: [1, 2], kernel_shape: [3, 3] };
    const graph = graphOf(
      chain([kernel, bias('b', [5, -6], u8.scale, [0.01, 0.02]), node('Conv', ['x_dq', 'w_dq', 'b_dq'], ['y'], attributes)]),
    );
    const conv = only(graph, 'conv');
    expect(conv.window).toEqual({ kernel: [3, 3], strides: [2, 1], pads: [1, 2, 0, 1], dilations: [1, 2] });
    expect(conv.weights.dims).toEqual([2, 4, 3, 3]);
    expect([...conv.weights.scales]).toEqual([0.01, 0.02].map(Math.fround));
    expect([...conv.weights.zeroPoints]).toEqual([1, -2]);
    expect(conv.weights.data[0]).toBe(-5);
    expect(conv.bias).toEqual(Int32Array.of(5, -6));
    expect([conv.group, conv.activation, conv.name, conv.op]).toEqual([1, null, 'Conv:y', 'Conv']);
    expect(graph.values[conv.y]).toMatchObject({
      name: 'y_q',
      dims: [1, 2, 3, 5],
      dtype: 'uint8',
      quantization: { scale: 0.25, zeroPoint: 7 },
    });
    expect(graph.values[conv.x]).toMatchObject({ name: 'x_q', quantization: { scale: 0.5, zeroPoint: 3 } });
    expect(graph.inputs).toEqual([{ name: 'x', value: conv.x, modelDType: 'float32', dims: image }]);
    expect(graph.outputs).toEqual([{ name: 'y_dq', value: conv.y, modelDType: 'float32', dims: [1, 2, 3, 5] }]);
  });

  test('groups; per tensor; no bias', () => {
    const conv = only(graphOf(chain([perTensor, node('Conv', ['x_dq', 'w_dq'], ['y'], { group: 4 })])), 'conv');
    expect([conv.group, conv.bias, conv.weights.dtype, conv.weights.scales.length]).toEqual([4, null, 'uint8', 1]);
  });

  test.each([
    ['SAME_UPPER', [0, 0, 1, 1], [3, 3]],
    ['SAME_LOWER', [1, 1, 0, 0], [3, 3]],
    ['VALID', [0, 0, 0, 0], [2, 2]],
  ])('auto_pad %s', (mode, pads, size) => {
    const graph = graphOf(chain([kernel, node('Conv', ['x_dq', 'w_dq'], ['y'], { auto_pad: mode, strides: [2, 2] })]));
    expect(only(graph, 'conv').window.pads).toEqual(pads);
    expect(graph.outputs[0]!.dims).toEqual([1, 2, ...size]);
  });

  test('a float bias becomes what ONNX Runtime makes of it: RNE(fl(b / fl(sx·sw)))', () => {
    const b = tensor('b', 'float32', [2], [0.0125, -0.035]);
    const conv = only(graphOf(chain([kernel, part(node('Conv', ['x_dq', 'w_dq', 'b'], ['y']), [b])])), 'conv');
    // 0.0125 / 0.005 = 2.5 and −0.035 / 0.01 = −3.5 but for float32, which decides the ties.
    const raw = [0.0125, -0.035].map((v, i) => Math.fround(Math.fround(v) / Math.fround(0.5 * Math.fround([0.01, 0.02][i]!))));
    expect([...conv.bias!]).toEqual(raw.map((v) => (Math.abs(v % 1) === 0.5 ? 2 * Math.round(v / 2) : Math.round(v))));
  });

  test.each<[string, Part[], Record<string, Attribute>, RegExp]>([
    ['a bias of another scale', [kernel, bias('b', [1, 2], 0.25, [0.01, 0.02])], {}, /bias has scale/],
    ['a bias of the wrong length', [kernel, bias('b', [1, 2, 3], u8.scale, [0.01, 0.01, 0.01])], {}, /shape \[3\] for 2 channels/],
    [
      'weights per input channel',
      [weights('w', [2, 4, 3, 3], new Array(72).fill(1), { scales: [1, 1, 1, 1], dtype: 'int8', axis: 1 })],
      {},
      /axis 1/,
    ],
    ['float weights', [part([tensor('w_dq', 'float32', [2, 4, 3, 3], new Array(72).fill(1))])], {}, /not quantized/],
    ['a group that does not fit', [kernel], { group: 3 }, /group 3/],
    ['negative pads', [kernel], { pads: [-1, 0, 0, 0] }, /pads/],
    ['a kernel_shape that is not the weights’', [kernel], { kernel_shape: [2, 2] }, /kernel_shape/],
    ['an unknown attribute', [kernel], { magic: 1 }, /unknown attribute "magic"/],
  ])('refuses %s', (_, parts, attributes, why) => {
    const inputs = parts.length > 1 ? ['x_dq', 'w_dq', 'b_dq'] : ['x_dq', 'w_dq'];
    expect(reportOf(chain([...parts, node('Conv', inputs, ['y'], attributes)])).entries[0]!.why).toMatch(why);
  });

  test('a bias one ulp off is the same bias', () => {
    const scale = Math.fround(u8.scale * Math.fround(0.01));
    const next = new Float32Array(new Int32Array(Float32Array.of(scale).buffer).map((bits) => bits + 1).buffer)[0]!;
    const off = (scales: number[]) =>
      chain([
        perTensor,
        weights('b', [4], [1, 2, 3, 4], { scales, dtype: 'int32' }),
        node('Conv', ['x_dq', 'w_dq', 'b_dq'], ['y'], { group: 4 }),
      ]);
    expect(only(graphOf(off([next])), 'conv').bias).toEqual(Int32Array.of(1, 2, 3, 4));
    const second = new Float32Array(new Int32Array(Float32Array.of(scale).buffer).map((bits) => bits + 2).buffer)[0]!;
    expect(reportOf(off([second])).entries[0]!.why).toMatch(/bias has scale/);
  });
});

describe('Gemm and MatMul', () => {
  const data = [1, 2, 3, 4, 5, 6, 7, 8];
  const dims = [1, 4];

  test('transB turns the weights to [K, N], channels with them', () => {
    const w = weights('w', [2, 4], data, { scales: [0.1, 0.2], zeroPoints: [1, 2], dtype: 'int8', axis: 0 });
    const b = bias('b', [9, 10], u8.scale, [0.1, 0.2]);
    const matmul = only(graphOf(chain([w, b, node('Gemm', ['x_dq', 'w_dq', 'b_dq'], ['y'], { transB: 1 })], { dims })), 'matmul');
    expect(matmul.weights.dims).toEqual([4, 2]);
    expect([...matmul.weights.data]).toEqual([1, 5, 2, 6, 3, 7, 4, 8]);
    expect([...matmul.weights.zeroPoints]).toEqual([1, 2]);
    expect([matmul.form, matmul.alpha, [...matmul.bias!]]).toEqual(['gemm', 1, [9, 10]]);
  });

  test('alpha scales the output; beside a bias ONNX Runtime computes it in floats', () => {
    const w = weights('w', [4, 2], data, { scales: [0.1], dtype: 'int8' });
    const withBias = [w, bias('b', [1, 2], u8.scale, [0.1]), node('Gemm', ['x_dq', 'w_dq', 'b_dq'], ['y'], { alpha: { float: 0.5 } })];
    // The bias in units of what alpha leaves.
    expect(only(graphOf(chain(withBias, { dims })), 'matmul')).toMatchObject({ alpha: 0.5, bias: Int32Array.of(2, 4) });
    const bare = chain([w, node('Gemm', ['x_dq', 'w_dq'], ['y'], { alpha: { float: 2 }, beta: { float: 3 } })], { dims });
    expect(only(graphOf(bare), 'matmul')).toMatchObject({ alpha: 2, bias: null });
  });

  test('a bias [1, N], and one value for all', () => {
    const w = weights('w', [4, 2], data, { scales: [0.1], dtype: 'int8' });
    const run = (shape: number[], values: number[]) => {
      const b = weights('b', shape, values, { scales: [Math.fround(0.5 * Math.fround(0.1))], dtype: 'int32' });
      return only(graphOf(chain([w, b, node('Gemm', ['x_dq', 'w_dq', 'b_dq'], ['y'])], { dims })), 'matmul').bias;
    };
    expect(run([1, 2], [3, 4])).toEqual(Int32Array.of(3, 4));
    expect(run([1], [3])).toEqual(Int32Array.of(3, 3));
  });

  test.each<[string, Record<string, Attribute>, RegExp]>([['alpha 0', { alpha: { float: 0 } }, /alpha = 0/]])(
    'Gemm refuses %s',
    (_, attributes, why) => {
      const parts = [
        weights('w', [4, 4], new Array(16).fill(1), { scales: [0.1], dtype: 'int8' }),
        bias('b', [1, 2, 3, 4], u8.scale, [0.1]),
      ];
      expect(
        reportOf(chain([...parts, node('Gemm', ['x_dq', 'w_dq', 'b_dq'], ['y'], attributes)], { dims: [4, 4] })).entries[0]!.why,
      ).toMatch(why);
    },
  );

  test('MatMul: leading dimensions are rows', () => {
    const w = weights('w', [4, 2], data, { scales: [0.1, 0.3], dtype: 'int8', axis: 1 });
    const graph = graphOf(chain([w, node('MatMul', ['x_dq', 'w_dq'], ['y'])], { dims: [1, 3, 5, 4] }));
    expect(only(graph, 'matmul')).toMatchObject({ form: 'matmul', alpha: 1, bias: null });
    expect(graph.outputs[0]!.dims).toEqual([1, 3, 5, 2]);
  });

  test('MatMul with a vector, and with leading ones', () => {
    const vector = weights('w', [4], [1, 2, 3, 4], { scales: [0.1], dtype: 'int8' });
    expect(graphOf(chain([vector, node('MatMul', ['x_dq', 'w_dq'], ['y'])], { dims: [3, 4] })).outputs[0]!.dims).toEqual([3]);
    const ones = weights('w', [1, 1, 4, 2], data, { scales: [0.1, 0.2], dtype: 'int8', axis: 3 });
    const graph = graphOf(chain([ones, node('MatMul', ['x_dq', 'w_dq'], ['y'])], { dims: [3, 4] }));
    expect(graph.outputs[0]!.dims).toEqual([1, 1, 3, 2]);
    expect(only(graph, 'matmul').weights.dims).toEqual([4, 2]);
  });

  test('weights behind Transpose, Identity and a Q/DQ pair of their own', () => {
    const float = tensor('f', 'float32', [2, 4], [0.1, 0.2, 0.3, 0.4, -0.1, -0.2, -0.3, 12]);
    const w: Quantization = { scale: 0.1, zeroPoint: 0, dtype: 'int8' };
    const nodes = [
      part(node('Identity', ['f'], ['w']), [float]),
      qdq('w', w),
      node('Transpose', ['w_dq'], ['wt'], { perm: [1, 0] }),
      node('MatMul', ['x_dq', 'wt'], ['y']),
    ];
    const matmul = only(graphOf(chain(nodes, { dims })), 'matmul');
    expect(matmul.weights.dims).toEqual([4, 2]);
    expect([...matmul.weights.data]).toEqual([1, -1, 2, -2, 3, -3, 4, 120]);
  });
});

describe('Relu and Clip', () => {
  const pool = node('GlobalAveragePool', ['x_dq'], ['p']);

  // They move clamps, so ONNX Runtime leaves the mean in floats.
  test('behind a computation they are its activation', () => {
    const relu = only(graphOf(chain([pool, node('Relu', ['p'], ['y'])])), 'reducesum');
    expect(relu.activation).toEqual({ min: 0, max: null });
    const bounds = [scalar('lo', 'float32', -1), scalar('hi', 'float32', 6)];
    const clip = only(graphOf(chain([pool, part(node('Clip', ['p', 'lo', 'hi'], ['y']), bounds)])), 'reducesum');
    expect(clip.activation).toEqual({ min: -1, max: 6 });
  });

  test('several intersect in order; crossed bounds give the upper one', () => {
    const bounds = [scalar('lo', 'float32', -1), scalar('hi', 'float32', 6), scalar('neg', 'float32', -2)];
    const two = chain([pool, part(node('Clip', ['p', 'lo', 'hi'], ['c']), bounds), node('Relu', ['c'], ['y'])]);
    expect(only(graphOf(two), 'reducesum').activation).toEqual({ min: 0, max: 6 });
    const crossed = chain([pool, part(node('Relu', ['p'], ['c']), bounds), node('Clip', ['c', '', 'neg'], ['y'])]);
    expect(only(graphOf(crossed), 'reducesum').activation).toEqual({ min: -2, max: -2 });
  });

  test('bounds as attributes before opset 11, absent ones open, infinite ones too', () => {
    const clip = node('Clip', ['p'], ['y'], { min: { float: 0 }, max: { float: 6 } });
    expect(only(graphOf(chain([pool, clip], { opset: 10 })), 'reducesum').activation).toEqual({ min: 0, max: 6 });
    expect(reportOf(chain([pool, clip], { opset: 11 })).entries[0]!.why).toMatch(/attribute/);
    const open = node('Clip', ['p'], ['y'], { max: { float: Number.POSITIVE_INFINITY } });
    expect(only(graphOf(chain([pool, open], { opset: 10 })), 'globalaveragepool').activation).toEqual({ min: null, max: null });
  });

  test('between two Q/DQ pairs they are a requantization', () => {
    const graph = graphOf(chain([node('Relu', ['x_dq'], ['y'])]));
    expect(only(graph, 'requantize')).toMatchObject({ activation: { min: 0, max: null }, op: 'Relu', name: 'Relu:y' });
  });

  test('NaN bounds are refused', () => {
    const clip = part(node('Clip', ['p', 'lo'], ['y']), [scalar('lo', 'float32', Number.NaN)]);
    expect(reportOf(chain([pool, clip])).entries[0]!.why).toMatch(/NaN/);
  });
});

describe('QuantizeLinear', () => {
  test('of a view with the same parameters is the same tensor, under its own name', () => {
    const graph = graphOf(chain([node('Flatten', ['x_dq'], ['y'])], { y: u8 }));
    expect(kindsOf(graph)).toEqual(['reshape']);
    expect(valueNamed(graph, 'y_q').dims).toEqual([1, 144]);
    const twice = graphOf({
      parts: [qdq('x', u8), quantize('x_dq', u8), dequantize('x_dq_q', 'y', u8)],
      inputs: [value('x', 'float32', [2])],
      outputs: [value('y', 'float32', [2])],
    });
    expect(twice.nodes).toMatchObject([{ kind: 'reshape', op: 'QuantizeLinear' }]);
    expect(twice.values.map((v) => v.name)).toEqual(['x_q', 'x_dq_q']);
  });

  test('of a view with other parameters is a requantization', () => {
    const graph = graphOf(chain([node('Flatten', ['x_dq'], ['y'])]));
    expect(kindsOf(graph)).toEqual(['reshape', 'requantize']);
    expect(only(graph, 'requantize').activation).toBeNull();
  });

  test('two pairs in a row, which ONNX Runtime would merge into a third, are refused', () => {
    const double = (q: Quantization) => ({
      parts: [qdq('x', u8), qdq('x_dq', q, 'y')],
      inputs: [value('x', 'float32', [1, 2])],
      outputs: [value('y', 'float32', [1, 2])],
    });
    expect(reportOf(double(other)).entries[0]).toMatchObject({ op: 'QuantizeLinear', why: expect.stringMatching(/two .* pairs in a row/) });
    // Of another type, ONNX Runtime leaves them alone.
    expect(kindsOf(graphOf(double({ ...other, dtype: 'int8' })))).toEqual(['requantize']);
    // With another reader in between, too.
    const read = {
      ...double(other),
      nodes: [node('ArgMax', ['x_dq'], ['i'])],
      outputs: [value('y', 'float32', []), value('i', 'int64', [])],
    };
    expect(kindsOf(graphOf(read))).toEqual(['requantize', 'argmax']);
  });

  test('a DequantizeLinear with other parameters reads the same integers otherwise', () => {
    const graph = graphOf({
      parts: [quantize('x', u8), dequantize('x_q', 'v', other), part(node('GlobalAveragePool', ['v'], ['y'])), qdq('y', u8)],
      inputs: [value('x', 'float32', image)],
      outputs: [value('y_dq', 'float32', [])],
    });
    expect(kindsOf(graph)).toEqual(['reshape', 'globalaveragepool']);
    expect(graph.values[only(graph, 'globalaveragepool').x]).toMatchObject({ name: 'v', quantization: { scale: 0.25, zeroPoint: 7 } });
  });

  test('zero points default to uint8 0', () => {
    const graph = graphOf({
      nodes: [node('QuantizeLinear', ['x', 's'], ['q']), node('DequantizeLinear', ['q', 's'], ['y'])],
      initializers: [scalar('s', 'float32', 0.5)],
      inputs: [value('x', 'float32', [3])],
      outputs: [value('y', 'float32', [3])],
    });
    expect(graph.values).toMatchObject([{ dtype: 'uint8', quantization: { scale: 0.5, zeroPoint: 0 } }]);
    expect(graph.outputs[0]!.value).toBe(graph.inputs[0]!.value);
  });

  test('parameters from Constant and Identity nodes; the contributed operators', () => {
    const domain = 'com.microsoft';
    const graph = graphOf({
      nodes: [
        node('Constant', [], ['s'], { value: { tensor: scalar('', 'float32', 0.5) } }),
        node('Constant', [], ['z0'], { value: { tensor: scalar('', 'int8', -4) } }),
        node('Identity', ['z0'], ['z']),
        node('QuantizeLinear', ['x', 's', 'z'], ['q'], {}, { domain }),
        node('DequantizeLinear', ['q', 's', 'z'], ['y'], {}, { domain }),
      ],
      inputs: [value('x', 'float32', [3])],
      outputs: [value('y', 'float32', [3])],
    });
    expect(graph.values).toMatchObject([{ name: 'q', dtype: 'int8', quantization: { scale: 0.5, zeroPoint: -4 } }]);
  });

  test.each<[string, Part, RegExp]>([
    ['a scale of 0', part([scalar('x_scale', 'float32', 0), scalar('x_zero_point', 'uint8', 0)]), /scale is 0/],
    ['a negative scale', part([scalar('x_scale', 'float32', -1), scalar('x_zero_point', 'uint8', 0)]), /scale is -1/],
    ['a NaN scale', part([scalar('x_scale', 'float32', Number.NaN), scalar('x_zero_point', 'uint8', 0)]), /scale is NaN/],
    ['an infinite scale', part([scalar('x_scale', 'float32', Number.POSITIVE_INFINITY), scalar('x_zero_point', 'uint8', 0)]), /Infinity/],
    ['a double scale', part([scalar('x_scale', 'float64', 1), scalar('x_zero_point', 'uint8', 0)]), /scale is float64/],
    ['16-bit integers', part([scalar('x_scale', 'float32', 1), scalar('x_zero_point', 'uint16', 0)]), /quantizes to uint16/],
    [
      'an activation per channel',
      part([tensor('x_scale', 'float32', [4], [1, 1, 1, 1]), tensor('x_zero_point', 'uint8', [4], [0, 0, 0, 0])]),
      /per channel/,
    ],
  ])('refuses %s', (_, q, why) => {
    const nodes = [
      node('QuantizeLinear', ['x', 'x_scale', 'x_zero_point'], ['q']),
      node('DequantizeLinear', ['q', 'x_scale', 'x_zero_point'], ['y']),
    ];
    const report = reportOf({ parts: [q], nodes, inputs: [value('x', 'float32', image)], outputs: [value('y', 'float32', image)] });
    expect(report.entries[0]!.why).toMatch(why);
  });
});

describe('movement', () => {
  test.each<[string, NodeProto | Part, string, number[]]>([
    ['Flatten', node('Flatten', ['x_dq'], ['y'], { axis: 2 }), 'reshape', [4, 36]],
    ['Flatten at 0', node('Flatten', ['x_dq'], ['y'], { axis: 0 }), 'reshape', [1, 144]],
    ['Flatten at -1', node('Flatten', ['x_dq'], ['y'], { axis: -1 }), 'reshape', [24, 6]],
    ['Reshape', part(node('Reshape', ['x_dq', 's'], ['y']), [tensor('s', 'int64', [3], [0, -1, 12])]), 'reshape', [1, 12, 12]],
    ['Transpose', node('Transpose', ['x_dq'], ['y'], { perm: [0, 2, 3, 1] }), 'transpose', [1, 6, 6, 4]],
    ['Transpose by default', node('Transpose', ['x_dq'], ['y']), 'transpose', [6, 6, 4, 1]],
    ['Identity', node('Identity', ['x_dq'], ['y']), 'reshape', [1, 4, 6, 6]],
    ['Dropout', node('Dropout', ['x_dq'], ['y']), 'reshape', [1, 4, 6, 6]],
    ['Cast to float32', node('Cast', ['x_dq'], ['y'], { to: 1 }), 'reshape', [1, 4, 6, 6]],
    ['Squeeze', part(node('Squeeze', ['x_dq', 'a'], ['y']), [tensor('a', 'int64', [1], [0])]), 'reshape', [4, 6, 6]],
    ['Unsqueeze', part(node('Unsqueeze', ['x_dq', 'a'], ['y']), [tensor('a', 'int64', [2], [0, -1])]), 'reshape', [1, 1, 4, 6, 6, 1]],
    ['MaxPool', node('MaxPool', ['x_dq'], ['y'], { kernel_shape: [2, 2], strides: [2, 2] }), 'maxpool', [1, 4, 3, 3]],
  ])('%s on a view moves the integers', (_, move, kind, dims) => {
    const graph = graphOf(chain([move], { y: u8 }));
    expect(kindsOf(graph)).toEqual([kind]);
    expect(graph.outputs[0]!.dims).toEqual(dims);
    expect(graph.values.map((v) => v.name)).toEqual(['x_q', 'y_q']);
  });

  test('behind a computation it comes after its QuantizeLinear', () => {
    const nodes = [
      kernel,
      node('Conv', ['x_dq', 'w_dq'], ['c']),
      node('MaxPool', ['c'], ['m'], { kernel_shape: [2, 2] }),
      node('Relu', ['m'], ['r']),
      node('Flatten', ['r'], ['y']),
    ];
    const graph = graphOf(chain(nodes));
    expect(kindsOf(graph)).toEqual(['conv', 'maxpool', 'reshape']);
    expect(only(graph, 'conv').activation).toEqual({ min: 0, max: null });
    expect(graph.values.map((v) => v.name)).toEqual(['x_q', 'c', 'm', 'y_q']);
    expect(graph.values.slice(1).map((v) => v.quantization)).toEqual(new Array(3).fill({ scale: 0.25, zeroPoint: 7 }));
  });

  test('before the first QuantizeLinear it comes after it', () => {
    const graph = graphOf({
      parts: [part(node('Transpose', ['x'], ['t'], { perm: [0, 3, 1, 2] })), qdq('t', u8)],
      inputs: [value('x', 'float32', [1, 6, 6, 4])],
      outputs: [value('t_dq', 'float32', [])],
    });
    expect(kindsOf(graph)).toEqual(['transpose']);
    expect(graph.inputs).toMatchObject([{ name: 'x', dims: [1, 6, 6, 4] }]);
    expect(graph.values.map((v) => v.name)).toEqual(['x', 't_q']);
  });

  test('folded shape computations: Shape, Gather, Unsqueeze, Concat', () => {
    const nodes = [
      node('Shape', ['x_dq'], ['shape']),
      part(node('Gather', ['shape', 'zero'], ['n']), [tensor('zero', 'int64', [], [0])]),
      part(node('Unsqueeze', ['n', 'axes'], ['n1']), [tensor('axes', 'int64', [1], [0])]),
      part(node('Concat', ['n1', 'rest'], ['s'], { axis: 0 }), [tensor('rest', 'int64', [1], [-1])]),
      node('Reshape', ['x_dq', 's'], ['y']),
    ];
    expect(graphOf(chain(nodes, { y: u8 })).outputs[0]!.dims).toEqual([1, 144]);
  });

  test.each<[string, NodeProto | Part, RegExp]>([
    ['Reshape to a computed shape', node('Reshape', ['x_dq', 'x_dq'], ['y']), /computed while the model runs/],
    ['Reshape that changes the count', part(node('Reshape', ['x_dq', 's'], ['y']), [tensor('s', 'int64', [1], [7])]), /shape \[7\]/],
    ['Reshape with two -1', part(node('Reshape', ['x_dq', 's'], ['y']), [tensor('s', 'int64', [2], [-1, -1])]), /shape/],
    [
      'Reshape with allowzero and 0',
      part(node('Reshape', ['x_dq', 's'], ['y'], { allowzero: 1 }), [tensor('s', 'int64', [2], [0, 4])]),
      /shape/,
    ],
    ['Transpose by no permutation', node('Transpose', ['x_dq'], ['y'], { perm: [0, 0, 1, 2] }), /perm/],
    ['Squeeze of a dimension above 1', part(node('Squeeze', ['x_dq', 'a'], ['y']), [tensor('a', 'int64', [1], [1])]), /is 4, not 1/],
    ['Dropout in training', part(node('Dropout', ['x_dq', '', 't'], ['y']), [scalar('t', 'bool', 1)]), /training/],
    ['Cast to float16', node('Cast', ['x_dq'], ['y'], { to: 10 }), /casts float32/],
    ['Flatten beyond the rank', node('Flatten', ['x_dq'], ['y'], { axis: 5 }), /axis 5/],
  ])('refuses %s', (_, move, why) => expect(reportOf(chain([move], { y: u8 })).entries[0]!.why).toMatch(why));
});

describe('Add', () => {
  const two = (a: Quantization, b: Quantization, y: Quantization, dims = [1, 4, 6, 6]) => ({
    parts: [qdq('a', a), qdq('b', b), part(node('Add', ['a_dq', 'b_dq'], ['y'])), qdq('y', y)],
    inputs: [value('a', 'float32', image), value('b', 'float32', dims)],
    outputs: [value('y_dq', 'float32', [])],
  });

  test('of two tensors, with broadcasting', () => {
    const graph = graphOf(two(u8, other, u8, [4, 1, 6]));
    expect(graph.outputs[0]!.dims).toEqual(image);
    expect(only(graph, 'add')).toMatchObject({ a: 0, b: 1, activation: null });
    expect(reportOf(two(u8, other, u8, [3, 1, 6])).entries[0]!.why).toMatch(/do not broadcast/);
  });

  test.each([true, false])('of a constant, on the left: %s', (left) => {
    const c = weights('c', [4, 1, 1], [1, 2, 3, 4], { scales: [0.1], zeroPoints: [5], dtype: 'uint8' });
    const graph = graphOf(chain([c, node('Add', left ? ['c_dq', 'x_dq'] : ['x_dq', 'c_dq'], ['y'])]));
    const add = only(graph, 'add');
    const constant = graph.values[left ? add.a : add.b]!;
    expect(constant).toMatchObject({
      name: 'c_dq',
      constant: Int32Array.of(1, 2, 3, 4),
      quantization: { scale: Math.fround(0.1), zeroPoint: 5 },
    });
  });

  test('one constant in two places is one value', () => {
    const c = weights('c', [1], [1], { scales: [0.1], dtype: 'uint8' });
    const graph = graphOf(chain([c, node('Add', ['x_dq', 'c_dq'], ['m']), qdq('m', u8), node('Add', ['m_dq', 'c_dq'], ['y'])]));
    expect(graph.values.filter((v) => v.constant !== null)).toHaveLength(1);
  });

  test('beside a float constant, and refused per channel', () => {
    const float = part(node('Add', ['x_dq', 'c'], ['y']), [tensor('c', 'float32', [1], [1])]);
    expect(only(graphOf(chain([float])), 'table').op).toBe('Add');
    const perChannel = weights('c', [4, 1, 1], [1, 2, 3, 4], { scales: [1, 1, 1, 1], dtype: 'uint8' });
    expect(reportOf(chain([perChannel, node('Add', ['x_dq', 'c_dq'], ['y'])])).entries[0]!.why).toMatch(/per channel/);
  });
});

describe('Concat', () => {
  const joined = (a: Quantization, b: Quantization, y: Quantization) => ({
    parts: [qdq('a', a), qdq('b', b), part(node('Concat', ['a_dq', 'b_dq'], ['y'], { axis: -3 })), qdq('y', y)],
    inputs: [value('a', 'float32', image), value('b', 'float32', [1, 2, 6, 6])],
    outputs: [value('y_dq', 'float32', [])],
  });

  test('of one quantization is a view again', () => {
    const graph = graphOf(joined(u8, u8, u8));
    expect(kindsOf(graph)).toEqual(['concat']);
    expect(only(graph, 'concat')).toMatchObject({ axis: 1, xs: [0, 1] });
    expect(graph.outputs[0]!.dims).toEqual([1, 6, 6, 6]);
    expect(kindsOf(graphOf(joined(u8, u8, other)))).toEqual(['concat', 'requantize']);
  });

  test('of several waits for its QuantizeLinear', () => {
    const graph = graphOf(joined(u8, other, u8));
    expect(kindsOf(graph)).toEqual(['concat']);
    expect(graph.values[only(graph, 'concat').y]!.quantization).toEqual({ scale: 0.5, zeroPoint: 3 });
  });

  test('refuses shapes that do not fit, and a Relu between it and its QuantizeLinear', () => {
    const bad = { ...joined(u8, u8, u8), inputs: [value('a', 'float32', image), value('b', 'float32', [1, 2, 5, 6])] };
    expect(reportOf(bad).entries[0]!.why).toMatch(/do not fit/);
    const relu = {
      parts: [
        qdq('a', u8),
        qdq('b', other),
        part(node('Concat', ['a_dq', 'b_dq'], ['c'], { axis: 1 }), node('Relu', ['c'], ['y'])),
        qdq('y', u8),
      ],
      inputs: joined(u8, u8, u8).inputs,
      outputs: [value('y_dq', 'float32', [])],
    };
    expect(reportOf(relu).entries[0]!).toMatchObject({ op: 'Relu', why: expect.stringMatching(/follows Concat/) });
  });
});

describe('pools', () => {
  test('AveragePool', () => {
    const attributes = { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], count_include_pad: 1 };
    const graph = graphOf(chain([node('AveragePool', ['x_dq'], ['y'], attributes)]));
    expect(only(graph, 'averagepool')).toMatchObject({
      counted: 'kernel',
      window: { kernel: [3, 3], pads: [1, 1, 1, 1] },
      roundingZero: 7,
    });
    expect(graph.outputs[0]!.dims).toEqual([1, 4, 3, 3]);
  });

  test('GlobalAveragePool', () =>
    expect(graphOf(chain([node('GlobalAveragePool', ['x_dq'], ['y'])])).outputs[0]!.dims).toEqual([1, 4, 1, 1]));

  test.each<[string, NodeProto, Partial<ModelParts> & { dims?: number[] }, RegExp]>([
    ['three spatial dimensions', node('MaxPool', ['x_dq'], ['y'], { kernel_shape: [2, 2, 2] }), { dims: [1, 4, 6, 6, 6] }, /2-D images/],
    [
      'dilated averages before opset 19',
      node('AveragePool', ['x_dq'], ['y'], { kernel_shape: [2, 2], dilations: [2, 2] }),
      {},
      /dilations/,
    ],
    ['a window that does not fit', node('MaxPool', ['x_dq'], ['y'], { kernel_shape: [9, 2] }), {}, /does not fit/],
    ['a window in the padding', node('MaxPool', ['x_dq'], ['y'], { kernel_shape: [2, 2], pads: [2, 0, 0, 0] }), {}, /padding/],
    ['no kernel_shape', node('MaxPool', ['x_dq'], ['y']), {}, /kernel_shape/],
    [
      'indices',
      node('MaxPool', ['x_dq'], ['y', 'i'], { kernel_shape: [2, 2] }),
      { outputs: [value('y_dq', 'float32', []), value('i', 'int64', [])] },
      /"i" is used/,
    ],
  ])('refuses %s', (_, pool, options, why) => expect(reportOf(chain([pool], { y: u8, ...options })).entries[0]!.why).toMatch(why));
});

describe('ArgMax', () => {
  test.each<[Record<string, Attribute>, number[], object]>([
    [{}, [1, 4, 6, 6].with(0, 1), { axis: 0, keepDims: true, selectLastIndex: false }],
    [{ axis: 1, keepdims: 0 }, [1, 6, 6], { axis: 1, keepDims: false }],
    [{ axis: -1, select_last_index: 1 }, [1, 4, 6, 1], { axis: 3, selectLastIndex: true }],
  ])('%j', (attributes, dims, expected) => {
    const graph = graphOf({
      parts: [qdq('x', u8), part(node('ArgMax', ['x_dq'], ['y'], attributes))],
      inputs: [value('x', 'float32', image)],
      outputs: [value('y', 'int64', dims)],
    });
    expect(only(graph, 'argmax')).toMatchObject(expected);
    expect(graph.outputs[0]).toMatchObject({ modelDType: 'int64', dims });
    expect(valueNamed(graph, 'y')).toMatchObject({ dtype: 'int64', quantization: null });
  });
});

describe('boundaries', () => {
  test('uses of one input share its quantization', () => {
    const shared = (b: Quantization) => ({
      parts: [
        quantize('x', u8),
        dequantize('x_q', 'v', u8),
        part(node('QuantizeLinear', ['x', 'b_scale', 'b_zero_point'], ['b_q']), parameters('b', b)),
        dequantize('b_q', 'w', b),
      ],
      inputs: [value('x', 'float32', [3])],
      outputs: [value('v', 'float32', [3]), value('w', 'float32', [3])],
    });
    expect(graphOf(shared(u8)).inputs).toHaveLength(1);
    expect(reportOf(shared(other)).entries[0]!.why).toMatch(/quantized twice/);
  });

  test('integer inputs and outputs', () => {
    const graph = graphOf({
      nodes: [node('MaxPool', ['x'], ['m'], { kernel_shape: [2, 2] }), node('Flatten', ['m'], ['y'])],
      inputs: [value('x', 'int8', image)],
      outputs: [value('y', 'int8', [])],
    });
    expect(graph.inputs[0]!.modelDType).toBe('int8');
    expect(graph.outputs[0]).toMatchObject({ modelDType: 'int8', dims: [1, 100] });
    expect(kindsOf(graph)).toEqual(['maxpool', 'reshape']);
  });

  test('an integer input takes its quantization from the DequantizeLinear that reads it', () => {
    const graph = graphOf({
      parts: [dequantize('x', 'v', u8), part(node('GlobalAveragePool', ['v'], ['y'])), qdq('y', other)],
      inputs: [value('x', 'uint8', image)],
      outputs: [value('y_dq', 'float32', [])],
    });
    expect(kindsOf(graph)).toEqual(['globalaveragepool']);
    expect(graph.values[graph.inputs[0]!.value]!.quantization).toEqual({ scale: 0.5, zeroPoint: 3 });
  });

  test('an open batch dimension is 1, other open dimensions are reported', () => {
    const pooled = (dims: (number | string)[]) => ({
      ...chain([node('GlobalAveragePool', ['x_dq'], ['y'])]),
      inputs: [value('x', 'float32', dims)],
    });
    expect(graphOf(pooled(['N', 4, 6, 6])).inputs[0]!.dims).toEqual(image);
    expect(graphOf(pooled([0, 4, 6, 6])).inputs[0]!.dims).toEqual(image);
    expect(reportOf(pooled(['N', 4, 'H', 6])).entries[0]).toMatchObject({ op: 'input', node: 'x', why: 'dimension 2 (H) is not fixed' });
  });

  test('what no output needs is dropped', () => {
    const parts = chain([node('GlobalAveragePool', ['x_dq'], ['y']), node('MaxPool', ['x_dq'], ['unused'], { kernel_shape: [2, 2] })]);
    expect(kindsOf(graphOf(parts))).toEqual(['globalaveragepool']);
  });
});
