/**
 * The strict Groth16 verifier: key, public signals, proof → verdict. Never throws and never hangs, whatever it is given; browser-safe.
 *
 * Accepts one spelling of each value only (docs/groth16.md, "Verifier"): exactly l signals, canonical decimal strings below r; coordinates below q; z = 1; on the curve; B in the
 * subgroup; no infinity; no missing, extra or wrong field. Groth16 proofs can be re-randomised by anyone: two different proofs of one statement are
 * normal, so replay protection must be keyed on the statement (vkeyHash ‖ signals), never on proof bytes.
 *
 * What "valid" says: whoever made the proof knew a witness of the circuit that the key was made for, with these public signals, if nobody knows the key's set-up secrets. Which circuit
 * that is, the key does not say: pin it by `vkeyHash`.
 */
import { bn254 } from '@noble/curves/bn254.js';
import { scalarOrder } from '../field/bn254.ts';
import type { VerificationKey } from './keys.ts';
import { type G1Point, type G2Point, parseDecimal, parseFields, parseG1, parseG2, Refused } from './points.ts';
import { type ParsedKey, parseVerificationKey, refusal } from './verification-key.ts';

export { lintKey, vkeyHash } from './verification-key.ts';

export interface ProofVerdict {
  readonly valid: boolean;
  /** A stable sentence; where something is refused it begins with the place: "proof.pi_a[0]: not a canonical decimal string below q". */
  readonly reason: string;
}

export interface ParsedProof {
  readonly a: G1Point;
  readonly b: G2Point;
  readonly c: G1Point;
}

/** @throws Refused, naming the field. */
export function parseProof(proof: unknown): ParsedProof {
  const fields = parseFields(proof, ['pi_a', 'pi_b', 'pi_c', 'protocol', 'curve'], [], 'proof');
  if (fields.protocol !== 'groth16') throw new Refused('proof.protocol: expected "groth16"');
  if (fields.curve !== 'bn128') throw new Refused('proof.curve: expected "bn128"');
  return { a: parseG1(fields.pi_a, 'proof.pi_a'), b: parseG2(fields.pi_b, 'proof.pi_b'), c: parseG1(fields.pi_c, 'proof.pi_c') };
}

/** Exactly `count` canonical signals. @throws Refused. */
export function parseSignals(signals: unknown, count: number): bigint[] {
  if (!Array.isArray(signals)) throw new Refused('signals: not an array');
  if (signals.length !== count) throw new Refused(`signals: ${signals.length} given, the key takes ${count}`);
  return Array.from({ length: count }, (_, i) => parseDecimal(signals[i], scalarOrder, 'r', `signals[${i}]`));
}

/** IC₀ + Σ signal_i · IC_{i+1}. Bytes and bits are cheap, packed words cost a millisecond each. */
function combineSignals(ic: readonly G1Point[], signals: readonly bigint[]): G1Point {
  let sum = ic[0]!;
  for (const [i, signal] of signals.entries()) {
    if (signal !== 0n) sum = sum.add(ic[i + 1]!.multiplyUnsafe(signal));
  }
  return sum;
}

/** e(−A, B) · e(α, β) · e(Σ, γ) · e(C, δ) = 1. */
export function verifyProof(key: VerificationKey, signals: readonly string[], proof: unknown): ProofVerdict {
  try {
    // The proof first: junk is refused before the key's subgroup checks and pairing are paid for.
    const parsed = parseProof(proof);
    return holds(parseVerificationKey(key), signals, parsed);
  } catch (error) {
    return { valid: false, reason: refusal(error, 'input') };
  }
}

/** The same with a key that was parsed before, for many proofs of one key. */
export function verifyWithParsedKey(key: ParsedKey, signals: readonly string[], proof: unknown): ProofVerdict {
  try {
    return holds(key, signals, parseProof(proof));
  } catch (error) {
    return { valid: false, reason: refusal(error, 'input') };
  }
}

/** @throws Refused for signals. */
function holds(
  { alpha, beta, gamma, delta, ic, publicCount }: ParsedKey,
  signals: readonly string[],
  { a, b, c }: ParsedProof,
): ProofVerdict {
  const values = parseSignals(signals, publicCount);
  const pairs = [
    { g1: a.negate(), g2: b },
    { g1: alpha, g2: beta },
    { g1: c, g2: delta },
  ];
  const sum = combineSignals(ic, values);
  // A pairing with infinity is 1; the library refuses to compute it.
  if (!sum.is0()) pairs.push({ g1: sum, g2: gamma });
  const { Fp12 } = bn254.fields;
  const equal = Fp12.eql(bn254.pairingBatch(pairs), Fp12.ONE);
  return equal ? { valid: true, reason: 'the pairing equation holds' } : { valid: false, reason: 'pairing: the equation does not hold' };
}
