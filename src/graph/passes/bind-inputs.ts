/** First pass: graph inputs and initializers get their meanings, and open dimensions their sizes. */
import { ZkonnxError } from '../../errors.ts';
import type { OnnxValueInfo } from '../../onnx/model.ts';
import { elementCount } from '../../tensor/tensor.ts';
import { constantOf } from '../constants.ts';
import { addValue, type Draft } from '../draft.ts';
import { elementLimit } from '../limits.ts';
import type { Unsupported } from '../report.ts';
import { fixedDims } from '../sizes.ts';

function entry(input: OnnxValueInfo, why: string, whatToDo: string): Unsupported {
  const shape = input.dims?.map((d) => d ?? '?') ?? null;
  return { node: input.name, op: 'input', domain: '', opset: 0, shape, why, whatToDo };
}

export function bindInputs(draft: Draft): Unsupported[] {
  const unsupported: Unsupported[] = [];
  const { model } = draft;
  for (const [name, tensor] of model.initializers) draft.meanings.set(name, constantOf(tensor));
  for (const name of model.opaqueInitializers.keys()) draft.meanings.set(name, { kind: 'lost', dims: null });
  const types = new Map(Object.entries(draft.inputTypes));
  for (const name of types.keys()) {
    if (!model.inputs.some((input) => input.name === name))
      throw new ZkonnxError('ZK1005', { role: 'input', tensor: name, known: model.inputs.map((input) => input.name).join(', ') });
  }
  for (const input of model.inputs) {
    const { name, dtype } = input;
    const dims = fixedDims(input, draft.sizes);
    if ('why' in dims) {
      unsupported.push(entry(input, dims.why, dims.whatToDo));
      draft.meanings.set(name, { kind: 'lost', dims: null });
    } else if (types.has(name) && !(dtype === 'float32' && draft.integerNetwork)) {
      const why = `its type is given as ${types.get(name)}, but the file says what its integers are`;
      unsupported.push(entry(input, why, 'give types only to float32 inputs of integer networks (RequantShift)'));
      draft.meanings.set(name, { kind: 'lost', dims });
    } else if (dtype === 'float32' && draft.integerNetwork) {
      const integers = types.get(name) ?? 'uint8';
      const value = addValue(draft, { name, dtype: integers, dims, quantization: null });
      draft.inputs.push({ name, dims, modelDType: integers, value });
      draft.meanings.set(name, { kind: 'integer', dims, value });
    } else if (elementCount(dims) > elementLimit) {
      const why = `it has ${elementCount(dims)} elements, at most ${elementLimit} are taken`;
      unsupported.push(entry(input, why, 'use a smaller input'));
      draft.meanings.set(name, { kind: 'lost', dims: null });
    } else if (dtype === 'float32') {
      draft.inputs.push({ name, dims, modelDType: 'float32', value: null });
      draft.meanings.set(name, { kind: 'input', dims, input: name, moves: [] });
    } else if (dtype === 'uint8' || dtype === 'int8') {
      const value = addValue(draft, { name, dtype, dims, quantization: null });
      draft.inputs.push({ name, dims, modelDType: dtype, value });
      draft.meanings.set(name, { kind: 'integer', dims, value });
    } else {
      unsupported.push(entry(input, `it is ${dtype}`, 'inputs must be float32 (quantized by the model itself), uint8 or int8'));
      draft.meanings.set(name, { kind: 'lost', dims });
    }
  }
  return unsupported;
}
