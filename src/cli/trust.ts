/** Trust files that the user names. */
import { ZkonnxError } from '../errors.ts';
import { parseTrust, type TrustFile } from '../receipt/trust.ts';

/** @throws ZkonnxError ZK5004 naming the file. */
export function parseTrustText(bytes: Uint8Array, path: string): TrustFile {
  const fail = (what: string, cause?: unknown): ZkonnxError =>
    new ZkonnxError('ZK5004', { format: 'trust file', file: path, what }, { cause });
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw fail('not JSON');
  }
  try {
    return parseTrust(json);
  } catch (cause) {
    throw fail(cause instanceof Error ? cause.message : String(cause), cause);
  }
}
