/**
 * What every graph holds, whatever model it came from: checked after building, so that later stages need not.
 * A failure is our bug (ZK7001), never the model's.
 */
import { ZkonnxError } from '../errors.ts';
import { elementCount } from '../tensor/tensor.ts';
import type { Graph, GraphNode, GraphValue, Weights } from './graph.ts';
import { readsOf } from './passes/prune.ts';

function fail(what: string): never {
  throw new ZkonnxError('ZK7001', { what: `graph: ${what}` });
}

function check(condition: boolean, what: () => string): void {
  if (!condition) fail(what());
}

const equalDims = (a: readonly number[], b: readonly number[]) => a.length === b.length && a.every((d, i) => d === b[i]);

function verifyValue(value: GraphValue, i: number): void {
  const at = () => `value ${i} "${value.name}"`;
  check(value.id === i, () => `${at()} has id ${value.id}`);
  check(
    value.dims.every((d) => Number.isSafeInteger(d) && d > 0),
    () => `${at()} has shape [${value.dims.join(', ')}]`,
  );
  if (value.quantization !== null) {
    const { scale, zeroPoint } = value.quantization;
    check(scale > 0 && Number.isFinite(scale) && Math.fround(scale) === scale, () => `${at()} has scale ${scale}`);
    const [low, high] = value.dtype === 'uint8' ? [0, 255] : [-128, 127];
    check(value.dtype === 'uint8' || value.dtype === 'int8', () => `${at()} is ${value.dtype} with a scale`);
    check(Number.isInteger(zeroPoint) && zeroPoint >= low && zeroPoint <= high, () => `${at()} has zero point ${zeroPoint}`);
  }
  if (value.constant !== null)
    check(value.constant.length === elementCount(value.dims), () => `${at()} has ${value.constant?.length} elements`);
}

function verifyWeights(weights: Weights, channels: number, bias: Int32Array | null, at: () => string): void {
  check(weights.data.length === elementCount(weights.dims), () => `${at()} has ${weights.data.length} weights`);
  const { length } = weights.scales;
  check(length === 1 || length === channels, () => `${at()} has ${length} scales for ${channels} channels`);
  check(weights.zeroPoints.length === length, () => `${at()} has ${weights.zeroPoints.length} zero points for ${length} scales`);
  check(bias === null || bias.length === channels, () => `${at()} has ${bias?.length} biases for ${channels} channels`);
}

/** Shapes, types and quantizations of one node's values. */
function verifyNode(graph: Graph, node: GraphNode): void {
  const y = graph.values[node.y]!;
  const xs = readsOf(node).map((id) => graph.values[id]!);
  const x = xs[0]!;
  const at = () => `node "${node.name}" (${node.kind})`;
  const sameInteger = x.dtype === y.dtype;
  const sameRead = x.quantization?.scale === y.quantization?.scale && x.quantization?.zeroPoint === y.quantization?.zeroPoint;
  const quantized = () =>
    check(
      [...xs, y].every((v) => v.quantization !== null),
      () => `${at()} computes on values without quantization`,
    );
  const plain = () => check(y.quantization === null, () => `${at()} puts out integers with a scale`);
  const quantizedOrSums = () => {
    if (y.dtype !== 'int32') quantized();
    else plain();
  };
  const shapes = () => `${at()}: ${xs.map((v) => `[${v.dims}]`).join(', ')} → [${y.dims}]`;
  switch (node.kind) {
    case 'conv': {
      quantizedOrSums();
      const [m, perGroup, ...kernel] = node.weights.dims;
      const [height, width] = kernel.length === 1 ? [1, kernel[0]] : kernel;
      check(x.dims.length === y.dims.length && x.dims.length === node.weights.dims.length && y.dims[1] === m, shapes);
      check(x.dims[1] === perGroup! * node.group && m! % node.group === 0, () => `${at()}: groups`);
      check(height === node.window.kernel[0] && width === node.window.kernel[1], () => `${at()}: kernel`);
      verifyWeights(node.weights, m!, node.bias, at);
      break;
    }
    case 'matmul': {
      quantizedOrSums();
      const [k, n] = node.weights.dims.slice(-2);
      check(x.dims[x.dims.length - 1] === k && elementCount(y.dims) * k! === elementCount(x.dims) * n!, shapes);
      const matrices = elementCount(node.weights.dims) / (k! * n!);
      check(matrices === 1 || elementCount(x.dims.slice(0, -2)) % matrices === 0, shapes);
      verifyWeights(node.weights, n!, node.bias?.length === elementCount(y.dims) ? null : node.bias, at);
      break;
    }
    case 'dotproduct': {
      quantizedOrSums();
      const other = xs[1]!;
      const [m, k] = x.dims.slice(-2);
      const [inner, n] = other.dims.slice(-2);
      const batch = x.dims.slice(0, -2);
      check(node.bias === null || node.bias.length === n || node.bias.length === elementCount(y.dims), shapes);
      check(k === inner && equalDims(batch, other.dims.slice(0, -2)) && equalDims([...batch, m!, n!], y.dims), shapes);
      break;
    }
    case 'add':
    case 'subtract':
    case 'multiply':
    case 'averagepool':
    case 'globalaveragepool':
      quantized();
      break;
    case 'table':
      quantized();
      check(equalDims(x.dims, y.dims), shapes);
      check(
        node.floats.length > 0 && node.floats.length % 256 === 0 && elementCount(y.dims) % ((node.floats.length / 256) * node.inner) === 0,
        () => `${at()} has ${node.floats.length} values`,
      );
      check(!node.floats.some(Number.isNaN), () => `${at()} puts out NaN`);
      break;
    case 'scaled':
      check(x.dtype === 'int32' || x.dtype === 'uint8' || x.dtype === 'int8', () => `${at()} reads ${x.dtype}`);
      check(y.quantization !== null, () => `${at()} puts out integers without a scale`);
      check(equalDims(x.dims, y.dims) && elementCount(y.dims) % (node.channels * node.inner) === 0, shapes);
      check(
        node.steps.every(({ values }) => values.length === 1 || values.length === node.channels),
        () => `${at()}: channels`,
      );
      break;
    case 'shift':
      plain();
      check(equalDims(x.dims, y.dims) && elementCount(y.dims) % (node.muls.length * node.inner) === 0, shapes);
      check(node.adds.length === node.muls.length && node.min <= node.max && node.div >= 1, () => `${at()}: parameters`);
      break;
    case 'combine':
      plain();
      check(node.factors.length === xs.length, () => `${at()}: factors`);
      break;
    case 'requantize':
      quantized();
      check(equalDims(x.dims, y.dims), shapes);
      break;
    case 'maxpool':
      check(sameInteger && sameRead, () => `${at()} changes the quantization`);
      break;
    case 'reshape':
      check(sameInteger && elementCount(x.dims) === elementCount(y.dims), shapes);
      break;
    case 'transpose': {
      check(sameInteger && sameRead, () => `${at()} changes the quantization`);
      const dims = node.perm.map((p) => x.dims[p]!);
      check(equalDims(dims, y.dims), shapes);
      break;
    }
    case 'gather':
      check(sameInteger && sameRead && node.index.length === elementCount(y.dims), shapes);
      check(
        node.index.every((i) => i >= (node.fill === null ? 0 : -1) && i < elementCount(x.dims)),
        () => `${at()}: indices`,
      );
      break;
    case 'concat': {
      const length = xs.reduce((sum, value) => sum + value.dims[node.axis]!, 0);
      const rest = (value: GraphValue) => value.dims.toSpliced(node.axis, 1);
      check(length === y.dims[node.axis], shapes);
      for (const value of xs) check(equalDims(rest(value), rest(y)), shapes);
      break;
    }
    case 'reducesum':
      quantizedOrSums();
      check(elementCount(y.dims) * node.axes.reduce((size, axis) => size * x.dims[axis]!, 1) === elementCount(x.dims), shapes);
      break;
    case 'compare':
    case 'logic':
      check(y.dtype === 'uint8' && y.quantization === null, () => `${at()} puts out ${y.dtype}`);
      break;
    case 'where':
      check(xs.length === 3 && x.quantization === null, () => `${at()} has a condition with a scale`);
      break;
    case 'topk':
      check(
        node.output === 'indices' ? y.dtype === 'int64' && y.quantization === null : sameInteger && sameRead,
        () => `${at()} puts out ${y.dtype}`,
      );
      check(node.k <= x.dims[node.axis]! && equalDims(x.dims.toSpliced(node.axis, 1, node.k), y.dims), shapes);
      break;
    case 'softmax':
      quantized();
      check(equalDims(x.dims, y.dims) && elementCount(x.dims) % (node.count * node.stride) === 0, shapes);
      break;
    case 'extremum':
      if (y.quantization !== null) quantized();
      break;
    case 'reduce':
      check(sameInteger && sameRead, () => `${at()} changes the quantization`);
      check(elementCount(y.dims) * node.axes.reduce((size, axis) => size * x.dims[axis]!, 1) === elementCount(x.dims), shapes);
      break;
    case 'argmax':
      check(y.dtype === 'int64' && y.quantization === null, () => `${at()} puts out ${y.dtype}`);
      check(elementCount(y.dims) * x.dims[node.axis]! === elementCount(x.dims), shapes);
      break;
  }
}

/** Each value made once, before its uses; unique names; every node's shapes and types fit together. */
export function verifyGraph(graph: Graph): void {
  const names = new Set<string>();
  graph.values.forEach((value, i) => {
    verifyValue(value, i);
    check(!names.has(value.name), () => `two values are called "${value.name}"`);
    names.add(value.name);
  });
  const made = new Set<number>();
  const make = (id: number, by: string) => {
    check(id >= 0 && id < graph.values.length && !made.has(id), () => `value ${id} is made twice, or is none (${by})`);
    made.add(id);
  };
  for (const input of graph.inputs) make(input.value, `input "${input.name}"`);
  for (const value of graph.values) if (value.constant !== null) make(value.id, 'constant');
  for (const node of graph.nodes) {
    for (const x of readsOf(node)) check(made.has(x), () => `node "${node.name}" reads value ${x} before it is made`);
    make(node.y, `node "${node.name}"`);
    verifyNode(graph, node);
  }
  check(made.size === graph.values.length, () => `${graph.values.length - made.size} values are made by nothing`);
  for (const boundary of [...graph.inputs, ...graph.outputs]) {
    check(made.has(boundary.value), () => `boundary "${boundary.name}" is made by nothing`);
    const value = graph.values[boundary.value]!;
    check(
      equalDims(value.dims, boundary.dims),
      () => `boundary "${boundary.name}" has shape [${boundary.dims}], its value [${value.dims}]`,
    );
    check(
      boundary.modelDType !== 'float32' || value.quantization !== null,
      () => `boundary "${boundary.name}" is float without quantization`,
    );
  }
}
