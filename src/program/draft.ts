/**
 * The program while it is being built: tensors with a proven interval for every single element, and the ops so far. Lowerings add to it;
 * `buildProgram` freezes it.
 */
import { ZkonnxError } from '../errors.ts';
import type { Graph, GraphNode, GraphValue, QDType, Quantization, ValueId } from '../graph/graph.ts';
import { elementCount } from '../tensor/tensor.ts';
import type { ProgramOp, ProgramTensor, StepForm, TensorId } from './program.ts';

/** Proven interval of each element of a tensor. */
export interface Intervals {
  readonly lows: Int32Array;
  readonly highs: Int32Array;
}

export interface Draft {
  readonly graph: Graph;
  readonly tensors: ProgramTensor[];
  /** By TensorId. */
  readonly intervals: Intervals[];
  readonly ops: ProgramOp[];
  readonly tensorOfValue: Map<ValueId, TensorId>;
  /** Tensors that several nodes take their outputs from, by what they are. */
  readonly shared: Map<string, TensorId>;
  /** Forms found so far, by rule and interval: channels are often alike. */
  readonly forms: Map<string, StepForm>;
}

export function newDraft(graph: Graph): Draft {
  return { graph, tensors: [], intervals: [], ops: [], tensorOfValue: new Map(), shared: new Map(), forms: new Map() };
}

/** Range of an integer type; int64 is what ArgMax returns, and its values are proven far smaller. */
export function dtypeRange(dtype: QDType): { readonly min: number; readonly max: number } {
  switch (dtype) {
    case 'uint8':
      return { min: 0, max: 255 };
    case 'int8':
      return { min: -128, max: 127 };
    case 'int32':
      return { min: -(2 ** 31), max: 2 ** 31 - 1 };
    case 'int64':
      return { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER };
  }
}

export interface NewTensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly dtype: QDType | 'accumulator';
  readonly quantization: Quantization | null;
}

export function addTensor(draft: Draft, { name, dims, dtype, quantization }: NewTensor, intervals: Intervals): TensorId {
  const id = draft.tensors.length;
  const count = elementCount(dims);
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < count; i++) {
    low = Math.min(low, intervals.lows[i]);
    high = Math.max(high, intervals.highs[i]);
  }
  if (count === 0) throw new ZkonnxError('ZK2005', { what: `tensor "${name}" has no elements` });
  const scale = quantization?.scale ?? null;
  draft.tensors.push({ id, name, dims, count, dtype, scale, zeroPoint: quantization?.zeroPoint ?? null, low, high });
  draft.intervals.push(intervals);
  return id;
}

export function graphValue(draft: Draft, id: ValueId): GraphValue {
  return draft.graph.values[id];
}

/** The tensor of a value that is read; a constant one gets its `constant` op here, before its first reader. */
export function tensorOf(draft: Draft, id: ValueId): TensorId {
  const known = draft.tensorOfValue.get(id);
  if (known !== undefined) return known;
  const value = graphValue(draft, id);
  if (value.constant === null) throw new ZkonnxError('ZK7001', { what: `value "${value.name}" is read before it is made` });
  const values = value.constant;
  const y = addTensor(draft, value, { lows: values, highs: values });
  draft.ops.push({ kind: 'constant', layer: value.name, op: 'Constant', y, values });
  draft.tensorOfValue.set(id, y);
  return y;
}

/** Adds the tensor of a node's output. */
export function addOutput(draft: Draft, node: GraphNode, intervals: Intervals): TensorId {
  const y = addTensor(draft, graphValue(draft, node.y), intervals);
  draft.tensorOfValue.set(node.y, y);
  return y;
}

/** Scale and zero point of a value that an arithmetic op reads or writes. */
export function quantizationOf(value: GraphValue): Quantization {
  if (value.quantization === null) throw new ZkonnxError('ZK7001', { what: `value "${value.name}" has no scale` });
  return value.quantization;
}

export function newIntervals(count: number): Intervals {
  return { lows: new Int32Array(count), highs: new Int32Array(count) };
}
