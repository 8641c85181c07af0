/** Products with constant weights, in both forms. */
import type { Draft, Family, FuzzCase } from '../draft.ts';

/** About what a sum of `terms` products of 8-bit integers comes to, in real units. */
function amplitude(scale: number, weightScales: readonly number[], terms: number): number {
  return scale * weightScales[0]! * Math.sqrt(terms) * 6000;
}

interface Convolution {
  readonly x: readonly number[];
  readonly w: readonly number[];
  readonly y: readonly number[];
  readonly attributes: Readonly<Record<string, number | string | readonly number[]>>;
}

/** A convolution's shapes and attributes. */
export function convolution({ random, small }: Draft, rank: 1 | 2, depthwise: boolean): Convolution {
  const group = depthwise ? random.int(2, 4) : random.oneOf([1, 1, 2]);
  const perGroup = depthwise ? 1 : random.int(1, 3);
  const outputs = group * random.int(1, small ? 1 : 4);
  const size = small ? random.int(3, 4) : random.int(6, 12);
  const kernel = Array.from({ length: rank }, () => random.int(1, 3));
  const strides = kernel.map(() => random.int(1, 2));
  const dilations = kernel.map(() => (small ? 1 : random.int(1, 2)));
  const pads = [...kernel, ...kernel].map((k) => random.int(0, k - 1));
  const batch = random.oneOf([1, 1, 2, 3]);
  // ONNX Runtime knows SAME without dilations only.
  const autoPad = dilations.every((d) => d === 1) && random.chance(0.3) ? random.oneOf(['SAME_UPPER', 'SAME_LOWER']) : null;
  const spatial = kernel.map((k, i) =>
    autoPad === null
      ? Math.floor((size + pads[i]! + pads[i + rank]! - (dilations[i]! * (k - 1) + 1)) / strides[i]!) + 1
      : Math.ceil(size / strides[i]!),
  );
  return {
    x: [batch, group * perGroup, ...kernel.map(() => size)],
    w: [outputs, perGroup, ...kernel],
    y: [batch, outputs, ...spatial],
    attributes: { kernel_shape: kernel, strides, dilations, group, ...(autoPad === null ? { pads } : { auto_pad: autoPad }) },
  };
}

function conv(draft: Draft, rank: 1 | 2, depthwise: boolean): FuzzCase {
  const { random, scales } = draft;
  const c = convolution(draft, rank, depthwise);
  const x = draft.input(c.x, scales.quantization(random.dtype()));
  const { names, scales: ws } = draft.weights(c.w, x.q, 0, random.chance(0.7) ? c.w[0]! : 0);
  const q = draft.result(
    x.q.dtype,
    amplitude(
      x.q.scale,
      ws,
      c.w.slice(1).reduce((a, b) => a * b),
    ),
  );
  let y = draft.float('Conv', [x.name, ...names], c.attributes);
  if (random.chance(0.3)) y = draft.float('Relu', [y]);
  return draft.finish([draft.pair(y, c.y, q)]);
}

function qlinearConv(draft: Draft): FuzzCase {
  const { random, scales } = draft;
  const c = convolution(draft, 2, random.chance(0.3));
  const x = draft.integers(c.x, scales.quantization(random.dtype()));
  const w = draft.weightValues(c.w, x.q, 0);
  const q = draft.result(
    x.q.dtype,
    amplitude(
      x.q.scale,
      w.scales,
      c.w.slice(1).reduce((a, b) => a * b),
    ),
  );
  const wName = draft.integerTensor(w.dtype, c.w, w.data);
  const wScale = draft.floats(w.channels === 1 ? [] : [w.channels], w.scales);
  const wZero = draft.integerTensor(w.dtype, w.channels === 1 ? [] : [w.channels], w.zeroPoints);
  const bias = random.chance(0.5) ? [draft.integerTensor('int32', [c.w[0]!], draft.biasValues(c.w[0]!))] : [];
  const inputs = [x.name, ...draft.parameters(x.q), wName, wScale, wZero, ...draft.parameters(q), ...bias];
  return draft.finish([draft.qlinear('QLinearConv', inputs, c.y, q, c.attributes)], true);
}

function sizes({ random, small }: Draft): { m: number; k: number; n: number } {
  return small ? { m: 2, k: random.int(1, 5), n: random.int(1, 4) } : { m: random.int(1, 20), k: random.int(1, 64), n: random.int(1, 24) };
}

function gemm(draft: Draft): FuzzCase {
  const { random, scales } = draft;
  const { m, k, n } = sizes(draft);
  const x = draft.input([m, k], scales.quantization(random.dtype()));
  const transB = random.int(0, 1);
  const biased = random.chance(0.7);
  const { names, scales: ws } = draft.weights(transB === 1 ? [n, k] : [k, n], x.q, transB === 1 ? 0 : 1, biased ? n : 0);
  const q = draft.result(x.q.dtype, amplitude(x.q.scale, ws, k));
  return draft.finish([draft.op('Gemm', [x.name, ...names], [m, n], q, { transB })]);
}

function matMul(draft: Draft): FuzzCase {
  const { random, scales } = draft;
  const { m, k, n } = sizes(draft);
  const lead = random.chance(0.3) ? [1, 2] : [];
  const x = draft.input([...lead, m, k], scales.quantization(random.dtype()));
  const { names, scales: ws } = draft.weights([k, n], x.q, 1, 0);
  return draft.finish([draft.op('MatMul', [x.name, ...names], [...lead, m, n], draft.result(x.q.dtype, amplitude(x.q.scale, ws, k)))]);
}

/** A MatMul and a float vector, which ONNX Runtime makes one Gemm. */
function matMulAdd(draft: Draft): FuzzCase {
  const { random, scales } = draft;
  const { m, k, n } = sizes(draft);
  const lead = random.chance(0.5) ? [2] : [];
  const x = draft.input([...lead, m, k], scales.quantization(random.dtype()));
  const { names, scales: ws } = draft.weights([k, n], x.q, 1, 0);
  const size = amplitude(x.q.scale, ws, k);
  const bias = draft.floats(
    [n],
    Array.from({ length: n }, () => (random.unit() - 0.5) * size),
  );
  const product = draft.float('MatMul', [x.name, ...names]);
  let y = draft.float('Add', random.chance(0.5) ? [product, bias] : [bias, product]);
  // Of a stack, the Reshape that ONNX Runtime puts behind its Gemm keeps it from fusing a Relu that moves a clamp.
  if (lead.length === 0 && random.chance(0.3)) y = draft.float('Relu', [y]);
  return draft.finish([draft.pair(y, [...lead, m, n], draft.result(x.q.dtype, size))]);
}

function qlinearMatMul(draft: Draft, op: 'QLinearMatMul' | 'QGemm'): FuzzCase {
  const { random, scales } = draft;
  const { m, k, n } = sizes(draft);
  const x = draft.integers([m, k], scales.quantization(random.dtype()));
  const transB = op === 'QGemm' ? random.int(0, 1) : 0;
  const dims = transB === 1 ? [n, k] : [k, n];
  const w = draft.weightValues(dims, x.q, 1 - transB);
  const q = draft.result(x.q.dtype, amplitude(x.q.scale, w.scales, k));
  const perChannel = w.channels === 1 ? [] : [w.channels];
  const operands = [
    x.name,
    ...draft.parameters(x.q),
    draft.integerTensor(w.dtype, dims, w.data),
    draft.floats(perChannel, w.scales),
    draft.integerTensor(w.dtype, perChannel, w.zeroPoints),
  ];
  if (op === 'QLinearMatMul') return draft.finish([draft.qlinear(op, [...operands, ...draft.parameters(q)], [m, n], q)], true);
  const alpha = { float: random.chance(0.5) ? 1 : random.logUniform(0.25, 4) };
  const bias = random.chance(0.5) ? draft.integerTensor('int32', [n], draft.biasValues(n)) : '';
  return draft.finish([draft.qlinear(op, [...operands, bias, ...draft.parameters(q)], [m, n], q, { alpha, transB })], true);
}

/** Both sides computed: matrices, stacks of them that broadcast, vectors. */
function product(draft: Draft): FuzzCase {
  const { random, scales } = draft;
  const { m, k, n } = sizes(draft);
  const dtype = random.dtype();
  const [aLead, bLead, lead] = random.oneOf([
    [[], [], []],
    [[2], [2], [2]],
    [[1, 3], [], [1, 3]],
    [[2, 1], [3], [2, 3]],
    [[], [2, 2], [2, 2]],
  ]);
  const row = aLead.length === 0 && random.chance(0.2);
  const column = bLead.length === 0 && random.chance(0.2);
  const a = draft.input(row ? [k] : [...aLead, m, k], scales.quantization(dtype));
  const b = draft.input(column ? [k] : [...bLead, k, n], scales.quantization(dtype));
  const y = draft.result(dtype, amplitude(a.q.scale, [b.q.scale], k));
  return draft.finish([draft.op('MatMul', [a.name, b.name], [...lead, ...(row ? [] : [m]), ...(column ? [] : [n])], y)]);
}

function qlinearProduct(draft: Draft): FuzzCase {
  const { random, scales } = draft;
  const { m, k, n } = sizes(draft);
  const dtype = random.dtype();
  const [a, b] = [draft.integers([2, m, k], scales.quantization(dtype)), draft.integers([2, k, n], scales.quantization(dtype))];
  const q = draft.result(dtype, amplitude(a.q.scale, [b.q.scale], k));
  const inputs = [a.name, ...draft.parameters(a.q), b.name, ...draft.parameters(b.q), ...draft.parameters(q)];
  return draft.finish([draft.qlinear('QLinearMatMul', inputs, [2, m, n], q)], true);
}

function convTranspose(draft: Draft): FuzzCase {
  const { random, scales } = draft;
  const rank = random.oneOf([1, 2, 2]);
  const axes = Array.from({ length: rank }, () => ({
    size: random.int(2, draft.small ? 3 : 6),
    kernel: random.int(1, 3),
    stride: random.int(1, 3),
    dilation: random.int(1, 2),
  }));
  const group = random.oneOf([1, 1, 2]);
  const channels = group * random.int(1, 2);
  const outputs = random.int(1, 3);
  const kernel = axes.map((axis) => axis.kernel);
  const x = draft.input([random.oneOf([1, 1, 2]), channels, ...axes.map(({ size }) => size)], scales.quantization(random.dtype()));
  // Weights per tensor, or per output channel, which is axis 1.
  const { names, scales: ws } = draft.weights([channels, outputs, ...kernel], x.q, 1, group === 1 && random.chance(0.5) ? outputs : 0);
  const pads = axes.map(({ kernel: k, dilation }) => random.int(0, Math.min(1, (k - 1) * dilation)));
  const attributes = {
    kernel_shape: kernel,
    strides: axes.map(({ stride }) => stride),
    dilations: axes.map(({ dilation }) => dilation),
    output_padding: axes.map(({ stride }) => random.int(0, stride - 1)),
    pads: [...pads, ...pads],
    group,
  };
  const q = draft.result(x.q.dtype, amplitude(x.q.scale, ws, channels * kernel[0]!));
  return draft.finish([draft.op('ConvTranspose', [x.name, ...names], [], q, attributes)]);
}

/** Integers without scales, made real by constants behind the sum. */
function matMulInteger(draft: Draft): FuzzCase {
  const { random, scales } = draft;
  const { m, k, n } = sizes(draft);
  const x = draft.integers([m, k], scales.quantization('uint8'));
  const w = draft.weightValues([k, n], x.q, 1);
  const zeros = [draft.parameters(x.q)[1], draft.integerTensor(w.dtype, w.channels === 1 ? [] : [n], w.zeroPoints)];
  const sum = draft.float('MatMulInteger', [x.name, draft.integerTensor(w.dtype, [k, n], w.data), ...zeros]);
  const real = draft.float('Cast', [sum], { to: 1 });
  const scale = draft.floats(
    w.channels === 1 ? [] : [n],
    w.scales.map((s) => Math.fround(s * x.q.scale)),
  );
  let y = draft.float('Mul', [real, scale]);
  if (random.chance(0.5)) y = draft.float('Relu', [y]);
  return draft.finish([draft.pair(y, [m, n], draft.result(x.q.dtype, amplitude(x.q.scale, w.scales, k)))]);
}

/** Forms of Gemm that ONNX Runtime leaves in floats. */
function gemmInFloats(draft: Draft): FuzzCase {
  const { random, scales } = draft;
  const { m, k, n } = sizes(draft);
  const x = draft.input([m, k], scales.quantization(random.dtype()));
  const { names, scales: ws } = draft.weights([k, n], x.q, 1, n);
  const attributes = { alpha: { float: random.logUniform(0.5, 2) }, beta: { float: random.logUniform(0.5, 2) } };
  return draft.finish([draft.op('Gemm', [x.name, ...names], [m, n], draft.result(x.q.dtype, amplitude(x.q.scale, ws, k)), attributes)]);
}

export const linear: Family = {
  Conv: (draft) => conv(draft, 2, false),
  'Conv, depthwise': (draft) => conv(draft, 2, true),
  'Conv of signals': (draft) => conv(draft, 1, draft.random.chance(0.3)),
  Gemm: gemm,
  MatMul: matMul,
  'MatMul and a vector': matMulAdd,
  QLinearConv: qlinearConv,
  QLinearMatMul: (draft) => qlinearMatMul(draft, 'QLinearMatMul'),
  'MatMul of two activations': product,
  'QLinearMatMul of two activations': qlinearProduct,
  MatMulInteger: matMulInteger,
  ConvTranspose: convTranspose,
  'Gemm with alpha and beta': gemmInFloats,
  QGemm: (draft) => qlinearMatMul(draft, 'QGemm'),
};
