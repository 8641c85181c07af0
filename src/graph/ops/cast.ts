/** Cast and CastLike to the type a tensor has already: exporters leave such. Constants may change their type. */

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

/** Types of constants that shape computations go through. */
const constantTypes = ['float32', 'int64', 'int32', 'int8', 'uint8', 'bool'] as const;
const integerBits = { int32: 32, int8: 8, uint8: 8 } as const;

/** A constant in another type, as C casts: towards zero, integers wrapped around. Null for other types. */
function castConstant({ dtype, dims, data }: Tensor, to: number): Tensor | null {
  const target = constantTypes.find((name) => onnxDTypeNumber[name] === to);
  if (target === undefined || !constantTypes.some((name) => name === dtype)) return null;
  const numbers = Array.from(data as ArrayLike<number | bigint>, Number);
  if (numbers.some((v) => !Number.isSafeInteger(Math.trunc(v)))) return null;
  if (target === 'float32') return { dtype: target, dims, data: Float32Array.from(numbers) };
  if (target === 'bool') return { dtype: target, dims, data: Uint8Array.from(numbers, (v) => (v === 0 ? 0 : 1)) };
  const integers = numbers.map((v) => BigInt(Math.trunc(v)));
  if (target === 'int64') return { dtype: target, dims, data: BigInt64Array.from(integers) };
  const wrapped = integers.map((v) => Number(BigInt.asIntN(integerBits[target], v)));
  const made = { int32: Int32Array, int8: Int8Array, uint8: Uint8Array }[target].from(wrapped);
  return { dtype: target, dims, data: made };
}

/** 8-bit integers as the floats that they are: pixels. What computes on them without a QuantizeLinear, computes in floats. */
function asRead(call: Call, dims: readonly number[], x: number): Meaning {
  const value = reinterpret(call.draft, x, { scale: 1, zeroPoint: 0 }, outputName(call), layer(call));
  return { kind: 'view', dims, value, inFloats: true };
}

function castTo(call: Call, dims: readonly number[], to: number): Meaning {
  const x = input(call, 0);
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
  const constant = x.kind === 'constant' ? castConstant(x.tensor, to) : null;
  if (constant !== null) return constantOf(constant);
  return refuse(
    `it casts ${from} to another type`,
    'export the model without type casts: float32 before QuantizeLinear, int64 after ArgMax',
  );
}

const shared = {
  domain: '',
  limits:
    'to the type that a tensor has; truth values to float32 and uint8; 8 bits to int32 or float32, int32 to float32 before constant scales, indices between int64 and int32; constants',
  shape: (call: Call) => dimsOf(call, 0),
} as const;

export const cast: Op = {
  ...shared,
  op: 'Cast',
  opsets: [6, newestOpset],
  // saturate and round_mode matter for float8 only.
  attributes: ['to', 'saturate', 'round_mode'],
  inputs: [1, 1],
  translate: (call, dims) => castTo(call, dims, intAttribute(call, 'to', 0)),
};

/** To the type of a second tensor. */
export const castLike: Op = {
  ...shared,
  op: 'CastLike',
  opsets: [15, newestOpset],
  attributes: ['saturate', 'round_mode'],
  inputs: [2, 2],
  translate: (call, dims) => castTo(call, dims, onnxDTypeNumber[typeOf(call, input(call, 1))]),
};
