/** What makes proofs: the seam between the verbs and whichever prover runs (`src/interop/snarkjs.ts` first). */
import type { RunOptions } from '../events.ts';
import type { Keys, Proof } from './keys.ts';

export interface ProofWithSignals {
  readonly proof: Proof;
  /** Canonical decimal strings, wires 1 … publicCount of the witness. */
  readonly publicSignals: readonly string[];
}

/**
 * Contract of every prover:
 * - the key passes its lint (`lintKey`) before it is used;
 * - the proof is fresh randomness each time, and verified with the key's own verification key before it is handed out: a damaged key or a fault in
 *   memory otherwise releases a proof that nobody has checked (ZK6002);
 * - the witness is NOT checked against the constraints: a proving key does not hold the C matrix. The caller does that first (`checkWitness`); from a witness that breaks a
 *   constraint a prover makes a proof that does not verify, hence ZK6002;
 * - witnesses hold private inputs: nothing of them is kept, logged or put into an error.
 */
export interface Prover {
  /**
   * @param zkey a snarkjs groth16 proving key, in memory or on disk.
   * @param wtns a snarkjs .wtns file in memory, of that key's circuit.
   * @throws ZkonnxError ZK5004 (key or witness file damaged), ZK5002 (witness of another circuit), ZK6002 (proof does not verify), ZK1006 (aborted).
   */
  prove(zkey: Keys['zkey'], wtns: Uint8Array, options?: RunOptions): Promise<ProofWithSignals>;
  /** Frees threads and memory. The process exits by itself after that; a later `prove` starts them anew. */
  close(): Promise<void>;
}
