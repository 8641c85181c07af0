/** First pass: graph inputs and initializers get their meanings; a batch dimension left open becomes 1. */
import { ZkonnxError } from '../../errors.ts';
import type { OnnxValueInfo } from '../../onnx/model.ts';
import { constantOf } from '../constants.ts';
import { addValue, type Draft } from '../draft.ts';
import type { Unsupported } from '../report.ts';

function entry(input: OnnxValueInfo, why: string, whatToDo: string): Unsupported {
  const shape = input.dims?.map((d) => d ?? '?') ?? null;
  return { node: input.name, op: 'input', domain: '', opset: 0, shape, why, whatToDo };
}

/** Fixed dimensions: an open or zero first one of several is the batch, 1. Or the reason against it. */
function fixedDims(dims: OnnxValueInfo['dims']): readonly number[] | string {
  if (dims === null) return 'its shape is unknown';
  const fixed: number[] = [];
  for (const [i, dim] of dims.entries()) {
    const known = typeof dim === 'number' && dim > 0;
    if (!known && (i > 0 || dims.length === 1)) return `dimension ${i} (${dim ?? '?'}) is not fixed`;
    fixed.push(known ? dim : 1);
  }
  return fixed;
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
    const dims = fixedDims(input.dims);
    if (typeof dims === 'string') {
      unsupported.push(
        entry(input, dims, 'fix the shape: onnxruntime.tools.make_dynamic_shape_fixed, or export without dynamic axes (but the batch)'),
      );
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
