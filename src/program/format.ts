/**
 * program.json and program.bin: the integer program as files. The JSON is the program as it stands, made to be read by people, but that each typed
 * array is a marker `{"$array": [type, offset, length]}` into the binary file: little-endian, each array at a multiple of 8 bytes, in order of appearance.
 * An Int32Array is stored in the narrowest of int8, int16, int32 that holds it. Same program, same bytes.
 *
 * Reading is bounded and strict: markers must lie inside the file, in order, without leftovers; shapes and indices are checked; then `verifyProgram`.
 */
import { ZkonnxError } from '../errors.ts';
import type { Program } from './program.ts';
import { parseProgram } from './schema.ts';
import { verifyProgram } from './verify.ts';

type StoredType = 'int8' | 'int16' | 'int32' | 'float64';
const bytesOf: Readonly<Record<StoredType, number>> = { int8: 1, int16: 2, int32: 4, float64: 8 };
const ALIGNMENT = 8;

export interface EncodedProgram {
  readonly json: string;
  readonly bin: Uint8Array<ArrayBuffer>;
}

function storedType(array: Int32Array | Float64Array): StoredType {
  if (array instanceof Float64Array) return 'float64';
  let low = 0;
  let high = 0;
  for (const value of array) {
    if (value < low) low = value;
    else if (value > high) high = value;
  }
  if (low >= -128 && high <= 127) return 'int8';
  return low >= -32768 && high <= 32767 ? 'int16' : 'int32';
}

function aligned(offset: number): number {
  return Math.ceil(offset / ALIGNMENT) * ALIGNMENT;
}

export function encodeProgram(program: Program): EncodedProgram {
  const arrays: { readonly array: Int32Array | Float64Array; readonly type: StoredType; readonly offset: number }[] = [];
  let sizeBytes = 0;
  const json = JSON.stringify(
    program,
    (_, value: unknown) => {
      if (!(value instanceof Int32Array || value instanceof Float64Array)) return value;
      const type = storedType(value);
      const offset = sizeBytes;
      arrays.push({ array: value, type, offset });
      sizeBytes = aligned(offset + value.length * bytesOf[type]);
      return { $array: [type, offset, value.length] };
    },
    1,
  );
  const bin = new Uint8Array(sizeBytes);
  const view = new DataView(bin.buffer);
  for (const { array, type, offset } of arrays) {
    for (let i = 0; i < array.length; i++) {
      const at = offset + i * bytesOf[type];
      if (type === 'int8') view.setInt8(at, array[i]);
      else if (type === 'int16') view.setInt16(at, array[i], true);
      else if (type === 'int32') view.setInt32(at, array[i], true);
      else view.setFloat64(at, array[i], true);
    }
  }
  return { json, bin };
}

/** @throws ZkonnxError ZK5004 naming what is wrong with either file. */
export function decodeProgram(json: string, bin: Uint8Array): Program {
  const fail = (file: string, what: string, cause?: unknown) =>
    new ZkonnxError('ZK5004', { format: 'program', file, what }, cause === undefined ? {} : { cause });
  const view = new DataView(bin.buffer, bin.byteOffset, bin.byteLength);
  let used = 0;
  const revive = (marker: unknown): Int32Array | Float64Array => {
    const [type, offset, length] = Array.isArray(marker) ? (marker as unknown[]) : [];
    const size = typeof type === 'string' && Object.hasOwn(bytesOf, type) ? bytesOf[type as StoredType] : 0;
    if (size === 0) throw fail('program.json', `array of unknown type ${JSON.stringify(type)}`);
    if (offset !== used || !Number.isSafeInteger(length) || (length as number) < 0)
      throw fail('program.json', `array at ${JSON.stringify(offset)}`);
    const count = length as number;
    if (used + count * size > bin.length) throw fail('program.bin', `ends at byte ${bin.length}, an array needs ${used + count * size}`);
    const array = type === 'float64' ? new Float64Array(count) : new Int32Array(count);
    for (let i = 0; i < count; i++) {
      const at = used + i * size;
      if (type === 'int8') array[i] = view.getInt8(at);
      else if (type === 'int16') array[i] = view.getInt16(at, true);
      else if (type === 'int32') array[i] = view.getInt32(at, true);
      else array[i] = view.getFloat64(at, true);
    }
    used = aligned(used + count * size);
    return array;
  };
  let plain: unknown;
  try {
    plain = JSON.parse(json);
  } catch (cause) {
    throw fail('program.json', 'no JSON', cause);
  }
  const program = (() => {
    const revived = reviveArrays(plain, revive, 0);
    if (used !== bin.length) throw fail('program.bin', `${bin.length - used} bytes that nothing reads`);
    const parsed = parseProgram(revived);
    if ('what' in parsed) throw fail('program.json', parsed.what);
    return parsed.program;
  })();
  try {
    verifyProgram(program);
  } catch (cause) {
    throw fail('program.json', cause instanceof Error ? cause.message : String(cause), cause);
  }
  return program;
}

/** Markers become arrays, depth first in the order of keys: the order in which they were written. */
function reviveArrays(value: unknown, revive: (marker: unknown) => Int32Array | Float64Array, depth: number): unknown {
  // The deepest value of a program is ops › form › step › exceptions › exception.
  if (depth > 16 || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => reviveArrays(item, revive, depth + 1));
  if (Object.hasOwn(value, '$array')) return revive((value as { $array: unknown }).$array);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, reviveArrays(item, revive, depth + 1)]));
}
