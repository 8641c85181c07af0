/** snarkjs' JSON forms, which are also our in-memory forms: decimal strings, G2 as [[c0,c1],[c0,c1],[1,0]], projective z = 1. */
export type G1Json = readonly [string, string, string];
export type G2Json = readonly [readonly [string, string], readonly [string, string], readonly [string, string]];

export interface VerificationKey {
  readonly protocol: 'groth16';
  readonly curve: 'bn128';
  readonly nPublic: number;
  readonly vk_alpha_1: G1Json;
  readonly vk_beta_2: G2Json;
  readonly vk_gamma_2: G2Json;
  readonly vk_delta_2: G2Json;
  /** e(alpha, beta) as snarkjs writes it; optional, recomputed and never trusted. */
  readonly vk_alphabeta_12?: unknown;
  readonly IC: readonly G1Json[];
}

export interface Proof {
  readonly pi_a: G1Json;
  readonly pi_b: G2Json;
  readonly pi_c: G1Json;
  readonly protocol: 'groth16';
  readonly curve: 'bn128';
}

/**
 * How a key came about: 'dev' by one party alone, 'ptau' from powers of tau and one contribution, 'ceremony' from a transcript that was verified when the key was taken in.
 */
export const setupKinds = ['dev', 'ptau', 'ceremony', 'unknown'] as const;
export type SetupKind = (typeof setupKinds)[number];

export interface SetupInfo {
  readonly kind: SetupKind;
  /** BLAKE2b-512 of the .ptau file, lower-case hex. */
  readonly ptauDigest?: string | undefined;
  /** Of the key's contributions: docs/signals.md. */
  readonly transcriptHash?: string | undefined;
}

/** A proving key as a snarkjs .zkey file in memory or on disk, with what set it up. */
export interface Keys {
  readonly zkey: Uint8Array | { readonly path: string };
  /** Of a key of our own in memory: the file that goes beside it, see rekeyed.ts. */
  readonly rekeyed?: Uint8Array | undefined;
  readonly verificationKey: VerificationKey;
  /** H("zkonnx/vk/v1" …) of docs/signals.md, lower-case hex. */
  readonly vkeyHash: string;
  readonly setup: SetupInfo;
  /** The circuit the key was made for. */
  readonly circuitDigest: string;
}
