/**
 * Plain integers: tensors without a scale. In an integer network (integer-network.ts) every operator is that of the integers; in other models these are (u)int8
 * and int32 tensors between QuantizeLinear, MatMulInteger, ConvInteger and Cast.
 * In: a call. Out: integer operands, constants and results. Reference: docs/onnx-semantics.md, "Integer networks".
 */
import type { Tensor } from '../tensor/tensor.ts';
import { type Call, input, inputName, outputName } from './call.ts';
import { addValue, draftValue } from './draft.ts';
import type { GraphNode, QDType, ValueId } from './graph.ts';
import type { Meaning } from './meaning.ts';
import { refuse } from './report.ts';

const int32Most = 2 ** 31 - 1;

/** Whether the op works on plain integers of the proof: its first input is such, or the second beside a constant. */
export function onIntegers(call: Call, inputs: readonly number[] = [0]): boolean {
  return inputs.some((i) => call.inputs[i]?.kind === 'integer');
}

/** The integers at input i. */
export function integerAt(call: Call, i: number): ValueId {
  const meaning = input(call, i);
  if (meaning.kind === 'integer') return meaning.value;
  return refuse(`its input "${inputName(call, i)}" is no tensor of integers`, 'export the model again: all its inputs must be integers');
}

/** A constant's elements as integers of at most 31 bits: an integer tensor, or floats that are integers. */
export function integersOfConstant(tensor: Tensor, name: string): Int32Array {
  const { dtype, data } = tensor;
  if (dtype !== 'float32' && dtype !== 'float64' && dtype !== 'int64' && dtype !== 'int32' && dtype !== 'int8' && dtype !== 'uint8')
    return refuse(`its constant "${name}" is ${dtype}`, 'an integer network has constants of float32 or of integers');
  const integers = new Int32Array(data.length);
  for (let k = 0; k < integers.length; k++) {
    const value = Number(data[k]);
    if (!Number.isInteger(value))
      refuse(`its constant "${name}" holds ${value}, which is no integer`, 'integerize the network before it is exported');
    if (Math.abs(value) > int32Most) refuse(`its constant "${name}" holds ${value}, int32 ends at ${int32Most}`, 'use smaller constants');
    integers[k] = value;
  }
  return integers;
}

export interface IntegerConstant {
  readonly dims: readonly number[];
  readonly data: Int32Array;
}

/** The constant integers at input i. */
export function integerConstant(call: Call, i: number, what: string): IntegerConstant {
  const meaning = input(call, i);
  if (meaning.kind !== 'constant')
    return refuse(`its ${what} "${inputName(call, i)}" is computed, not constant`, 'only constant ones can be proven yet');
  return { dims: meaning.dims, data: integersOfConstant(meaning.tensor, inputName(call, i)) };
}

/** The integers at input i, computed or constant, as a value of the graph. */
export function integerSide(call: Call, i: number): ValueId {
  if (input(call, i).kind !== 'constant') return integerAt(call, i);
  const name = inputName(call, i);
  const before = call.draft.constants.get(name);
  if (before !== undefined) return before;
  const { dims, data } = integerConstant(call, i, 'operand');
  const value = addValue(call.draft, { name, dtype: 'int32', dims, quantization: null, constant: data });
  call.draft.constants.set(name, value);
  return value;
}

/**
 * Type of arithmetic on the integers at those inputs: that of the ONNX tensors, in which sums would wrap around, or int32 in an integer network, whose tensors
 * are floats.
 */
export function integerType(call: Call, inputs: readonly number[]): QDType {
  const { draft } = call;
  if (draft.integerNetwork) return 'int32';
  const types = inputs.flatMap((i) => {
    const meaning = input(call, i);
    return meaning.kind === 'integer'
      ? [draftValue(draft, meaning.value).dtype]
      : meaning.kind === 'constant'
        ? [meaning.tensor.dtype]
        : [];
  });
  const [first] = types;
  if (first !== 'uint8' && first !== 'int8' && first !== 'int32') return refuse(`it computes on ${first}`, 'use int32 or 8 bits');
  if (types.some((type) => type !== first))
    refuse(`it joins ${types.join(' and ')}`, 'export the model again; onnx.checker says what is wrong');
  return first;
}

/** The meaning of a node that puts out plain integers. */
export function integerResult(call: Call, dims: readonly number[], dtype: QDType, node: (y: ValueId) => GraphNode): Meaning {
  const y = addValue(call.draft, { name: outputName(call), dtype, dims, quantization: null });
  call.draft.nodes.push(node(y));
  return { kind: 'integer', dims, value: y };
}
