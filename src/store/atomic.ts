/**
 * Files that are there whole or not at all: written beside their place, flushed to the disk, renamed, and the folder flushed (ALICE, OSDI 2014: each of
 * these steps is one that some system lost data without). A run that is interrupted removes its temporary file; a run that is killed leaves one named
 * `.zkonnx-….tmp`, which the next write into the same folder removes once it is an hour old.
 */
import { createHash, randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { throwIfAborted, ZkonnxError } from '../errors.ts';
import type { FileDigest } from './file-digest.ts';

/** Bytes, text (UTF-8), or pieces that are written one after the other; a piece is used up before the next is asked for. */
export type FileContent = Uint8Array | string | Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string>;

export interface WriteOptions {
  /** 0o600 for files that hold secrets; the default follows the umask. */
  readonly mode?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Units of one write call: a gigabyte in one call would leave no moment to interrupt it. */
const chunkBytes = 1 << 24;
const staleAfterMs = 3_600_000;

/** A file written and flushed beside its place, not yet in it. */
export interface StagedFile {
  readonly digest: FileDigest;
  /** Puts it in its place in one step. */
  commit(): Promise<void>;
  discard(): Promise<void>;
}

/**
 * Writes `content` beside `path`, creating the folder: for several files that should appear together.
 * @throws ZkonnxError ZK1003 (cannot write), ZK1006 (aborted); nothing is left behind then.
 */
export async function stageFile(path: string, content: FileContent, options: WriteOptions = {}): Promise<StagedFile> {
  const folder = dirname(resolve(path));
  const temporary = join(folder, `.zkonnx-${randomBytes(8).toString('hex')}.tmp`);
  const discard = (): Promise<void> => rm(temporary, { force: true }).catch(() => {});
  const refuse = async (cause: unknown): Promise<never> => {
    await discard();
    throw cause instanceof ZkonnxError ? cause : new ZkonnxError('ZK1003', { path, cause: reasonOf(cause) }, { cause });
  };
  try {
    await mkdir(folder, { recursive: true });
    await refuseSpecial(path);
    await removeStale(folder);
    const file = await open(temporary, 'wx', options.mode ?? 0o666);
    let digest: FileDigest;
    try {
      digest = await writeAll(file, content, path, options.signal);
      await file.sync();
    } finally {
      await file.close();
    }
    throwIfAborted(options.signal, `writing ${path}`);
    return { digest, discard, commit: () => rename(temporary, path).then(() => syncFolder(folder), refuse) };
  } catch (cause) {
    return refuse(cause);
  }
}

/**
 * Writes `content` to `path`, creating its folder; an existing file is replaced in one step. Answers the size and digest of what was written.
 * @throws ZkonnxError ZK1003 (cannot write), ZK1006 (aborted; the old file, if any, is untouched).
 */
export async function writeFileAtomic(path: string, content: FileContent, options: WriteOptions = {}): Promise<FileDigest> {
  const staged = await stageFile(path, content, options);
  await staged.commit();
  return staged.digest;
}

/** With the folders above it. @throws ZkonnxError ZK1003. */
export async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true }).catch((cause: unknown) => {
    throw new ZkonnxError('ZK1003', { path, cause: reasonOf(cause) }, { cause });
  });
}

/** Removes a file if it is there. @throws ZkonnxError ZK1003. */
export async function removeFile(path: string): Promise<void> {
  await rm(path, { force: true }).catch((cause: unknown) => {
    throw new ZkonnxError('ZK1003', { path, cause: reasonOf(cause) }, { cause });
  });
}

/** A rename would put a plain file in the place of /dev/null, for whoever may do that. */
async function refuseSpecial(path: string): Promise<void> {
  const found = await stat(path).catch(() => null);
  if (found !== null && !found.isFile() && !found.isDirectory())
    throw new ZkonnxError('ZK1003', { path, cause: 'it is a device or a pipe, and files are written beside their place and renamed' });
}

async function writeAll(file: FileHandle, content: FileContent, path: string, signal: AbortSignal | undefined): Promise<FileDigest> {
  const hash = createHash('sha256');
  let bytes = 0;
  const encoder = new TextEncoder();
  for await (const given of typeof content === 'string' || content instanceof Uint8Array ? [content] : content) {
    const piece = typeof given === 'string' ? encoder.encode(given) : given;
    for (let start = 0; start < piece.length; ) {
      throwIfAborted(signal, `writing ${path}`);
      const part = piece.subarray(start, start + chunkBytes);
      const { bytesWritten } = await file.write(part, 0, part.length);
      hash.update(part.subarray(0, bytesWritten));
      start += bytesWritten;
      bytes += bytesWritten;
    }
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** Makes the rename itself durable. Windows has no handle on folders and needs none. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    await handle.sync().finally(() => handle.close());
  } catch {
    // A file system without folder handles; the file's own data are flushed already.
  }
}

async function removeStale(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!/^\.zkonnx-[0-9a-f]{16}\.tmp$/.test(name)) continue;
    const path = join(folder, name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
    if (Date.now() - mtimeMs > staleAfterMs) await rm(path, { force: true });
  }
}

function reasonOf(cause: unknown): string {
  const code = (cause as { code?: unknown }).code;
  const known: Record<string, string> = {
    ENOSPC: 'no space left on the disk',
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EROFS: 'the file system is read-only',
    EISDIR: 'it is a folder',
    ENOTDIR: 'a part of the path is a file',
    EEXIST: 'a part of the path is a file',
  };
  if (typeof code === 'string') return known[code] ?? code;
  return cause instanceof Error ? cause.message : String(cause);
}
