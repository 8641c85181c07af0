/** The second verb: a circuit → its proving and verification key. */
import type { CompiledModel } from './compile.ts';
import type { RunOptions } from './events.ts';
import type { Keys } from './groth16/keys.ts';
import { devSetup } from './groth16/setup-dev.ts';

export interface DevSetupOptions extends RunOptions {
  /** One party makes the key in seconds and could forge with it. For trying things out, never for production. */
  readonly kind: 'dev';
  /** Reproducible dev keys: the secrets derive from H(seed ‖ circuitDigest). Anyone who knows the seed can forge. */
  readonly seed?: string | undefined;
}

export interface PtauSetupOptions extends RunOptions {
  /** From powers of tau, with one contribution of our own; a ceremony continues it. Whoever kept that contribution's secret can forge. */
  readonly kind: 'ptau';
  /** A snarkjs .ptau, in memory or on disk, prepared for phase 2 or not. */
  readonly ptau: Uint8Array | { readonly path: string };
  /** Mixed with the CSPRNG's bytes; any text. */
  readonly entropy?: string | undefined;
  /** Whose the contribution is: stands in the key for all to read. */
  readonly name?: string | undefined;
}

export type SetupOptions = DevSetupOptions | PtauSetupOptions;

/**
 * @throws ZkonnxError ZK1001 (a circuit beyond the set-up's size), ZK5004 (a damaged .ptau), ZK1002, ZK1006.
 */
export async function setup(compiled: CompiledModel, options: SetupOptions): Promise<Keys> {
  const { r1cs } = compiled.circuit;
  const circuitDigest = compiled.digests.circuit;
  if (options.kind === 'dev')
    return devSetup(r1cs, { circuitDigest, ...(options.seed === undefined ? {} : { seed: options.seed }) }, options);
  const { ptauSetup } = await import('./groth16/setup-ptau.ts');
  return ptauSetup(r1cs, { circuitDigest, ptau: options.ptau, entropy: options.entropy, name: options.name }, options);
}
