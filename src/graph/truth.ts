/** Operands that are truth values, computed or constant. */
import { type Call, input, inputName } from './call.ts';
import { addValue } from './draft.ts';
import type { ValueId } from './graph.ts';
import { refuse } from './report.ts';

/** The truth values at input i as a value of the graph, 0 and 1. */
export function truthOperand(call: Call, i: number): ValueId {
  const meaning = input(call, i);
  const name = inputName(call, i);
  if (meaning.kind === 'boolean') return meaning.value;
  if (meaning.kind !== 'constant' || meaning.tensor.dtype !== 'bool')
    return refuse(`its input "${name}" is not bool`, 'export the model again; onnx.checker says what is wrong');
  const { constants } = call.draft;
  const before = constants.get(name);
  if (before !== undefined) return before;
  const constant = Int32Array.from(meaning.tensor.data as Uint8Array, (v) => (v === 0 ? 0 : 1));
  const value = addValue(call.draft, { name, dtype: 'uint8', dims: meaning.dims, quantization: null, constant });
  constants.set(name, value);
  return value;
}
