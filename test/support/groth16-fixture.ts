/** A dev key and a proof for a small circuit, made once per test file. */

import type { Keys, Proof } from '../../src/groth16/keys.ts';
import { type DevSetupInput, devSetup } from '../../src/groth16/setup-dev.ts';
import { snarkjsProver } from '../../src/interop/snarkjs.ts';
import { makeR1cs, type SmallCircuit, withWitness } from './small-r1cs.ts';

export interface Groth16Fixture {
  readonly circuit: SmallCircuit;
  readonly keys: Keys & { readonly zkey: Uint8Array };
  readonly proof: Proof;
}

export const testDigest = 'c1'.repeat(32);

export async function setUp(circuit: SmallCircuit, input: Partial<DevSetupInput> = {}): Promise<Keys & { readonly zkey: Uint8Array }> {
  const keys = await devSetup(circuit.r1cs, { circuitDigest: testDigest, ...input });
  if (!(keys.zkey instanceof Uint8Array)) throw new Error('a dev key is made in memory');
  return { ...keys, zkey: keys.zkey };
}

/** Single-threaded: leaves no threads behind. */
export async function proveOnce(circuit: SmallCircuit, keys: Keys): Promise<Proof> {
  const { proof } = await snarkjsProver({ singleThread: true }).prove(keys.zkey, circuit.wtns);
  return proof;
}

export async function groth16Fixture(circuit: SmallCircuit, seed?: string): Promise<Groth16Fixture> {
  const keys = await setUp(circuit, seed === undefined ? {} : { seed });
  return { circuit, keys, proof: await proveOnce(circuit, keys) };
}

/** snarkjs' own verifier keeps threads; this ends them. */
export async function endSnarkjsThreads(): Promise<void> {
  await snarkjsProver().close();
}

/** Public 9 and 0, as table A of docs/security.md has them: x private, x² = 9 and x·0 = 0. */
export function nineAndZero(): SmallCircuit {
  const square = [[[3, 1n]], [[3, 1n]], [[1, 1n]]] as const;
  const zero = [[[3, 1n]], [[2, 1n]], [[2, 1n]]] as const;
  return withWitness(makeR1cs([square, zero], 4, 2), [1n, 9n, 0n, 3n]);
}
