/** Trust files that the user names. */
import { ZkonnxError } from '../errors.ts';
import { parseTrust, type TrustFile } from '../receipt/trust.ts';

/** @throws ZkonnxError ZK5004 naming the file. */
export function parseTrustText(bytes: Uint8Array, path: string): TrustFile {
  try {
    return parseTrust(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause);
    throw new ZkonnxError('ZK5004', { format: 'trust file', file: path, what }, { cause });
  }
}
