/** A small model of each operator, whose constraints are counted and held to the formula that docs/operators.md gives: one line for each operator. */
import {
  type Attribute,
  bias,
  dequantize,
  type ModelParts,
  node,
  type Part,
  parameters,
  part,
  type Quantization,
  qdq,
  quantize,
  tensor,
  value,
  weights,
} from './onnx-builder.ts';

type Attributes = Readonly<Record<string, Attribute>>;

const x8: Quantization = { dtype: 'uint8', scale: 0.05, zeroPoint: 120 };
const b8: Quantization = { dtype: 'uint8', scale: 0.037, zeroPoint: 99 };
const y8: Quantization = { dtype: 'uint8', scale: 0.061, zeroPoint: 131 };
const image = [1, 4, 6, 6];
const microsoft = { domain: 'com.microsoft' };
const triple = (name: string) => [`${name}_q`, `${name}_scale`, `${name}_zero_point`];
const result = ['y_scale', 'y_zero_point'];
const ints = (name: string, values: readonly number[]) => tensor(name, 'int64', [values.length], values);
const floats = (name: string, values: readonly number[]) => tensor(name, 'float32', [values.length], values);

/** x (and b) → Q/DQ → inner, which makes y of x_dq (and b_dq) → Q/DQ. */
function betweenPairs(inner: readonly Part[], y: Quantization, dims: readonly number[], bDims?: readonly number[]): ModelParts {
  const b = bDims === undefined ? [] : [qdq('b', b8)];
  return {
    parts: [qdq('x', x8), ...b, ...inner, qdq('y', y)],
    inputs: [value('x', 'float32', dims), ...(bDims === undefined ? [] : [value('b', 'float32', bDims)])],
    outputs: [value('y_dq', 'float32', null)],
  };
}

/** x (and b) → Q → inner, which makes y_q of x_q (and b_q) → DQ. */
function onIntegers(inner: readonly Part[], dims: readonly number[], bDims?: readonly number[]): ModelParts {
  const b = bDims === undefined ? [] : [quantize('b', b8)];
  return {
    parts: [quantize('x', x8), ...b, part(parameters('y', y8)), ...inner, dequantize('y_q', 'out', y8)],
    inputs: [value('x', 'float32', dims), ...(bDims === undefined ? [] : [value('b', 'float32', bDims)])],
    outputs: [value('out', 'float32', null)],
  };
}

const spread = (count: number) => Array.from({ length: count }, (_, i) => ((i * 53) % 255) - 127);
const kernel = weights('w', [3, 4, 3, 3], spread(108), { scales: [0.01, 0.02, 0.013], dtype: 'int8' });
const transposed = weights('w', [4, 3, 3, 2], spread(72), { scales: [0.01], dtype: 'int8' });
const matrix = weights('w', [6, 5], spread(30), { scales: [0.01], dtype: 'int8' });
const kernelBias = bias('c', [9, -400, 7000], x8.scale, [0.01, 0.02, 0.013]);
const constantsOf = (item: Part): Part => ({ nodes: [], initializers: item.initializers });

/** One node of x_dq. */
const unary = (op: string, attributes: Attributes = {}, y = y8, dims = image): ModelParts =>
  betweenPairs([part(node(op, ['x_dq'], ['y'], attributes))], y, dims);
const microsoftUnary = (op: string): ModelParts => betweenPairs([part(node(op, ['x_dq'], ['y'], {}, microsoft))], y8, image);
const qlinearUnary = (op: string, attributes: Attributes = {}): ModelParts =>
  onIntegers([part(node(op, [...triple('x'), ...result], ['y_q'], attributes, microsoft))], image);
/** One node of x_dq and b_dq. */
const binary = (op: string): ModelParts => betweenPairs([part(node(op, ['x_dq', 'b_dq'], ['y']))], y8, image, [1, 4, 1, 6]);
const qlinearBinary = (op: string): ModelParts =>
  onIntegers([part(node(op, [...triple('x'), ...triple('b'), ...result], ['y_q'], {}, microsoft))], image, image);
/** Of x_dq and constants, keeping x's parameters. */
const move = (op: string, attributes: Attributes, constants: ReturnType<typeof tensor>[] = [], dims = image): ModelParts =>
  betweenPairs([part(node(op, ['x_dq', ...constants.map((t) => t.name!)], ['y'], attributes), constants)], x8, dims);
const window = { kernel_shape: [2, 3], strides: [2, 1] };
/** x's integers into an index. */
const index = (op: string): ModelParts => ({
  parts: [quantize('x', x8), part(node(op, ['x_q'], ['y'], { axis: 1 }))],
  inputs: [value('x', 'float32', [3, 10, 2])],
  outputs: [value('y', 'int64', null)],
});

/** Integers with zero point 120 into int32. */
const integers = (inner: readonly Part[], dims: readonly number[]): ModelParts => ({
  parts: [part([tensor('x_zero', 'uint8', [], [120])]), ...inner],
  inputs: [value('x', 'uint8', dims)],
  outputs: [value('y', 'int32', null)],
});

/** One RequantShift of an integer network, per channel. */
const shift = (options: { readonly domain?: string }): ModelParts => ({
  parts: [
    part(node('RequantShift', ['x', 'mul', 'add'], ['y'], { div: 2 ** 16, n_levels_out: 256, signed: 1 }, options), [
      tensor('mul', 'float32', [4, 1, 1], [30_000, 41_234, 77_000, 9]),
      tensor('add', 'float32', [4, 1, 1], [0, -2_000_000, 1234, 5]),
    ]),
  ],
  inputs: [value('x', 'float32', image)],
  outputs: [value('y', 'float32', null)],
  domains: { PACTOps: 1 },
});

/** x's integers in other parameters, by nodes of a domain. */
const requantized = (options: { readonly domain?: string }): ModelParts => ({
  parts: [
    quantize('x', x8),
    part(
      node('DequantizeLinear', triple('x'), ['x_dq'], {}, options),
      node('Identity', ['x_dq'], ['y']),
      node('QuantizeLinear', ['y', ...result], ['y_q'], {}, options),
      parameters('y', y8),
    ),
    dequantize('y_q', 'out', y8),
  ],
  inputs: [value('x', 'float32', image)],
  outputs: [value('out', 'float32', null)],
});

/** Constants with x's parameters at positions of x_dq. */
function scattered(op: string, attributes: Attributes, indices: ReturnType<typeof tensor>, dims: readonly number[]): ModelParts {
  const data = spread(dims.reduce((a, b) => a * b)).map((v) => v + 127);
  const updates = weights('u', dims, data, { scales: [x8.scale], zeroPoints: [x8.zeroPoint], dtype: 'uint8' });
  return betweenPairs([updates, part(node(op, ['x_dq', 'i', 'u_dq'], ['y'], attributes), [indices])], x8, image);
}
const rowIndices = tensor(
  'i',
  'int64',
  [1, 4, 1, 6],
  spread(24).map((v) => Math.abs(v) % 6),
);

/** x_dq in a shape "s" that `inner` makes. */
const reshapedTo = (inner: Part): ModelParts => betweenPairs([inner, part(node('Reshape', ['x_dq', 's'], ['y']))], x8, image);

/** Truth values of x_dq and b_dq, of the same parameters, as integers. */
const truth = (...nodes: ReturnType<typeof node>[]): ModelParts => ({
  parts: [qdq('x', x8), qdq('b', x8), part(...nodes, node('Cast', ['c'], ['y'], { to: 2 }))],
  inputs: [value('x', 'float32', image), value('b', 'float32', [1, 4, 1, 6])],
  outputs: [value('y', 'uint8', null)],
});
const comparison = (op: string): ModelParts => truth(node(op, ['x_dq', 'b_dq'], ['c']));
const logic = (op: string): ModelParts =>
  truth(node('Greater', ['x_dq', 'b_dq'], ['g']), node(op, op === 'Not' ? ['g'] : ['g', 'g'], ['c']));
const mask = tensor(
  'm',
  'bool',
  [1, 4, 1, 6],
  Array.from({ length: 24 }, (_, i) => i % 2),
);

export const operatorCases: Readonly<Record<string, ModelParts>> = {
  QuantizeLinear: requantized({}),
  DequantizeLinear: requantized({}),
  'com.microsoft.QuantizeLinear': requantized(microsoft),
  'com.microsoft.DequantizeLinear': requantized(microsoft),
  Conv: betweenPairs([kernel, kernelBias, part(node('Conv', ['x_dq', 'w_dq', 'c_dq'], ['y'], { pads: [1, 1, 1, 1] }))], y8, image),
  ConvTranspose: betweenPairs([transposed, part(node('ConvTranspose', ['x_dq', 'w_dq'], ['y'], { strides: [2, 2] }))], y8, [1, 4, 3, 3]),
  Gemm: betweenPairs([matrix, part(node('Gemm', ['x_dq', 'w_dq'], ['y']))], y8, [2, 6]),
  MatMul: betweenPairs([matrix, part(node('MatMul', ['x_dq', 'w_dq'], ['y']))], y8, [2, 6]),
  QLinearConv: onIntegers([constantsOf(kernel), part(node('QLinearConv', [...triple('x'), ...triple('w'), ...result], ['y_q']))], image),
  QLinearMatMul: onIntegers(
    [constantsOf(matrix), part(node('QLinearMatMul', [...triple('x'), ...triple('w'), ...result], ['y_q']))],
    [2, 6],
  ),
  'com.microsoft.QGemm': onIntegers(
    [constantsOf(matrix), part(node('QGemm', [...triple('x'), ...triple('w'), '', ...result], ['y_q'], {}, microsoft))],
    [2, 6],
  ),
  MatMulInteger: integers([part(node('MatMulInteger', ['x', 'w_q', 'x_zero'], ['y'])), constantsOf(matrix)], [2, 6]),
  'com.microsoft.MatMulIntegerToFloat': {
    parts: [
      part(node('MatMulIntegerToFloat', ['x', 'w_q', 'x_scale', 'w_scale', 'x_zero', '', 'b'], ['y'], {}, microsoft), [
        tensor('x_zero', 'uint8', [], [120]),
        floats('b', [0.1, 2, -3, 0, 1]),
        tensor('x_scale', 'float32', [], [0.05]),
      ]),
      constantsOf(matrix),
      qdq('y', y8),
    ],
    inputs: [value('x', 'uint8', [2, 6])],
    outputs: [value('y_dq', 'float32', null)],
  },
  ConvInteger: integers([part(node('ConvInteger', ['x', 'w_q', 'x_zero'], ['y'], { pads: [1, 1, 1, 1] })), constantsOf(kernel)], image),
  RequantShift: shift({}),
  'PACTOps.RequantShift': shift({ domain: 'PACTOps' }),
  Add: binary('Add'),
  Sub: binary('Sub'),
  Mul: binary('Mul'),
  Div: betweenPairs([part(node('Div', ['x_dq', 'd'], ['y']), [floats('d', [3.7])])], y8, image),
  Max: binary('Max'),
  Min: binary('Min'),
  'com.microsoft.QLinearAdd': qlinearBinary('QLinearAdd'),
  'com.microsoft.QLinearMul': qlinearBinary('QLinearMul'),
  Relu: unary('Relu'),
  Clip: betweenPairs(
    [part(node('Clip', ['x_dq', 'lo', 'hi'], ['y']), [tensor('lo', 'float32', [], [-1]), tensor('hi', 'float32', [], [2])])],
    y8,
    image,
  ),
  LeakyRelu: unary('LeakyRelu'),
  PRelu: betweenPairs([part(node('PRelu', ['x_dq', 's'], ['y']), [floats('s', [0.2])])], y8, image),
  ThresholdedRelu: unary('ThresholdedRelu'),
  BatchNormalization: betweenPairs(
    [
      part(node('BatchNormalization', ['x_dq', 'gamma', 'beta', 'mean', 'variance'], ['y']), [
        floats('gamma', [1, 0.5, 2, 1.1]),
        floats('beta', [0, 1, -1, 0.3]),
        floats('mean', [0.1, 0.2, -0.3, 0]),
        floats('variance', [1, 2, 0.5, 0.7]),
      ]),
    ],
    y8,
    image,
  ),
  HardSigmoid: unary('HardSigmoid', {}, { dtype: 'uint8', scale: 1 / 256, zeroPoint: 0 }),
  HardSwish: unary('HardSwish'),
  Sigmoid: unary('Sigmoid', {}, { dtype: 'uint8', scale: 1 / 256, zeroPoint: 0 }),
  Tanh: unary('Tanh', {}, { dtype: 'uint8', scale: 1 / 128, zeroPoint: 128 }),
  Abs: unary('Abs'),
  Neg: unary('Neg'),
  Sign: unary('Sign'),
  Floor: unary('Floor'),
  Ceil: unary('Ceil'),
  Round: unary('Round'),
  Sqrt: betweenPairs([part(node('Abs', ['x_dq'], ['a']), node('Sqrt', ['a'], ['y']))], y8, image),
  Exp: unary('Exp'),
  Log: betweenPairs([part(node('Exp', ['x_dq'], ['a']), node('Log', ['a'], ['y']))], y8, image),
  Pow: betweenPairs([part(node('Pow', ['x_dq', 'e'], ['y']), [tensor('e', 'float32', [], [2])])], y8, image),
  Erf: unary('Erf'),
  Gelu: { ...unary('Gelu'), opset: 20 },
  'com.microsoft.Gelu': microsoftUnary('Gelu'),
  'com.microsoft.FastGelu': microsoftUnary('FastGelu'),
  'com.microsoft.BiasGelu': betweenPairs(
    [part(node('BiasGelu', ['x_dq', 'd'], ['y'], {}, microsoft), [floats('d', [-1, 0.5, 0, 1, 2, 3])])],
    y8,
    image,
  ),
  'com.microsoft.QuickGelu': microsoftUnary('QuickGelu'),
  Swish: { ...unary('Swish'), opset: 24 },
  Mish: { ...unary('Mish'), opset: 18 },
  Elu: unary('Elu'),
  Selu: unary('Selu'),
  Celu: unary('Celu'),
  Softplus: unary('Softplus'),
  Softsign: unary('Softsign'),
  Shrink: unary('Shrink'),
  Sin: unary('Sin'),
  Cos: unary('Cos'),
  Reciprocal: betweenPairs(
    [part(node('Clip', ['x_dq', 'lo'], ['a']), node('Reciprocal', ['a'], ['y']), [tensor('lo', 'float32', [], [0.5])])],
    y8,
    image,
  ),
  'com.microsoft.QLinearLeakyRelu': qlinearUnary('QLinearLeakyRelu', { alpha: { float: 0.1 } }),
  'com.microsoft.QLinearSigmoid': qlinearUnary('QLinearSigmoid'),
  MaxPool: unary('MaxPool', window, x8),
  ReduceMax: unary('ReduceMax', { axes: [2, 3] }, x8),
  ReduceMin: unary('ReduceMin', { axes: [2, 3] }, x8),
  ReduceMean: unary('ReduceMean', { axes: [2, 3] }),
  ReduceSum: move('ReduceSum', {}, [ints('a', [2, 3])]),
  AveragePool: unary('AveragePool', window),
  GlobalAveragePool: unary('GlobalAveragePool'),
  GlobalMaxPool: unary('GlobalMaxPool', {}, x8),
  'com.microsoft.QLinearAveragePool': qlinearUnary('QLinearAveragePool', window),
  'com.microsoft.QLinearGlobalAveragePool': qlinearUnary('QLinearGlobalAveragePool', { channels_last: 0 }),
  Where: betweenPairs(
    [part(node('Greater', ['x_dq', 'k'], ['g']), node('Where', ['g', 'x_dq', 'b_dq'], ['y']), [floats('k', [0.3])])],
    y8,
    image,
    [1, 4, 1, 6],
  ),
  'com.microsoft.QLinearWhere': onIntegers(
    [part(node('QLinearWhere', ['m', ...triple('x'), ...triple('b'), ...result], ['y_q'], {}, microsoft), [mask])],
    image,
    image,
  ),
  Equal: comparison('Equal'),
  Greater: comparison('Greater'),
  GreaterOrEqual: comparison('GreaterOrEqual'),
  Less: comparison('Less'),
  LessOrEqual: comparison('LessOrEqual'),
  Not: logic('Not'),
  And: logic('And'),
  Or: logic('Or'),
  Xor: logic('Xor'),
  Softmax: unary('Softmax', { axis: 1 }, { dtype: 'uint8', scale: 1 / 256, zeroPoint: 0 }),
  'com.microsoft.QLinearSoftmax': qlinearUnary('QLinearSoftmax', { axis: 1, opset: 13 }),
  Flatten: unary('Flatten', {}, x8),
  Reshape: move('Reshape', {}, [ints('s', [1, -1])]),
  Transpose: unary('Transpose', { perm: [0, 2, 3, 1] }, x8),
  Squeeze: move('Squeeze', {}, [ints('a', [0])]),
  Unsqueeze: move('Unsqueeze', {}, [ints('a', [0])]),
  Identity: unary('Identity', {}, x8),
  Dropout: unary('Dropout', {}, x8),
  Cast: unary('Cast', { to: 1 }, x8),
  CastLike: move('CastLike', {}, [floats('t', [0])]),
  Concat: betweenPairs([part(node('Concat', ['x_dq', 'b_dq'], ['y'], { axis: 1 }))], x8, image, image),
  'com.microsoft.QLinearConcat': onIntegers(
    [part(node('QLinearConcat', [...result, ...triple('x'), ...triple('b')], ['y_q'], { axis: 1 }, microsoft))],
    image,
    image,
  ),
  Slice: move('Slice', {}, [ints('s', [1]), ints('e', [3]), ints('a', [2])]),
  Split: betweenPairs([part(node('Split', ['x_dq'], ['y', 'z'], { axis: 1 }))], x8, image),
  Pad: move('Pad', {}, [ints('p', [0, 0, 1, 1, 0, 0, 1, 1])]),
  Gather: move('Gather', { axis: 2 }, [ints('i', [3, 0])]),
  GatherElements: move('GatherElements', { axis: 3 }, [
    tensor(
      'i',
      'int64',
      [1, 4, 6, 1],
      spread(24).map((v) => v % 6),
    ),
  ]),
  GatherND: move('GatherND', {}, [tensor('i', 'int64', [2, 2], [0, 3, 0, -1])]),
  ScatterElements: scattered('ScatterElements', { axis: 2 }, rowIndices, [1, 4, 1, 6]),
  Scatter: { ...scattered('Scatter', { axis: 2 }, rowIndices, [1, 4, 1, 6]), opset: 10 },
  ScatterND: scattered('ScatterND', {}, tensor('i', 'int64', [2, 2], [0, 3, 0, -3]), [2, 6, 6]),
  Compress: move('Compress', { axis: 2 }, [tensor('c', 'bool', [4], [1, 0, 0, 1])]),
  ReverseSequence: move('ReverseSequence', { batch_axis: 0, time_axis: 1 }, [ints('l', [3])]),
  CenterCropPad: { ...move('CenterCropPad', { axes: [2, 3] }, [ints('s', [4, 8])]), opset: 18 },
  Trilu: unary('Trilu', {}, x8),
  Expand: move('Expand', {}, [ints('s', [1, 4, 1, 3])], [1, 4, 1, 1]),
  Tile: move('Tile', {}, [ints('r', [1, 1, 2, 1])]),
  DepthToSpace: unary('DepthToSpace', { blocksize: 2 }, x8),
  SpaceToDepth: unary('SpaceToDepth', { blocksize: 2 }, x8),
  Resize: betweenPairs([part(node('Resize', ['x_dq', '', 's'], ['y'], { mode: 'nearest' }), [floats('s', [1, 1, 2, 2])])], x8, image),
  Upsample: {
    parts: [part(node('Upsample', ['x', 's'], ['y']), [floats('s', [1, 1, 2, 2])])],
    inputs: [value('x', 'uint8', image)],
    outputs: [value('y', 'uint8', null)],
    opset: 9,
  },
  Constant: betweenPairs(
    [part(node('Constant', [], ['s'], { value: { tensor: tensor('', 'int64', [2], [1, -1]) } }), node('Reshape', ['x_dq', 's'], ['y']))],
    x8,
    image,
  ),
  Shape: betweenPairs([part(node('Shape', ['x_dq'], ['s']), node('Reshape', ['x_dq', 's'], ['y']))], x8, image),
  ConstantOfShape: reshapedTo(
    part(node('ConstantOfShape', ['r'], ['s'], { value: { tensor: tensor('', 'int64', [1], [-1]) } }), [ints('r', [1])]),
  ),
  Range: reshapedTo(
    part(
      node('Range', ['from', 'to', 'by'], ['s']),
      ['from', 'to', 'by'].map((n, i) => tensor(n, 'int64', [], [[-1, 0, 1][i]!])),
    ),
  ),
  EyeLike: reshapedTo(
    part(node('EyeLike', ['m'], ['e']), node('Sub', ['z', 'e'], ['d']), node('Reshape', ['d', 'r'], ['s']), [
      tensor('m', 'int64', [1, 1], [0]),
      ints('z', [0]),
      ints('r', [1]),
    ]),
  ),
  Size: reshapedTo(part(node('Size', ['x_dq'], ['n']), node('Unsqueeze', ['n', 'a'], ['s']), [ints('a', [0])])),
  Mod: reshapedTo(part(node('Mod', ['a', 'b'], ['s']), [ints('a', [5]), ints('b', [-2])])),
  TopK: {
    parts: [quantize('x', x8), part(node('TopK', ['x_q', 'k'], ['y', 'i'], { axis: 1 }), [ints('k', [3])])],
    inputs: [value('x', 'float32', [3, 10, 2])],
    outputs: [value('y', 'uint8', null), value('i', 'int64', null)],
  },
  ArgMax: index('ArgMax'),
  ArgMin: index('ArgMin'),
};
