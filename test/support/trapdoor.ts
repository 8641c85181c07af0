/**
 * Groth16 in the exponent: a verification key whose secrets are kept, and proofs made from them for any signals, without circuit or witness. For tests of
 * what stands around a proof. (It is also why a key's maker must be trusted.)
 */
import { bn254 } from '@noble/curves/bn254.js';
import { invert, mod, scalarOrder } from '../../src/field/bn254.ts';
import type { G1Json, G2Json, Proof, VerificationKey } from '../../src/groth16/keys.ts';
import { sha256Hex } from '../../src/r1cs/digests.ts';

const { G1, G2 } = bn254;

function g1(scalar: bigint): G1Json {
  const { x, y } = G1.Point.BASE.multiply(scalar).toAffine();
  return [String(x), String(y), '1'];
}

function g2(scalar: bigint): G2Json {
  const { x, y } = G2.Point.BASE.multiply(scalar).toAffine();
  return [
    [String(x.c0), String(x.c1)],
    [String(y.c0), String(y.c1)],
    ['1', '0'],
  ];
}

export interface TrapdoorKey {
  readonly verificationKey: VerificationKey;
  /** Discrete logarithms of IC. */
  readonly ic: readonly bigint[];
  /** A valid proof of these signals; `seed` varies its randomness. */
  prove(signals: readonly bigint[], seed?: string): Proof;
}

/** A key for `publicCount` signals, its secrets from the seed. */
export function trapdoorKey(publicCount: number, seed = 'trapdoor'): TrapdoorKey {
  const secret = (name: string): bigint => mod(BigInt(`0x${sha256Hex(`${seed}/${name}`)}`), scalarOrder);
  const [alpha, beta, delta] = [secret('alpha'), secret('beta'), secret('delta')];
  const ic = Array.from({ length: publicCount + 1 }, (_, i) => secret(`ic${i}`));
  return {
    verificationKey: {
      protocol: 'groth16',
      curve: 'bn128',
      nPublic: publicCount,
      vk_alpha_1: g1(alpha),
      vk_beta_2: g2(beta),
      vk_gamma_2: g2(1n),
      vk_delta_2: g2(delta),
      IC: ic.map(g1),
    },
    ic,
    // e(A, B) = e(α, β) · e(Σ IC, γ) · e(C, δ) with γ = 1: c = (a·b − α·β − Σ)/δ.
    prove(signals, proofSeed = 'proof') {
      const [a, b] = [secret(`${proofSeed}/a`), secret(`${proofSeed}/b`)];
      const sum = signals.reduce((total, signal, i) => total + signal * ic[i + 1]!, ic[0]!);
      const c = mod((a * b - alpha * beta - sum) * invert(delta, scalarOrder), scalarOrder);
      return { pi_a: g1(a), pi_b: g2(b), pi_c: g1(c), protocol: 'groth16', curve: 'bn128' };
    },
  };
}
