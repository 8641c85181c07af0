/** Random linear combinations of a file's points: two sets of points are related as they should be if one combination of each is, but for a chance of 2^−128. */
import type { RunOptions } from '../../events.ts';
import type { KernelTask } from '../../kernels/tasks.ts';
import type { KernelThreads } from '../../kernels/threads.ts';
import { Refused } from '../points.ts';
import { runTasks } from './run.ts';

/** Points that one round takes, and that one task sums. */
export const roundPoints = 1 << 16;
const taskPoints = 1 << 14;
const checkPoints = 1 << 12;

/** 128 random bits each, as 32 bytes little-endian. */
export function randomCoefficients(count: number): Uint8Array {
  const out = new Uint8Array(32 * count);
  const random = new Uint8Array(16 * Math.min(count, 4096));
  for (let i = 0; i < count; i++) {
    const at = (i % 4096) * 16;
    if (at === 0) crypto.getRandomValues(random);
    out.set(random.subarray(at, at + 16), 32 * i);
  }
  return out;
}

export interface Combination {
  /** Adds Σ scalar_i · point_i of at most 2 · roundPoints points and scalars in the kernels' memory. */
  add(points: number, scalars: number, count: number): Promise<void>;
  /** The sum as files have points; null for infinity. */
  result(): Uint8Array | null;
}

export function makeCombination(threads: KernelThreads, group: 'g1' | 'g2', note: string, options: RunOptions): Combination {
  const { memory, local } = threads;
  const { sumBytes, pointBytes, fileBytes, coordinateBytes, bulk, addSum, toAffine, writePoint } = local.kernel[group];
  const total = threads.alloc(sumBytes);
  const parts = threads.alloc(sumBytes * Math.ceil((2 * roundPoints) / taskPoints));
  const [point, bytes] = [threads.alloc(pointBytes), threads.alloc(fileBytes)];
  const records = threads.alloc(2 * roundPoints * bulk.recordBytes);
  new Uint8Array(memory.buffer).fill(0, total, total + sumBytes);
  return {
    async add(points, scalars, count) {
      const reads: KernelTask[] = [];
      const tasks: KernelTask[] = [];
      for (let first = 0; first < count; first += taskPoints) {
        const part = { records: records + first * bulk.recordBytes, count: Math.min(taskPoints, count - first) };
        reads.push({ kind: 'readPoints', group, points: points + first * fileBytes, ...part });
        tasks.push({ kind: 'sumPoints', group, ...part, scalars: scalars + 32 * first, out: parts + tasks.length * sumBytes });
      }
      await runTasks(threads, reads, 'verify', note, options);
      await runTasks(threads, tasks, 'verify', note, options);
      for (let i = 0; i < tasks.length; i++) addSum(total, parts + i * sumBytes);
    },
    result() {
      const view = new Uint8Array(memory.buffer);
      const zz = view.subarray(total + 2 * coordinateBytes, total + 3 * coordinateBytes);
      if (zz.every((byte) => byte === 0)) return null;
      toAffine(point, total);
      writePoint(bytes, point);
      return new Uint8Array(memory.buffer).slice(bytes, bytes + fileBytes);
    },
  };
}

/** @throws Refused unless every point has coordinates below q and lies on its curve; infinity is refused unless it is allowed. */
export async function demandPoints(
  threads: KernelThreads,
  group: 'g1' | 'g2',
  points: number,
  count: number,
  place: string,
  allowInfinity: boolean,
  options: RunOptions,
): Promise<void> {
  const before = threads.mark();
  const { fileBytes } = threads.local.kernel[group];
  const tasks: KernelTask[] = [];
  const out = threads.alloc(8 * Math.ceil(count / checkPoints));
  for (let first = 0; first < count; first += checkPoints) {
    const part = { points: points + first * fileBytes, count: Math.min(checkPoints, count - first), out: out + 8 * tasks.length };
    tasks.push({ kind: 'checkPoints', group, ...part });
  }
  await runTasks(threads, tasks, 'verify', `${place}: points on the curve`, options);
  const found = new Uint32Array(threads.memory.buffer, out, 2 * tasks.length);
  const [faulty, infinite] = [0, 1].map((k) => found.reduce((sum, value, i) => ((i & 1) === k ? sum + value : sum), 0)) as [number, number];
  threads.release(before);
  if (faulty > 0) throw new Refused(`${place}: ${faulty} points are not on the curve or not in canonical form`);
  if (infinite > 0 && !allowInfinity) throw new Refused(`${place}: ${infinite} points at infinity`);
}
