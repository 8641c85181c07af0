/** Inference without a proof: exactly what would be proven, returned as ONNX Runtime returns it. */
import { throwIfAborted } from './errors.ts';
import type { RunOptions } from './events.ts';
import { countInferences, inferenceAt, type NamedTensors } from './inputs.ts';
import { evaluate } from './program/evaluate.ts';
import type { Program, TensorId } from './program/program.ts';
import { dequantizeOutput, integerTensor, quantizeInput } from './program/quantize.ts';
import { joinTensors } from './tensor/join.ts';
import type { Tensor } from './tensor/tensor.ts';

export interface InferenceOptions extends RunOptions {
  /** Adds every named tensor of the network (integers, by ONNX name) beside the outputs. */
  readonly activations?: boolean | undefined;
  /** Allows lossy conversion of inputs, e.g. float64 to float32. */
  readonly cast?: boolean | undefined;
}

/** Integers of every tensor for one inference; the start of both `run` and `prove`. */
export function infer(
  program: Program,
  inputs: NamedTensors,
  options: { readonly cast?: boolean | undefined } = {},
): ReadonlyMap<TensorId, Int32Array> {
  const integers = new Map<string, Int32Array>();
  for (const input of program.inputs) integers.set(input.name, quantizeInput(program, input.name, inputs[input.name]!, options));
  return evaluate(program, integers);
}

/**
 * Outputs by name, with the model's own dtypes and shapes; N inferences (see inputs.ts) are joined along axis 0.
 * @throws ZkonnxError ZK41xx for inputs that the model cannot take.
 */
export async function run(program: Program, inputs: NamedTensors, options: InferenceOptions = {}): Promise<NamedTensors> {
  const count = countInferences(program, inputs);
  const parts = new Map<string, Tensor[]>();
  const add = (name: string, tensor: Tensor): void => {
    const list = parts.get(name);
    if (list === undefined) parts.set(name, [tensor]);
    else list.push(tensor);
  };
  for (let i = 0; i < count; i++) {
    throwIfAborted(options.signal, 'run');
    const values = infer(program, inferenceAt(program, inputs, i), options);
    for (const output of program.outputs) add(output.name, dequantizeOutput(program, output.name, values.get(output.tensor)!));
    if (options.activations) {
      for (const tensor of program.tensors) {
        const data = values.get(tensor.id);
        if (data !== undefined && !program.outputs.some((output) => output.name === tensor.name))
          add(tensor.name, integerTensor(tensor, data));
      }
    }
    options.onEvent?.({ stage: 'run', done: i + 1, total: count });
    if (i % 16 === 15) await new Promise<void>((resolve) => setTimeout(resolve, 0));
  }
  return Object.fromEntries([...parts].map(([name, list]) => [name, joinTensors(list)]));
}
