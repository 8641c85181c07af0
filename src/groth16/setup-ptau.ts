/**
 * Keys from public powers of tau: the initial key of phase 2 and at once one contribution of our own, for a key without one is forgeable by anyone. Its maker could still forge until others have contributed
 * (`zkonnx ceremony`): what it has over a dev key is that nobody knows τ, α and β, and that the file can be continued.
 */
import type { RunOptions } from '../events.ts';
import { startKernelThreads } from '../kernels/threads.ts';
import type { R1cs } from '../r1cs/r1cs.ts';
import type { BytesOrPath } from './byte-source.ts';
import { type ContributionResult, contributeInPlace, contributionSize } from './ceremony/contribute.ts';
import { initialKey } from './ceremony/initial-key.ts';
import { type Ptau, ptauDigest, withPtau } from './ceremony/ptau.ts';
import type { Keys } from './keys.ts';
import { makePace } from './pace.ts';
import { vkeyHash } from './verification-key.ts';
import { readVerificationKey } from './zkey.ts';

export interface PtauSetupInput {
  readonly circuitDigest: string;
  readonly ptau: BytesOrPath;
  /** Mixed with the CSPRNG's bytes. */
  readonly entropy?: string | undefined;
  /** Whom the contribution is by; stands in the key. */
  readonly name?: string | undefined;
  /** Default: one per core. */
  readonly threads?: number | undefined;
}

/** Circuits below this many rows are done before threads have started. */
const minThreadedRows = 4096;

/** The file's digest, with progress. */
export async function ptauDigestWithProgress(ptau: Ptau, options: RunOptions): Promise<string> {
  const tick = makePace('set-up', ptau.source.sizeBytes, 'digest of the powers of tau', options);
  return ptauDigest(ptau, tick);
}

/**
 * @throws ZkonnxError ZK1001 (circuit larger than the powers), ZK5004 (damaged file), ZK1002, ZK1006.
 */
export async function ptauSetup(
  r1cs: R1cs,
  input: PtauSetupInput,
  options: RunOptions = {},
): Promise<Keys & { readonly contribution: ContributionResult }> {
  const { availableParallelism } = await import('node:os');
  const threads = await startKernelThreads({
    threads: r1cs.rowCount < minThreadedRows ? 1 : (input.threads ?? availableParallelism()),
    stage: 'set-up',
  });
  try {
    return await withPtau(input.ptau, async (ptau) => {
      const digest = await ptauDigestWithProgress(ptau, options);
      const { bytes: zkey, sections } = await initialKey(threads, r1cs, ptau, options, contributionSize(input.name));
      const contribution = await contributeInPlace(
        threads,
        sections,
        { kind: 'contribution', name: input.name, entropy: input.entropy },
        options,
      );
      const verificationKey = await readVerificationKey(zkey);
      return {
        zkey,
        verificationKey,
        vkeyHash: vkeyHash(verificationKey),
        setup: { kind: 'ptau', ptauDigest: digest, transcriptHash: contribution.transcriptHash },
        circuitDigest: input.circuitDigest,
        contribution,
      };
    });
  } finally {
    await threads.close();
  }
}
