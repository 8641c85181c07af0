/**
 * The digests of docs/signals.md: what names a layout, a circuit, a statement. SHA-256 throughout (the EVM has it), as lower-case hex without
 * prefix. No tool version is in any of them. Browser-safe.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { canonicalJson } from './canonical.ts';
import type { Layout } from './layout.ts';

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
