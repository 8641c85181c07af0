/**
 * Many inferences of one model → one receipt file each. A second run continues where the first stopped: an inference whose receipt is there, whole and right is
 * not proven again. One bad input does not stop the others.
 */
import { open, readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import type { CompiledModel } from '../compile.ts';
import { throwIfAborted, ZkonnxError } from '../errors.ts';
import type { RunOptions } from '../events.ts';
import type { Keys } from '../groth16/keys.ts';
import { countInferences, inferenceAt, type NamedTensors } from '../inputs.ts';
import { ProverPool } from '../pool/prover-pool.ts';
import type { ProverName } from '../provers.ts';
import { receiptMatches } from '../receipt/match.ts';
import { infer } from '../run.ts';
import { loadArtifact } from '../store/artifact.ts';
import { makeFolder, writeFileAtomic } from '../store/atomic.ts';
import { openJournal } from './journal.ts';

export interface BatchOptions extends RunOptions {
  /** Folder of the receipts 000000.json …; made if absent. */
  readonly out: string;
  readonly threads?: number | undefined;
  readonly salt?: string | undefined;
  /** NDJSON file (mode 0600) that gets {"index", "salts"} of every proof; without it the salts are forgotten. */
  readonly saltOut?: string | undefined;
  readonly context?: string | undefined;
  readonly cast?: boolean | undefined;
  /** Our own by default. */
  readonly prover?: ProverName | undefined;
}

export interface BatchResult {
  readonly count: number;
  readonly proven: number;
  /** Receipts of an earlier run. */
  readonly kept: number;
  readonly failed: readonly { readonly index: number; readonly code: string; readonly message: string }[];
}

export function receiptName(index: number): string {
  return `${String(index).padStart(6, '0')}.json`;
}

/** Copies of the views: posting a view to a worker would clone the whole batch behind it. */
function owned(inputs: NamedTensors): NamedTensors {
  return Object.fromEntries(Object.entries(inputs).map(([name, tensor]) => [name, { ...tensor, data: tensor.data.slice() }]));
}

/** True if the file is a receipt of exactly this inference, made with this key. */
async function isDone(path: string, compiled: CompiledModel, keys: Keys, inputs: NamedTensors, options: BatchOptions): Promise<boolean> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
  return receiptMatches(text, { compiled, keys, values: infer(compiled.program, inputs, options), context: options.context });
}

/**
 * @param folder artifact folder with a proving key.
 * @param inputs arrays of N inferences (inputs.ts).
 * @throws ZkonnxError ZK41xx if the arrays fit no inference at all, ZK5003 (no key), ZK5002 (`out` holds another batch), ZK1006 (aborted; finished receipts stay).
 */
export async function batch(folder: string, inputs: NamedTensors, options: BatchOptions): Promise<BatchResult> {
  const { compiled, keys } = await loadArtifact(folder, options);
  if (keys === null) throw new ZkonnxError('ZK5003', { path: folder });
  const count = countInferences(compiled.program, inputs);
  await makeFolder(options.out);
  const header = {
    version: 1,
    circuitDigest: compiled.digests.circuit,
    vkeyHash: keys.vkeyHash,
    context: options.context ?? null,
  } as const;
  const journal = await openJournal(options.out, header);
  const salts = options.saltOut === undefined ? null : await open(options.saltOut, 'a', 0o600);
  const failed: { index: number; code: string; message: string }[] = [];
  let proven = 0;
  let kept = 0;
  let next = 0;
  const pool = new ProverPool({ threads: Math.min(options.threads ?? availableParallelism(), count) });
  const report = (): void => options.onEvent?.({ stage: 'batch', done: proven + kept + failed.length, total: count });

  const one = async (index: number): Promise<void> => {
    const path = join(options.out, receiptName(index));
    const single = inferenceAt(compiled.program, inputs, index);
    const input = journal.digest(single);
    try {
      if (journal.provenInput(index) === input && (await isDone(path, compiled, keys, single, options))) {
        kept++;
        return;
      }
      const {
        receipt,
        salts: made,
        elapsedMs,
      } = await pool.prove(
        {
          folder: resolve(folder),
          inputs: owned(single),
          salt: options.salt,
          context: options.context,
          cast: options.cast,
          prover: options.prover,
        },
        { signal: options.signal },
      );
      await salts?.appendFile(`${JSON.stringify({ index, salts: made })}\n`);
      await writeFileAtomic(path, `${JSON.stringify(receipt, null, 2)}\n`);
      await journal.append({ index, status: 'done', input, elapsedMs: Math.round(elapsedMs) });
      proven++;
    } catch (error) {
      if (!(error instanceof ZkonnxError) || error.code === 'ZK1006') throw error;
      failed.push({ index, code: error.code, message: error.message });
      await journal.append({ index, status: 'failed', code: error.code });
    }
  };

  try {
    report();
    const lane = async (): Promise<void> => {
      while (next < count) {
        throwIfAborted(options.signal, 'batch');
        await one(next++);
        report();
      }
    };
    await Promise.all(Array.from({ length: pool.threads }, lane));
  } finally {
    await pool.close();
    await journal.close();
    await salts?.close();
  }
  failed.sort((x, y) => x.index - y.index);
  return { count, proven, kept, failed };
}
