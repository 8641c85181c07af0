/** Chains and small nets of several operators, in QDQ form. */
import type { Draft, Family, FuzzCase, Wire } from '../draft.ts';

function convolve(draft: Draft, x: Wire, channels: number, kernel: number, relu: boolean): Wire {
  const inputs = x.dims[1]!;
  const { names, scales } = draft.weights([channels, inputs, kernel, kernel], x.q, 0, channels);
  const pad = (kernel - 1) / 2;
  let y = draft.float('Conv', [x.name, ...names], { kernel_shape: [kernel, kernel], pads: [pad, pad, pad, pad] });
  if (relu) y = draft.float('Relu', [y]);
  const amplitude = x.q.scale * scales[0]! * Math.sqrt(inputs * kernel * kernel) * 6000;
  return draft.pair(y, x.dims.with(1, channels), draft.result(x.q.dtype, amplitude));
}

function start(draft: Draft): Wire {
  const { random, scales, small } = draft;
  const size = small ? 3 : random.int(6, 10);
  return draft.input([1, random.int(1, 3), size, size], scales.quantization(random.dtype()));
}

function head(draft: Draft, x: Wire): Wire {
  const pooled = draft.op('GlobalAveragePool', [x.name], [1, x.dims[1]!, 1, 1], draft.result(x.q.dtype, 60 * x.q.scale));
  const flat = draft.op('Flatten', [pooled.name], [1, x.dims[1]!], pooled.q);
  const { names, scales } = draft.weights([5, x.dims[1]!], flat.q, 0, 5);
  return draft.op('Gemm', [flat.name, ...names], [1, 5], draft.result(flat.q.dtype, flat.q.scale * scales[0]! * 6000), { transB: 1 });
}

function plain(draft: Draft): FuzzCase {
  const x = start(draft);
  const a = convolve(draft, x, 4, 3, true);
  const pooled = draft.op('MaxPool', [a.name], [1, 4, a.dims[2]! - 1, a.dims[3]! - 1], a.q, { kernel_shape: [2, 2] });
  return draft.finish([head(draft, convolve(draft, pooled, 3, 1, draft.random.chance(0.5)))]);
}

function residual(draft: Draft): FuzzCase {
  const a = convolve(draft, start(draft), 4, 1, true);
  const b = convolve(draft, a, 4, 3, false);
  let y = draft.float('Add', [b.name, a.name]);
  if (draft.random.chance(0.6)) y = draft.float('Relu', [y]);
  const sum = draft.pair(y, a.dims, draft.result(a.q.dtype, 128 * Math.max(a.q.scale, b.q.scale)));
  return draft.finish([sum, head(draft, sum)]);
}

function branches(draft: Draft): FuzzCase {
  const x = start(draft);
  const [a, b] = [convolve(draft, x, 2, 1, true), convolve(draft, x, 3, 3, true)];
  const joined = draft.op('Concat', [a.name, b.name], a.dims.with(1, 5), draft.result(a.q.dtype, 128 * Math.max(a.q.scale, b.q.scale)), {
    axis: 1,
  });
  return draft.finish([head(draft, joined)]);
}

/** Squeeze and excite: one factor per channel. */
function excite(draft: Draft): FuzzCase {
  const x = convolve(draft, start(draft), 4, 1, true);
  const pooled = draft.op('GlobalAveragePool', [x.name], [1, 4, 1, 1], draft.result(x.q.dtype, 60 * x.q.scale));
  const gate = draft.op(
    draft.random.oneOf(['Sigmoid', 'HardSigmoid']),
    [convolve(draft, pooled, 4, 1, false).name],
    [1, 4, 1, 1],
    draft.result(x.q.dtype, 1),
  );
  return draft.finish([draft.op('Mul', [x.name, gate.name], x.dims, draft.result(x.q.dtype, 128 * x.q.scale))]);
}

/** x · sigmoid(x), each quantized. */
function swish(draft: Draft): FuzzCase {
  const x = convolve(draft, start(draft), 4, 1, false);
  const gate = draft.op('Sigmoid', [x.name], x.dims, draft.result(x.q.dtype, 1));
  return draft.finish([draft.op('Mul', [x.name, gate.name], x.dims, draft.result(x.q.dtype, 128 * x.q.scale))]);
}

/** Tensors that reach differently far, joined, normalized by a constant per column, then a layer: tables of what earlier operators leave reachable. */
function tabular(draft: Draft): FuzzCase {
  const { random, scales } = draft;
  const dtype = random.dtype();
  const joined = scales.quantization(dtype);
  const wires = [1, 2].map(() => draft.input([1, 1, 4], scales.quantization(dtype, scales.near(joined.scale, 2))));
  const x = draft.op(
    'Concat',
    wires.map(({ name }) => name),
    [1, 2, 4],
    joined,
    { axis: 1 },
  );
  const perRow = (low: number, high: number) => draft.floats([2, 1], [random.logUniform(low, high), random.logUniform(low, high)]);
  const shifted = draft.op('Sub', [x.name, perRow(joined.scale, 100 * joined.scale)], x.dims, draft.result(dtype, 200 * joined.scale));
  const scaled = draft.op('Mul', [shifted.name, perRow(0.3, 3)], x.dims, draft.result(dtype, 128 * shifted.q.scale));
  const flat = draft.op('Flatten', [scaled.name], [1, 8], scaled.q);
  const { names, scales: ws } = draft.weights([3, 8], flat.q, 0, 3);
  return draft.finish([
    draft.op('Gemm', [flat.name, ...names], [1, 3], draft.result(dtype, flat.q.scale * ws[0]! * 20_000), { transB: 1 }),
  ]);
}

export const nets: Family = {
  'net: plain': plain,
  'net: residual': residual,
  'net: branches': branches,
  'net: squeeze-excite': excite,
  'net: swish': swish,
  'net: tabular': tabular,
};
