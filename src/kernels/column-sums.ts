/**
 * For each column of a sparse matrix the sum Σ coefficient_j · point_row(j): the wires' points of a set-up from powers of tau. Coefficients come in signed binary (non-adjacent form); all columns of a task go
 * through its bits together, from the highest down: sums so far are doubled, then each term whose coefficient has the bit is added, all in affine coordinates with one inversion per batch. A network's coefficients are
 * ±1, powers of two and 8-bit weights: one to three additions a term, and doublings for eight bits.
 */
import type { GroupRoutines, Kernel } from './kernel.ts';
import { addLists, chunkPoints, maxBuckets, type SumWork } from './multi-sum.ts';

/** The most that a task may have of each. */
export const maxTaskColumns = maxBuckets / 2 - 1;
export const maxTaskTerms = chunkPoints;

/** Doublings that one inversion is shared by. */
const batchPairs = 2048;

/** Addresses in the kernels' memory. */
export interface ColumnTerms {
  /** u32 each: where column i's terms begin; its end is ends[i]. */
  readonly starts: number;
  readonly ends: number;
  /** u32 per term. */
  readonly rows: number;
  readonly coefficients: number;
  /** u32, one more than there are coefficients: where the digits of a coefficient begin. */
  readonly digitStarts: number;
  /** u16: 2·bit + (1 for −). */
  readonly digits: number;
}

/** The digits of a coefficient in non-adjacent form, as `ColumnTerms` has them; the value may be negative. */
export function signedBits(value: bigint): number[] {
  const digits: number[] = [];
  const minus = value < 0n ? 1 : 0;
  let rest = minus === 1 ? -value : value;
  for (let bit = 0; rest > 0n; bit++) {
    if ((rest & 1n) === 1n) {
      const high = (rest & 3n) === 3n;
      digits.push(2 * bit + ((high ? 1 : 0) ^ minus));
      rest += high ? 1n : -1n;
    }
    rest >>= 1n;
  }
  return digits;
}

/** Points as files have them to `out`, one per column `first` … `first + count − 1`; columns that are empty or cancel give infinity. `records` are those of the rows. */
export function columnSums(
  kernel: Kernel,
  group: GroupRoutines,
  work: SumWork,
  terms: ColumnTerms,
  task: { readonly records: number; readonly first: number; readonly count: number; readonly out: number },
): void {
  const { buffer } = kernel.memory;
  const { records, first, count, out } = task;
  const { fileBytes } = group;
  const { pointBytes, recordBytes, copyEntry, writePoint } = group.bulk;
  const starts = new Uint32Array(buffer, terms.starts + 4 * first, count);
  const stops = new Uint32Array(buffer, terms.ends + 4 * first, count);
  const [rows, coefficients] = [new Uint32Array(buffer, terms.rows), new Uint32Array(buffer, terms.coefficients)];
  const [digitStarts, digits] = [new Uint32Array(buffer, terms.digitStarts), new Uint16Array(buffer, terms.digits)];

  // All digits of all terms, by bit; within a bit by column.
  const bitEnds = new Int32Array(257);
  let top = -1;
  for (let column = 0; column < count; column++) {
    for (let t = starts[column]!; t < stops[column]!; t++) {
      const coefficient = coefficients[t]!;
      for (let d = digitStarts[coefficient]!; d < digitStarts[coefficient + 1]!; d++) {
        const bit = digits[d]! >> 1;
        bitEnds[bit]!++;
        if (bit > top) top = bit;
      }
    }
  }
  let total = 0;
  for (let bit = 0; bit <= top; bit++) {
    const size = bitEnds[bit]!;
    bitEnds[bit] = total;
    total += size;
  }
  const [entryOf, columnOf] = [new Int32Array(total), new Int32Array(total)];
  for (let column = 0; column < count; column++) {
    for (let t = starts[column]!; t < stops[column]!; t++) {
      const coefficient = coefficients[t]!;
      const record = records + rows[t]! * recordBytes;
      for (let d = digitStarts[coefficient]!; d < digitStarts[coefficient + 1]!; d++) {
        const at = bitEnds[digits[d]! >> 1]!++;
        entryOf[at] = record | (digits[d]! & 1);
        columnOf[at] = column;
      }
    }
  }

  const { counts, ends, active, list } = work;
  const pairs = new Int32Array(buffer, work.pairs, 2 * (chunkPoints + maxBuckets));
  const sums = work.buckets;
  const doubled = work.buckets + (maxTaskColumns + 1) * pointBytes;
  const open = new Uint8Array(count);
  for (let bit = top; bit >= 0; bit--) {
    let openCount = 0;
    for (let column = 0; column < count; column++) {
      if (open[column] === 0) continue;
      pairs[2 * openCount] = sums + column * pointBytes;
      pairs[2 * openCount + 1] = pairs[2 * openCount]!;
      openCount++;
    }
    for (let at = 0; at < openCount; at += batchPairs) {
      group.bulk.addPairs(work.pairs + 8 * at, doubled + at * pointBytes, Math.min(batchPairs, openCount - at));
    }
    let item = bit === 0 ? 0 : bitEnds[bit - 1]!;
    const end = bitEnds[bit]!;
    let [size, activeCount, next] = [0, 0, doubled];
    for (let column = 0; column < count; column++) {
      const start = size;
      if (open[column] === 1) {
        list[size++] = next;
        next += pointBytes;
      }
      while (item < end && columnOf[item] === column) list[size++] = entryOf[item++]!;
      counts[column] = size - start;
      ends[column] = size;
      if (size > start) {
        open[column] = 1;
        active[activeCount++] = column;
      }
    }
    addLists(group.bulk, work, pairs, activeCount);
    for (let column = 0; column < count; column++) {
      if (open[column] === 1) copyEntry(sums + column * pointBytes, list[ends[column]! - counts[column]!]!);
    }
  }
  const bytes = new Uint8Array(buffer, out, count * fileBytes);
  for (let column = 0; column < count; column++) {
    if (open[column] === 1) writePoint(out + column * fileBytes, sums + column * pointBytes);
    else bytes.fill(0, column * fileBytes, (column + 1) * fileBytes);
  }
}
