/** The boundary: what inputs are taken, rounded, refused; what outputs look like. */
import { describe, expect, test } from 'vitest';
import { ZkonnxError } from '../../src/errors.ts';
import { dequantizeOutput, integerTensor, quantizeInput } from '../../src/program/quantize.ts';
import type { Tensor, TensorData } from '../../src/tensor/tensor.ts';
import { boundaryProgram } from '../support/layouts.ts';

const program = boundaryProgram(
  [
    { name: 'image', dtype: 'uint8', dims: [4], scale: 0.5, zeroPoint: 3 },
    { name: 'signed', dtype: 'int8', dims: [3], scale: Math.fround(0.1), zeroPoint: -1 },
    { name: 'raw', dtype: 'uint8', dims: [1, 3] },
  ],
  [
    { name: 'logits', dtype: 'int8', dims: [1, 3], scale: Math.fround(0.1), zeroPoint: -3 },
    { name: 'index', dtype: 'int64', dims: [2] },
    { name: 'bytes', dtype: 'int8', dims: [2] },
  ],
);

const float = (dims: number[], ...values: number[]): Tensor => ({ dtype: 'float32', dims, data: Float32Array.from(values) });
const of = (dtype: Tensor['dtype'], data: TensorData, dims = [data.length]): Tensor => ({ dtype, dims, data });
const codeOf = (run: () => unknown): unknown => {
  try {
    return run();
  } catch (error) {
    if (error instanceof ZkonnxError) return { code: error.code, params: error.params };
    throw error;
  }
};

describe('quantizeInput', () => {
  test('QuantizeLinear: halves to even before the zero point, saturating; infinities too', () => {
    expect([...quantizeInput(program, 'image', float([4], 0.25, 0.75, -0.25, 1e9))]).toEqual([3, 5, 3, 255]);
    expect([...quantizeInput(program, 'image', float([4], Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1.5, -1.75))]).toEqual([
      255, 0, 0, 0,
    ]);
    // fl(0.15/0.1) is 1.5 in float32: a tie, though the real quotient is above it.
    expect([...quantizeInput(program, 'signed', float([3], 0.15, -12.7, 13))]).toEqual([1, -128, 127]);
  });

  test('conversions that change no value', () => {
    expect([...quantizeInput(program, 'image', of('float64', Float64Array.of(0.5, 1, 1.5, 2)))]).toEqual([4, 5, 6, 7]);
    expect([...quantizeInput(program, 'image', of('int64', BigInt64Array.of(0n, 1n, 2n, -1n)))]).toEqual([3, 5, 7, 1]);
    // 1, 0.5, −2, the smallest subnormal.
    expect([...quantizeInput(program, 'image', of('float16', Uint16Array.of(0x3c00, 0x3800, 0xc000, 1)))]).toEqual([5, 4, 0, 3]);
    expect([...quantizeInput(program, 'raw', of('int64', BigInt64Array.of(0n, 255n, 7n), [1, 3]))]).toEqual([0, 255, 7]);
    expect([...quantizeInput(program, 'raw', float([1, 3], 0, 255, 7))]).toEqual([0, 255, 7]);
  });

  test('lossy ones only when told', () => {
    const tenths = of('float64', Float64Array.of(0.1, 0.2, 0.3, 0.4));
    expect(codeOf(() => quantizeInput(program, 'image', tenths))).toEqual({
      code: 'ZK4104',
      params: { tensor: 'image', given: 'float64', wanted: 'float32' },
    });
    expect([...quantizeInput(program, 'image', tenths, { cast: true })]).toEqual([3, 3, 4, 4]);
    expect(codeOf(() => quantizeInput(program, 'raw', float([1, 3], 0, 1.5, 2)))).toMatchObject({
      code: 'ZK4104',
      params: { wanted: 'uint8' },
    });
    expect([...quantizeInput(program, 'raw', float([1, 3], 0, 1.5, 2), { cast: true })]).toEqual([0, 1, 2]);
  });

  test.each<[string, string, Tensor, object]>([
    ['NaN', 'image', float([4], 0, 0, Number.NaN, 0), { code: 'ZK4105', params: { tensor: 'image', index: 2 } }],
    ['NaN in float16', 'image', of('float16', Uint16Array.of(0, 0x7e00, 0, 0)), { code: 'ZK4105', params: { tensor: 'image', index: 1 } }],
    [
      'a value above',
      'raw',
      of('int64', BigInt64Array.of(0n, 256n, 0n), [1, 3]),
      { code: 'ZK4102', params: { tensor: 'raw', index: 1, side: 'above', dtype: 'uint8', low: 0, high: 255 } },
    ],
    [
      'a value below',
      'raw',
      of('int8', Int8Array.of(0, 0, -1), [1, 3]),
      { code: 'ZK4102', params: { tensor: 'raw', index: 2, side: 'below', dtype: 'uint8', low: 0, high: 255 } },
    ],
    ['a huge one', 'raw', of('uint64', BigUint64Array.of(2n ** 63n, 0n, 0n), [1, 3]), { code: 'ZK4102' }],
    ['infinity for an integer', 'raw', float([1, 3], Number.POSITIVE_INFINITY, 0, 0), { code: 'ZK4102' }],
    ['another shape', 'image', float([2, 2], 1, 2, 3, 4), { code: 'ZK4103', params: { tensor: 'image', given: '2, 2', wanted: '4' } }],
    ['fewer elements than its shape says', 'image', float([4], 1, 2, 3), { code: 'ZK4103' }],
    [
      'a name that the model does not know',
      'picture',
      float([4], 1, 2, 3, 4),
      { code: 'ZK1005', params: { role: 'input', tensor: 'picture', known: 'image, signed, raw' } },
    ],
  ])('refuses %s', (_, name, tensor, error) => expect(codeOf(() => quantizeInput(program, name, tensor))).toMatchObject(error));
});

describe('outputs', () => {
  test('float32 through DequantizeLinear: the difference first', () => {
    const logits = dequantizeOutput(program, 'logits', Int32Array.of(-128, -3, 127));
    expect(logits).toEqual({ dtype: 'float32', dims: [1, 3], data: Float32Array.of(-125 * Math.fround(0.1), 0, 130 * Math.fround(0.1)) });
  });
  test('integers in their own dtype', () => {
    expect(dequantizeOutput(program, 'index', Int32Array.of(9, 0))).toEqual({ dtype: 'int64', dims: [2], data: BigInt64Array.of(9n, 0n) });
    expect(dequantizeOutput(program, 'bytes', Int32Array.of(-128, 127))).toEqual({
      dtype: 'int8',
      dims: [2],
      data: Int8Array.of(-128, 127),
    });
    const accumulator = { ...program.tensors[0]!, dtype: 'accumulator' as const, dims: [2] };
    expect(integerTensor(accumulator, Int32Array.of(-70_000, 5))).toEqual({ dtype: 'int32', dims: [2], data: Int32Array.of(-70_000, 5) });
  });
  test('an unknown name', () =>
    expect(codeOf(() => dequantizeOutput(program, 'x', new Int32Array(1)))).toMatchObject({ code: 'ZK1005', params: { role: 'output' } }));
});
