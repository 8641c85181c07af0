/** SHA-256 of files, in pieces: a proving key may be larger than memory. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { throwIfAborted, ZkonnxError } from '../errors.ts';

export interface FileDigest {
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** @throws what the file system throws. */
export async function digestFile(path: string, signal?: AbortSignal): Promise<FileDigest> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    throwIfAborted(signal, `reading ${path}`);
    bytes += (chunk as Uint8Array).length;
    hash.update(chunk as Uint8Array);
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** @throws ZkonnxError ZK5001 unless the folder's file is the one that the manifest lists. */
export async function checkFile(folder: string, name: string, expected: FileDigest | undefined, signal?: AbortSignal): Promise<void> {
  const path = join(folder, name);
  if (expected === undefined) throw new ZkonnxError('ZK5001', { path, what: 'the manifest does not list it' });
  const size = await stat(path).then(
    (found) => (found.isFile() ? found.size : -1),
    () => -1,
  );
  if (size < 0) throw new ZkonnxError('ZK5001', { path, what: 'the manifest lists it, the folder does not have it' });
  if (size !== expected.bytes) throw new ZkonnxError('ZK5001', { path, what: `it has ${size} bytes, the manifest says ${expected.bytes}` });
  const found = await digestFile(path, signal);
  if (found.sha256 !== expected.sha256) throw new ZkonnxError('ZK5001', { path, what: 'its SHA-256 is not the one in the manifest' });
}
