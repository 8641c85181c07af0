/** Pools and reductions. */
import type { Draft, Family, FuzzCase } from '../draft.ts';

function image({ random, small }: Draft, rank: 1 | 2): number[] {
  const size = small ? 4 : random.int(6, 14);
  return [1, small ? 2 : random.int(1, 6), ...Array.from({ length: rank }, () => size)];
}

function window({ random }: Draft, rank: 1 | 2): Record<string, number | readonly number[]> {
  const kernel = Array.from({ length: rank }, () => random.int(1, 3));
  return {
    kernel_shape: kernel,
    strides: kernel.map(() => random.int(1, 3)),
    pads: [...kernel, ...kernel].map((k) => random.int(0, k - 1)),
    ceil_mode: random.int(0, 1),
  };
}

function pool(op: 'MaxPool' | 'AveragePool') {
  return (draft: Draft): FuzzCase => {
    const { random, scales } = draft;
    const rank = random.oneOf([1, 2] as const);
    const q = scales.quantization(random.dtype());
    const x = draft.input(image(draft, rank), q);
    const attributes = { ...window(draft, rank), ...(op === 'AveragePool' ? { count_include_pad: random.int(0, 1) } : {}) };
    return draft.finish([draft.op(op, [x.name], [], op === 'MaxPool' ? q : draft.result(q.dtype, 90 * q.scale), attributes)]);
  };
}

function global(op: 'GlobalAveragePool' | 'GlobalMaxPool') {
  return (draft: Draft): FuzzCase => {
    const { random, scales } = draft;
    const dims = image(draft, 2).with(1, draft.small ? 2 : random.int(16, 64));
    const q = scales.quantization(random.dtype());
    const x = draft.input(dims, q);
    return draft.finish([draft.op(op, [x.name], [], op === 'GlobalMaxPool' ? q : draft.result(q.dtype, 40 * q.scale))]);
  };
}

function qlinearPool(op: 'QLinearAveragePool' | 'QLinearGlobalAveragePool') {
  return (draft: Draft): FuzzCase => {
    const { random, scales } = draft;
    const dims = image(draft, 2);
    const isGlobal = op === 'QLinearGlobalAveragePool';
    if (isGlobal && !draft.small) dims[1] = random.int(16, 64);
    const x = draft.integers(dims, scales.quantization(random.dtype()));
    const q = draft.result(x.q.dtype, 60 * x.q.scale);
    const attributes = isGlobal ? {} : { ...window(draft, 2), count_include_pad: random.int(0, 1) };
    return draft.finish([draft.qlinear(op, [x.name, ...draft.parameters(x.q), ...draft.parameters(q)], [], q, attributes)], true);
  };
}

/** Some axes of `rank`, negative ones too. */
function someAxes({ random }: Draft, rank: number): number[] {
  const axes = Array.from({ length: rank }, (_, i) => i).filter(() => random.chance(0.5));
  return (axes.length === 0 ? [rank - 1] : axes).map((axis) => (random.chance(0.3) ? axis - rank : axis));
}

function reduce(op: 'ReduceMax' | 'ReduceMin') {
  return (draft: Draft): FuzzCase => {
    const { random, scales } = draft;
    const dims = draft.small ? [2, 3, 2] : [random.int(1, 6), random.int(2, 9), random.int(2, 12)];
    const q = scales.quantization(random.dtype());
    const x = draft.input(dims, q);
    const axes = someAxes(draft, dims.length);
    const keepdims = random.int(0, 1);
    const made =
      draft.opset >= 18 ? draft.op(op, [x.name, draft.ints(axes)], [], q, { keepdims }) : draft.op(op, [x.name], [], q, { keepdims, axes });
    return draft.finish([made]);
  };
}

function argument(op: 'ArgMax' | 'ArgMin') {
  return (draft: Draft): FuzzCase => {
    const { random, scales } = draft;
    const dims = draft.small ? [2, 3, 2] : [random.int(4, 12), random.int(2, 9), random.int(4, 12)];
    const x = draft.input(dims, scales.quantization(random.dtype()));
    const attributes = { axis: random.int(-3, 2), keepdims: random.int(0, 1), select_last_index: random.int(0, 1) };
    return draft.finishIndices(draft.float(op, [x.name], attributes));
  };
}

/** Rows of probabilities. */
function softmax(form: 'Softmax' | 'QLinearSoftmax') {
  return (draft: Draft): FuzzCase => {
    const { random, scales } = draft;
    const dims = draft.small ? [2, 5] : [random.int(4, 20), random.int(2, 24)];
    const x = draft[form === 'Softmax' ? 'input' : 'integers'](dims, scales.quantization(random.dtype(), scales.near(0.05)));
    const q = { dtype: x.q.dtype, scale: 1 / 256, zeroPoint: x.q.dtype === 'int8' ? -128 : 0 };
    if (form === 'Softmax') return draft.finish([draft.op(form, [x.name], dims, q, { axis: -1 })]);
    const inputs = [x.name, ...draft.parameters(x.q), ...draft.parameters(q)];
    return draft.finish([draft.qlinear(form, inputs, dims, q, { axis: -1, opset: draft.opset })], true);
  };
}

export const pools: Family = {
  MaxPool: pool('MaxPool'),
  AveragePool: pool('AveragePool'),
  GlobalAveragePool: global('GlobalAveragePool'),
  GlobalMaxPool: global('GlobalMaxPool'),
  QLinearAveragePool: qlinearPool('QLinearAveragePool'),
  QLinearGlobalAveragePool: qlinearPool('QLinearGlobalAveragePool'),
  ReduceMax: reduce('ReduceMax'),
  ReduceMin: reduce('ReduceMin'),
  ArgMax: argument('ArgMax'),
  ArgMin: argument('ArgMin'),
  Softmax: softmax('Softmax'),
  QLinearSoftmax: softmax('QLinearSoftmax'),
};
