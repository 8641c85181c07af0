/**
 * Σ scalar_i · point_i (multi-scalar multiplication) by Pippenger's buckets with signed digits. Points of one bucket are added pairwise, round by round, in affine coordinates with
 * one inversion per batch; what a chunk of points leaves in a bucket is one more operand for the next chunk.
 *
 * A network's witness is mostly bits and small integers of both signs: scalars r − |v| are taken as −|v|, zeros and points at infinity cost nothing, a bit one addition. The few full-size scalars go
 * through buckets of their own. Nothing here is constant-time.
 */
import type { BulkRoutines, GroupRoutines, Kernel } from './kernel.ts';

/** Points per chunk: their records and sums stay in the second-level cache. */
export const chunkPoints = 16384;
/** Buckets of all windows together. */
export const maxBuckets = 32768;
/** Additions that share one inversion. */
const batchPairs = 2048;
const scalarBits = 254;
const narrowBits = 53;
/** r in 32-bit words. */
const orderWords = [0xf0000001, 0x43e1f593, 0x79b97091, 0x2833e848, 0x8181585d, 0xb85045b6, 0xe131a029, 0x30644e72] as const;

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
  readonly digits: Int16Array;
}

/** Of either variant's G2. */
const largest = { pointBytes: 160, recordBytes: 216, sumBytes: 288 } as const;
const maxWindows = 128;

/** Bytes of kernel memory that `makeSumWork` lays its parts out in. */
export const sumWorkBytes =
  8 * (chunkPoints + maxBuckets + 1) +
  (chunkPoints + 1) * (largest.pointBytes + largest.recordBytes) +
  maxBuckets * (largest.pointBytes + 1) +
  2 * largest.sumBytes;

export function makeSumWork(start: number): SumWork {
  let top = start;
  const take = (sizeBytes: number): number => {
    top += sizeBytes;
    return top - sizeBytes;
  };
  return {
    pairs: take(8 * (chunkPoints + maxBuckets + 1)),
    sums: take((chunkPoints + 1) * largest.pointBytes),
    records: take(chunkPoints * largest.recordBytes),
    buckets: take(maxBuckets * largest.pointBytes),
    totals: take(2 * largest.sumBytes),
    flags: take(maxBuckets),
    counts: new Int32Array(maxBuckets),
    ends: new Int32Array(maxBuckets),
    active: new Int32Array(maxBuckets),
    list: new Int32Array(chunkPoints + maxBuckets),
    digits: new Int16Array(chunkPoints * maxWindows),
  };
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
 * Adds ±record_i to the bucket |digit_i| − 1 for `count` ≤ chunkPoints records; digits of zero are passed over.
 */
function addToBuckets(
  { memory }: Kernel,
  group: GroupRoutines,
  work: SumWork,
  points: { readonly records: number; readonly count: number; readonly digits: Int16Array; readonly firstDigit: number },
  target: { readonly buckets: number; readonly flags: number; readonly bucketCount: number },
): void {
  const { counts, ends, active, list } = work;
  const { records, count, digits, firstDigit } = points;
  const { buckets, bucketCount } = target;
  const { pointBytes, recordBytes, copyEntry } = group.bulk;
  const flags = new Uint8Array(memory.buffer, target.flags, bucketCount);
  const pairs = new Int32Array(memory.buffer, work.pairs, 2 * (chunkPoints + maxBuckets));
  counts.fill(0, 0, bucketCount);
  for (let i = 0; i < count; i++) {
    const digit = digits[firstDigit + i]!;
    if (digit !== 0) counts[(digit < 0 ? -digit : digit) - 1]!++;
  }
  let end = 0;
  let activeCount = 0;
  for (let b = 0; b < bucketCount; b++) {
    ends[b] = end;
    const added = counts[b]!;
    if (added === 0) continue;
    if (flags[b] === 1) {
      list[end] = buckets + b * pointBytes;
      ends[b] = end + 1;
      counts[b] = added + 1;
    }
    end += counts[b]!;
    active[activeCount++] = b;
  }
  if (activeCount === 0) return;
  for (let i = 0; i < count; i++) {
    const digit = digits[firstDigit + i]!;
    if (digit === 0) continue;
    if (digit < 0) list[ends[-digit - 1]!++] = (records + i * recordBytes) | 1;
    else list[ends[digit - 1]!++] = records + i * recordBytes;
  }
  // From here on `ends` are the ends of the buckets' entries; counts tell where they begin.
  for (let a = 0; a < activeCount; a++) flags[active[a]!] = 1;
  addLists(group.bulk, work, pairs, activeCount);
  for (let b = 0; b < bucketCount; b++) {
    // A bucket whose only entry is its own earlier sum was not touched: its count is zero.
    if (counts[b] !== 0) copyEntry(buckets + b * pointBytes, list[ends[b]! - counts[b]!]!);
  }
}

/**
 * Signed digits in [−2^(bits−1), 2^(bits−1)] of `count` scalars of `wordCount` 32-bit words each, window-major with `stride` digits per window. Scalars are below
 * 2^(windows · bits − 1).
 */
export function recode(
  words: Uint32Array,
  wordCount: number,
  count: number,
  bits: number,
  windows: number,
  digits: Int16Array,
  stride: number,
  negative?: Uint8Array,
): void {
  const full = 1 << bits;
  const half = full >> 1;
  for (let i = 0; i < count; i++) {
    const base = i * wordCount;
    const minus = negative !== undefined && negative[i] === 1;
    let carry = 0;
    for (let window = 0; window < windows; window++) {
      const position = window * bits;
      const word = position >>> 5;
      const shift = position & 31;
      let raw = word < wordCount ? words[base + word]! >>> shift : 0;
      if (shift + bits > 32 && word + 1 < wordCount) raw |= words[base + word + 1]! << (32 - shift);
      let digit = (raw & (full - 1)) + carry;
      // The last window keeps what it has: at most half, by the callers' choice of `windows`.
      carry = digit >= half && window + 1 < windows ? 1 : 0;
      if (carry === 1) digit -= full;
      digits[window * stride + i] = minus ? -digit : digit;
    }
  }
}

/** Relative cost of a bucket in the final running sum, in affine additions. */
const bucketCost = 4;
const maxBits = 14;

export interface Windows {
  readonly bits: number;
  readonly count: number;
}

/** The window width with the least work, from how many scalars have which width in bits. */
export function chooseWindows(widths: ArrayLike<number>): Windows {
  let highest = widths.length - 1;
  while (highest > 1 && widths[highest] === 0) highest--;
  let best: Windows = { bits: 2, count: Math.ceil((highest + 1) / 2) };
  let bestCost = Number.POSITIVE_INFINITY;
  for (let bits = 2; bits <= maxBits; bits++) {
    const count = Math.ceil((highest + 1) / bits);
    if (count << (bits - 1) > maxBuckets || count > maxWindows) continue;
    let cost = 0;
    for (let window = 0; window < count; window++) {
      let points = 0;
      for (let width = window * bits + 1; width <= highest; width++) points += widths[width]!;
      cost += points + bucketCost * 2 ** (bits - 1);
    }
    if (cost < bestCost) [best, bestCost] = [{ bits, count }, cost];
  }
  return best;
}

/** Windows for `count` uniform scalars. */
export function uniformWindows(count: number): Windows {
  const widths = new Float64Array(scalarBits + 1);
  widths[scalarBits] = count;
  return chooseWindows(widths);
}

/** Σ over one window: digits of `count` records of any number. Leaves Σ digit_i · point_i at `out`, as a sum. */
export function sumWindow(
  kernel: Kernel,
  group: GroupRoutines,
  work: SumWork,
  points: { readonly records: number; readonly count: number; readonly digits: Int16Array },
  bits: number,
  out: number,
): void {
  const bucketCount = 1 << (bits - 1);
  const target = { buckets: work.buckets, flags: work.flags, bucketCount };
  new Uint8Array(kernel.memory.buffer, work.flags, bucketCount).fill(0);
  for (let first = 0; first < points.count; first += chunkPoints) {
    const count = Math.min(chunkPoints, points.count - first);
    const records = points.records + first * group.bulk.recordBytes;
    addToBuckets(kernel, group, work, { records, count, digits: points.digits, firstDigit: first }, target);
  }
  group.bulk.sumBuckets(work.buckets, work.flags, bucketCount, out);
}

/** sum ← 2^bits · sum + window, from the highest window down. */
export function foldWindows(kernel: Kernel, group: GroupRoutines, sums: number, windows: Windows, out: number): void {
  new Uint8Array(kernel.memory.buffer, out, group.sumBytes).fill(0);
  for (let window = windows.count - 1; window >= 0; window--) {
    for (let i = 0; i < windows.bits; i++) group.double(out);
    group.addSum(out, sums + window * group.sumBytes);
  }
}

/** Scalars of one kind: which points, and magnitudes in words. */
interface Selection {
  readonly points: Int32Array;
  readonly words: Uint32Array;
  readonly wordCount: number;
  readonly negative: Uint8Array | undefined;
  readonly count: number;
  readonly widths: Float64Array;
}

/** Sorts the scalars of a range of wires: those below 2^53 in magnitude, and the others. Zeros and points at infinity are left out. */
function select(
  memory: WebAssembly.Memory,
  group: GroupRoutines,
  points: number,
  scalars: number,
  count: number,
): readonly [Selection, Selection] {
  const words = new Uint32Array(memory.buffer, scalars, 8 * count);
  const bodies = new Uint32Array(memory.buffer, points, (group.fileBytes / 4) * count);
  const pointWords = group.fileBytes / 4;
  const isInfinite = (i: number): boolean => {
    for (let k = i * pointWords; k < (i + 1) * pointWords; k++) if (bodies[k] !== 0) return false;
    return true;
  };
  const narrow = {
    points: new Int32Array(count),
    words: new Uint32Array(2 * count),
    negative: new Uint8Array(count),
    widths: new Float64Array(65),
  };
  const widths = new Float64Array(scalarBits + 1);
  const wide: number[] = [];
  let narrowCount = 0;
  for (let i = 0; i < count; i++) {
    const at = 8 * i;
    let [low, high] = [words[at]!, words[at + 1]!];
    const rest = words[at + 2]! | words[at + 3]! | words[at + 4]! | words[at + 5]! | words[at + 6]! | words[at + 7]!;
    if (rest === 0 && (low | high) === 0) continue;
    if (isInfinite(i)) continue;
    let minus = 0;
    if (rest !== 0) {
      let equal = true;
      for (let k = 2; k < 8; k++) equal &&= words[at + k] === orderWords[k];
      // |v| = r − value, whose words above the second are zero where they equal r's.
      const borrow = low > orderWords[0] ? 1 : 0;
      const size = orderWords[1] - high - borrow;
      if (!equal || size < 0 || size >= 2 ** (narrowBits - 32)) {
        wide.push(i);
        widths[scalarBits]!++;
        continue;
      }
      minus = 1;
      low = (orderWords[0] - low) >>> 0;
      high = size;
    } else if (high >= 2 ** (narrowBits - 32)) {
      wide.push(i);
      widths[scalarBits]!++;
      continue;
    }
    narrow.points[narrowCount] = i;
    narrow.words[2 * narrowCount] = low;
    narrow.words[2 * narrowCount + 1] = high;
    narrow.negative[narrowCount] = minus;
    narrow.widths[high === 0 ? 32 - Math.clz32(low) : 64 - Math.clz32(high)]!++;
    narrowCount++;
  }
  const wideWords = new Uint32Array(8 * wide.length);
  for (const [k, i] of wide.entries()) wideWords.set(words.subarray(8 * i, 8 * i + 8), 8 * k);
  return [
    { ...narrow, wordCount: 2, count: narrowCount },
    { points: Int32Array.from(wide), words: wideWords, wordCount: 8, negative: undefined, count: wide.length, widths },
  ];
}

/**
 * Σ scalar_i · point_i over `count` points as a zkey has them and canonical scalars of 32 bytes. Leaves a sum at `out`.
 */
export function sumPoints(
  kernel: Kernel,
  group: GroupRoutines,
  work: SumWork,
  points: number,
  scalars: number,
  count: number,
  out: number,
): void {
  const { memory } = kernel;
  const memoryBytes = (): Uint8Array => new Uint8Array(memory.buffer);
  memoryBytes().fill(0, out, out + group.sumBytes);
  const [total, windowSum] = [work.totals, work.totals + largest.sumBytes];
  for (const selection of select(memory, group, points, scalars, count)) {
    if (selection.count === 0) continue;
    const windows = chooseWindows(selection.widths);
    const bucketCount = 1 << (windows.bits - 1);
    memoryBytes().fill(0, work.flags, work.flags + windows.count * bucketCount);
    const target = (window: number) => ({
      buckets: work.buckets + window * bucketCount * group.bulk.pointBytes,
      flags: work.flags + window * bucketCount,
      bucketCount,
    });
    for (let first = 0; first < selection.count; first += chunkPoints) {
      const size = Math.min(chunkPoints, selection.count - first);
      for (let i = 0; i < size; i++) {
        group.bulk.readPoints(work.records + i * group.bulk.recordBytes, points + selection.points[first + i]! * group.fileBytes, 1);
      }
      const words = selection.words.subarray(first * selection.wordCount);
      recode(words, selection.wordCount, size, windows.bits, windows.count, work.digits, chunkPoints, selection.negative?.subarray(first));
      for (let window = 0; window < windows.count; window++) {
        const operands = { records: work.records, count: size, digits: work.digits, firstDigit: window * chunkPoints };
        addToBuckets(kernel, group, work, operands, target(window));
      }
    }
    memoryBytes().fill(0, total, total + group.sumBytes);
    for (let window = windows.count - 1; window >= 0; window--) {
      for (let i = 0; i < windows.bits; i++) group.double(total);
      const { buckets, flags } = target(window);
      group.bulk.sumBuckets(buckets, flags, bucketCount, windowSum);
      group.addSum(total, windowSum);
    }
    group.addSum(out, total);
  }
}
