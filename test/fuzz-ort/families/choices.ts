/** Comparisons, logic, Where and TopK; means and sums over axes. */
import { type Draft, elements, type Family, type FuzzCase, type Wire } from '../draft.ts';

const comparisons = ['Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual'] as const;

function shape({ random, small }: Draft): number[] {
  return small ? [2, 3, 2] : [random.int(1, 4), random.int(2, 9), random.int(2, 12)];
}

/** Two inputs that broadcast to `dims`, of equal parameters every other time. */
function sides(draft: Draft, dims: readonly number[], form: 'input' | 'integers' = 'input'): readonly [Wire, Wire] {
  const { random, scales } = draft;
  const dtype = random.dtype();
  const q = scales.quantization(dtype);
  const other = random.chance(0.5) ? q : scales.quantization(dtype, scales.near(q.scale, 3));
  return [draft[form](dims, q), draft[form](random.chance(0.3) ? [dims[1]!, 1] : dims, other)];
}

/** A comparison of a with b, or with constants of a's size. */
function condition(draft: Draft, op: string, a: Wire, b: Wire): string {
  const { random } = draft;
  if (random.chance(0.6)) return draft.float(op, random.chance(0.5) ? [a.name, b.name] : [b.name, a.name]);
  const last = a.dims.at(-1)!;
  const values = Array.from({ length: last }, () => (random.integer(a.q.dtype, a.q.zeroPoint) - a.q.zeroPoint) * Math.fround(a.q.scale));
  const constant = draft.floats([last], values);
  return draft.float(op, random.chance(0.5) ? [a.name, constant] : [constant, a.name]);
}

function chosen(draft: Draft, test: string, a: Wire, b: Wire, dims: readonly number[]): FuzzCase {
  const q = draft.random.chance(0.5) ? a.q : draft.result(a.q.dtype, 100 * a.q.scale);
  return draft.finish([draft.op('Where', [test, a.name, b.name], dims, q)]);
}

function comparison(op: (typeof comparisons)[number]) {
  return (draft: Draft): FuzzCase => {
    const dims = shape(draft);
    const [a, b] = sides(draft, dims);
    return chosen(draft, condition(draft, op, a, b), a, b, dims);
  };
}

function logic(op: 'Not' | 'And' | 'Or' | 'Xor') {
  return (draft: Draft): FuzzCase => {
    const dims = shape(draft);
    const [a, b] = sides(draft, dims);
    const first = condition(draft, draft.random.oneOf(comparisons), a, b);
    const operands = op === 'Not' ? [first] : [first, condition(draft, draft.random.oneOf(comparisons), a, b)];
    return chosen(draft, draft.float(op, operands), a, b, dims);
  };
}

function mask(draft: Draft, dims: readonly number[]): string {
  return draft.integerTensor(
    'bool',
    dims,
    Array.from({ length: elements(dims) }, () => draft.random.int(0, 1)),
  );
}

function qlinearWhere(draft: Draft): FuzzCase {
  const dims = shape(draft);
  const [a, b] = sides(draft, dims, 'integers');
  const q = draft.random.chance(0.5) ? a.q : draft.result(a.q.dtype, 100 * a.q.scale);
  const inputs = [mask(draft, dims), ...[a, b].flatMap((x) => [x.name, ...draft.parameters(x.q)]), ...draft.parameters(q)];
  return draft.finish([draft.qlinear('QLinearWhere', inputs, dims, q)], true);
}

function topK(output: 'values' | 'indices') {
  return (draft: Draft): FuzzCase => {
    const { random, scales } = draft;
    const dims = shape(draft);
    const x = draft.input(dims, scales.quantization(random.dtype()));
    const axis = random.int(-3, 2);
    const k = random.int(1, dims.at(axis < 0 ? axis : axis - 3)!);
    const attributes = { axis, largest: random.int(0, 1), sorted: 1 };
    const [values, indices] = draft.pairOf('TopK', [x.name, draft.ints([k])], attributes);
    return output === 'indices' ? draft.finishIndices(indices) : draft.finish([draft.pair(values, [], x.q)]);
  };
}

function mean(op: 'ReduceMean' | 'ReduceSum', inputSince: number) {
  return (draft: Draft): FuzzCase => {
    const { random, scales } = draft;
    const dims = shape(draft);
    const x = draft.input(dims, scales.quantization(random.dtype()));
    const axes = [0, 1, 2].filter(() => random.chance(0.6)).map((axis) => (random.chance(0.3) ? axis - 3 : axis));
    const reduced = axes.length === 0 ? [1] : axes;
    const count = reduced.reduce((size, axis) => size * dims.at(axis)!, 1);
    const q = draft.result(x.q.dtype, 60 * x.q.scale * (op === 'ReduceSum' ? count : 1));
    const keepdims = random.int(0, 1);
    return draft.finish([
      draft.opset >= inputSince
        ? draft.op(op, [x.name, draft.ints(reduced)], [], q, { keepdims })
        : draft.op(op, [x.name], [], q, { keepdims, axes: reduced }),
    ]);
  };
}

export const choices: Family = {
  ...Object.fromEntries(comparisons.map((op) => [op, comparison(op)])),
  Not: logic('Not'),
  And: logic('And'),
  Or: logic('Or'),
  Xor: logic('Xor'),
  Where: (draft) => {
    const dims = shape(draft);
    const [a, b] = sides(draft, dims);
    return chosen(draft, mask(draft, dims), a, b, dims);
  },
  QLinearWhere: qlinearWhere,
  TopK: topK('values'),
  'TopK, indices': topK('indices'),
  ReduceMean: mean('ReduceMean', 18),
  ReduceSum: mean('ReduceSum', 13),
};
