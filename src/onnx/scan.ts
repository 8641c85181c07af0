/**
 * Strict, bounded walk over an ONNX file's wire format, before any decoder sees it: field numbers, wire types, lengths
 * against the bytes that remain, nesting, counts, UTF-8 of names. In: bytes. Out: nothing, or ZK2001 / ZK2002 / ZK2006.
 *
 * After it, `onnx-proto` can neither overflow its stack nor read another model than a C++ reader would: fields that may
 * occur once occur once (C++ merges a repeated sub-message, protobufjs replaces it), varints have the lengths that
 * protobufjs reads right, and what it would drop silently is known to be harmless.
 *
 * Reference: https://protobuf.dev/programming-guides/encoding/
 */
import { ZkonnxError } from '../errors.ts';
import { type Field, schema } from './schema.ts';

/** Nested messages; the deepest honest file has 8 (model, graph, node, attribute, tensor …; control flow adds 3 per level). */
export const depthLimit = 32;
/** Fields in one file: each becomes an object or an array element when decoded. */
export const fieldLimit = 1 << 22;

const wireTypeNames = ['varint', '64-bit', 'length-delimited', 'group start', 'group end', '32-bit', 'reserved', 'reserved'];
const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;

interface Scan {
  readonly bytes: Uint8Array;
  readonly file: string;
  readonly utf8: TextDecoder;
  fields: number;
}

function fail(scan: Scan, offset: number, what: string): never {
  throw new ZkonnxError('ZK2001', { file: scan.file, what, offset });
}

/** End of the varint at `at`, which must lie before `end`. */
function varintEnd(scan: Scan, at: number, end: number, what: string): number {
  const last = Math.min(end, at + 10);
  for (let i = at; i < last; i++) if (scan.bytes[i]! < 0x80) return i + 1;
  return fail(scan, at, last === end ? `${what} is cut off` : `${what} is longer than 10 bytes`);
}

/** protobufjs reads 32-bit varints of at most 5 bytes, or of exactly 10 (negative ones). */
function varint32End(scan: Scan, at: number, end: number, what: string): number {
  const next = varintEnd(scan, at, end, what);
  if (next - at > 5 && next - at !== 10) fail(scan, at, `${what} is a 32-bit number of ${next - at} bytes`);
  return next;
}

/** Tags and lengths: at most 5 bytes, below 2^32. */
function readUint32(scan: Scan, at: number, next: number, what: string): number {
  if (next - at > 5) fail(scan, at, `${what} is a 32-bit number of ${next - at} bytes`);
  let value = 0;
  let weight = 1;
  for (let i = at; i < next; i++) {
    value += (scan.bytes[i]! & 0x7f) * weight;
    weight *= 128;
  }
  if (value >= 2 ** 32) fail(scan, at, `${what} is ${value}`);
  return value;
}

function wireType(field: Field): number {
  if (field.kind === 'int32' || field.kind === 'int64') return VARINT;
  if (field.kind === 'float') return FIXED32;
  return field.kind === 'double' ? FIXED64 : LENGTH;
}

/** Repeated numbers packed into one length-delimited field. */
function scanPacked(scan: Scan, field: Field, start: number, end: number): void {
  const size = field.kind === 'float' ? 4 : field.kind === 'double' ? 8 : 0;
  if (size > 0) {
    if ((end - start) % size !== 0) fail(scan, start, `${field.label} holds ${end - start} bytes, not a multiple of ${size}`);
    return;
  }
  for (let at = start; at < end; ) {
    at = field.kind === 'int32' ? varint32End(scan, at, end, field.label) : varintEnd(scan, at, end, field.label);
  }
}

function scanPayload(scan: Scan, field: Field, start: number, end: number, depth: number): void {
  if (field.refuse !== null && end > start) {
    throw new ZkonnxError('ZK2006', { file: scan.file, what: field.refuse, offset: start });
  }
  if (field.kind === 'message') {
    if (field.message !== null) scanMessage(scan, field.message, start, end, depth + 1);
  } else if (field.kind === 'name') {
    try {
      scan.utf8.decode(scan.bytes.subarray(start, end));
    } catch {
      fail(scan, start, `${field.label} is not UTF-8`);
    }
  }
}

function scanMessage(scan: Scan, name: string, start: number, end: number, depth: number): void {
  if (depth > depthLimit) throw new ZkonnxError('ZK2002', { file: scan.file, limit: depthLimit, offset: start });
  const fields = schema[name]!;
  // Field numbers of the schema are below 32.
  let seen = 0;
  let choice: string | null = null;
  let at = start;
  while (at < end) {
    const tagAt = at;
    if (++scan.fields > fieldLimit) fail(scan, at, `more than ${fieldLimit} fields`);
    at = varintEnd(scan, at, end, `a field of ${name}`);
    const tag = readUint32(scan, tagAt, at, `a field of ${name}`);
    const number = tag >>> 3;
    const field = fields[number];
    if (field === undefined) fail(scan, tagAt, `unknown field ${number} in ${name}`);
    if (!field.repeated) {
      if (((seen >>> number) & 1) === 1) fail(scan, tagAt, `${name}.${field.label} given twice`);
      seen |= 1 << number;
    }
    if (field.oneof) {
      if (choice !== null) fail(scan, tagAt, `${name} has both ${choice} and ${field.label}`);
      choice = field.label;
    }
    const wire = tag & 7;
    const wanted = wireType(field);
    const packed = wire === LENGTH && wanted !== LENGTH && field.repeated;
    if (wire !== wanted && !packed) fail(scan, tagAt, `${name}.${field.label} has wire type ${wireTypeNames[wire]}`);
    if (wire === VARINT) {
      at = field.kind === 'int32' ? varint32End(scan, at, end, field.label) : varintEnd(scan, at, end, field.label);
    } else if (wire === LENGTH) {
      const lengthAt = at;
      at = varintEnd(scan, at, end, `the length of ${field.label}`);
      const length = readUint32(scan, lengthAt, at, `the length of ${field.label}`);
      if (length > end - at) fail(scan, lengthAt, `${name}.${field.label} claims ${length} bytes, ${end - at} remain`);
      if (packed) scanPacked(scan, field, at, at + length);
      else scanPayload(scan, field, at, at + length, depth);
      at += length;
    } else {
      const size = wire === FIXED64 ? 8 : 4;
      if (size > end - at) fail(scan, at, `${name}.${field.label} is cut off`);
      at += size;
    }
  }
}

/** Throws unless `bytes` is a well-formed ModelProto that holds nothing zkonnx would have to ignore. */
export function scanModel(bytes: Uint8Array, file: string): void {
  const scan: Scan = { bytes, file, utf8: new TextDecoder('utf-8', { fatal: true }), fields: 0 };
  if (bytes.length === 0) fail(scan, 0, 'an empty file');
  scanMessage(scan, 'ModelProto', 0, bytes.length, 1);
}
