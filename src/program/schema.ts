/** The shape of a program that was read from a file: every field of program.ts, nothing else. What the values mean to each other is verify.ts's. */
import { z } from 'zod';
import { profiles } from '../graph/profile.ts';
import type { Program } from './program.ts';

const integer = z.int();
const index = integer.min(0);
const positive = integer.min(1);
const real = z.number();
const int32s = z.instanceof(Int32Array);
const float64s = z.instanceof(Float64Array);
const dtype = z.enum(['uint8', 'int8', 'int32', 'int64']);
const dims = z.array(positive).max(32);

const clamps = { min: integer, max: integer };
const target = { scale: real, zeroPoint: integer, ...clamps };

const stepRule = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('scale'), ...target }),
  z.strictObject({ kind: z.literal('mean'), xScale: real, divisor: positive, ...target }),
  z.strictObject({ kind: z.literal('requantize'), xScale: real, xZero: integer, ...target }),
  z.strictObject({ kind: z.literal('shift'), mul: index, add: integer, divisor: positive, zeroPoint: z.literal(0), ...clamps }),
  z.strictObject({
    kind: z.literal('floats'),
    steps: z.array(z.strictObject({ kind: z.enum(['multiply', 'divide', 'add']), value: real })).max(64),
    ...target,
  }),
]);

const stepForm = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('constant'), value: integer }),
  z.strictObject({
    kind: z.literal('line'),
    m: positive,
    A: positive,
    b: integer,
    exceptions: z.array(z.strictObject({ at: integer, delta: integer })).max(4096),
    tie: z.nullable(z.strictObject({ parity: z.union([z.literal(0), z.literal(1)]) })),
    vLow: integer,
    vHigh: integer,
    ...clamps,
  }),
  z.strictObject({ kind: z.literal('thresholds'), base: integer, thresholds: z.array(integer).max(65536) }),
]);

const windows = z.strictObject({ starts: int32s, indices: int32s });
const pair = z.tuple([positive, positive]);
const quad = z.tuple([positive, positive, positive, positive]);

const linearMap = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('conv2d'),
    x: quad,
    y: quad,
    kernel: pair,
    strides: pair,
    pads: z.tuple([index, index, index, index]),
    dilations: pair,
    group: positive,
    weights: int32s,
    bias: int32s,
    xZero: integer,
  }),
  z.strictObject({
    kind: z.literal('matmul'),
    rows: positive,
    rowsEach: positive,
    inner: positive,
    columns: positive,
    weights: int32s,
    bias: int32s,
    xZero: integer,
  }),
  z.strictObject({ kind: z.literal('windowsum'), windows, xZero: integer }),
]);

const addForm = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('plane'), p: index, q: integer, step: stepForm }),
  z.strictObject({ kind: z.literal('tables'), a: float64s, b: float64s, step: stepForm }),
]);

const multiplyForm = z.strictObject({
  unit: z.union([z.literal(1), z.literal(2)]),
  exceptions: z.array(z.strictObject({ a: integer, b: integer, delta: z.union([z.literal(1), z.literal(-1)]) })).max(64),
  step: stepForm,
});

const averageForm = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('sum'), step: stepForm }),
  z.strictObject({ kind: z.literal('float'), terms: float64s, step: stepForm }),
]);

const base = { layer: z.string(), op: z.string(), y: index };

const binary = {
  a: index,
  b: index,
  aIndex: z.nullable(int32s),
  bIndex: z.nullable(int32s),
  rule: z.strictObject({
    kernel: z.enum(['wasm', 'x64']),
    aScale: real,
    aZero: integer,
    bScale: real,
    bZero: integer,
    roundingZero: integer,
    ...target,
  }),
};

const op = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('linear'), ...base, x: index, map: linearMap }),
  z.strictObject({
    kind: z.literal('dotproduct'),
    ...base,
    a: index,
    b: index,
    batch: positive,
    rows: positive,
    inner: positive,
    columns: positive,
    aZero: integer,
    bZero: integer,
    bias: int32s,
  }),
  z.strictObject({
    kind: z.literal('requantize'),
    ...base,
    x: index,
    inner: positive,
    rules: z.array(stepRule),
    forms: z.array(stepForm),
    lows: float64s,
    highs: float64s,
  }),
  z.strictObject({
    kind: z.literal('table'),
    ...base,
    x: index,
    inner: positive,
    tables: z.array(z.strictObject({ values: int32s, step: z.nullable(stepForm) })).min(1),
  }),
  z.strictObject({ kind: z.literal('max'), ...base, x: index, windows, least: z.boolean(), beforeRequantize: z.boolean() }),
  z.strictObject({ kind: z.literal('add'), ...base, ...binary, form: addForm }),
  z.strictObject({ kind: z.literal('multiply'), ...base, ...binary, form: multiplyForm }),
  z.strictObject({
    kind: z.literal('average'),
    ...base,
    x: index,
    windows,
    divisors: int32s,
    rule: z.strictObject({ xScale: real, xZero: integer, roundingZero: integer, ...target }),
    shapeOf: int32s,
    shapes: z.array(z.strictObject({ taps: positive, divisor: positive, form: averageForm })),
  }),
  z.strictObject({
    kind: z.literal('gather'),
    ...base,
    sources: z.array(index).min(1),
    from: z.nullable(int32s),
    index: z.nullable(int32s),
  }),
  z.strictObject({
    kind: z.literal('compare'),
    ...base,
    a: index,
    b: index,
    aIndex: z.nullable(int32s),
    bIndex: z.nullable(int32s),
    equal: z.boolean(),
    negated: z.boolean(),
    shift: integer,
    table: z.nullable(int32s),
  }),
  z.strictObject({
    kind: z.literal('logic'),
    ...base,
    operator: z.enum(['not', 'and', 'or', 'xor']),
    xs: z.array(index).min(1).max(2),
    indices: z.array(z.nullable(int32s)).min(1).max(2),
  }),
  z.strictObject({
    kind: z.literal('select'),
    ...base,
    xs: z.tuple([index, index, index]),
    indices: z.array(z.nullable(int32s)).length(3),
  }),
  z.strictObject({
    kind: z.literal('softmax'),
    ...base,
    x: index,
    windows,
    rule: z.strictObject({ count: positive, xScale: real, fused: z.boolean(), ...target }),
    tables: z.strictObject({ weights: float64s, numerators: float64s }),
  }),
  z.strictObject({ kind: z.literal('topk'), ...base, x: index, windows, places: windows, least: z.boolean() }),
  z.strictObject({ kind: z.literal('constant'), ...base, values: int32s }),
  z.strictObject({ kind: z.literal('argmax'), ...base, x: index, windows, selectLastIndex: z.boolean(), least: z.boolean() }),
]);

const boundary = z.strictObject({ name: z.string(), tensor: index, modelDType: z.union([z.literal('float32'), dtype]), dims });

const program = z.strictObject({
  profile: z.enum(profiles),
  modelName: z.string(),
  tensors: z.array(
    z.strictObject({
      id: index,
      name: z.string(),
      dims,
      count: positive,
      dtype: z.union([dtype, z.literal('accumulator')]),
      scale: z.nullable(real),
      zeroPoint: z.nullable(integer),
      low: integer,
      high: integer,
    }),
  ),
  ops: z.array(op),
  inputs: z.array(boundary).min(1),
  outputs: z.array(boundary).min(1),
});

/** The program, or what is wrong with the first field that does not fit. */
export function parseProgram(value: unknown): { readonly program: Program } | { readonly what: string } {
  const result = program.safeParse(value);
  // The value itself, not zod's copy: its keys stay in their order, so that it is the same bytes when written again.
  if (result.success) return { program: value as Program };
  const issue = result.error.issues[0];
  return { what: `${issue.path.join('.')}: ${issue.message}` };
}
