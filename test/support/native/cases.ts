/** Models that native ONNX Runtime on x86-64 has answered (outputs.json): made from seeds, so that only its answers need keeping. */
import type { Tensor } from '../../../src/tensor/tensor.ts';
import {
  type Attribute,
  dequantize,
  model,
  node,
  type Part,
  parameters,
  part,
  type Quantization,
  qdq,
  quantize,
  tensor,
  value,
} from '../onnx-builder.ts';
import { randomFrom } from '../unary-oracle.ts';

const fl = Math.fround;

export interface NativeCase {
  readonly name: string;
  readonly file: Uint8Array;
  readonly feeds: Readonly<Record<string, Tensor>>;
}

/** Ratios of these make ties that float32 noise decides. */
const scales = [0.3, 0.15, 0.25, 0.1, 0.05, 0.01, 0.02, 0.03, 0.07, 0.06, 0.04, 0.08];

/** Every pair of integers; then sides that are spread along the innermost axis, or not, which decides the order of an Add. */
const shapes: readonly (readonly [a: readonly number[], b: readonly number[]])[] = [
  [
    [256, 1],
    [1, 256],
  ],
  [
    [1, 256],
    [256, 1],
  ],
  [
    [2, 256],
    [2, 256],
  ],
  [[2, 256], [256]],
  [[256], [2, 256]],
  [
    [9, 1],
    [9, 256],
  ],
  [
    [9, 256],
    [9, 1],
  ],
  [[], [256]],
  [[256], []],
  [
    [2, 1, 1],
    [2, 256, 1],
  ],
  [
    [2, 256, 1],
    [2, 1, 1],
  ],
  [
    [2, 1, 128],
    [2, 64, 128],
  ],
];

function binaryCase(op: 'Add' | 'Mul', form: 'QDQ' | 'QOperator', shape: (typeof shapes)[number], seed: number): NativeCase {
  const next = randomFrom(seed);
  const dtype = next() < 0.5 ? ('int8' as const) : ('uint8' as const);
  const low = dtype === 'int8' ? -128 : 0;
  const quantization = (): Quantization => ({
    dtype,
    scale: fl(scales[Math.floor(next() * scales.length)]!),
    zeroPoint: low + (next() < 0.3 ? [0, 128, 255][Math.floor(next() * 3)]! : Math.floor(next() * 256)),
  });
  const [a, b, y] = [quantization(), quantization(), quantization()];
  const filled = (q: Quantization, dims: readonly number[]): Tensor => {
    const length = dims.reduce((product, d) => product * d, 1);
    const every = dims.length === 2 && Math.max(...dims) === 256 && length === 256;
    const data = Float32Array.from({ length }, (_, i) => fl((low + (every ? i : Math.floor(next() * 256)) - q.zeroPoint) * q.scale));
    return { dtype: 'float32', dims, data };
  };
  const triple = (name: string) => [`${name}_q`, `${name}_scale`, `${name}_zero_point`];
  const parts: Part[] =
    form === 'QDQ'
      ? [qdq('a', a), qdq('b', b), part(node(op, ['a_dq', 'b_dq'], ['y'])), qdq('y', y)]
      : [
          quantize('a', a),
          quantize('b', b),
          part(
            node(`QLinear${op}`, [...triple('a'), ...triple('b'), 'y_scale', 'y_zero_point'], ['y_q'], {}, { domain: 'com.microsoft' }),
            parameters('y', y),
          ),
          dequantize('y_q', 'y_dq', y),
        ];
  const inputs = [value('a', 'float32', shape[0]), value('b', 'float32', shape[1])];
  return {
    name: `${op} ${form} [${shape[0]}] [${shape[1]}] ${dtype}, ${[a, b, y].map(({ scale, zeroPoint }) => `${Number(scale.toPrecision(6))}/${zeroPoint}`).join(' ')}`,
    file: model({ parts, inputs, outputs: [value('y_dq', 'float32', null)] }),
    feeds: { a: filled(a, shape[0]), b: filled(b, shape[1]) },
  };
}

/** Fused Add and Mul in both forms: all pairs in three worlds each, the other shapes in one. */
export function binaryCases(): NativeCase[] {
  const cases: NativeCase[] = [];
  let seed = 1;
  for (const op of ['Add', 'Mul'] as const) {
    for (const form of ['QDQ', 'QOperator'] as const) {
      for (const [i, shape] of shapes.entries()) for (let k = 0; k < (i < 2 ? 3 : 1); k++) cases.push(binaryCase(op, form, shape, seed++));
    }
  }
  return cases;
}

/** A float operator on random numbers, positive ones where it is undefined below 0. */
function floatCase(op: string, attributes: Readonly<Record<string, Attribute>> = {}, exponent?: number): NativeCase {
  const next = randomFrom(op.length);
  const positive = ['Log', 'Sqrt', 'Pow'].includes(op);
  const data = Float32Array.from({ length: 4099 }, () => (positive ? 10 ** (6 * next() - 3) : 16 * next() - 8));
  const [domain, plain] = op.includes('.') ? ['com.microsoft', op.slice('com.microsoft.'.length)] : ['', op];
  const constants = exponent === undefined ? [] : [tensor('e', 'float32', [], [exponent])];
  return {
    name: [op, ...(exponent === undefined ? [] : [exponent]), ...Object.values(attributes)].join(' '),
    file: model({
      parts: [part(node(plain, ['x', ...constants.map((c) => c.name!)], ['y'], attributes, { domain }), constants)],
      inputs: [value('x', 'float32', [data.length])],
      outputs: [value('y', 'float32', null)],
      opset: 20,
    }),
    feeds: { x: { dtype: 'float32', dims: [data.length], data } },
  };
}

export function floatCases(): NativeCase[] {
  return [
    ...[
      'Sigmoid',
      'Tanh',
      'Erf',
      'Exp',
      'Gelu',
      'com.microsoft.QuickGelu',
      'Softsign',
      'HardSigmoid',
      'HardSwish',
      'LeakyRelu',
      'Sqrt',
    ].map((op) => floatCase(op)),
    floatCase('Gelu', { approximate: 'tanh' }),
    ...[0.5, 1.7, 2, 3, 4, -1].map((exponent) => floatCase('Pow', {}, exponent)),
    ...['Log', 'Sin', 'Cos', 'Elu', 'Selu', 'Celu', 'Softplus', 'Mish'].map((op) => floatCase(op)),
  ];
}
