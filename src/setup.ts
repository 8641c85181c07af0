/** The second verb: a circuit → its proving and verification key. */
import type { CompiledModel } from './compile.ts';
import type { RunOptions } from './events.ts';
import type { Keys } from './groth16/keys.ts';
import { devSetup } from './groth16/setup-dev.ts';

export interface SetupOptions extends RunOptions {
  /** 'dev': one party makes the key in seconds and could forge with it. For trying things out, never for production. */
  readonly kind: 'dev';
  /** Reproducible dev keys: the secrets derive from H(seed ‖ circuitDigest). Anyone who knows the seed can forge. */
  readonly seed?: string | undefined;
}

export async function setup(compiled: CompiledModel, options: SetupOptions): Promise<Keys> {
  return devSetup(
    compiled.circuit.r1cs,
    { circuitDigest: compiled.digests.circuit, ...(options.seed === undefined ? {} : { seed: options.seed }) },
    options,
  );
}
