/**
 * Many multiples of one point: scalars in, affine points out, as a key's set-up needs them by the hundred thousand. Signed windows of `bits` bits over one table of d·2^(bits·k)·P for d = 1 … 2^(bits−1), which all threads
 * share, added window by window over a batch of points with one inversion per step. A scalar below r needs ⌈255/bits⌉ windows: the 255th bit takes the last carry.
 */
import type { GroupRoutines, Kernel } from './kernel.ts';
import { recodeScalars, type SumWork } from './multi-sum.ts';

/** Points of a batch. */
export const fixedBaseBatch = 2048;
const scalarBits = 255;
/** Sums of one addition round, and digits of 16 bits, go no further. */
const maxWindowBits = 14;

export interface FixedBaseTable {
  /** Address of the records, window by window. */
  readonly records: number;
  readonly bits: number;
  readonly windows: number;
}

/** The window width with the least work for so many points, table included (one of its entries costs about three additions). */
export function windowBitsFor(pointCount: number): number {
  let [best, bestCost] = [4, Number.POSITIVE_INFINITY];
  for (let bits = 4; bits <= maxWindowBits; bits++) {
    const cost = Math.ceil(scalarBits / bits) * (pointCount + 3 * 2 ** (bits - 1));
    if (cost < bestCost) [best, bestCost] = [bits, cost];
  }
  return best;
}

export function windowCountFor(bits: number): number {
  return Math.ceil(scalarBits / bits);
}

/** Records of d·P, d = 1 … count (a power of two, at most 2^13), from P as files have it. O(count) additions. */
export function fillMultiples(kernel: Kernel, group: GroupRoutines, work: SumWork, point: number, count: number, records: number): void {
  const { readPoints, addPairs, writePoint, recordBytes, pointBytes } = group.bulk;
  const pairs = new Int32Array(kernel.memory.buffer, work.pairs, 2 * fixedBaseBatch);
  readPoints(records, point, 1);
  // From d = 1 … done to done + 1 … 2·done: the last is a doubling.
  for (let done = 1; done < count; done *= 2) {
    for (let first = 0; first < done; first += fixedBaseBatch) {
      const size = Math.min(fixedBaseBatch, done - first);
      for (let i = 0; i < size; i++) {
        pairs[2 * i] = records + (done - 1) * recordBytes;
        pairs[2 * i + 1] = records + (first + i) * recordBytes;
      }
      addPairs(work.pairs, work.sums, size);
      const bytes = work.buckets;
      for (let i = 0; i < size; i++) writePoint(bytes + i * group.fileBytes, work.sums + i * pointBytes);
      readPoints(records + (done + first) * recordBytes, bytes, size);
    }
  }
}

/** scalar_i · P as files have points; scalars are canonical, 32 bytes. */
export function multiplyFixedBase(
  kernel: Kernel,
  group: GroupRoutines,
  work: SumWork,
  { records, bits, windows }: FixedBaseTable,
  task: { readonly scalars: number; readonly count: number; readonly out: number },
): void {
  const { readPoints, addPairs, copyEntry, writePoint, recordBytes, pointBytes } = group.bulk;
  const { fileBytes } = group;
  const half = 2 ** (bits - 1);
  const { buffer } = kernel.memory;
  const pairs = new Int32Array(buffer, work.pairs, 2 * fixedBaseBatch);
  const digits = new Int16Array(buffer, work.chosen.digits, windows * fixedBaseBatch);
  const infinity = work.records;
  new Uint8Array(buffer, work.totals, fileBytes).fill(0);
  readPoints(infinity, work.totals, 1);
  const entry = (window: number, digit: number): number => {
    if (digit === 0) return infinity;
    const record = records + (window * half + Math.abs(digit) - 1) * recordBytes;
    return digit < 0 ? record | 1 : record;
  };
  for (let first = 0; first < task.count; first += fixedBaseBatch) {
    const count = Math.min(fixedBaseBatch, task.count - first);
    recodeScalars(kernel, work, task.scalars + 32 * first, count, { bits, count: windows }, work.chosen.digits, 2 * fixedBaseBatch);
    let [current, other] = [work.sums, work.buckets];
    for (let i = 0; i < count; i++) copyEntry(current + i * pointBytes, entry(0, digits[i]!));
    for (let window = 1; window < windows; window++) {
      for (let i = 0; i < count; i++) {
        pairs[2 * i] = current + i * pointBytes;
        pairs[2 * i + 1] = entry(window, digits[window * fixedBaseBatch + i]!);
      }
      addPairs(work.pairs, other, count);
      [current, other] = [other, current];
    }
    const out = task.out + first * fileBytes;
    for (let i = 0; i < count; i++) writePoint(out + i * fileBytes, current + i * pointBytes);
  }
}
