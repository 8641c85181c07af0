/**
 * Verification keys: strict reading, the lint that every key must pass, and the hash that callers pin. Browser-safe.
 *
 * The lint holds a key to snarkjs' profile: γ is G2's generator, δ is neither ± that generator nor infinity (a key without a phase-2 contribution has γ = δ and is forgeable
 * by anyone: A = α, B = β, C = −Σ), no infinity among α, β and IC, every point on its curve and in the subgroup, publicCount + 1 points IC.
 */
import { bn254 } from '@noble/curves/bn254.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { ZkonnxError } from '../errors.ts';
import { baseOrder } from '../field/bn254.ts';
import type { G1Json, G2Json, VerificationKey } from './keys.ts';
import { type G1Point, type G2Point, parseDecimal, parseFields, parseG1, parseG2, Refused } from './points.ts';

export interface ParsedKey {
  readonly publicCount: number;
  readonly alpha: G1Point;
  readonly beta: G2Point;
  readonly gamma: G2Point;
  readonly delta: G2Point;
  readonly ic: readonly G1Point[];
}

const requiredFields = ['protocol', 'curve', 'nPublic', 'vk_alpha_1', 'vk_beta_2', 'vk_gamma_2', 'vk_delta_2', 'IC'];

/** Reads and lints a key. @throws Refused, naming the field. */
export function parseVerificationKey(key: unknown): ParsedKey {
  const fields = parseFields(key, requiredFields, ['vk_alphabeta_12'], 'key');
  if (fields.protocol !== 'groth16') throw new Refused('key.protocol: expected "groth16"');
  if (fields.curve !== 'bn128') throw new Refused('key.curve: expected "bn128"');
  const publicCount = fields.nPublic;
  if (typeof publicCount !== 'number' || !Number.isSafeInteger(publicCount) || publicCount < 0)
    throw new Refused('key.nPublic: not a count');
  const points = fields.IC;
  if (!Array.isArray(points) || points.length !== publicCount + 1) throw new Refused(`key.IC: expected ${publicCount + 1} points`);
  const alpha = parseG1(fields.vk_alpha_1, 'key.vk_alpha_1');
  const beta = parseG2(fields.vk_beta_2, 'key.vk_beta_2');
  const gamma = parseG2(fields.vk_gamma_2, 'key.vk_gamma_2');
  const delta = parseG2(fields.vk_delta_2, 'key.vk_delta_2');
  const generator = bn254.G2.Point.BASE;
  if (!gamma.equals(generator)) throw new Refused('key.vk_gamma_2: not the generator of G2');
  if (delta.equals(generator) || delta.equals(generator.negate())) {
    throw new Refused(
      'key.vk_delta_2: plus or minus the generator of G2: the key has no phase-2 contribution and anyone can forge proofs for it',
    );
  }
  const ic = Array.from({ length: publicCount + 1 }, (_, i) => parseG1(points[i], `key.IC[${i}]`));
  if (fields.vk_alphabeta_12 !== undefined) checkAlphaBeta(fields.vk_alphabeta_12, alpha, beta);
  return { publicCount, alpha, beta, gamma, delta, ic };
}

/** Why a key must not be used, or null. Never throws, whatever it is given. */
export function lintKey(key: unknown): string | null {
  try {
    parseVerificationKey(key);
    return null;
  } catch (error) {
    return refusal(error, 'key');
  }
}

/** The reason inside a caught error. Objects with throwing getters or proxies end here too. */
export function refusal(error: unknown, place: string): string {
  return error instanceof Refused ? error.message : `${place}: unreadable`;
}

type Pairing12 = readonly (readonly (readonly [string, string])[])[];

function pairing12(alpha: G1Point, beta: G2Point): Pairing12 {
  const value = bn254.pairing(alpha, beta);
  return [value.c0, value.c1].map((part) => [part.c0, part.c1, part.c2].map((c) => [String(c.c0), String(c.c1)] as const));
}

/** e(α, β) as snarkjs writes it into `vk_alphabeta_12`: 2 × 3 × 2 decimal strings. @throws Refused. */
export function alphaBeta(alpha: G1Json, beta: G2Json): Pairing12 {
  return pairing12(parseG1(alpha, 'key.vk_alpha_1'), parseG2(beta, 'key.vk_beta_2'));
}

/** The field is redundant; where it is given it must be right, so that no leaf of a key can be altered unnoticed. */
function checkAlphaBeta(claimed: unknown, alpha: G1Point, beta: G2Point): void {
  const place = 'key.vk_alphabeta_12';
  const same = (value: unknown, wanted: unknown): boolean => {
    if (!Array.isArray(wanted)) return parseDecimal(value, baseOrder, 'q', place) === BigInt(wanted as string);
    return Array.isArray(value) && value.length === wanted.length && wanted.every((part, i) => same(value[i], part));
  };
  if (!same(claimed, pairing12(alpha, beta))) throw new Refused(`${place}: not e(alpha, beta)`);
}

function write32(bytes: Uint8Array, offset: number, value: bigint): number {
  for (let i = 31; i >= 0; i--) {
    bytes[offset + i] = Number(value & 0xffn);
    value >>= 8n;
  }
  return offset + 32;
}

/**
 * What callers pin a key by: SHA-256 of "zkonnx/vk/v1" ‖ α ‖ β ‖ γ ‖ δ ‖ u32 l ‖ IC₀ … IC_l, points uncompressed, big-endian, in EIP-197's order (G2: imaginary part
 * first); lower-case hex. Over the points, never over JSON. Reference: docs/signals.md.
 * @throws ZkonnxError ZK5004 for a key that the lint refuses.
 */
export function vkeyHash(key: VerificationKey): string {
  let parsed: ParsedKey;
  try {
    parsed = parseVerificationKey(key);
  } catch (error) {
    throw new ZkonnxError('ZK5004', { format: 'verification key', file: '(in memory)', what: refusal(error, 'key') }, { cause: error });
  }
  return hashParsedKey(parsed);
}

export function hashParsedKey(key: ParsedKey): string {
  const label = new TextEncoder().encode('zkonnx/vk/v1');
  const bytes = new Uint8Array(label.length + 64 + 3 * 128 + 4 + 64 * key.ic.length);
  bytes.set(label);
  let at = label.length;
  const g1 = (point: G1Point): void => {
    const { x, y } = point.toAffine();
    at = write32(bytes, write32(bytes, at, x), y);
  };
  const g2 = (point: G2Point): void => {
    const { x, y } = point.toAffine();
    for (const value of [x.c1, x.c0, y.c1, y.c0]) at = write32(bytes, at, value);
  };
  g1(key.alpha);
  for (const point of [key.beta, key.gamma, key.delta]) g2(point);
  new DataView(bytes.buffer).setUint32(at, key.publicCount);
  at += 4;
  for (const point of key.ic) g1(point);
  return bytesToHex(sha256(bytes));
}
