/**
 * Sets of fixed-base multiples over several threads: the bulk of a set-up. The work is cut into one run of points per thread, of equal cost, G2 first, so that
 * most threads build one table only. Threads live for one call and are ended whatever happens; small work is done in place, without any.
 */
import { throwIfAborted, ZkonnxError } from '../errors.ts';
import { type CurveModule, loadCurve } from './curve.ts';
import { type FixedBase, fixedBaseBatch, makeFixedBase, multiplyFixedBase } from './fixed-base.ts';

export type GroupName = 'g1' | 'g2';

/** scalar_i · G for each scalar. */
export interface MultiplesTask {
  readonly group: GroupName;
  /** Canonical values below r, 32 bytes little-endian each. */
  readonly scalars: Uint8Array;
  /** Where the affine points go, in Montgomery form: 64 (G1) or 128 (G2) bytes each. */
  readonly points: Uint8Array;
}

export interface MultiplesOptions {
  /** Upper bound; at least one. */
  readonly threads: number;
  readonly stage: string;
  readonly signal?: AbortSignal | undefined;
  /** Told how many points of all are done. */
  readonly onDone: (done: number) => void;
}

/** Relative cost of one point. */
const pointCost = { g1: 1, g2: 3 } as const;
export const pointBytes = { g1: 64, g2: 128 } as const;
/** Cost below which another thread does not pay for its start and its tables. */
const costPerThread = 30_000;
const scalarBytes = 32;

/** `.ts` in a clone, `.js` in an installed package: the worker's entry lies in the same form as this file. */
const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';

/** What a thread is given, and the messages it sends: points of one batch after the other, in order. */
export type ThreadInput = readonly { readonly group: GroupName; readonly scalars: Uint8Array }[];
export interface ThreadMessage {
  readonly task: number;
  /** Index of the first point in the task. */
  readonly first: number;
  readonly points: Uint8Array;
}

/** The work itself, batch by batch. */
export function* computeMultiples(curve: CurveModule, tasks: ThreadInput): Generator<ThreadMessage, void, undefined> {
  const counts = { g1: 0, g2: 0 };
  for (const { group, scalars } of tasks) counts[group] += scalars.length / scalarBytes;
  const bases: Partial<Record<GroupName, FixedBase>> = {};
  const input = curve.alloc(fixedBaseBatch * scalarBytes);
  for (const [task, { group, scalars }] of tasks.entries()) {
    const base = bases[group] ?? makeFixedBase(curve, curve[group], counts[group]);
    bases[group] = base;
    const total = scalars.length / scalarBytes;
    for (let first = 0; first < total; first += fixedBaseBatch) {
      const count = Math.min(fixedBaseBatch, total - first);
      curve.bytes().set(scalars.subarray(first * scalarBytes, (first + count) * scalarBytes), input);
      multiplyFixedBase(curve, base, input, count);
      yield { task, first, points: curve.bytes().slice(base.sums, base.sums + count * pointBytes[group]) };
    }
  }
}

/** Cuts the tasks, in their order, into `parts` runs of about equal cost. */
export function splitTasks(tasks: readonly MultiplesTask[], parts: number): MultiplesTask[][] {
  const total = tasks.reduce((sum, { group, scalars }) => sum + (pointCost[group] * scalars.length) / scalarBytes, 0);
  const runs: MultiplesTask[][] = [[]];
  let room = total / parts;
  for (const { group, scalars, points } of tasks) {
    const count = scalars.length / scalarBytes;
    for (let first = 0; first < count; ) {
      if (room < pointCost[group] && runs.length < parts) {
        runs.push([]);
        room += total / parts;
      }
      const fitting = runs.length === parts ? count : first + Math.max(1, Math.floor(room / pointCost[group]));
      const end = Math.min(count, fitting);
      const size = pointBytes[group];
      runs.at(-1)!.push({
        group,
        scalars: scalars.subarray(first * scalarBytes, end * scalarBytes),
        points: points.subarray(first * size, end * size),
      });
      room -= (end - first) * pointCost[group];
      first = end;
    }
  }
  return runs;
}

/**
 * Fills `points` of every task.
 * @throws ZkonnxError ZK1006 when aborted; its threads are gone by then.
 */
export async function fixedBaseMultiples(tasks: readonly MultiplesTask[], options: MultiplesOptions): Promise<void> {
  const ordered = tasks.toSorted((a, b) => pointCost[b.group] - pointCost[a.group]);
  const cost = tasks.reduce((sum, { group, scalars }) => sum + (pointCost[group] * scalars.length) / scalarBytes, 0);
  const threads = Math.max(1, Math.min(options.threads, Math.floor(cost / costPerThread)));
  let done = 0;
  options.onDone(done);
  const keep = (run: readonly MultiplesTask[], { task, first, points }: ThreadMessage): void => {
    const { group, points: target } = run[task]!;
    target.set(points, first * pointBytes[group]);
    done += points.length / pointBytes[group];
    options.onDone(done);
  };
  if (threads === 1) {
    for (const message of computeMultiples(await loadCurve(), ordered)) {
      keep(ordered, message);
      await new Promise((resolve) => setTimeout(resolve, 0));
      throwIfAborted(options.signal, options.stage);
    }
    return;
  }
  const { Worker } = await import('node:worker_threads');
  // Nothing is awaited between this and the listener below: an abort is either seen here or heard there.
  throwIfAborted(options.signal, options.stage);
  const runs = splitTasks(ordered, threads);
  const workers = runs.map((run) => {
    const input: ThreadInput = run.map(({ group, scalars }) => ({ group, scalars: scalars.slice() }));
    const transferList = input.map(({ scalars }) => scalars.buffer as ArrayBuffer);
    return new Worker(new URL(`../../workers/multiples.${extension}`, import.meta.url), { workerData: input, transferList });
  });
  const finished = workers.map(
    (worker, i) =>
      new Promise<void>((resolve, reject) => {
        worker.on('message', (message: ThreadMessage) => keep(runs[i]!, message));
        worker.on('error', (cause) => reject(new ZkonnxError('ZK7001', { what: `a set-up thread died: ${cause.message}` }, { cause })));
        worker.on('exit', () => resolve());
      }),
  );
  let onAbort = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(new ZkonnxError('ZK1006', { stage: options.stage }, { cause: options.signal?.reason }));
    options.signal?.addEventListener('abort', onAbort, { once: true });
  });
  try {
    await Promise.race([Promise.all(finished), aborted]);
  } finally {
    options.signal?.removeEventListener('abort', onAbort);
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  const wanted = tasks.reduce((sum, { scalars }) => sum + scalars.length / scalarBytes, 0);
  if (done !== wanted) throw new ZkonnxError('ZK7001', { what: `set-up threads gave ${done} of ${wanted} points` });
}
