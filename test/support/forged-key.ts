/**
 * Groth16 keys whose secrets are known, and proofs of anything under them: no circuit, no witness, a few scalar multiplications. A fast oracle for
 * verifiers (ours, the EVM's, snarkjs'), and a reminder of what whoever keeps a set-up's secrets can do.
 *
 *   const key = forgedKey(3);
 *   key.verificationKey                        // γ = G2's generator, as snarkjs makes them
 *   key.prove([1n, 2n, 3n])                    // a proof that verifies for exactly these signals
 *
 * With everything in the exponent the equation e(A, B) = e(α, β) · e(Σ, γ) · e(C, δ) is  a·b = α·β + Σ + c·δ  (γ = 1): choose a and b, solve for c.
 */
import { bn254 } from '@noble/curves/bn254.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { invert, mod, scalarOrder as r } from '../../src/field/bn254.ts';
import type { Proof, VerificationKey } from '../../src/groth16/keys.ts';
import { g1Json, g2Json } from '../../src/groth16/points.ts';

export interface ForgedKey {
  readonly verificationKey: VerificationKey;
  /** Discrete logarithms of IC. */
  readonly ic: readonly bigint[];
  /** The same signals and nonce give the same proof; another nonce another proof of the same statement. */
  prove(signals: readonly bigint[], nonce?: string): Proof;
}

/** @param seed the same seed and count give the same key */
export function forgedKey(publicCount: number, seed = 'forged'): ForgedKey {
  const scalar = (label: string): bigint => {
    const hex = Buffer.from(sha256(utf8ToBytes(`${seed}/${label}`))).toString('hex');
    return mod(BigInt(`0x${hex}`), r - 1n) + 1n;
  };
  const g1 = (exponent: bigint) => g1Json(bn254.G1.Point.BASE.multiply(mod(exponent, r)));
  const g2 = (exponent: bigint) => g2Json(bn254.G2.Point.BASE.multiply(mod(exponent, r)));
  const [alpha, beta, delta] = [scalar('alpha'), scalar('beta'), scalar('delta')];
  const ic = Array.from({ length: publicCount + 1 }, (_, i) => scalar(`ic${i}`));
  const verificationKey: VerificationKey = {
    protocol: 'groth16',
    curve: 'bn128',
    nPublic: publicCount,
    vk_alpha_1: g1(alpha),
    vk_beta_2: g2(beta),
    vk_gamma_2: g2(1n),
    vk_delta_2: g2(delta),
    IC: ic.map(g1),
  };
  return {
    verificationKey,
    ic,
    prove(signals, nonce = '') {
      if (signals.length !== publicCount) throw new RangeError(`${signals.length} signals, the key takes ${publicCount}`);
      const [a, b] = [scalar(`a${nonce}`), scalar(`b${nonce}`)];
      const sum = signals.reduce((total, signal, i) => total + signal * ic[i + 1]!, ic[0]!);
      const c = (a * b - alpha * beta - sum) * invert(delta, r);
      return { pi_a: g1(a), pi_b: g2(b), pi_c: g1(c), protocol: 'groth16', curve: 'bn128' };
    },
  };
}
