/**
 * The part of ZIP that .npz files use: a flat list of named byte strings. Pure and browser-safe.
 *
 * Reads stored and deflated entries, with ZIP64 fields where numpy or zipfile write them, by the central directory alone. Bounded: counts and sizes are
 * checked against the bytes that are there, declared sizes against the caller's limit and against what deflate can reach, before anything is
 * inflated; an entry that inflates to another length or checksum is refused. Writes stored entries with a fixed date, so equal content gives equal bytes.
 * Reference: PKWARE APPNOTE 6.3.10, sections 4.3 (structures), 4.4 (fields), 4.5.3 (ZIP64).
 */
import { inflateSync } from 'fflate';
import { ZkonnxError } from '../errors.ts';

export interface ZipLimits {
  /** Most entries read. */
  readonly entryCount: number;
  /** Most bytes of all entries together, uncompressed. */
  readonly totalBytes: number;
}

const localSignature = 0x04034b50;
const centralSignature = 0x02014b50;
const endSignature = 0x06054b50;
const end64Signature = 0x06064b50;
const locator64Signature = 0x07064b50;
const localBytes = 30;
const centralBytes = 46;
const endBytes = 22;
/** One deflate symbol pair of 2 bits gives 258 bytes at most: 1032 : 1 (zlib's technical notes). */
const maxDeflateRatio = 1032;
/** 1 January 1980, 00:00, the earliest that MS-DOS time holds. */
const dosDate = 0x0021;

function crcTable(): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    return crc;
  });
}

function crc32(bytes: Uint8Array, table: Uint32Array): number {
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) crc = (crc >>> 8) ^ table[(crc ^ bytes[i]!) & 0xff]!;
  return ~crc >>> 0;
}

function damaged(file: string, what: string): ZkonnxError {
  return new ZkonnxError('ZK4106', { file, what });
}

interface Directory {
  readonly offset: number;
  readonly entryCount: number;
  /** Where the end records start: the directory ends there or before. */
  readonly end: number;
}

function readUint64(view: DataView, offset: number, file: string): number {
  const value = view.getBigUint64(offset, true);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw damaged(file, `claims ${value} bytes at byte ${offset}`);
  return Number(value);
}

function findDirectory(view: DataView, file: string): Directory {
  let at = view.byteLength - endBytes;
  const lowest = Math.max(0, at - 0xffff);
  while (at >= lowest && !(view.getUint32(at, true) === endSignature && at + endBytes + view.getUint16(at + 20, true) === view.byteLength))
    at--;
  if (at < lowest) throw damaged(file, 'is no zip file, or is cut off (no end record)');
  let entryCount = view.getUint16(at + 10, true);
  let sizeBytes = view.getUint32(at + 12, true);
  let offset = view.getUint32(at + 16, true);
  let end = at;
  if (at >= 20 && view.getUint32(at - 20, true) === locator64Signature) {
    end = readUint64(view, at - 12, file);
    if (end + 56 > at - 20 || view.getUint32(end, true) !== end64Signature)
      throw damaged(file, 'its ZIP64 end record is not where it says');
    entryCount = readUint64(view, end + 32, file);
    sizeBytes = readUint64(view, end + 40, file);
    offset = readUint64(view, end + 48, file);
  }
  if (offset + sizeBytes !== end)
    throw damaged(file, `its directory (${sizeBytes} bytes at byte ${offset}) does not end where the end record begins`);
  return { offset, entryCount, end };
}

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  readonly packedBytes: number;
  readonly plainBytes: number;
  readonly localOffset: number;
}

/** Sizes and offset of a central header, from its ZIP64 extra field where the 32-bit ones are all ones (4.5.3: in this order, only those needed). */
function widen(view: DataView, at: number, nameBytes: number, extraBytes: number, file: string): number[] {
  const fields = [view.getUint32(at + 24, true), view.getUint32(at + 20, true), view.getUint32(at + 42, true)];
  if (!fields.includes(0xffffffff)) return fields;
  let extra = at + centralBytes + nameBytes;
  const extraEnd = extra + extraBytes;
  while (extra + 4 <= extraEnd) {
    const size = view.getUint16(extra + 2, true);
    if (view.getUint16(extra, true) === 1) {
      const stop = Math.min(extra + 4 + size, extraEnd);
      let from = extra + 4;
      return fields.map((field) => {
        if (field !== 0xffffffff) return field;
        if (from + 8 > stop) throw damaged(file, `its ZIP64 field at byte ${extra} is too short`);
        from += 8;
        return readUint64(view, from - 8, file);
      });
    }
    extra += 4 + size;
  }
  throw damaged(file, `the entry at byte ${at} lacks its ZIP64 sizes`);
}

function readEntry(view: DataView, at: number, end: number, file: string): { entry: Entry; next: number } {
  if (at + centralBytes > end || view.getUint32(at, true) !== centralSignature)
    throw damaged(file, `its directory is damaged at byte ${at}`);
  const nameBytes = view.getUint16(at + 28, true);
  const extraBytes = view.getUint16(at + 30, true);
  const next = at + centralBytes + nameBytes + extraBytes + view.getUint16(at + 32, true);
  if (next > end) throw damaged(file, `its directory is damaged at byte ${at}`);
  let name: string;
  try {
    name = new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array(view.buffer, view.byteOffset + at + centralBytes, nameBytes));
  } catch {
    throw damaged(file, `the name of the entry at byte ${at} is not UTF-8`);
  }
  const flags = view.getUint16(at + 8, true);
  if (flags & 0x2041) throw damaged(file, `entry "${name}" is encrypted`);
  const method = view.getUint16(at + 10, true);
  if (method !== 0 && method !== 8)
    throw damaged(file, `entry "${name}" is compressed by method ${method}; stored and deflated entries are read`);
  const [plainBytes, packedBytes, localOffset] = widen(view, at, nameBytes, extraBytes, file);
  const crc = view.getUint32(at + 16, true);
  return { entry: { name, method, crc, packedBytes: packedBytes!, plainBytes: plainBytes!, localOffset: localOffset! }, next };
}

function extract(bytes: Uint8Array, view: DataView, entry: Entry, directoryOffset: number, file: string): Uint8Array {
  const { name, localOffset, packedBytes, plainBytes } = entry;
  if (localOffset + localBytes > directoryOffset || view.getUint32(localOffset, true) !== localSignature) {
    throw damaged(file, `entry "${name}" is not at byte ${localOffset}, where the directory says`);
  }
  const start = localOffset + localBytes + view.getUint16(localOffset + 26, true) + view.getUint16(localOffset + 28, true);
  if (start + packedBytes > directoryOffset)
    throw damaged(file, `entry "${name}" reaches beyond byte ${directoryOffset}, where the directory begins`);
  const packed = bytes.subarray(start, start + packedBytes);
  if (entry.method === 0) return packed;
  // fflate writes into the room given and no further; one byte more than declared shows an entry that is longer than it says.
  try {
    return inflateSync(packed, { out: new Uint8Array(plainBytes + 1) });
  } catch (cause) {
    throw new ZkonnxError('ZK4106', { file, what: `entry "${name}" cannot be inflated` }, { cause });
  }
}

/**
 * All entries by name, in the file's order. Stored entries are views of `bytes`.
 * @throws ZkonnxError ZK4106
 */
export function readZip(bytes: Uint8Array, limits: ZipLimits, file: string): Map<string, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < endBytes) throw damaged(file, 'is no zip file');
  const directory = findDirectory(view, file);
  if (directory.entryCount > limits.entryCount)
    throw damaged(file, `holds ${directory.entryCount} entries, at most ${limits.entryCount} are read`);

  const entries: Entry[] = [];
  let at = directory.offset;
  let totalBytes = 0;
  for (let i = 0; i < directory.entryCount; i++) {
    const { entry, next } = readEntry(view, at, directory.end, file);
    at = next;
    totalBytes += entry.plainBytes;
    if (totalBytes > limits.totalBytes)
      throw damaged(file, `unpacks to ${totalBytes} bytes or more, at most ${limits.totalBytes} are read`);
    const reach = entry.method === 0 ? entry.packedBytes : maxDeflateRatio * entry.packedBytes;
    if (entry.plainBytes > reach) throw damaged(file, `entry "${entry.name}" claims ${entry.plainBytes} bytes from ${entry.packedBytes}`);
    entries.push(entry);
  }
  if (at !== directory.end) throw damaged(file, `${directory.end - at} bytes are left over in its directory`);

  const table = crcTable();
  const contents = new Map<string, Uint8Array>();
  for (const entry of entries) {
    if (contents.has(entry.name)) throw damaged(file, `holds two entries named "${entry.name}"`);
    const content = extract(bytes, view, entry, directory.offset, file);
    if (content.length !== entry.plainBytes)
      throw damaged(file, `entry "${entry.name}" does not have the ${entry.plainBytes} bytes that it claims`);
    if (crc32(content, table) !== entry.crc) throw damaged(file, `entry "${entry.name}" is damaged (checksum)`);
    contents.set(entry.name, content);
  }
  return contents;
}

/**
 * A zip of stored entries in the map's order, dated 1980-01-01.
 * @throws RangeError where ZIP64 would be needed (65,535 entries or 4 GiB) or a name is over 65,535 bytes
 */
export function writeZip(entries: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const table = crcTable();
  const named = [...entries].map(([name, content]) => ({ name: new TextEncoder().encode(name), content, crc: crc32(content, table) }));
  const sizeBytes = named.reduce((sum, { name, content }) => sum + localBytes + centralBytes + 2 * name.length + content.length, endBytes);
  if (sizeBytes >= 0xffffffff || named.length >= 0xffff || named.some(({ name }) => name.length > 0xffff)) {
    throw new RangeError(`${named.length} entries of ${sizeBytes} bytes need ZIP64, which is not written`);
  }
  const bytes = new Uint8Array(sizeBytes);
  const view = new DataView(bytes.buffer);
  const writeCommon = (at: number, { name, content, crc }: (typeof named)[number]): void => {
    view.setUint16(at, 20, true); // version needed: 2.0
    view.setUint16(at + 2, 0x0800, true); // flags: the name is UTF-8
    view.setUint16(at + 8, dosDate, true);
    view.setUint32(at + 10, crc, true);
    view.setUint32(at + 14, content.length, true);
    view.setUint32(at + 18, content.length, true);
    view.setUint16(at + 22, name.length, true);
  };
  let at = 0;
  const offsets = named.map((entry) => {
    const offset = at;
    view.setUint32(at, localSignature, true);
    writeCommon(at + 4, entry);
    bytes.set(entry.name, at + localBytes);
    bytes.set(entry.content, at + localBytes + entry.name.length);
    at += localBytes + entry.name.length + entry.content.length;
    return offset;
  });
  const directoryOffset = at;
  named.forEach((entry, i) => {
    view.setUint32(at, centralSignature, true);
    view.setUint16(at + 4, 20, true); // version made by: 2.0, MS-DOS
    writeCommon(at + 6, entry);
    view.setUint32(at + 42, offsets[i]!, true);
    bytes.set(entry.name, at + centralBytes);
    at += centralBytes + entry.name.length;
  });
  view.setUint32(at, endSignature, true);
  view.setUint16(at + 8, named.length, true);
  view.setUint16(at + 10, named.length, true);
  view.setUint32(at + 12, at - directoryOffset, true);
  view.setUint32(at + 16, directoryOffset, true);
  return bytes;
}
