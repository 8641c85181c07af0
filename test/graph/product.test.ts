/** MatMul in every form of numpy.matmul, constants on either side or none, against onnxruntime-web and the circuit. */
import { describe, expect, test } from 'vitest';
import { buildProgram } from '../../src/program/build.ts';
import { decodeProgram, encodeProgram } from '../../src/program/format.ts';
import { graphOf, kindsOf, reportOf } from '../support/graphs.ts';
import {
  type ModelParts,
  node,
  type Part,
  parameters,
  part,
  type Quantization,
  qdq,
  quantize,
  value,
  weights,
} from '../support/onnx-builder.ts';
import { expectCircuitAgrees, expectOrtsAnswer, randomInputs } from '../support/oracle.ts';

const count = (dims: readonly number[]) => dims.reduce((a, b) => a * b, 1);
const data = (dims: readonly number[], low: number) => Array.from({ length: count(dims) }, (_, i) => low + ((i * 97 + 41) % 256));
const scale = 0.05;
type Type = 'uint8' | 'int8';
const zero = (dtype: Type, more: number) => (dtype === 'int8' ? more : 128 + more);

/** A side: its shape, and whether it is constant. */
interface Side {
  readonly dims: readonly number[];
  readonly constant?: true;
  readonly dtype?: Type;
  readonly columns?: number;
}

function product(a: Side, b: Side, form: 'QDQ' | 'QOperator', type: Type): ModelParts {
  const q = (more: number, dtype: Type): Quantization => ({ scale, zeroPoint: zero(dtype, more), dtype });
  const sides = [
    ['a', a, 3],
    ['b', b, -7],
  ] as const;
  const y: Quantization = { scale: 0.9, zeroPoint: zero(type, 11), dtype: type };
  const constantOf = (name: string, { dims, dtype = type, columns }: Side) =>
    weights(name, dims, data(dims, dtype === 'int8' ? -128 : 0), {
      scales: columns === undefined ? [0.03] : Array.from({ length: columns }, (_, c) => 0.01 + 0.007 * c),
      ...(columns === undefined ? { zeroPoints: [zero(dtype, 5)] } : {}),
      dtype,
      axis: dims.length - 1,
    });
  const parts: Part[] = sides.map(([name, side, more]) => {
    if (side.constant) return form === 'QDQ' ? constantOf(name, side) : { ...constantOf(name, side), nodes: [] };
    return form === 'QDQ' ? qdq(name, q(more, side.dtype ?? type)) : quantize(name, q(more, side.dtype ?? type));
  });
  const triple = (name: string) => [`${name}_q`, `${name}_scale`, `${name}_zero_point`];
  const end: Part[] =
    form === 'QDQ'
      ? [part(node('MatMul', ['a_dq', 'b_dq'], ['y'])), qdq('y', y, 'out')]
      : [
          part(node('QLinearMatMul', [...triple('a'), ...triple('b'), 'y_scale', 'y_zero_point'], ['y_q']), parameters('y', y)),
          part(node('DequantizeLinear', ['y_q', 'y_scale', 'y_zero_point'], ['out'])),
        ];
  return {
    parts: [...parts, ...end],
    inputs: sides.flatMap(([name, side]) => (side.constant ? [] : [value(name, 'float32', side.dims)])),
    outputs: [value('out', 'float32', null)],
  };
}

const c = (...dims: number[]): Side => ({ dims, constant: true });
const x = (...dims: number[]): Side => ({ dims });

const forms: readonly [string, Side, Side][] = [
  ['two activations', x(3, 5), x(5, 4)],
  ['stacks of activations', x(2, 3, 4, 5), x(2, 3, 5, 2)],
  ['stacks of activations, broadcast both ways', x(2, 1, 3, 4), x(3, 4, 2)],
  ['a row by a stack', x(4), x(3, 4, 2)],
  ['a stack by a column', x(2, 3, 4), x(4)],
  ['inner product of two activations', x(6), x(6)],
  ['a vector by constants', x(6), c(6, 3)],
  ['rows by a constant column', x(2, 3, 4), c(4)],
  ['a constant matrix on the left', c(3, 4), x(4, 5)],
  ['a constant matrix on the left of a stack', c(3, 4), x(2, 4, 5)],
  ['a constant row on the left', c(4), x(2, 4, 3)],
  ['a constant on the left of a vector', c(3, 4), x(4)],
  ['constant stacks on the left', c(2, 3, 4), x(4, 5)],
  ['constant stacks', x(2, 3, 4), c(2, 4, 5)],
  ['constant stacks, the activation repeated', x(3, 4), c(2, 4, 5)],
  ['constant stacks, taken in turn', x(2, 3, 3, 4), c(3, 4, 2)],
  ['constant stacks, outer dimension', x(2, 3, 3, 4), c(2, 1, 4, 2)],
  ['one constant matrix in a stack', x(2, 3, 4), c(1, 4, 5)],
  ['more dimensions of one constant matrix', x(3, 4), c(1, 1, 4, 5)],
];

describe.each(['QDQ', 'QOperator'] as const)('%s', (form) => {
  describe.each(['uint8', 'int8'] as const)('%s', (type) => {
    test.each(forms)('%s', async (_, a, b) => {
      const parts = product(a, b, form, type);
      for (const seed of [1, 2]) {
        const feeds = randomInputs(parts, scale, seed);
        const program = await expectOrtsAnswer(parts, feeds);
        expectCircuitAgrees(program, feeds);
      }
    });
  });
});

test('constants per column, and of the other type', async () => {
  for (const [a, b] of [
    [x(3, 4), { ...c(4, 5), columns: 5 }],
    [x(3, 4), { ...c(4, 5), dtype: 'int8' }],
    [x(3, 4), { ...x(4, 5), dtype: 'int8' }],
  ] satisfies [Side, Side][]) {
    for (const form of ['QDQ', 'QOperator'] as const) {
      const parts = product(a, b, form, 'uint8');
      const feeds = randomInputs(parts, scale);
      expectCircuitAgrees(await expectOrtsAnswer(parts, feeds), feeds);
    }
  }
});

test('an int8 constant on the left of uint8: ONNX Runtime computes floats, and rounds to the same', async () => {
  const parts = product({ ...c(3, 4), dtype: 'int8' }, x(4, 50), 'QDQ', 'uint8');
  const feeds = randomInputs(parts, scale);
  expectCircuitAgrees(await expectOrtsAnswer(parts, feeds), feeds);
});

test('two activations cost a row for each product; the program survives its files', async () => {
  const parts = product(x(3, 5), x(5, 4), 'QDQ', 'uint8');
  const feeds = randomInputs(parts, scale);
  const program = await expectOrtsAnswer(parts, feeds);
  const one = expectCircuitAgrees(program, feeds);
  const longer = product(x(3, 7), x(7, 4), 'QDQ', 'uint8');
  const more = expectCircuitAgrees(await expectOrtsAnswer(longer, randomInputs(longer, scale)), randomInputs(longer, scale));
  // Two products more for each of 12 outputs, and the range checks and public signals of 14 inputs more; the sums are a bit or so wider.
  expect(more - one).toBeGreaterThanOrEqual(12 * 2 + 14 * 8);
  expect(more - one).toBeLessThanOrEqual(12 * 2 + 14 * 10 + 12 * 2);
  const { json, bin } = encodeProgram(program);
  const read = decodeProgram(json, bin);
  expect(read).toEqual(program);
  const kind = '"kind": "dotproduct"';
  expect(json).toContain(kind);
  for (const [from, to] of [
    ['"inner": 5', '"inner": 4'],
    ['"columns": 4', '"columns": 5'],
    ['"batch": 1', '"batch": 2'],
  ] as const) {
    const at = json.indexOf(from, json.indexOf(kind));
    expect(() => decodeProgram(json.slice(0, at) + to + json.slice(at + from.length), bin)).toThrow(/sizes/);
  }
});

test('sums of products that can leave int32 are refused', () => {
  // |a| ≤ 131 and |b| ≤ 135: products down to −131 · 134: past −2^31 from K = 122,337 on.
  const parts = product(x(1, 122_500), x(122_500, 1), 'QDQ', 'uint8');
  expect(() => buildProgram(graphOf(parts))).toThrow(expect.objectContaining({ code: 'ZK3002' }));
});

test('what would grow beyond any proof is refused before it is made', () => {
  const why = (a: Side, b: Side) => reportOf(product(a, b, 'QDQ', 'uint8')).entries[0]!.why;
  expect(why(x(1024, 1024), x(1024, 1024))).toMatch(/1073741824 products/);
  expect(why(x(1024, 64), c(257, 64, 1))).toMatch(/16842752 repeated elements/);
  expect(why(x(100, 1, 1024, 64), c(3, 64, 1))).toMatch(/repeated elements/);
  // One matrix for many rows is not repeated.
  expect(kindsOf(graphOf(product(x(4096, 1, 128), c(128, 64), 'QDQ', 'uint8')))).toEqual(['matmul']);
});

test('refused: constants on both sides, channels where there is no kernel for them, shapes that do not fit', () => {
  expect(reportOf(product(c(3, 4), c(4, 5), 'QDQ', 'uint8')).entries[0]!.why).toMatch(/both its inputs are constants/);
  expect(reportOf(product({ ...c(3, 4), columns: 4 }, x(4, 5), 'QDQ', 'uint8')).entries[0]!.why).toMatch(/per channel/);
  expect(reportOf(product(x(2, 3, 4), { ...c(2, 4, 5), columns: 5 }, 'QDQ', 'uint8')).entries[0]!.why).toMatch(/stack of matrices/);
  expect(reportOf(product(x(3, 4), x(5, 4), 'QDQ', 'uint8')).entries[0]!.why).toMatch(/do not fit together/);
  expect(reportOf(product(x(2, 3, 4), x(3, 4, 5), 'QDQ', 'uint8')).entries[0]!.why).toMatch(/do not broadcast/);
});
