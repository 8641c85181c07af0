/**
 * snarkjs' three JSON files, `verification_key.json`, `public.json` and `proof.json`: bytes → checked values. Browser-safe.
 *
 * Bounded before parsing: a file longer than its contents can be is refused unread. What is read is exactly what `verifyProof` would accept as an argument, so a
 * damaged file is told from a false proof.
 */
import { ZkonnxError } from '../errors.ts';
import type { Proof, VerificationKey } from './keys.ts';
import { Refused } from './points.ts';
import { parseVerificationKey, refusal } from './verification-key.ts';
import { parseProof, parseSignals } from './verify.ts';

/** Characters of one decimal number with quotes, comma, line break and generous indentation. */
const numberBytes = 128;
/** Numbers in a proof, and in a key besides IC. */
const proofNumbers = 14;
const keyNumbers = 40;
/** More public signals than any circuit that a verifier would accept has. */
const maxSignals = 1 << 18;

function decode<T>(bytes: Uint8Array, what: string, file: string, maxBytes: number, check: (value: unknown) => T): T {
  const fail = (reason: string, cause?: unknown): ZkonnxError => new ZkonnxError('ZK5004', { format: what, file, what: reason }, { cause });
  if (bytes.length > maxBytes) throw fail(`${bytes.length} bytes, at most ${maxBytes} expected`);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    // Without the cause: it quotes the text, and the wrong file may be a private one.
    throw fail('not JSON');
  }
  try {
    return check(value);
  } catch (cause) {
    throw fail(refusal(cause, what), cause);
  }
}

/** @throws ZkonnxError ZK5004, naming the field; also for a key that the lint refuses. */
export function decodeVerificationKey(bytes: Uint8Array, file = '(in memory)'): VerificationKey {
  return decode(bytes, 'verification key', file, numberBytes * (keyNumbers + 3 * maxSignals), (value) => {
    parseVerificationKey(value);
    return value as VerificationKey;
  });
}

/** @throws ZkonnxError ZK5004, naming the field. */
export function decodeProof(bytes: Uint8Array, file = '(in memory)'): Proof {
  return decode(bytes, 'proof', file, numberBytes * proofNumbers, (value) => {
    parseProof(value);
    return value as Proof;
  });
}

/** Canonical decimal strings below r. @throws ZkonnxError ZK5004. */
export function decodeSignals(bytes: Uint8Array, file = '(in memory)'): string[] {
  return decode(bytes, 'public signals', file, numberBytes * maxSignals, (value) => {
    if (!Array.isArray(value)) throw new Refused('signals: not an array');
    return parseSignals(value, value.length).map(String);
  });
}

/** As snarkjs writes its JSON files. */
export function encodeJson(value: VerificationKey | Proof | readonly string[]): string {
  return `${JSON.stringify(value, null, 1)}\n`;
}
