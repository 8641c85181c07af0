/** Third pass: graph outputs become boundaries; what is still float there, or never became integers, is reported. */
import { type Draft, draftValue } from '../draft.ts';
import type { Boundary } from '../graph.ts';
import type { Unsupported } from '../report.ts';

/** Quantized tensors that the float tensor `name` is computed from: what the nearest DequantizeLinears make. */
function quantizedBefore(draft: Draft, name: string): string[] {
  const found = new Set<string>();
  const seen = new Set<string>();
  const pending = [name];
  for (let tensor = pending.pop(); tensor !== undefined; tensor = pending.pop()) {
    if (seen.has(tensor)) continue;
    seen.add(tensor);
    const maker = draft.model.nodes[draft.makers.get(tensor) ?? -1];
    if (maker === undefined) continue;
    if (maker.op !== 'DequantizeLinear') pending.push(...maker.inputs);
    else if (draft.meanings.get(tensor)?.kind === 'view') found.add(tensor);
  }
  return [...found];
}

/** quantize_static leaves operators that it does not know in floats, at the end of a model too. */
function floatOutputAdvice(draft: Draft, name: string): string {
  const before = quantizedBefore(draft, name);
  const cut = before.length === 0 ? '' : `, or prove what it is computed from and let the reader apply it: --outputs ${before.join(',')}`;
  return `quantize the output: end the model with QuantizeLinear/DequantizeLinear${cut}`;
}

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
        whatToDo: floatOutputAdvice(draft, name),
      };
    }
    case 'boolean':
      return { ...at, why: 'it is of truth values (bool)', whatToDo: 'cast it to uint8, or end the model with Where' };
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
