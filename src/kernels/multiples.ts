/** Sets of multiples of a group's generator over several threads, from one table in their shared memory: the bulk of a dev set-up. */
import { bn254 } from '@noble/curves/bn254.js';
import { baseOrder, writeLittleEndian } from '../field/bn254.ts';
import { type FixedBaseTable, windowBitsFor, windowCountFor } from './fixed-base.ts';
import type { KernelTask } from './tasks.ts';
import type { KernelThreads } from './threads.ts';

export type GroupName = 'g1' | 'g2';

/** Points that one task computes, and that one round of tasks takes. */
const taskPoints = 1 << 13;
const roundPoints = 1 << 17;

/** A table for about `pointCount` multiples: at most 12.5 MB in G1, 25 MB in G2. @throws ZkonnxError ZK1006. */
export async function makeTable(
  threads: KernelThreads,
  group: GroupName,
  pointCount: number,
  signal: AbortSignal | undefined,
): Promise<FixedBaseTable> {
  const { fileBytes, bulk } = threads.local.kernel[group];
  const bits = windowBitsFor(pointCount);
  const windows = windowCountFor(bits);
  const half = 2 ** (bits - 1);
  const [records, points] = [threads.alloc(windows * half * bulk.recordBytes), threads.alloc(windows * fileBytes)];
  const view = new DataView(threads.memory.buffer);
  for (let window = 0; window < windows; window++) {
    for (const [i, value] of generatorMultiple(group, window * bits).entries()) {
      writeLittleEndian((value << 256n) % baseOrder, view, points + window * fileBytes + 32 * i);
    }
  }
  const tasks = Array.from({ length: windows }, (_, window): KernelTask => {
    const place = { point: points + window * fileBytes, records: records + window * half * bulk.recordBytes };
    return { kind: 'multiplesTable', group, count: half, ...place };
  });
  await threads.run(tasks, { signal });
  return { records, bits, windows };
}

/** Coordinates of 2^exponent times the generator. */
function generatorMultiple(group: GroupName, exponent: number): readonly bigint[] {
  if (group === 'g1') {
    let point = bn254.G1.Point.BASE;
    for (let i = 0; i < exponent; i++) point = point.double();
    const { x, y } = point.toAffine();
    return [x, y];
  }
  let point = bn254.G2.Point.BASE;
  for (let i = 0; i < exponent; i++) point = point.double();
  const { x, y } = point.toAffine();
  return [x.c0, x.c1, y.c0, y.c1];
}

export interface MultiplesOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told how many of these points are done. */
  readonly onDone?: (done: number) => void;
}

/**
 * scalar_i times the generator for canonical scalars of 32 bytes in the threads' memory; `target` takes the points as files have them.
 * @throws ZkonnxError ZK1006 when aborted.
 */
export async function generatorMultiples(
  threads: KernelThreads,
  group: GroupName,
  table: FixedBaseTable,
  scalars: number,
  target: Uint8Array,
  { signal, onDone }: MultiplesOptions = {},
): Promise<void> {
  const { fileBytes } = threads.local.kernel[group];
  const total = target.length / fileBytes;
  const mark = threads.mark();
  const out = threads.alloc(Math.min(total, roundPoints) * fileBytes);
  for (let first = 0; first < total; first += roundPoints) {
    const count = Math.min(roundPoints, total - first);
    const tasks: KernelTask[] = [];
    for (let at = 0; at < count; at += taskPoints) {
      const part = { scalars: scalars + 32 * (first + at), count: Math.min(taskPoints, count - at), out: out + at * fileBytes };
      tasks.push({ kind: 'fixedBase', group, table, ...part });
    }
    await threads.run(tasks, { signal, onDone: (done) => onDone?.(first + Math.min(count, done * taskPoints)) });
    target.set(new Uint8Array(threads.memory.buffer, out, count * fileBytes), first * fileBytes);
  }
  threads.release(mark);
}
