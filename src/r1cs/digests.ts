/**
 * The digests of docs/signals.md: what names a layout, a circuit, a statement. SHA-256 throughout (the EVM has it), as lower-case hex without
 * prefix; the context alone is keccak256. No tool version is in any of them. Browser-safe.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { ZkonnxError } from '../errors.ts';
import { canonicalJson, isUnicodeText } from './canonical.ts';
import type { Layout } from './layout.ts';

/** Longest context accepted, in bytes. */
export const maxContextBytes = 65_536;

/** SHA-256 of bytes, or of a text's UTF-8, lower-case hex. */
export function sha256Hex(...parts: readonly (Uint8Array | string)[]): string {
  const hash = sha256.create();
  for (const part of parts) hash.update(typeof part === 'string' ? utf8ToBytes(part) : part);
  return bytesToHex(hash.digest());
}

/** SHA-256 of the layout's canonical JSON. */
export function layoutDigest(layout: Layout): string {
  return sha256Hex(canonicalJson(layout));
}

/** H of the tag row: the top 248 bits of SHA-256("zkonnx/tag/v1" ‖ modelDigest ‖ layoutDigest). Digests in hex. */
export function circuitTag(modelDigest: string, layoutDigestHex: string): bigint {
  return BigInt(`0x${sha256Hex('zkonnx/tag/v1', hexToBytes(modelDigest), hexToBytes(layoutDigestHex))}`) >> 8n;
}

/** SHA-256("zkonnx/circuit/v1" ‖ SHA-256(.r1cs) ‖ layoutDigest). Digests in hex. */
export function circuitDigest(r1csSha256: string, layoutDigestHex: string): string {
  return sha256Hex('zkonnx/circuit/v1', hexToBytes(r1csSha256), hexToBytes(layoutDigestHex));
}

/** SHA-256(vkeyHash ‖ signals as 32-byte big-endian words): what replay protection is keyed on, never proof bytes. */
export function statementId(vkeyHash: string, signals: readonly bigint[]): string {
  return sha256Hex(hexToBytes(vkeyHash), concatBytes(...signals.map((signal) => hexToBytes(signal.toString(16).padStart(64, '0')))));
}

/**
 * The bytes a context stands for: `0x` and an even number of hex digits gives those bytes, any other text its UTF-8.
 * @throws ZkonnxError ZK1009 for an empty context, bad hex, text that is not Unicode, or more than 65,536 bytes.
 */
export function contextBytes(context: string): Uint8Array {
  const refuse = (what: string): never => {
    throw new ZkonnxError('ZK1009', { what });
  };
  if (typeof context !== 'string') return refuse('it is not a string');
  let bytes: Uint8Array;
  if (/^0x/i.test(context)) {
    if (context.length > 2 + 2 * maxContextBytes) return refuse(`it is longer than ${maxContextBytes} bytes`);
    if (!/^0x(?:[0-9a-f]{2})*$/i.test(context)) return refuse('after 0x come pairs of hex digits only');
    bytes = hexToBytes(context.slice(2));
  } else {
    if (context.length > maxContextBytes) return refuse(`it is longer than ${maxContextBytes} bytes`);
    if (!isUnicodeText(context)) return refuse('it holds half of a surrogate pair');
    bytes = utf8ToBytes(context);
  }
  if (bytes.length === 0) return refuse('it is empty');
  if (bytes.length > maxContextBytes) return refuse(`it is longer than ${maxContextBytes} bytes`);
  return bytes;
}

/** Public signal 1: keccak256(bytes) >> 8, or 0 when no context is given. @throws ZkonnxError ZK1009 (see `contextBytes`). */
export function contextSignal(context: string | undefined): bigint {
  if (context === undefined) return 0n;
  return BigInt(`0x${bytesToHex(keccak_256(contextBytes(context)))}`) >> 8n;
}
