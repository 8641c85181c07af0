/** Files that the user names on the command line: read whole, and what can go wrong said in the user's terms. */
import { readFile, stat } from 'node:fs/promises';
import { ZkonnxError } from '../errors.ts';
import { requirePlainFile } from '../groth16/byte-source.ts';
import { formatBytes } from '../report/table.ts';

/** Pipes that a shell hands over on purpose: `cat receipt.json | zkonnx verify /dev/stdin`, `<(…)`. Any other would be waited for without end. */
const handedOver = /^\/(dev\/stdin|(dev|proc\/self)\/fd\/\d+)$/;
/** What one read takes; files that may be larger are read in parts (byte-source.ts). */
const mostBytes = 2 ** 31 - 1;

/** @throws ZkonnxError ZK1002 (no such file), ZK1001 (a folder, a pipe, a device, larger than 2 GiB, or not readable). */
export async function readUserFile(path: string): Promise<Uint8Array> {
  if (!handedOver.test(path)) {
    await requirePlainFile(path);
    const { size } = await stat(path);
    if (size > mostBytes)
      throw new ZkonnxError('ZK1001', { what: `${path} has ${formatBytes(size)}, at most 2 GiB are read`, hint: 'name another file' });
  }
  try {
    return new Uint8Array(await readFile(path));
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    throw new ZkonnxError('ZK1001', { what: `${path} cannot be read (${code ?? String(cause)})`, hint: 'name a file' }, { cause });
  }
}
