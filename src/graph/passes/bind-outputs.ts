/** Third pass: graph outputs become boundaries; what is still float there, or never became integers, is reported. */
import { type Draft, draftValue } from '../draft.ts';
import type { Boundary } from '../graph.ts';
import type { Unsupported } from '../report.ts';

function describe(draft: Draft, name: string): Boundary | Omit<Unsupported, 'shape'> | null {
  const meaning = draft.meanings.get(name)!;
  const at = { node: name, op: 'output', domain: '', opset: 0 };
  switch (meaning.kind) {
    case 'view':
      return { name, value: meaning.value, modelDType: 'float32', dims: meaning.dims };
    case 'integer':
      return { name, value: meaning.value, modelDType: draftValue(draft, meaning.value).dtype, dims: meaning.dims };
    case 'pending': {
      const { computation } = meaning;
      return {
        node: computation.name,
        op: computation.op,
        domain: '',
        opset: draft.model.opsets.get('') ?? 0,
        why: `its result reaches the output "${name}" as float, without QuantizeLinear`,
        whatToDo:
          'quantize the output: end the model with QuantizeLinear/DequantizeLinear (quantize_static does, unless the node or the output was excluded)',
      };
    }
    case 'input':
      return { ...at, why: `it is the input "${meaning.input}", not computed`, whatToDo: 'remove this output' };
    case 'constant':
    case 'constantView':
      return { ...at, why: 'it is a constant', whatToDo: 'remove this output' };
    case 'lost': {
      const opaque = draft.model.opaqueInitializers.get(name);
      return opaque === undefined ? null : { ...at, why: `it ${opaque.why}`, whatToDo: 'remove this output' };
    }
  }
}

export function bindOutputs(draft: Draft): { outputs: Boundary[]; unsupported: Unsupported[] } {
  const outputs: Boundary[] = [];
  const unsupported: Unsupported[] = [];
  for (const { name } of draft.model.outputs) {
    const found = describe(draft, name);
    if (found === null) continue;
    if ('why' in found) unsupported.push({ ...found, shape: draft.meanings.get(name)!.dims });
    else outputs.push(found);
  }
  return { outputs, unsupported };
}

/** Float inputs that no QuantizeLinear met. Only worth saying where nothing else explains it. */
export function unusedInputs(draft: Draft): Unsupported[] {
  return draft.inputs
    .filter((input) => input.value === null)
    .map((input) => ({
      node: input.name,
      op: 'input',
      domain: '',
      opset: 0,
      shape: input.dims,
      why: 'no QuantizeLinear reads it',
      whatToDo: 'remove this input from the model, or quantize it',
    }));
}
