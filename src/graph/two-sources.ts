/** Operators that put elements of a second tensor among those of a first, at positions known when the model is compiled. They cost nothing in a circuit. */
import { elementCount } from '../tensor/tensor.ts';
import { type Call, input, inputName, layer, outputName } from './call.ts';
import { constantValue } from './constants.ts';
import { addValue, draftValue, parametersOf, sameParameters } from './draft.ts';
import type { ValueId } from './graph.ts';
import type { Meaning } from './meaning.ts';
import { floatOperand } from './operand.ts';
import { refuse } from './report.ts';

/** Input i as a value, read as floats or as integers. */
function source(call: Call, i: number): { readonly value: ValueId; readonly isFloat: boolean } {
  const meaning = input(call, i);
  if (meaning.kind === 'integer') return { value: meaning.value, isFloat: false };
  const operand = floatOperand(call, i);
  return { value: operand.kind === 'view' ? operand.value : constantValue(call.draft, operand, inputName(call, i)), isFloat: true };
}

/** y[o] = the elements of inputs 0 and `second`, one behind the other, at index[o]. */
export function pickOfTwo(call: Call, dims: readonly number[], second: number, index: Int32Array): Meaning {
  const { draft } = call;
  const sources = [source(call, 0), source(call, second)];
  const [x, updates] = sources.map(({ value }) => draftValue(draft, value));
  if (
    sources[0]!.isFloat !== sources[1]!.isFloat ||
    x!.dtype !== updates!.dtype ||
    !sameParameters(parametersOf(x!), parametersOf(updates!))
  )
    refuse('it joins tensors of different types or scales', 'give both tensors one QuantizeLinear scale and zero point');
  const { dtype, quantization } = x!;
  const add = (stem: string, shape: readonly number[]) =>
    addValue(draft, { name: `${outputName(call)}:${stem}`, dtype, dims: shape, quantization });
  const flat = sources.map(({ value }, k) => {
    const y = add(`flat ${k}`, [elementCount(draftValue(draft, value).dims)]);
    draft.nodes.push({ kind: 'reshape', ...layer(call), x: value, y });
    return y;
  });
  const joined = add('joined', [flat.reduce((sum, y) => sum + draftValue(draft, y).dims[0]!, 0)]);
  draft.nodes.push({ kind: 'concat', ...layer(call), xs: flat, axis: 0, y: joined });
  const value = addValue(draft, { name: outputName(call), dtype, dims, quantization, provisional: sources[0]!.isFloat });
  draft.nodes.push({ kind: 'gather', ...layer(call), x: joined, index, fill: null, y: value });
  return sources[0]!.isFloat ? { kind: 'view', dims, value, inFloats: true } : { kind: 'integer', dims, value };
}
