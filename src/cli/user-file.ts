/** Files that the user names on the command line: read whole, and what can go wrong said in the user's terms. */
import { readFile } from 'node:fs/promises';
import { ZkonnxError } from '../errors.ts';

/** @throws ZkonnxError ZK1002 (no such file), ZK1001 (a folder, or not readable). */
export async function readUserFile(path: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new ZkonnxError('ZK1002', { path }, { cause });
    const what = code === 'EISDIR' ? `${path} is a folder, not a file` : `${path} cannot be read (${code ?? String(cause)})`;
    throw new ZkonnxError('ZK1001', { what, hint: 'name a file' }, { cause });
  }
}
