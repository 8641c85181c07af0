/** Cast to the type a tensor has already: exporters leave such. Constants of integers may change among integer types. */

import { type DType, onnxDTypeNumber, type Tensor } from '../../tensor/tensor.ts';
import { type Call, dimsOf, input, intAttribute, layer, newestOpset, type Op, outputName } from '../call.ts';
import { constantOf, reshapeView } from '../constants.ts';
import { addAlias, draftValue, reinterpret } from '../draft.ts';
import { widened } from '../integer-arithmetic.ts';
import type { BooleanMeaning, Meaning } from '../meaning.ts';
import { reshapeMovement } from '../movement.ts';
import { refuse } from '../report.ts';
import { castToFloat } from '../scaled.ts';

function typeOf(call: Call, meaning: Meaning): DType {
  if (meaning.kind === 'boolean') return 'bool';
  if (meaning.kind === 'integer') return draftValue(call.draft, meaning.value).dtype;
  return meaning.kind === 'constant' ? meaning.tensor.dtype : 'float32';
}

/** 0 and 1 as floats: what computes on them, computes in floats. */
function viewOfTruth(call: Call, { dims, value }: BooleanMeaning): Meaning {
  const q = { scale: 1, zeroPoint: 0 };
  return { kind: 'view', dims, value: addAlias(call.draft, value, outputName(call), layer(call), q), inFloats: true };
}

/** int32 ↔ int64, as shape computations need. */
function castConstant(tensor: Tensor, to: number): Tensor | null {
  const values = Array.from(tensor.data as ArrayLike<number | bigint>, BigInt);
  if (tensor.dtype === 'int32' && to === onnxDTypeNumber.int64) return { ...tensor, dtype: 'int64', data: BigInt64Array.from(values) };
  if (tensor.dtype !== 'int64' || to !== onnxDTypeNumber.int32) return null;
  return { ...tensor, dtype: 'int32', data: Int32Array.from(values, (v) => Number(BigInt.asIntN(32, v))) };
}

/** 8-bit integers as the floats that they are: pixels. What computes on them without a QuantizeLinear, computes in floats. */
function asRead(call: Call, dims: readonly number[], x: number): Meaning {
  const value = reinterpret(call.draft, x, { scale: 1, zeroPoint: 0 }, outputName(call), layer(call));
  return { kind: 'view', dims, value, inFloats: true };
}

export const cast: Op = {
  op: 'Cast',
  limits:
    'to the type that a tensor has; truth values to float32 and uint8; 8 bits to int32 or float32, int32 to float32 before constant scales, indices between int64 and int32; int32 and int64 of constants',
  domain: '',
  opsets: [6, newestOpset],
  // saturate and round_mode matter for float8 only.
  attributes: ['to', 'saturate', 'round_mode'],
  inputs: [1, 1],
  shape: (call) => dimsOf(call, 0),
  translate: (call, dims) => {
    const x = input(call, 0);
    const to = intAttribute(call, 'to', 0);
    const from = typeOf(call, x);
    if (to === onnxDTypeNumber[from]) return reshapeMovement(call, dims, reshapeView);
    if (x.kind === 'boolean' && to === onnxDTypeNumber.uint8) return { ...x, kind: 'integer' };
    if (x.kind === 'boolean' && to === onnxDTypeNumber.float32) return viewOfTruth(call, x);
    if (x.kind === 'integer' && to === onnxDTypeNumber.float32) {
      if (call.draft.integerNetwork) return x;
      return from === 'uint8' || from === 'int8' ? asRead(call, dims, x.value) : castToFloat(call, dims, x.value);
    }
    // Indices of an ArgMax.
    if (x.kind === 'integer' && from === 'int64' && to === onnxDTypeNumber.int32) return widened(call, dims);
    if (x.kind === 'integer' && from === 'int32' && to === onnxDTypeNumber.int64) return widened(call, dims, 'int64');
    if (x.kind === 'integer' && to === onnxDTypeNumber.int32 && (from === 'uint8' || from === 'int8')) return widened(call, dims);
    const constant = x.kind === 'constant' && (from === 'int32' || from === 'int64') ? castConstant(x.tensor, to) : null;
    if (constant !== null) return constantOf(constant);
    return refuse(
      `it casts ${from} to another type`,
      'export the model without type casts: float32 before QuantizeLinear, int64 after ArgMax',
    );
  },
};
