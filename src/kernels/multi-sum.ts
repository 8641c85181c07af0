/**
 * Σ scalar_i · point_i (multi-scalar multiplication) by Pippenger's buckets with signed digits. Points of one bucket are added pairwise, round by round, in affine coordinates with
 * one inversion per batch; what a chunk of points leaves in a bucket is one more operand for the next chunk.
 *
 * A network's witness is mostly bits and small integers of both signs: scalars r − |v| are taken as −|v|, zeros and points at infinity cost nothing, a bit one addition. The few full-size scalars go
 * through buckets of their own. Nothing here is constant-time.
 */
import { frameWords } from './bucket-code.ts';
import type { BulkRoutines, GroupRoutines, Kernel } from './kernel.ts';
import { biasBytes, biasWords, widthLimit } from './scalar-choice.ts';

/** Records and sums that there is room for. */
export const chunkPoints = 16384;
/** Points that go into buckets at once: with what they are sorted into and their sums they stay in the second-level cache. */
const bucketPoints = 8192;
/** Windows of chosen scalars. */
const maxWindows = 64;
/** Buckets of all windows together. */
export const maxBuckets = 32768;
/** Additions that share one inversion. */
const batchPairs = 4096;
const scalarBits = 254;

/** Working memory of one thread. Addresses in the kernel's memory; typed arrays of its own. */
export interface SumWork {
  readonly pairs: number;
  readonly sums: number;
  readonly records: number;
  readonly buckets: number;
  readonly flags: number;
  /** Two sums (XYZZ) of the larger group. */
  readonly totals: number;
  readonly counts: Int32Array;
  readonly ends: Int32Array;
  readonly active: Int32Array;
  readonly list: Int32Array;
  /** Addresses of where `addToBuckets` works: pairs, gathered points, sums, and four lists of a word per bucket. */
  readonly frame: number;
  /** Chosen records, scalars and digits. */
  readonly chosen: { readonly records: number; readonly scalars: number; readonly digits: number };
  /** u32 per width of scalars. */
  readonly widths: number;
  readonly bias: number;
}

/** Of either variant's G2. */
const largest = { pointBytes: 160, recordBytes: 216, sumBytes: 288 } as const;

/** Bytes of kernel memory that `makeSumWork` lays its parts out in. */
export const sumWorkBytes =
  8 * (chunkPoints + maxBuckets + 1) +
  (chunkPoints + 1) * (largest.pointBytes + largest.recordBytes) +
  maxBuckets * (largest.pointBytes + 1) +
  2 * largest.sumBytes +
  4 * 4 * maxBuckets +
  bucketPoints * (largest.recordBytes + 32 + 2 * maxWindows) +
  4 * (widthLimit + 1) +
  biasBytes +
  // Each part begins at a multiple of 64.
  64 * 20;

/** Lays the parts out from `start` on, a multiple of 64, and writes the frame. */
export function makeSumWork(memory: WebAssembly.Memory, start: number): SumWork {
  let top = start;
  const take = (sizeBytes: number): number => {
    const address = top;
    top += Math.ceil(sizeBytes / 64) * 64;
    return address;
  };
  const work = {
    pairs: take(8 * (chunkPoints + maxBuckets + 1)),
    sums: take((chunkPoints + 1) * largest.pointBytes),
    records: take((chunkPoints + 1) * largest.recordBytes),
    buckets: take(maxBuckets * largest.pointBytes),
    totals: take(2 * largest.sumBytes),
    flags: take(maxBuckets),
    frame: take(32),
    widths: take(4 * (widthLimit + 1) + 4),
    bias: take(biasBytes),
    chosen: {
      records: take(bucketPoints * largest.recordBytes),
      scalars: take(32 * bucketPoints),
      digits: take(2 * maxWindows * bucketPoints),
    },
    counts: new Int32Array(maxBuckets),
    ends: new Int32Array(maxBuckets),
    active: new Int32Array(maxBuckets),
    list: new Int32Array(chunkPoints + maxBuckets),
  };
  // Points that are gathered: at most two for each of a chunk, which is what records have room for.
  const lists = Array.from({ length: 4 }, () => take(4 * maxBuckets));
  new Int32Array(memory.buffer, work.frame, frameWords).set([work.pairs, work.records, work.sums, ...lists]);
  return work;
}

/**
 * Adds the entries of each active list pairwise, round by round, until it has one. List b has counts[b] entries of `list`, which end before ends[b]; `active` holds the numbers of `activeCount` lists. All
 * lists together have at most chunkPoints entries more than there are lists; results lie in `work.sums` until the next call.
 */
export function addLists(group: BulkRoutines, work: SumWork, pairs: Int32Array, activeCount: number): void {
  const { counts, ends, active, list } = work;
  const { pointBytes, addPairs } = group;
  let out = work.sums;
  while (activeCount > 0) {
    let pairCount = 0;
    let kept = 0;
    const firstOut = out;
    for (let a = 0; a < activeCount; a++) {
      const b = active[a]!;
      const size = counts[b]!;
      const start = ends[b]! - size;
      if (size === 1) continue;
      const half = size >> 1;
      for (let i = 0; i < half; i++) {
        pairs[2 * pairCount] = list[start + 2 * i]!;
        pairs[2 * pairCount + 1] = list[start + 2 * i + 1]!;
        pairCount++;
        list[start + i] = out;
        out += pointBytes;
      }
      if ((size & 1) === 1) list[start + half] = list[start + size - 1]!;
      counts[b] = size - half;
      ends[b] = start + size - half;
      if (size - half > 1) active[kept++] = b;
    }
    for (let first = 0; first < pairCount; first += batchPairs) {
      const batch = Math.min(batchPairs, pairCount - first);
      addPairs(work.pairs + 8 * first, firstOut + first * pointBytes, batch);
    }
    activeCount = kept;
  }
}

/**
 * Relative cost of the final sum of buckets, in additions: measured 2.3 each for many, where they run side by side, 9 for few.
 */
function bucketCost(bucketCount: number): number {
  return bucketCount < 256 ? 9 * bucketCount : 2.3 * bucketCount + 1700;
}
const maxBits = 16;

export interface Windows {
  readonly bits: number;
  readonly count: number;
}

/** The window width with the least work, from how many scalars have which width in bits; all windows' buckets are kept at once, or each by itself. */
export function chooseWindows(widths: ArrayLike<number>, together: boolean): Windows {
  let highest = widths.length - 1;
  while (highest > 1 && widths[highest] === 0) highest--;
  let best: Windows = { bits: 2, count: Math.ceil((highest + 1) / 2) };
  let bestCost = Number.POSITIVE_INFINITY;
  for (let bits = 2; bits <= maxBits; bits++) {
    const count = Math.ceil((highest + 1) / bits);
    if ((together ? count : 1) << (bits - 1) > maxBuckets || (together && count > maxWindows)) continue;
    // The last digit may be 2^(bits−1): no 16-bit integer.
    if (bits === 16 && count * bits === highest + 1) continue;
    let cost = 0;
    for (let window = 0; window < count; window++) {
      let points = 0;
      for (let width = window * bits + 1; width <= highest; width++) points += widths[width]!;
      cost += points + bucketCost(2 ** (bits - 1));
    }
    if (cost < bestCost) [best, bestCost] = [{ bits, count }, cost];
  }
  return best;
}

/** Windows for `count` uniform scalars, each summed by itself. */
export function uniformWindows(count: number): Windows {
  const widths = new Float64Array(scalarBits + 1);
  widths[scalarBits] = count;
  return chooseWindows(widths, false);
}

/** Signed digits of `count` scalars in 32 bytes each; `step` bytes from one window's digits to the next. */
export function recodeScalars(
  kernel: Kernel,
  work: SumWork,
  scalars: number,
  count: number,
  windows: Windows,
  out: number,
  step: number,
): void {
  new BigUint64Array(kernel.memory.buffer, work.bias, biasBytes / 8).set(biasWords(windows.bits, windows.count));
  kernel.recode(scalars, count, windows.bits, windows.count, out, step, work.bias);
}

/** Σ over one window: signed 16-bit digits at `digits` of `count` records of any number. Leaves Σ digit_i · point_i at `out`, as a sum. */
export function sumWindow(
  kernel: Kernel,
  group: GroupRoutines,
  work: SumWork,
  points: { readonly records: number; readonly count: number; readonly digits: number },
  bits: number,
  out: number,
): void {
  const { bulk } = group;
  const { buckets, flags, frame } = work;
  const bucketCount = 1 << (bits - 1);
  new Uint8Array(kernel.memory.buffer, flags, bucketCount).fill(0);
  for (let first = 0; first < points.count; first += bucketPoints) {
    const count = Math.min(bucketPoints, points.count - first);
    bulk.addToBuckets(points.records + first * bulk.recordBytes, points.digits + 2 * first, count, bucketCount, buckets, flags, frame);
  }
  bulk.sumBuckets(buckets, flags, bucketCount, out, frame);
}

/** sum ← 2^bits · sum + window, from the highest window down. */
export function foldWindows(kernel: Kernel, group: GroupRoutines, sums: number, windows: Windows, out: number): void {
  new Uint8Array(kernel.memory.buffer, out, group.sumBytes).fill(0);
  for (let window = windows.count - 1; window >= 0; window--) {
    for (let i = 0; i < windows.bits; i++) group.double(out);
    group.addSum(out, sums + window * group.sumBytes);
  }
}

/** Bits, small integers and full-size scalars each have windows of their own. */
const classes = [
  [1, 1],
  [2, 53],
  [54, scalarBits],
] as const;

/**
 * Σ scalar_i · point_i over `count` records and canonical scalars of 32 bytes. Leaves a sum at `out`.
 */
export function sumPoints(
  kernel: Kernel,
  group: GroupRoutines,
  work: SumWork,
  records: number,
  scalars: number,
  count: number,
  out: number,
): void {
  const { memory } = kernel;
  const { bulk } = group;
  const { chosen, frame } = work;
  const clear = (address: number, sizeBytes: number): void => {
    new Uint8Array(memory.buffer, address, sizeBytes).fill(0);
  };
  clear(out, group.sumBytes);
  const [total, windowSum] = [work.totals, work.totals + largest.sumBytes];
  const seen = work.widths + 4 * widthLimit;
  clear(work.widths, 4 * widthLimit);
  if (count > 0) bulk.classify(scalars, records, count, work.widths);
  const histogram = new Uint32Array(memory.buffer, work.widths, widthLimit).slice();
  for (const [least, most] of classes) {
    const widths = Float64Array.from({ length: most + 1 }, (_, width) => (width < least ? 0 : histogram[width]!));
    if (widths.every((size) => size === 0)) continue;
    const windows = chooseWindows(widths, true);
    const bucketCount = 1 << (windows.bits - 1);
    clear(work.flags, windows.count * bucketCount);
    const bucketsOf = (window: number): number => work.buckets + window * bucketCount * bulk.pointBytes;
    for (let first = 0; first < count; ) {
      const [at, left] = [records + first * bulk.recordBytes, count - first];
      const size = bulk.choose(scalars + 32 * first, at, left, least, most, chosen.records, chosen.scalars, bucketPoints, seen);
      first += new Uint32Array(memory.buffer, seen, 1)[0]!;
      if (size === 0) continue;
      recodeScalars(kernel, work, chosen.scalars, size, windows, chosen.digits, 2 * bucketPoints);
      for (let window = 0; window < windows.count; window++) {
        const digits = chosen.digits + 2 * bucketPoints * window;
        bulk.addToBuckets(chosen.records, digits, size, bucketCount, bucketsOf(window), work.flags + window * bucketCount, frame);
      }
    }
    clear(total, group.sumBytes);
    for (let window = windows.count - 1; window >= 0; window--) {
      for (let i = 0; i < windows.bits; i++) group.double(total);
      bulk.sumBuckets(bucketsOf(window), work.flags + window * bucketCount, bucketCount, windowSum, frame);
      group.addSum(total, windowSum);
    }
    group.addSum(out, total);
  }
  // What was chosen may be private.
  clear(chosen.scalars, 32 * bucketPoints);
  clear(chosen.digits, 2 * maxWindows * bucketPoints);
}
