/**
 * Gemm and QGemm in every form: transA, transB, alpha, beta, C of every shape that broadcasts, constants on either side or none. Exact beside onnxruntime-web where that has an
 * integer kernel; where it computes floats, never more than a step apart. The circuit is exactly the program.
 */
import { describe, expect, test } from 'vitest';
import { reportOf } from '../support/graphs.ts';
import {
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
} from '../support/onnx-builder.ts';
import { type Deviation, deviationFromOrt, expectCircuitAgrees, expectOrtsAnswer, randomInputs } from '../support/oracle.ts';

type Type = 'uint8' | 'int8';
type Form = 'QDQ' | 'QOperator';

interface Gemm {
  /** Which of A and B are constants. */
  readonly constant: 'A' | 'B' | 'neither';
  readonly transA?: 0 | 1;
  readonly transB?: 0 | 1;
  readonly alpha?: number;
  readonly beta?: number;
  readonly c?: { readonly dims: readonly number[]; readonly kind: 'int32' | 'float' | 'int8' };
  readonly perColumn?: true;
}

const [m, k, n] = [3, 6, 5];
const elements = (dims: readonly number[]) => dims.reduce((a, b) => a * b, 1);
const triple = (name: string) => [`${name}_q`, `${name}_scale`, `${name}_zero_point`];
const attributesOf = ({ transA = 0, transB = 0, alpha = 1, beta = 1 }: Gemm) => ({
  transA,
  transB,
  alpha: { float: alpha },
  beta: { float: beta },
});

/** sx = 0.043 unless `scale` says otherwise; the accumulator's unit without alpha is sx·0.011 (times 1, 2 … per column). */
function modelOf(gemm: Gemm, form: Form, type: Type, scale = 0.043): ModelParts {
  const zero = (more: number) => (type === 'int8' ? more : 128 + more);
  const unit = scale === 2 ** -5 ? 2 ** -6 : 0.011;
  const y: Quantization = { scale: scale === 2 ** -5 ? 2 ** -3 : 0.171, zeroPoint: zero(9), dtype: type };
  const sides = [
    ['a', 'A', gemm.transA === 1 ? [k, m] : [m, k], -1],
    ['b', 'B', gemm.transB === 1 ? [n, k] : [k, n], gemm.transB === 1 ? 0 : 1],
  ] as const;
  const inputs = sides.filter(([, side]) => side !== gemm.constant);
  const columns = gemm.perColumn === undefined ? 1 : n;
  const scales = Array.from({ length: columns }, (_, c) => unit * (c + 1));
  const constants = sides
    .filter(([, side]) => side === gemm.constant)
    .map(([name, , dims, axis]) =>
      weights(
        name,
        dims,
        Array.from({ length: elements(dims) }, (_, i) => ((i * 89 + 31) % 251) - 125 + (type === 'int8' ? 0 : 128)),
        { scales, zeroPoints: scales.map(() => zero(0)), dtype: type, axis: axis < 0 ? 0 : axis },
      ),
    );
  const cDims = gemm.c?.dims ?? [];
  const cData = Array.from({ length: elements(cDims) }, (_, i) => ((i * 37) % 23) - 11);
  const unitOfC = gemm.constant === 'neither' ? scale * scale : scale * unit;
  const c: Part[] =
    gemm.c === undefined
      ? []
      : gemm.c.kind === 'float'
        ? [
            {
              nodes: [],
              initializers: [
                tensor(
                  'c_dq',
                  'float32',
                  cDims,
                  cData.map((v) => v * 0.093),
                ),
              ],
            },
          ]
        : [
            weights(
              'c',
              cDims,
              cData.map((v) => (gemm.c!.kind === 'int32' ? v * 90 : v * 7)),
              gemm.c.kind === 'int32'
                ? { scales: [Math.fround(Math.fround(scale) * Math.fround(gemm.constant === 'neither' ? scale : unit))], dtype: 'int32' }
                : { scales: [unitOfC * 90], dtype: 'int8' },
            ),
          ];
  const q = (name: string): Quantization => ({ scale, zeroPoint: zero(name === 'a' ? 3 : -7), dtype: type });
  const boundary = {
    inputs: inputs.map(([name, , dims]) => value(name, 'float32', dims)),
    outputs: [value('out', 'float32', null)],
  };
  if (form === 'QDQ') {
    const names = ['a_dq', 'b_dq', ...(gemm.c === undefined ? [] : ['c_dq'])];
    return {
      ...boundary,
      parts: [
        ...inputs.map(([name]) => qdq(name, q(name))),
        ...constants,
        ...c,
        part(node('Gemm', names, ['y'], attributesOf(gemm))),
        qdq('y', y, 'out'),
      ],
    };
  }
  const { transA, transB, alpha } = attributesOf(gemm);
  const names = [...triple('a'), ...triple('b'), gemm.c === undefined ? '' : 'c_q', 'y_scale', 'y_zero_point'];
  return {
    ...boundary,
    parts: [
      ...inputs.map(([name]) => quantize(name, q(name))),
      ...[...constants, ...c].map((p) => ({ nodes: [], initializers: p.initializers })),
      part(node('QGemm', names, ['y_q'], { transA, transB, alpha }, { domain: 'com.microsoft' }), parameters('y', y)),
      part(node('DequantizeLinear', ['y_q', 'y_scale', 'y_zero_point'], ['out'])),
    ],
  };
}

const shapes: readonly (readonly number[])[] = [[], [1], [n], [1, 1], [1, n], [m, 1], [m, n]];
const exact: readonly [string, Gemm][] = (['A', 'B', 'neither'] as const).flatMap((constant) => [
  ...([0, 1] as const).flatMap((transA) =>
    ([0, 1] as const).map((transB): [string, Gemm] => [
      `constant ${constant}, transA ${transA}, transB ${transB}`,
      { constant, transA, transB },
    ]),
  ),
  [`constant ${constant}, alpha`, { constant, alpha: 0.37, transB: 1 }] as [string, Gemm],
  [`constant ${constant}, beta without C`, { constant, beta: 0.5 }] as [string, Gemm],
  ...shapes.map((dims): [string, Gemm] => [`constant ${constant}, C [${dims}]`, { constant, transA: 1, c: { dims, kind: 'int32' } }]),
]);

describe.each(['QDQ', 'QOperator'] as const)('%s, exact', (form) => {
  test.each([
    ...exact,
    ['per column', { constant: 'B', perColumn: true }],
    ['per column, transB', { constant: 'B', transB: 1, perColumn: true }],
    ['a negative alpha', { constant: 'B', alpha: -0.7 }],
    ['a negative alpha, constant A', { constant: 'A', alpha: -1.3 }],
  ] satisfies [string, Gemm][] | typeof exact)('%s', async (_, gemm) => {
    for (const type of ['uint8', 'int8'] as const) {
      const parts = modelOf(gemm, form, type);
      const feeds = randomInputs(parts, 0.043);
      expectCircuitAgrees(await expectOrtsAnswer(parts, feeds), feeds);
    }
  });
});

test('QGemm with alpha beside C', async () => {
  for (const alpha of [0.5, -2.3]) {
    const parts = modelOf({ constant: 'B', alpha, c: { dims: [n], kind: 'int32' } }, 'QOperator', 'uint8');
    const feeds = randomInputs(parts, 0.043);
    expectCircuitAgrees(await expectOrtsAnswer(parts, feeds), feeds);
  }
});

/** What ONNX Runtime leaves in floats. */
const floats: readonly Gemm[] = (['A', 'B', 'neither'] as const).flatMap((constant) => [
  { constant, beta: 0.5, c: { dims: [n], kind: 'int32' } },
  { constant, beta: -1.7, alpha: 0.8, transA: 1, c: { dims: [m, n], kind: 'float' } },
  { constant, alpha: 1.9, transB: 1, c: { dims: [m, 1], kind: 'int32' } },
  { constant, c: { dims: [1, n], kind: 'float' } },
  { constant, c: { dims: [], kind: 'float' } },
  { constant, c: { dims: [m, n], kind: 'int8' } },
  { constant, beta: 0, c: { dims: [n], kind: 'float' } },
]);

test('in floats: at most a step apart', async () => {
  const all: Deviation[] = [];
  const cases: readonly Gemm[] = [...floats, { constant: 'B', alpha: -0.6, c: { dims: [n], kind: 'float' } }];
  for (const gemm of cases) {
    for (const type of ['uint8', 'int8'] as const) {
      const parts = modelOf(gemm, 'QDQ', type);
      const feeds = Array.from({ length: 25 }, (_, seed) => randomInputs(parts, 0.043, seed + 1));
      all.push(await deviationFromOrt(parts, feeds));
    }
  }
  const sum = (of: (d: Deviation) => number) => all.reduce((s, d) => s + of(d), 0);
  console.info(`Gemm in floats: ${sum((d) => d.differing)} of ${sum((d) => d.elements)} elements differ`);
  expect(Math.max(...all.map(({ steps }) => steps))).toBeLessThanOrEqual(1);
  expect(sum((d) => d.differing)).toBeLessThanOrEqual(sum((d) => d.elements) / 500);
});

test('powers of two are exact in floats, too', async () => {
  for (const gemm of floats.filter(({ beta = 1, alpha = 1, c }) => Math.log2(Math.abs(beta * alpha)) % 1 === 0 && c?.kind === 'int32')) {
    const parts = modelOf({ ...gemm, beta: 2 }, 'QDQ', 'uint8', 2 ** -5);
    const feeds = randomInputs(parts, 2 ** -5);
    expectCircuitAgrees(await expectOrtsAnswer(parts, feeds), feeds);
  }
});

test('refused: alpha 0, a negative alpha of two activations, a computed C, a C that does not fit', () => {
  const why = (gemm: Gemm) => reportOf(modelOf(gemm, 'QDQ', 'uint8')).entries[0]!.why;
  expect(why({ constant: 'B', alpha: 0 })).toMatch(/alpha = 0/);
  expect(why({ constant: 'neither', alpha: -1 })).toMatch(/two computed/);
  expect(why({ constant: 'B', c: { dims: [k], kind: 'int32' } })).toMatch(/has shape \[6\]/);
  const parts = modelOf({ constant: 'B' }, 'QDQ', 'uint8');
  const computed = part(node('Gemm', ['a_dq', 'b_dq', 'c_dq'], ['y']));
  const c = qdq('c', { scale: 1, zeroPoint: 0, dtype: 'uint8' });
  const nodes = [...parts.parts!.slice(0, -2), c, computed, parts.parts!.at(-1)!];
  const report = reportOf({ ...parts, parts: nodes, inputs: [...parts.inputs, value('c', 'float32', [n])] });
  expect(report.entries[0]!.why).toMatch(/computed, not a constant bias|not a constant of int32/);
});
