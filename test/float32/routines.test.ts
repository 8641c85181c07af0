/**
 * Float32 routines beside ONNX Runtime's float operators, bit for bit on random numbers and edges, and beside float64 arithmetic, which says that both are
 * the function that they are named for. Lengths that are no multiple of a SIMD vector show that the runtime's bits do not depend on an element's place.
 */
import { describe, expect, test } from 'vitest';
import { powerOfTwo } from '../../src/float32/bits.ts';
import { erf } from '../../src/float32/erf.ts';
import { exp, libmExp } from '../../src/float32/exp.ts';
import { exp2Of } from '../../src/float32/exp2.ts';
import { log, log1p } from '../../src/float32/log.ts';
import { logistic } from '../../src/float32/logistic.ts';
import { pow } from '../../src/float32/pow.ts';
import { cos, sin } from '../../src/float32/sin.ts';
import { tanh } from '../../src/float32/tanh.ts';
import { model, node, part, tensor, value } from '../support/onnx-builder.ts';
import { ortRun } from '../support/ort.ts';
import { randomFrom } from '../support/unary-oracle.ts';

const fl = Math.fround;

async function runtime(op: string, x: Float32Array, exponent?: number): Promise<Float32Array> {
  const constants = exponent === undefined ? [] : [tensor('e', 'float32', [], [exponent])];
  const file = model({
    parts: [part(node(op, ['x', ...constants.map((c) => c.name!)], ['y']), constants)],
    inputs: [value('x', 'float32', [x.length])],
    outputs: [value('y', 'float32', null)],
  });
  return (await ortRun(file, { x: { dtype: 'float32', dims: [x.length], data: x } })).y!.data as Float32Array;
}

const next = randomFrom(5);
const between = (least: number, most: number) => Array.from({ length: 4000 }, () => least + (most - least) * next());
const magnitudes = Array.from({ length: 4000 }, () => (next() < 0.5 ? -1 : 1) * 10 ** (70 * next() - 40));
const edges = [
  0,
  -0,
  1,
  -1,
  0.5,
  2,
  Infinity,
  -Infinity,
  Number.NaN,
  1e-40,
  -1e-40,
  1e-45,
  3.4e38,
  0.921875,
  3.925,
  88.72283,
  88.8,
  -87.4,
  -103.97,
  -104,
  9,
  -18,
];
const numbers = Float32Array.from([...edges, ...between(-20, 20), ...between(-110, 95), ...between(0.5, 2), ...magnitudes]);
const angles = numbers.filter((v) => !(Math.abs(v) > 4.2e8));

const softplus = (v: number) => (v > 0 ? fl(v + log1p(libmExp(-v))) : log1p(libmExp(v)));
const elu = (v: number) => (v >= 0 ? v : fl(libmExp(v) - 1));

test.each<[string, (v: number) => number, Float32Array]>([
  ['Exp', exp, numbers],
  ['Log', log, numbers],
  ['Erf', erf, numbers],
  ['Tanh', tanh, numbers],
  ['Sigmoid', logistic, numbers],
  ['Softplus', softplus, numbers],
  ['Elu', elu, numbers],
  ['Sin', sin, angles],
  ['Cos', cos, angles],
])('%s', async (op, f, xs) => {
  // NaN bits are of no concern: a function that gives NaN is refused.
  const x = xs.filter((v) => !Number.isNaN(f(v)));
  const y = await runtime(op, x);
  for (let i = 0; i < x.length; i++) if (!Object.is(f(x[i]!), y[i])) expect({ x: x[i], mine: f(x[i]!) }).toEqual({ x: x[i], mine: y[i] });
});

test.each([0.5, -0.5, 0, 1, -1, 4, 5, -3, 1.7, 0.25, Infinity, -Infinity])('Pow by %d', async (real) => {
  const exponent = fl(real);
  const x = numbers.filter((v) => !Number.isNaN(pow(v, exponent)));
  const y = await runtime('Pow', x, exponent);
  for (let i = 0; i < x.length; i++) if (!Object.is(pow(x[i]!, exponent), y[i])) expect([x[i], pow(x[i]!, exponent)]).toEqual([x[i], y[i]]);
});

test.each(['Erf', 'Exp', 'Sigmoid', 'Tanh', 'Softplus'])(
  'the runtime puts out the same bits for an element wherever it stands: %s',
  async (op) => {
    const f: Record<string, (v: number) => number> = { Erf: erf, Exp: exp, Sigmoid: logistic, Tanh: tanh, Softplus: softplus };
    for (const length of [1, 2, 3, 5, 7, 17, 4099]) {
      const x = Float32Array.from({ length }, () => 8 * next() - 4);
      expect(await runtime(op, x)).toEqual(x.map((v) => f[op]!(v)));
    }
  },
);

describe('beside float64', () => {
  const close = (mine: number, wanted: number, ulps: number) =>
    expect(Math.abs(mine - wanted)).toBeLessThanOrEqual(ulps * Math.max(2 ** -149, Math.abs(fl(wanted)) * 2 ** -23));

  test('exp, log, pow, sin, tanh, logistic', () => {
    for (const v of between(-80, 80)) {
      const x = fl(v);
      close(exp(x), Math.exp(x), 1);
      close(libmExp(x), Math.exp(x), 0.51);
      close(tanh(x), Math.tanh(x), 6);
      close(sin(x), Math.sin(x), 0.51);
      close(cos(x), Math.cos(x), 0.51);
      const p = fl(Math.abs(v) + 1e-6);
      close(log(p), Math.log(p), 0.82);
      close(log1p(p), Math.log1p(p), 1);
      close(pow(p, fl(1.7)), p ** fl(1.7), 0.9);
    }
    for (const v of between(-15, 15)) expect(Math.abs(logistic(fl(v)) - 1 / (1 + Math.exp(-fl(v))))).toBeLessThan(2 ** -22);
  });

  test('powers of two are exact', () => {
    for (let n = -1074; n <= 1023; n++) expect(powerOfTwo(n)).toBe(n < -1022 ? 2 ** -1022 / 2 ** (-1022 - n) : 2 ** n);
    for (let i = -200; i < 200; i++) expect(Math.abs(exp2Of(i / 32) / 2 ** (i / 32) - 1)).toBeLessThan(2 ** -51);
  });
});
