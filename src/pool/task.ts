/** What a proving worker does: load an artifact folder (once), prove one inference, answer with data. Runs in workers/prove.ts. */
import { type ErrorCode, type ErrorParams, ZkonnxError } from '../errors.ts';
import type { Prover } from '../groth16/prover.ts';
import type { NamedTensors } from '../inputs.ts';
import { prove } from '../prove.ts';
import { makeProver, type ProverName } from '../provers.ts';
import type { Receipt } from '../receipt/receipt.ts';
import { type Artifact, loadArtifact } from '../store/artifact.ts';

export interface ProveTask {
  /** Artifact folder with a proving key. */
  readonly folder: string;
  readonly inputs: NamedTensors;
  readonly salt?: string | undefined;
  readonly context?: string | undefined;
  readonly cast?: boolean | undefined;
  /** Our own by default. */
  readonly prover?: ProverName | undefined;
}

/** Errors cross the thread as table rows, not as class instances. */
export type ProveTaskResult =
  | { readonly ok: true; readonly receipt: Receipt; readonly salts: Readonly<Record<string, string>>; readonly elapsedMs: number }
  | { readonly ok: false; readonly error: { readonly code: ErrorCode; readonly params: ErrorParams; readonly details: unknown } };

/** One artifact per worker thread: a batch has one model, and a thread has no other owner for what it keeps between tasks. */
let kept: {
  readonly folder: string;
  readonly proverName: ProverName | undefined;
  readonly artifact: Promise<Artifact>;
  readonly prover: Prover;
} | null = null;

export async function proveTask(task: ProveTask): Promise<ProveTaskResult> {
  try {
    if (kept === null || kept.folder !== task.folder || kept.proverName !== task.prover) {
      await kept?.prover.close();
      kept = {
        folder: task.folder,
        proverName: task.prover,
        artifact: loadArtifact(task.folder),
        prover: makeProver(task.prover, { threads: 1 }),
      };
    }
    const { compiled, keys } = await kept.artifact;
    if (keys === null) throw new ZkonnxError('ZK5003', { path: task.folder });
    let salts: Readonly<Record<string, string>> = {};
    const started = performance.now();
    const receipt = await prove(compiled, keys, task.inputs, {
      salt: task.salt,
      context: task.context,
      cast: task.cast,
      prover: kept.prover,
      onSalts: (made) => {
        salts = made;
      },
    });
    return { ok: true, receipt, salts, elapsedMs: performance.now() - started };
  } catch (error) {
    const known =
      error instanceof ZkonnxError ? error : new ZkonnxError('ZK7001', { what: error instanceof Error ? error.message : String(error) });
    return { ok: false, error: { code: known.code, params: known.params, details: known.details } };
  }
}
