/**
 * TensorProto → Tensor: payloads in `raw_data` (little-endian) or in the typed fields, lengths and ranges checked.
 * In: a decoded TensorProto. Out: a typed array of its own (never a view into the file), why it is not read, or ZK2003 / ZK2004.
 */
import type onnxProto from 'onnx-proto';
import { ZkonnxError } from '../errors.ts';
import { type DType, onnxDTypeNumber, type Tensor, type TensorData } from '../tensor/tensor.ts';
import { externalLocation } from './external.ts';
import type { Opaque, ReadExternal } from './model.ts';

/** protobufjs gives int64 as Long objects where the `long` package is found, as numbers where not. */
export type Int64 = number | { readonly low: number; readonly high: number; readonly unsigned: boolean };

const dtypeByNumber = new Map<number, DType>(Object.entries(onnxDTypeNumber).map(([dtype, number]) => [number, dtype as DType]));

/** Types that nothing here reads; a node that uses one is unsupported, the file is not damaged. */
const otherTypeNames: Readonly<Record<number, string>> = {
  8: 'string',
  14: 'complex64',
  15: 'complex128',
  16: 'bfloat16',
  17: 'float8e4m3fn',
  18: 'float8e4m3fnuz',
  19: 'float8e5m2',
  20: 'float8e5m2fnuz',
  21: 'uint4',
  22: 'int4',
  23: 'float4e2m1',
  24: 'float8e8m0',
  25: 'uint2',
  26: 'int2',
  27: 'float6e2m3',
  28: 'float6e3m2',
};

const EXTERNAL = 1;
/** Elements of one tensor; the payload must be in the file anyway. */
const elementLimit = 2 ** 31;
const rankLimit = 32;

export function dtypeOf(number: number): DType | undefined {
  return dtypeByNumber.get(number);
}

export function otherTypeName(number: number): string | undefined {
  return otherTypeNames[number];
}

/** The integer, exactly, or null beyond ±2^53. */
export function safeInteger(value: Int64): number | null {
  const n = typeof value === 'number' ? value : (value.unsigned ? value.high >>> 0 : value.high) * 2 ** 32 + (value.low >>> 0);
  return Number.isSafeInteger(n) ? n : null;
}

function bigInteger(value: Int64, fail: (what: string) => never): bigint {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : fail('an integer beyond 2^53');
  return (BigInt(value.unsigned ? value.high >>> 0 : value.high) << 32n) | BigInt(value.low >>> 0);
}

/** Element count of `dims`, checked for sign and size. */
export function checkDims(dims: readonly Int64[], fail: (what: string) => never): { dims: number[]; count: number } {
  if (dims.length > rankLimit) fail(`${dims.length} dimensions`);
  let count = 1;
  let empty = false;
  const checked = dims.map((dim) => {
    const n = safeInteger(dim);
    if (n === null || n < 0) return fail(`dimension ${n ?? 'beyond 2^53'}`);
    if (n === 0) empty = true;
    else if (count * n > elementLimit) return fail(`dimensions of more than ${elementLimit} elements`);
    else count *= n;
    return n;
  });
  return { dims: checked, count: empty ? 0 : count };
}

interface Layout {
  readonly bytes: number;
  readonly make: (count: number) => TensorData;
  readonly read: (view: DataView, at: number) => number | bigint;
  /** Which typed field holds it when raw_data does not. */
  readonly typed: 'floatData' | 'doubleData' | 'int32Data' | 'int64Data' | 'uint64Data';
  /** Inclusive range of an integer in int32_data or uint64_data. */
  readonly range: readonly [number, number] | null;
}

const layouts: Readonly<Record<DType, Layout>> = {
  float32: { bytes: 4, make: (n) => new Float32Array(n), read: (v, at) => v.getFloat32(at, true), typed: 'floatData', range: null },
  float64: { bytes: 8, make: (n) => new Float64Array(n), read: (v, at) => v.getFloat64(at, true), typed: 'doubleData', range: null },
  float16: { bytes: 2, make: (n) => new Uint16Array(n), read: (v, at) => v.getUint16(at, true), typed: 'int32Data', range: [0, 65535] },
  uint8: { bytes: 1, make: (n) => new Uint8Array(n), read: (v, at) => v.getUint8(at), typed: 'int32Data', range: [0, 255] },
  int8: { bytes: 1, make: (n) => new Int8Array(n), read: (v, at) => v.getInt8(at), typed: 'int32Data', range: [-128, 127] },
  bool: { bytes: 1, make: (n) => new Uint8Array(n), read: (v, at) => v.getUint8(at), typed: 'int32Data', range: [0, 1] },
  uint16: { bytes: 2, make: (n) => new Uint16Array(n), read: (v, at) => v.getUint16(at, true), typed: 'int32Data', range: [0, 65535] },
  int16: { bytes: 2, make: (n) => new Int16Array(n), read: (v, at) => v.getInt16(at, true), typed: 'int32Data', range: [-32768, 32767] },
  int32: { bytes: 4, make: (n) => new Int32Array(n), read: (v, at) => v.getInt32(at, true), typed: 'int32Data', range: null },
  uint32: {
    bytes: 4,
    make: (n) => new Uint32Array(n),
    read: (v, at) => v.getUint32(at, true),
    typed: 'uint64Data',
    range: [0, 4294967295],
  },
  int64: { bytes: 8, make: (n) => new BigInt64Array(n), read: (v, at) => v.getBigInt64(at, true), typed: 'int64Data', range: null },
  uint64: { bytes: 8, make: (n) => new BigUint64Array(n), read: (v, at) => v.getBigUint64(at, true), typed: 'uint64Data', range: null },
};

function fromRaw(raw: Uint8Array, count: number, layout: Layout, fail: (what: string) => never): TensorData {
  if (raw.length !== count * layout.bytes) fail(`raw_data holds ${raw.length} bytes, its shape needs ${count * layout.bytes}`);
  const data = layout.make(count);
  if (layout.bytes === 1) {
    new Uint8Array(data.buffer).set(raw);
    return data;
  }
  const view = new DataView(raw.buffer, raw.byteOffset, raw.length);
  const out = data as { [i: number]: number | bigint };
  for (let i = 0; i < count; i++) out[i] = layout.read(view, i * layout.bytes);
  return data;
}

function fromTyped(values: readonly Int64[], count: number, layout: Layout, fail: (what: string) => never): TensorData {
  if (values.length !== count) fail(`${layout.typed} holds ${values.length} elements, its shape needs ${count}`);
  const data = layout.make(count);
  const out = data as { [i: number]: number | bigint };
  const wide = data instanceof BigInt64Array || data instanceof BigUint64Array;
  for (let i = 0; i < count; i++) {
    const value = values[i]!;
    if (wide) {
      out[i] = bigInteger(value, fail);
      continue;
    }
    const n = typeof value === 'number' ? value : (safeInteger(value) ?? fail(`element ${i} does not fit its type`));
    if (layout.range !== null && !(n >= layout.range[0] && n <= layout.range[1])) fail(`element ${i} is ${n}, outside its type`);
    out[i] = n;
  }
  return data;
}

/** What to do about element types that nothing here reads. */
const eightBits = 'quantize to 8 bits: activation_type and weight_type QInt8 or QUInt8';
const oneFile =
  'save the model as one file (onnx.save(onnx.load(path), path, save_as_external_data=False)), or allow files of its own folder: --external-data';

/** A tensor, or why it is not read. `label` names it in errors; `external` reads what stands in other files, where that is allowed. */
export function decodeTensor(proto: onnxProto.onnx.ITensorProto, label: string, external?: ReadExternal | undefined): Tensor | Opaque {
  const fail = (what: string): never => {
    throw new ZkonnxError('ZK2004', { tensor: label, what });
  };
  const number = proto.dataType ?? 0;
  const { dims, count } = checkDims((proto.dims ?? []) as Int64[], fail);
  const isExternal = proto.dataLocation === EXTERNAL || (proto.externalData ?? []).length > 0;
  if (isExternal && external === undefined) return { why: 'keeps its elements in another file', whatToDo: oneFile };
  const dtype = dtypeOf(number);
  if (dtype === undefined) {
    const name = otherTypeName(number) ?? fail(`unknown data type ${number}`);
    return { why: `is ${name}`, whatToDo: eightBits };
  }
  const layout = layouts[dtype];
  const present = (['rawData', 'floatData', 'doubleData', 'int32Data', 'int64Data', 'uint64Data', 'stringData'] as const).filter(
    (field) => Object.hasOwn(proto, field) && (proto[field] ?? []).length > 0,
  );
  if (isExternal && external !== undefined) {
    if (present.length > 0) fail(`its elements stand in ${present.join(' and ')} and in another file`);
    const where = externalLocation(proto.externalData ?? [], label, count * layout.bytes);
    return { dtype, dims, data: fromRaw(external(where), count, layout, fail) };
  }
  if (present.length > 1) fail(`its elements stand in ${present.join(' and ')}`);
  const field = present[0] ?? 'rawData';
  if (field === 'rawData') {
    // A tensor without any payload is one with no elements.
    const raw = Object.hasOwn(proto, 'rawData') ? (proto.rawData ?? new Uint8Array(0)) : new Uint8Array(0);
    return { dtype, dims, data: fromRaw(raw, count, layout, fail) };
  }
  if (field !== layout.typed) fail(`${dtype} elements stand in ${field}`);
  return { dtype, dims, data: fromTyped((proto[layout.typed] ?? []) as Int64[], count, layout, fail) };
}
