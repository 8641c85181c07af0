/** The provers to choose from by name: our own, and snarkjs as the second opinion that users know. */
import { availableParallelism } from 'node:os';
import { wasmProver } from './groth16/prove.ts';
import type { Prover } from './groth16/prover.ts';
import { snarkjsProver } from './interop/snarkjs.ts';

export const proverNames = ['wasm', 'snarkjs'] as const;
export type ProverName = (typeof proverNames)[number];

/** @param options.threads that split one proof; the machine's cores by default. snarkjs knows only one or all. */
export function makeProver(name: ProverName = 'wasm', { threads = availableParallelism() }: { readonly threads?: number } = {}): Prover {
  return name === 'snarkjs' ? snarkjsProver({ singleThread: threads === 1 }) : wasmProver({ threads });
}
