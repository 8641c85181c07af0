/**
 * The bytes that an ONNX file keeps in other files, read from the model's own folder and from nowhere else.
 *
 * A location is honest if it names a plain file below the folder, by a relative path without "..", in which nothing is a symbolic link; a file with further names (hard links) could
 * be somebody else's. The file is opened without following a link, and before a byte of it is read the open file itself is held against what stands at the path now: a swap between
 * check and use is a refusal (test/store/external-data.test.ts has the payloads).
 */
import fs from 'node:fs';
import { join, relative, sep } from 'node:path';
import { ZkonnxError } from '../errors.ts';
import type { ExternalLocation, ReadExternal } from '../onnx/model.ts';

const longestLocation = 1_024;
/** Opening a pipe does not wait for its writer; Windows has neither flag. */
const openFlags = fs.constants.O_RDONLY | (fs.constants.O_NOFOLLOW ?? 0) | (fs.constants.O_NONBLOCK ?? 0);

/** The parts of a location, or why it is refused. */
function partsOf(location: string): readonly string[] | string {
  if (location === '' || location.length > longestLocation) return 'its location is empty or too long';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(location)) return 'its location holds control characters';
  if (/[\\:]/.test(location)) return 'its location holds a backslash or a colon';
  const parts = location.split('/');
  if (parts[0] === '') return 'its location is absolute';
  if (parts.includes('..')) return 'its location leaves the folder of the model';
  if (parts.some((part) => part === '' || part === '.')) return 'its location has empty or "." parts';
  return parts;
}

/**
 * Reads external data below `folder`, which may itself be reached by links.
 * @throws ZkonnxError ZK1002 (no such folder); the reader: ZK2003, and then not a byte was read.
 */
export function openModelFolder(folder: string): ReadExternal {
  let root: string;
  try {
    root = fs.realpathSync(folder);
  } catch (cause) {
    throw new ZkonnxError('ZK1002', { path: folder }, { cause });
  }
  return (where) => readBelow(root, where);
}

function readBelow(root: string, { tensor, location, offset, byteCount, length }: ExternalLocation): Uint8Array {
  const fail = (what: string, cause?: unknown): never => {
    throw new ZkonnxError('ZK2003', { tensor, what }, { cause });
  };
  const parts = partsOf(location);
  if (typeof parts === 'string') return fail(parts);
  const path = join(root, ...parts);
  let descriptor: number;
  try {
    if (!isBelow(root, path)) return fail('its location leaves the folder of the model');
    if (fs.realpathSync(path) !== path) return fail('its location goes through a symbolic link');
    descriptor = fs.openSync(path, openFlags);
  } catch (error) {
    if (error instanceof ZkonnxError) throw error;
    return fail(`there is no such file in the folder of the model (${(error as NodeJS.ErrnoException).code ?? 'error'})`, error);
  }
  try {
    const open = fs.fstatSync(descriptor, { bigint: true });
    if (!open.isFile()) return fail('it is no plain file');
    if (open.nlink !== 1n) return fail('the file has other names (hard links)');
    const now = fs.lstatSync(path, { bigint: true });
    if (now.ino !== open.ino || now.dev !== open.dev || fs.realpathSync(path) !== path)
      return fail('the file was exchanged while it was opened');
    if (BigInt(offset) + BigInt(byteCount) > open.size) return fail(`the file ends at ${open.size}, the tensor at ${offset + byteCount}`);
    // Without a length the tensor takes the rest of the file.
    if (length === null && BigInt(offset) + BigInt(byteCount) !== open.size)
      return fail(`no length is given, and the file holds ${open.size - BigInt(offset)} bytes from there, its shape needs ${byteCount}`);
    return readAll(descriptor, offset, byteCount, fail);
  } catch (error) {
    if (error instanceof ZkonnxError) throw error;
    return fail(`it cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'})`, error);
  } finally {
    fs.closeSync(descriptor);
  }
}

function isBelow(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`);
}

function readAll(descriptor: number, offset: number, byteCount: number, fail: (what: string) => never): Uint8Array {
  const bytes = new Uint8Array(byteCount);
  for (let done = 0; done < byteCount; ) {
    const count = fs.readSync(descriptor, bytes, done, byteCount - done, offset + done);
    if (count === 0) return fail('the file became shorter while it was read');
    done += count;
  }
  return bytes;
}
