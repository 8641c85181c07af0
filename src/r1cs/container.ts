/**
 * iden3's binary container, common to .r1cs, .wtns, .zkey and .ptau: four letters, version, number of sections, then per section its id (u32), its size (u64) and its bytes; little-endian.
 * Reference: https://github.com/iden3/r1csfile/blob/master/doc/r1cs_bin_format.md. The reader is bounded: every size is held against the bytes that remain before it is
 * used, sections are unique and known, and nothing may follow the last one.
 */
import { ZkonnxError } from '../errors.ts';

/** Bytes before a section's content. */
export const sectionHeaderBytes = 12;
export const containerHeaderBytes = 12;

/** What to call the file in an error. */
export interface FormatPlace {
  /** 'r1cs', 'wtns', … */
  readonly format: string;
  readonly file: string;
}

export function badFormat({ format, file }: FormatPlace, what: string): never {
  throw new ZkonnxError('ZK5004', { format, file, what });
}

/** A view with a position that never leaves its bytes: each read names what is missing. */
export class BoundedReader {
  readonly place: FormatPlace;
  readonly view: DataView;
  position = 0;

  constructor(bytes: Uint8Array, place: FormatPlace) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.place = place;
  }

  get remaining(): number {
    return this.view.byteLength - this.position;
  }

  /** Moves on by `size` bytes, which must be there; returns where they start. */
  take(size: number, what: string): number {
    if (!(size <= this.remaining)) badFormat(this.place, `${what} needs ${size} bytes, ${this.remaining} remain`);
    const start = this.position;
    this.position += size;
    return start;
  }

  u32(what: string): number {
    return this.view.getUint32(this.take(4, what), true);
  }

  /** A count or size: beyond 2^53 it is not kept exactly, but then no file is that large. */
  u64(what: string): number {
    const at = this.take(8, what);
    return this.view.getUint32(at, true) + this.view.getUint32(at + 4, true) * 0x1_0000_0000;
  }

  end(what: string): void {
    if (this.remaining !== 0) badFormat(this.place, `${this.remaining} bytes follow ${what}`);
  }
}

/**
 * Splits a container into its sections.
 * @param wanted ids that must be there, each once; any other id is an error.
 */
export function readContainer(
  bytes: Uint8Array,
  magic: string,
  version: number,
  wanted: readonly number[],
  place: FormatPlace,
): Map<number, BoundedReader> {
  const reader = new BoundedReader(bytes, place);
  const start = reader.take(4, 'the file type');
  const found = Array.from({ length: 4 }, (_, i) => String.fromCharCode(bytes[start + i])).join('');
  if (found !== magic) badFormat(place, `it starts with ${JSON.stringify(found)}, not "${magic}"`);
  const foundVersion = reader.u32('the version');
  if (foundVersion !== version) badFormat(place, `version ${foundVersion}, this reads version ${version}`);
  const count = reader.u32('the number of sections');
  const sections = new Map<number, BoundedReader>();
  for (let i = 0; i < count; i++) {
    const id = reader.u32(`section ${i + 1} of ${count}`);
    const size = reader.u64(`the size of section ${id}`);
    const at = reader.take(size, `section ${id}`);
    if (!wanted.includes(id)) badFormat(place, `section ${id} is unknown or not supported here`);
    if (sections.has(id)) badFormat(place, `section ${id} stands there twice`);
    sections.set(id, new BoundedReader(bytes.subarray(at, at + size), place));
  }
  reader.end('the last section');
  for (const id of wanted) if (!sections.has(id)) badFormat(place, `section ${id} is missing`);
  return sections;
}

/** Writes the file's head; returns the offset behind it. */
export function writeContainerHeader(view: DataView, magic: string, version: number, sectionCount: number): number {
  for (let i = 0; i < 4; i++) view.setUint8(i, magic.charCodeAt(i));
  view.setUint32(4, version, true);
  view.setUint32(8, sectionCount, true);
  return containerHeaderBytes;
}

/** Writes a section's head at `offset`; returns the offset of its content. */
export function writeSectionHeader(view: DataView, offset: number, id: number, sizeBytes: number): number {
  view.setUint32(offset, id, true);
  view.setBigUint64(offset + 4, BigInt(sizeBytes), true);
  return offset + sectionHeaderBytes;
}
