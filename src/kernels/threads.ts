/**
 * Who runs kernel tasks: this thread, in turns with its event loop, or worker threads over one shared memory. Owns the memory, its bump allocator and the workers; `close()` ends them.
 */
import { throwIfAborted, ZkonnxError } from '../errors.ts';
import { type KernelModule, makeKernelModule, maximumPages, pageBytes } from './kernel.ts';
import { type KernelTask, makeRunner, runnerBytes, runTask, type TaskRunner } from './tasks.ts';

export interface KernelThreads {
  readonly memory: WebAssembly.Memory;
  /** An instance for the small steps between tasks, in the calling thread. */
  readonly local: TaskRunner;
  readonly threads: number;
  /** Reserves zeroed bytes, 64-byte aligned, for as long as the threads live; earlier views of the memory may then lack the new part. */
  alloc(sizeBytes: number): number;
  /** Where the next allocation would begin. */
  mark(): number;
  /** Gives back and clears all that was allocated since the mark. */
  release(mark: number): void;
  /**
   * Runs all tasks, in any order. After an abort or a failure the threads are gone and nothing else can be run.
   * @throws ZkonnxError ZK1006 when aborted, ZK7001 when a thread dies.
   */
  run(
    tasks: readonly KernelTask[],
    options?: { readonly signal?: AbortSignal | undefined; readonly onDone?: (done: number) => void },
  ): Promise<void>;
  close(): Promise<void>;
}

export interface KernelThreadsOptions {
  /** 1: no worker threads at all. */
  readonly threads: number;
  readonly stage: string;
  /** False: the scalar kernels, whatever the machine has. For tests. */
  readonly vectors?: boolean;
}

/** What a worker is given; it answers each task with its number. */
export interface KernelWorkerData {
  readonly module: KernelModule;
  readonly memory: WebAssembly.Memory;
  readonly start: number;
}

/** Longest time between two turns of the event loop, unless one task takes longer. */
const sliceMs = 40;
const alignment = 64;
/** `.ts` in a clone, `.js` in an installed package: the worker's entry lies in the same form as this file. */
const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';

export async function startKernelThreads({ threads, stage, vectors }: KernelThreadsOptions): Promise<KernelThreads> {
  const shared = threads > 1;
  const module = makeKernelModule(shared, vectors);
  const memory = new WebAssembly.Memory({ initial: 1, maximum: maximumPages, shared });
  let top = alignment;
  const alloc = (sizeBytes: number): number => {
    const start = top;
    top += Math.ceil(sizeBytes / alignment) * alignment;
    const missing = top - memory.buffer.byteLength;
    if (top > maximumPages * pageBytes) throw new ZkonnxError('ZK7001', { what: `the prover needs ${top} bytes of memory at once` });
    if (missing > 0) memory.grow(Math.ceil(missing / pageBytes));
    return start;
  };
  const mark = (): number => top;
  const release = (to: number): void => {
    new Uint8Array(memory.buffer, to, top - to).fill(0);
    top = to;
  };
  const local = makeRunner(module, memory, alloc(runnerBytes(module)));
  if (threads === 1) {
    return {
      memory,
      local,
      threads,
      alloc,
      mark,
      release,
      async run(tasks, { signal, onDone } = {}) {
        let last = performance.now();
        throwIfAborted(signal, stage);
        for (const [i, task] of tasks.entries()) {
          runTask(local, task);
          onDone?.(i + 1);
          if (performance.now() - last < sliceMs) continue;
          await new Promise<void>((resolve) => setTimeout(resolve, 0));
          throwIfAborted(signal, stage);
          last = performance.now();
        }
      },
      async close() {},
    };
  }
  const { Worker } = await import('node:worker_threads');
  const workers = Array.from({ length: threads }, () => {
    const workerData: KernelWorkerData = { module, memory, start: alloc(runnerBytes(module)) };
    const worker = new Worker(new URL(`../../workers/kernels.${extension}`, import.meta.url), { workerData });
    // Waiting threads keep no process alive; a run holds them for as long as it lasts.
    worker.unref();
    return worker;
  });
  const close = async (): Promise<void> => {
    await Promise.all(workers.map((worker) => worker.terminate()));
  };
  return {
    memory,
    local,
    threads,
    alloc,
    mark,
    release,
    close,
    async run(tasks, { signal, onDone } = {}) {
      throwIfAborted(signal, stage);
      let [next, done] = [0, 0];
      const stops: (() => void)[] = [];
      try {
        await new Promise<void>((resolve, reject) => {
          if (tasks.length === 0) resolve();
          const onAbort = (): void => reject(new ZkonnxError('ZK1006', { stage }, { cause: signal?.reason }));
          signal?.addEventListener('abort', onAbort, { once: true });
          stops.push(() => signal?.removeEventListener('abort', onAbort));
          for (const worker of workers) {
            const send = (): void => {
              if (next < tasks.length) worker.postMessage(tasks[next++]);
            };
            const onMessage = (): void => {
              done++;
              onDone?.(done);
              if (done === tasks.length) resolve();
              else send();
            };
            const die = (what: string, cause?: unknown): void =>
              reject(new ZkonnxError('ZK7001', { what: `a proving thread died: ${what}` }, { cause }));
            const onError = (cause: Error): void => die(cause.message, cause);
            const onExit = (code: number): void => die(`exit code ${code}`);
            worker.on('message', onMessage).on('error', onError).on('exit', onExit);
            worker.ref();
            stops.push(() => {
              worker.off('message', onMessage).off('error', onError).off('exit', onExit);
              worker.unref();
            });
            send();
          }
        });
      } catch (error) {
        await close();
        throw error;
      } finally {
        for (const stop of stops) stop();
      }
    },
  };
}
