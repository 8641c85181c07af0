/** Constants and constant views as arrays: moved, sliced by axis, turned into values of the graph. */
import { elementCount, type Tensor, type TensorData } from '../tensor/tensor.ts';
import { addValue, type Draft } from './draft.ts';
import type { ValueId } from './graph.ts';
import type { ConstantMeaning, ConstantView } from './meaning.ts';
import { stridesOf } from './positions.ts';
import { refuse } from './report.ts';

/** Elements of a constant that is computed when the model is compiled. */
export const constantLimit = 2 ** 20;

export function constantOf(tensor: Tensor): ConstantMeaning {
  return { kind: 'constant', dims: tensor.dims, tensor };
}

/** Source element of each element of the transposed tensor. */
export function transposeOrder(dims: readonly number[], perm: readonly number[]): Int32Array {
  const strides = stridesOf(dims);
  const out = perm.map((p) => dims[p]!);
  const order = new Int32Array(elementCount(dims));
  const at = new Array<number>(dims.length).fill(0);
  let source = 0;
  for (let i = 0; i < order.length; i++) {
    order[i] = source;
    for (let d = out.length - 1; d >= 0; d--) {
      const step = strides[perm[d]!]!;
      at[d] = at[d]! + 1;
      source += step;
      if (at[d]! < out[d]!) break;
      source -= step * out[d]!;
      at[d] = 0;
    }
  }
  return order;
}

/** data[order[i]] for each i. */
export function pick<T extends TensorData>(data: T, order: Int32Array): T {
  const out = new (data.constructor as new (length: number) => T)(order.length);
  for (let i = 0; i < order.length; i++) out[i] = data[order[i]!]!;
  return out;
}

export function transposeConstant(tensor: Tensor, perm: readonly number[], dims: readonly number[]): Tensor {
  return { dtype: tensor.dtype, dims, data: pick(tensor.data, transposeOrder(tensor.dims, perm)) };
}

export function transposeView(view: ConstantView, perm: readonly number[], dims: readonly number[]): ConstantView {
  const axis = view.axis === null ? null : perm.indexOf(view.axis);
  return { ...view, dims, data: pick(view.data, transposeOrder(view.dims, perm)), axis };
}

/** Same elements, other shape: a per-channel axis must survive with the same elements on both sides of it. */
export function reshapeView(view: ConstantView, dims: readonly number[]): ConstantView {
  if (view.axis === null) return { ...view, dims };
  const before = elementCount(view.dims.slice(0, view.axis));
  const channels = view.dims[view.axis]!;
  const axis = dims.findIndex((d, i) => d === channels && elementCount(dims.slice(0, i)) === before);
  if (axis < 0) refuse('per-channel weights are reshaped across their channels', 'fold the reshape into the weights before quantizing');
  return { ...view, dims, axis };
}

/** The float32 elements that a constant view stands for. */
export function dequantizeView(view: ConstantView): Tensor {
  const inner = view.axis === null ? 1 : elementCount(view.dims.slice(view.axis + 1));
  const data = Float32Array.from(view.data, (q, i) => {
    const c = view.axis === null ? 0 : Math.floor(i / inner) % view.scales.length;
    return Math.fround((q - view.zeroPoints[c]!) * view.scales[c]!);
  });
  return { dtype: 'float32', dims: view.dims, data };
}

/** A constant view as a value of the graph: one side of an Add, an input of a Concat. */
export function constantValue(draft: Draft, view: ConstantView, name: string): ValueId {
  if (view.axis !== null) refuse(`"${name}" is a constant quantized per channel`, 'quantize constants other than weights per tensor');
  if (view.dtype === 'int32') refuse(`"${name}" is an int32 constant`, 'quantize it to 8 bits');
  const before = draft.constants.get(name);
  if (before !== undefined) return before;
  const value = addValue(draft, {
    name,
    dtype: view.dtype,
    dims: view.dims,
    quantization: { scale: view.scales[0]!, zeroPoint: view.zeroPoints[0]! },
    constant: view.data,
  });
  draft.constants.set(name, value);
  return value;
}
