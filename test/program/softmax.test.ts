/**
 * Softmax's tables and formula: e^x and ln x against double precision, and the formula against onnxruntime-web's QLinearSoftmax. The wider measurement is
 * `npm run test:slow -- softmax`.
 */
import { describe, expect, test } from 'vitest';
import { exponential, logarithm } from '../../src/program/steps/exponential.ts';
import { softmaxQuotient } from '../../src/program/steps/softmax.ts';
import { softmaxMismatches } from '../support/softmax-runs.ts';

const floatOf = ({ mantissa, exponent }: { mantissa: number; exponent: number }) => mantissa * 2 ** exponent;

describe('e^x and ln x to 24 bits', () => {
  test('against double precision, which is off by far less than half a place', () => {
    for (let i = -2000; i <= 2000; i++) {
      const x = i * 0.0417 + 1 / 3;
      expect(floatOf(exponential(x)), `${x}`).toBe(Math.fround(Math.exp(x)));
    }
    for (let n = 1; n < 3e38; n *= 1.37) expect(logarithm(Math.fround(n)), `${n}`).toBe(Math.fround(Math.log(Math.fround(n))));
  });

  test('known values, and the neighbours of 1', () => {
    expect(exponential(0)).toEqual({ mantissa: 2 ** 23, exponent: -23 });
    expect(exponential(-(2 ** -60))).toEqual({ mantissa: 2 ** 23, exponent: -23 });
    expect(floatOf(exponential(Math.LN2))).toBe(2);
    expect(floatOf(exponential(1))).toBe(Math.fround(Math.E));
    expect(logarithm(1)).toBe(0);
    expect(logarithm(2)).toBe(Math.fround(Math.LN2));
    const { mantissa, exponent } = exponential(-1000);
    expect(mantissa * 2 ** (exponent + 1443)).toBeCloseTo(2 ** 0.30495926, 5);
  });
});

test('the nearest quotient, halves to even', () => {
  for (const [n, sum, quotient] of [
    [10, 10, 0],
    [30, 10, 2],
    [50, 10, 2],
    [51, 10, 3],
    [49, 10, 2],
    [70, 10, 4],
    [0, 7, 0],
  ] as const)
    expect(softmaxQuotient(n, sum)).toBe(quotient);
});

test('100,000 outputs of ONNX Runtime’s kernel', async () => {
  const cases = [
    { count: 10, xScale: 0.11, yScale: 1 / 256, zeroPoint: 0, dtype: 'uint8', rows: 4000 },
    { count: 3, xScale: 0.04, yScale: 1 / 127, zeroPoint: 0, dtype: 'int8', rows: 8000 },
    { count: 2, xScale: 0.2, yScale: 1 / 255, zeroPoint: 3, dtype: 'uint8', rows: 8000 },
    { count: 100, xScale: 0.02, yScale: 1 / 256, zeroPoint: -128, dtype: 'int8', rows: 200 },
  ] as const;
  for (const [seed, run] of cases.entries()) expect(await softmaxMismatches({ ...run, seed }), JSON.stringify(run)).toEqual([]);
});
