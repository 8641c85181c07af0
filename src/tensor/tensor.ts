/** A named-type, row-major array: what comes in from files and users and goes back out. */
export type DType =
  | 'float32'
  | 'float64'
  | 'float16'
  | 'uint8'
  | 'int8'
  | 'uint16'
  | 'int16'
  | 'uint32'
  | 'int32'
  | 'uint64'
  | 'int64'
  | 'bool';

export type TensorData =
  | Float32Array
  | Float64Array
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigUint64Array
  | BigInt64Array;

export interface Tensor {
  readonly dtype: DType;
  /** Row-major; [] is a scalar of one element. */
  readonly dims: readonly number[];
  /** float16 as raw Uint16Array bits, bool as Uint8Array of 0/1, 64-bit integers as BigInt arrays. */
  readonly data: TensorData;
}

/** ONNX TensorProto.DataType numbers (onnx.proto, enum DataType). */
export const onnxDTypeNumber: Readonly<Record<DType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
};

/** Element count of a shape; 1 for a scalar. Exact below 2^53; callers bound it first. */
export function elementCount(dims: readonly number[]): number {
  let count = 1;
  for (const dim of dims) count *= dim;
  return count;
}
