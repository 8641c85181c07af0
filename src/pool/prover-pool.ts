/**
 * A piscina pool that proves one inference per worker: throughput for batches. Each worker loads an artifact folder once and keeps it.
 * Memory: one circuit and one prover per thread. `close()` (or `await using`) frees the threads and lets the process exit.
 */
import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';
import { ZkonnxError } from '../errors.ts';
import type { ProveTask, ProveTaskResult } from './task.ts';

export interface ProverPoolOptions {
  /** Threads, one proof each at a time; defaults to the cores of the machine. */
  readonly threads?: number | undefined;
}

/** `.ts` in a clone, `.js` in an installed package: the worker lies beside us in the same form. */
const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';

export class ProverPool {
  readonly threads: number;
  readonly #piscina: Piscina<ProveTask, ProveTaskResult>;

  constructor(options: ProverPoolOptions = {}) {
    this.threads = options.threads ?? availableParallelism();
    this.#piscina = new Piscina<ProveTask, ProveTaskResult>({
      filename: new URL(`../../workers/prove.${extension}`, import.meta.url).href,
      minThreads: 0,
      maxThreads: this.threads,
      idleTimeout: 30_000,
    });
  }

  /** Proves one inference in a worker. @throws ZkonnxError as `prove` does; ZK1006 when aborted (the worker is stopped, others go on). */
  async prove(
    task: ProveTask,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<ProveTaskResult & { readonly ok: true }> {
    let result: ProveTaskResult;
    try {
      result = await this.#piscina.run(task, options.signal === undefined ? {} : { signal: options.signal });
    } catch (error) {
      if (options.signal?.aborted) throw new ZkonnxError('ZK1006', { stage: 'proof' }, { cause: error });
      throw new ZkonnxError(
        'ZK7001',
        { what: `a proving worker died: ${error instanceof Error ? error.message : String(error)}` },
        { cause: error },
      );
    }
    if (!result.ok) throw new ZkonnxError(result.error.code, result.error.params, { details: result.error.details });
    return result;
  }

  async close(): Promise<void> {
    await this.#piscina.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
