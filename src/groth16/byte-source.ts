/**
 * A file's bytes, in memory or on disk, read by range: keys and powers of tau may be larger than memory. Owns the bounded walk over iden3's binary container on such a source (r1cs/container.ts
 * has the format): every size is held against the bytes that remain before it is used.
 */
import { ZkonnxError } from '../errors.ts';

export type BytesOrPath = Uint8Array | { readonly path: string };

export interface ByteSource {
  readonly name: string;
  readonly sizeBytes: number;
  /**
   * @param into room that may be used for the bytes, at least as many; the view then lasts until its next use.
   * @throws ZkonnxError ZK5004 if the file ends before.
   */
  read(offset: number, length: number, into?: Uint8Array): Promise<DataView>;
}

export interface Section {
  readonly start: number;
  readonly size: number;
}

/** What is wrong with a file, as an error. */
export type Damaged = (what: string) => ZkonnxError;

export function damagedFile(format: string, source: { readonly name: string }): Damaged {
  return (what) => new ZkonnxError('ZK5004', { format, file: source.name, what });
}

export function nameOf(file: BytesOrPath): string {
  return file instanceof Uint8Array ? '(in memory)' : file.path;
}

/** Before a path is opened: opening a pipe waits for its writer. @throws ZkonnxError ZK1002 (missing), ZK1001 (a folder, a pipe, a device). */
export async function requirePlainFile(path: string): Promise<void> {
  const { stat } = await import('node:fs/promises');
  const found = await stat(path).catch((cause: unknown) => {
    const { code } = cause as { code?: string };
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new ZkonnxError('ZK1002', { path }, { cause });
    throw new ZkonnxError('ZK1001', { what: `${path} cannot be read (${code ?? String(cause)})`, hint: 'name a file' }, { cause });
  });
  if (found.isFile()) return;
  throw new ZkonnxError('ZK1001', {
    what: `${path} is ${found.isDirectory() ? 'a folder, not a file' : 'no plain file, but a pipe or a device'}`,
    hint: 'name a file',
  });
}

/** @throws ZkonnxError ZK1002 for a missing file, ZK1001 for what is no plain file. */
export async function openSource(file: BytesOrPath, format: string): Promise<ByteSource & { close(): Promise<void> }> {
  const name = nameOf(file);
  const damaged = damagedFile(format, { name });
  if (file instanceof Uint8Array) {
    return {
      name,
      sizeBytes: file.byteLength,
      async read(offset, length) {
        if (offset + length > file.byteLength) throw damaged(`ends at byte ${file.byteLength}`);
        return new DataView(file.buffer, file.byteOffset + offset, length);
      },
      async close() {},
    };
  }
  await requirePlainFile(file.path);
  const { open } = await import('node:fs/promises');
  const handle = await open(file.path).catch((cause: unknown) => {
    throw new ZkonnxError(
      'ZK1001',
      { what: `${file.path} cannot be read (${(cause as { code?: string }).code})`, hint: 'name a file' },
      { cause },
    );
  });
  const stat = await handle.stat();
  return {
    name,
    sizeBytes: stat.size,
    async read(offset, length, into) {
      // A damaged size must not make us reserve memory that no file fills.
      if (offset + length > stat.size) throw damaged(`ends at byte ${stat.size}`);
      const bytes = into?.subarray(0, length) ?? new Uint8Array(length);
      for (let done = 0; done < length; ) {
        const { bytesRead } = await handle.read(bytes, done, Math.min(length - done, maxReadBytes), offset + done);
        if (bytesRead === 0) throw damaged(`ends at byte ${offset + done}`);
        done += bytesRead;
      }
      return new DataView(bytes.buffer, bytes.byteOffset, length);
    },
    close: () => handle.close(),
  };
}

/** Opens, uses, closes. */
export async function withSource<T>(file: BytesOrPath, format: string, use: (source: ByteSource) => Promise<T>): Promise<T> {
  const source = await openSource(file, format);
  try {
    return await use(source);
  } finally {
    await source.close();
  }
}

/** The same bytes, without a copy. */
export function bytesOf(view: DataView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

/** One read call takes no more. */
const maxReadBytes = 1 << 30;
const containerHeaderBytes = 12;
const sectionHeaderBytes = 12;

export interface ContainerShape {
  /** Four letters. */
  readonly magic: string;
  readonly version: number;
  /** Every section that may be there, each at most once. */
  readonly known: readonly number[];
  readonly required: readonly number[];
}

/** Where each section lies; together they fill the file to its last byte. */
export async function scanSections(source: ByteSource, shape: ContainerShape, damaged: Damaged): Promise<ReadonlyMap<number, Section>> {
  if (source.sizeBytes < containerHeaderBytes) throw damaged(`${source.sizeBytes} bytes, shorter than its own header`);
  const head = await source.read(0, containerHeaderBytes);
  const magic = Array.from({ length: 4 }, (_, i) => String.fromCharCode(head.getUint8(i))).join('');
  if (magic !== shape.magic) throw damaged(`does not start with "${shape.magic}"`);
  const version = head.getUint32(4, true);
  if (version !== shape.version) throw damaged(`version ${version}, expected ${shape.version}`);
  const count = head.getUint32(8, true);
  const [least, most] = [shape.required.length, shape.known.length];
  if (count < least || count > most) throw damaged(`${count} sections, expected ${least === most ? least : `${least} to ${most}`}`);
  const sections = new Map<number, Section>();
  let position = containerHeaderBytes;
  for (let i = 0; i < count; i++) {
    if (source.sizeBytes - position < sectionHeaderBytes) throw damaged(`ends inside the header of section ${i + 1} of ${count}`);
    const header = await source.read(position, sectionHeaderBytes);
    const type = header.getUint32(0, true);
    const size = header.getBigUint64(4, true);
    position += sectionHeaderBytes;
    if (!shape.known.includes(type)) throw damaged(`unknown section type ${type}`);
    if (sections.has(type)) throw damaged(`section ${type} appears twice`);
    if (size > BigInt(source.sizeBytes - position))
      throw damaged(`section ${type} claims ${size} bytes, ${source.sizeBytes - position} remain`);
    sections.set(type, { start: position, size: Number(size) });
    position += Number(size);
  }
  if (position !== source.sizeBytes) throw damaged(`${source.sizeBytes - position} bytes after the last section`);
  for (const type of shape.required) if (!sections.has(type)) throw damaged(`section ${type} is missing`);
  return sections;
}
