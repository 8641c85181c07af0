/** Phase 2 as library calls: contribute to a key, judge a ceremony, and say which keys are to be trusted for which model. */
import type { CompiledModel } from './compile.ts';
import { ZkonnxError } from './errors.ts';
import type { RunOptions } from './events.ts';
import { type ContributionResult, type Contributor, contributeToKey } from './groth16/ceremony/contribute.ts';
import { type CeremonyVerdict, verifyCeremony } from './groth16/ceremony/verify.ts';
import type { Keys } from './groth16/keys.ts';
import { readVerificationKey } from './groth16/zkey.ts';
import { startKernelThreads } from './kernels/threads.ts';
import type { TrustEntry } from './receipt/trust.ts';

export type { ContributionResult, Contributor } from './groth16/ceremony/contribute.ts';
export {
  type CeremonyCheck,
  type CeremonyContribution,
  type CeremonyFiles,
  type CeremonyVerdict,
  ceremonyCheckNames,
  verifyCeremony,
} from './groth16/ceremony/verify.ts';

/**
 * One contribution, or a beacon, to any snarkjs groth16 key: the new key in pieces, which are valid until the next is asked for; `onResult` is told what it is called when the last has been given.
 * @throws ZkonnxError ZK5004 (no key), ZK1001 (a malformed beacon), ZK1002, ZK1006.
 */
export async function* contribute(
  zkey: Keys['zkey'],
  contributor: Contributor,
  onResult: (result: ContributionResult) => void,
  options: RunOptions = {},
): AsyncGenerator<Uint8Array> {
  const { availableParallelism } = await import('node:os');
  const threads = await startKernelThreads({ threads: availableParallelism(), stage: 'contribution' });
  try {
    yield* contributeToKey(threads, zkey, contributor, onResult, options);
  } finally {
    await threads.close();
  }
}

/** What a verifier may write into his trust file. @throws ZkonnxError ZK6004 for a ceremony that does not hold. */
export function trustEntry(compiled: Pick<CompiledModel, 'model' | 'circuit' | 'digests'>, verdict: CeremonyVerdict): TrustEntry {
  refuseInvalid(verdict);
  return {
    modelDigest: compiled.model.sha256,
    profile: compiled.circuit.layout.profile,
    circuitDigest: compiled.digests.circuit,
    vkeyHash: verdict.vkeyHash!,
    transcriptHash: verdict.transcriptHash!,
  };
}

/** @throws ZkonnxError ZK6004 naming the first check that failed. */
export function refuseInvalid({ valid, checks }: CeremonyVerdict): void {
  if (valid) return;
  const failed = checks.filter(({ ok }) => ok === false);
  const first = failed[0] ?? checks.find(({ ok, detail }) => ok === null && detail === null)!;
  throw new ZkonnxError('ZK6004', { check: first.name, what: first.detail ?? 'it could not be judged' }, { details: failed });
}

/**
 * Keys that others made, taken in for a compiled model after their whole ceremony has been checked.
 * @throws ZkonnxError ZK6004 naming the first check that failed, ZK1002, ZK1006.
 */
export async function adoptKeys(
  compiled: CompiledModel,
  files: { readonly zkey: Keys['zkey']; readonly ptau: Keys['zkey'] },
  options: RunOptions = {},
): Promise<{ readonly keys: Keys; readonly verdict: CeremonyVerdict }> {
  const verdict = await verifyCeremony({ r1cs: compiled.circuit.r1cs, ...files }, options);
  refuseInvalid(verdict);
  const keys: Keys = {
    zkey: files.zkey,
    verificationKey: await readVerificationKey(files.zkey),
    vkeyHash: verdict.vkeyHash!,
    setup: {
      kind: verdict.contributions.length > 1 ? 'ceremony' : 'ptau',
      ptauDigest: verdict.ptau!.digest,
      transcriptHash: verdict.transcriptHash!,
    },
    circuitDigest: compiled.digests.circuit,
  };
  return { keys, verdict };
}
