/**
 * A tensor's external_data entries → where its bytes are. What the entries may say is checked here; that the file is one of the model's folder is for
 * whoever opens it (store/external-data.ts). Out: `ExternalLocation`, or ZK2003.
 *
 * Reference: https://onnx.ai/onnx/repo-docs/ExternalData.html
 */
import type onnxProto from 'onnx-proto';
import { ZkonnxError } from '../errors.ts';
import type { ExternalLocation } from './model.ts';

const keys = ['location', 'offset', 'length', 'checksum'];

/** A count of bytes: decimal digits, below 2^53. */
function byteNumber(text: string, key: string, fail: (what: string) => never): number {
  const value = Number(text);
  return /^\d{1,16}$/.test(text) && Number.isSafeInteger(value) ? value : fail(`${key} is no count of bytes`);
}

export function externalLocation(
  entries: readonly onnxProto.onnx.IStringStringEntryProto[],
  tensor: string,
  byteCount: number,
): ExternalLocation {
  const fail = (what: string): never => {
    throw new ZkonnxError('ZK2003', { tensor, what });
  };
  const found = new Map<string, string>();
  for (const entry of entries) {
    const key = entry.key ?? '';
    if (!keys.includes(key)) fail('it has an entry that is none of location, offset, length, checksum');
    if (found.has(key)) fail(`${key} is given twice`);
    found.set(key, entry.value ?? '');
  }
  const location = found.get('location') ?? fail('no location is given');
  const [offset, length] = ['offset', 'length'].map((key) => {
    const text = found.get(key);
    return text === undefined ? null : byteNumber(text, key, fail);
  });
  if (length !== null && length !== undefined && length !== byteCount) fail(`length is ${length}, its shape needs ${byteCount} bytes`);
  return { tensor, location, offset: offset ?? 0, byteCount, length: length ?? null };
}
