/** Joins tensors along their first axis, as a batch of single inferences. */
import type { Tensor, TensorData } from './tensor.ts';

/**
 * Tensors of one dtype and equal dims → one with N times the first axis; scalars become [N].
 * @throws RangeError where they differ, or where there is none
 */
export function joinTensors(parts: readonly Tensor[]): Tensor {
  const first = parts[0];
  if (first === undefined) throw new RangeError('nothing to join');
  if (parts.length === 1) return first;
  const size = first.data.length;
  const data = new (first.data.constructor as new (length: number) => TensorData)(size * parts.length);
  parts.forEach(({ dtype, dims, data: values }, i) => {
    if (dtype !== first.dtype || dims.join() !== first.dims.join()) {
      throw new RangeError(`part ${i} is ${dtype} [${dims.join(', ')}], part 0 is ${first.dtype} [${first.dims.join(', ')}]`);
    }
    (data as Float64Array).set(values as Float64Array, i * size);
  });
  const dims = first.dims.length === 0 ? [parts.length] : [first.dims[0]! * parts.length, ...first.dims.slice(1)];
  return { dtype: first.dtype, dims, data };
}
