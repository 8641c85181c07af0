/**
 * Many inferences in one file: arrays whose first axis is N times the model's batch. Splits them into single inferences; outputs are joined
 * again along axis 0 (`tensor/join.ts`), as ONNX Runtime would return them for a batch.
 */
import { ZkonnxError } from './errors.ts';
import type { Program } from './program/program.ts';
import { elementCount, type Tensor } from './tensor/tensor.ts';

/** Arrays by the model's input or output names. */
export type NamedTensors = Readonly<Record<string, Tensor>>;

/**
 * How many inferences the arrays hold: 1 if every array has the model's own shape, N if every array is [N·B, …] where the model says [B, …].
 * @throws ZkonnxError ZK4101 (array missing), ZK4103 (shape).
 */
export function countInferences(program: Program, inputs: NamedTensors): number {
  let count: number | null = null;
  for (const input of program.inputs) {
    if (!Object.hasOwn(inputs, input.name)) {
      throw new ZkonnxError('ZK4101', { tensor: input.name, given: Object.keys(inputs).join(', ') || 'nothing' });
    }
    const { dims } = inputs[input.name]!;
    const rest = dims.length === input.dims.length && dims.every((dim, axis) => axis === 0 || dim === input.dims[axis]);
    const times = input.dims.length === 0 ? 1 : dims[0]! / input.dims[0]!;
    const mine = rest && times >= 1 && Number.isInteger(times) ? times : null;
    if (mine === null || (count !== null && count !== mine)) {
      throw new ZkonnxError('ZK4103', { tensor: input.name, given: dims.join(', '), wanted: input.dims.join(', ') });
    }
    count = mine;
  }
  return count ?? 1;
}

/** Inference number `index` (from 0) of the arrays: views, not copies. */
export function inferenceAt(program: Program, inputs: NamedTensors, index: number): NamedTensors {
  return Object.fromEntries(
    program.inputs.map(({ name, dims }) => {
      const { dtype, data } = inputs[name]!;
      const size = elementCount(dims);
      return [name, { dtype, dims, data: data.subarray(index * size, (index + 1) * size) }];
    }),
  );
}
