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
   * Runs all tasks, in any order; several runs may be under way. After an abort or a failure the threads are gone and nothing else can be run.
   * @param options.background only for threads that would otherwise wait.
   * @throws ZkonnxError ZK1006 when aborted, ZK7001 when a thread dies.
   */
  run(
    tasks: readonly KernelTask[],
    options?: { readonly signal?: AbortSignal | undefined; readonly onDone?: (done: number) => void; readonly background?: boolean },
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
/** What each growth adds beyond the need, untouched and therefore free: small allocations between runs then find the memory as the threads know it. */
const sparePages = 64;
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
    if (missing > 0) {
      const pages = Math.ceil(missing / pageBytes);
      memory.grow(Math.min(pages + sparePages, maximumPages - memory.buffer.byteLength / pageBytes));
    }
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
  /** Under way, in the order in which they came. */
  const jobs: Job[] = [];
  const busy = new Map<InstanceType<typeof Worker>, Job>();
  const feed = (worker: InstanceType<typeof Worker>): void => {
    const waiting = jobs.filter(({ next, tasks }) => next < tasks.length);
    const job = waiting.find(({ background }) => !background) ?? waiting[0];
    if (job === undefined || busy.has(worker)) return;
    busy.set(worker, job);
    worker.postMessage(job.tasks[job.next++]);
  };
  for (const worker of workers) {
    worker.on('message', () => {
      const job = busy.get(worker)!;
      busy.delete(worker);
      job.done++;
      job.onDone?.(job.done);
      if (job.done === job.tasks.length) job.resolve();
      feed(worker);
    });
    const die = (what: string, cause?: unknown): void => {
      for (const job of jobs) job.reject(new ZkonnxError('ZK7001', { what: `a proving thread died: ${what}` }, { cause }));
    };
    worker.on('error', (cause) => die(cause instanceof Error ? cause.message : String(cause), cause));
    worker.on('exit', (code) => die(`exit code ${code}`));
  }
  return {
    memory,
    local,
    threads,
    alloc,
    mark,
    release,
    close,
    async run(tasks, { signal, onDone, background = false } = {}) {
      throwIfAborted(signal, stage);
      if (tasks.length === 0) return;
      let onAbort = (): void => {};
      let job: Job | undefined;
      try {
        await new Promise<void>((resolve, reject) => {
          onAbort = () => reject(new ZkonnxError('ZK1006', { stage }, { cause: signal?.reason }));
          signal?.addEventListener('abort', onAbort, { once: true });
          job = { tasks, background, onDone, resolve, reject, next: 0, done: 0 };
          jobs.push(job);
          for (const worker of workers) {
            worker.ref();
            feed(worker);
          }
        });
      } catch (error) {
        await close();
        throw error;
      } finally {
        signal?.removeEventListener('abort', onAbort);
        if (job !== undefined) jobs.splice(jobs.indexOf(job), 1);
        if (jobs.length === 0) for (const worker of workers) worker.unref();
      }
    },
  };
}

/** One call of `run`. */
interface Job {
  readonly tasks: readonly KernelTask[];
  readonly background: boolean;
  readonly onDone: ((done: number) => void) | undefined;
  resolve(): void;
  reject(error: ZkonnxError): void;
  next: number;
  done: number;
}
