/** Int32 sums of integers, made floats by constant scales, per tensor or per channel. */
import { node, part } from '../../support/onnx-builder.ts';
import type { Draft, Family, FuzzCase } from '../draft.ts';
import { convolution } from './linear.ts';

/** One float of about `size`, or one for each of `count` channels in a constant of that shape. */
function perChannel(draft: Draft, shape: readonly number[], count: number, make: () => number): string {
  return draft.random.chance(0.5) ? draft.floats([], [make()]) : draft.floats(shape, Array.from({ length: count }, make));
}

/** int32 → Cast, or DequantizeLinear → Mul, Div, Add, Sub by constants → Relu → Q/DQ. */
function scaled(
  draft: Draft,
  sums: string,
  dims: readonly number[],
  channels: { count: number; shape: readonly number[] },
  terms: number,
): FuzzCase {
  const { random, scales } = draft;
  const scale = scales.near(0.001, 8);
  const size = scale * Math.sqrt(terms) * 6000;
  const constant = (make: () => number) => perChannel(draft, channels.shape, channels.count, make);
  let y = random.chance(0.7)
    ? draft.float('Cast', [sums], { to: 1 })
    : draft.float('DequantizeLinear', [sums, draft.floats([], [scales.near(1)])]);
  const factor = constant(() => scales.near(scale));
  y = draft.float('Mul', random.chance(0.5) ? [y, factor] : [factor, y]);
  if (random.chance(0.3)) y = draft.float('Div', [y, constant(() => scales.near(1))]);
  if (random.chance(0.6)) {
    const addend = constant(() => (random.unit() - 0.5) * size);
    y = draft.float(random.oneOf(['Add', 'Sub']), [y, addend]);
  }
  if (random.chance(0.3)) y = draft.float('Relu', [y]);
  return draft.finish([draft.pair(y, dims, draft.result(random.dtype(), size))]);
}

function matMulInteger(draft: Draft): FuzzCase {
  const { random, scales, small } = draft;
  const [m, k, n] = small ? [2, random.int(1, 5), random.int(1, 4)] : [random.int(1, 20), random.int(1, 64), random.int(1, 24)];
  const x = draft.integers([m, k], scales.quantization(random.dtype()));
  const dtype = x.q.dtype === 'int8' ? 'int8' : random.dtype();
  const w = draft.integerTensor(
    dtype,
    [k, n],
    Array.from({ length: k * n }, () => random.integer(dtype, 0)),
  );
  const zeros = random.oneOf([0, 1, n]);
  const wZero =
    zeros === 0
      ? []
      : [
          draft.integerTensor(
            dtype,
            zeros === 1 ? [] : [n],
            Array.from({ length: zeros }, () => random.zeroPoint(dtype)),
          ),
        ];
  const sums = draft.float('MatMulInteger', [x.name, w, draft.integerTensor(x.q.dtype, [], [x.q.zeroPoint]), ...wZero]);
  return scaled(draft, sums, [m, n], { count: n, shape: [n] }, k);
}

function matMulIntegerToFloat(draft: Draft): FuzzCase {
  const { random, scales, small } = draft;
  const [m, k, n] = small ? [2, random.int(1, 5), random.int(1, 4)] : [random.int(1, 20), random.int(1, 64), random.int(1, 24)];
  const x = draft.integers([m, k], { ...scales.quantization('uint8'), scale: scales.near(0.03) });
  const w = draft.integerTensor(
    'int8',
    [k, n],
    Array.from({ length: k * n }, () => random.integer('int8', 0)),
  );
  const size = x.q.scale * 0.03 * Math.sqrt(k) * 6000;
  const [xScale, xZero] = draft.parameters(x.q);
  const wScale = perChannel(draft, [n], n, () => scales.near(0.03));
  const bias = random.chance(0.5)
    ? [
        draft.floats(
          [n],
          Array.from({ length: n }, () => (random.unit() - 0.5) * size),
        ),
      ]
    : [];
  const y = draft.name('y');
  draft.add(part(node('MatMulIntegerToFloat', [x.name, w, xScale, wScale, xZero, '', ...bias], [y], {}, { domain: 'com.microsoft' })));
  return draft.finish([draft.pair(y, [m, n], draft.result(random.dtype(), size))]);
}

function convInteger(draft: Draft): FuzzCase {
  const { random, scales } = draft;
  const c = convolution(draft, 2, random.chance(0.3));
  const x = draft.integers(c.x, scales.quantization('uint8'));
  const w = draft.integerTensor(
    'uint8',
    c.w,
    Array.from({ length: c.w.reduce((a, b) => a * b) }, () => random.integer('uint8', 128)),
  );
  const wZero = draft.integerTensor('uint8', [], [random.zeroPoint('uint8')]);
  const sums = draft.float('ConvInteger', [x.name, w, draft.integerTensor(x.q.dtype, [], [x.q.zeroPoint]), wZero], c.attributes);
  return scaled(
    draft,
    sums,
    c.y,
    { count: c.w[0]!, shape: [c.w[0]!, 1, 1] },
    c.w.slice(1).reduce((a, b) => a * b),
  );
}

export const integers: Family = {
  MatMulInteger: matMulInteger,
  MatMulIntegerToFloat: matMulIntegerToFloat,
  ConvInteger: convInteger,
};
