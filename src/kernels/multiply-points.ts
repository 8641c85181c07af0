/**
 * Points times full-size scalars, batch by batch in lockstep: every point of a batch is doubled, then given a multiple of itself from its table, all in affine coordinates with one inversion per step of the
 * batch. In G1 a scalar comes as two halves (field/glv.ts): 127 doublings instead of 253.
 *
 * Digits are signed, four bits each, at most 8 in magnitude, lowest first.
 */

import { baseOrder } from '../field/bn254.ts';
import { beta, splitScalar } from '../field/glv.ts';
import { montgomery } from './field-code.ts';
import { elementBytes, type GroupRoutines, type Kernel, writeLimbs } from './kernel.ts';
import type { SumWork } from './multi-sum.ts';

const digitBits = 4;
const tableSize = 8;
/** Points of a batch: their tables stay in the cache. */
export const batchPoints = 1000;

export interface DigitShape {
  /** Halves of a scalar: 2 in G1, 1 in G2. */
  readonly halves: 1 | 2;
  readonly windows: number;
}

export const digitShapes: Readonly<Record<'g1' | 'g2', DigitShape>> = { g1: { halves: 2, windows: 32 }, g2: { halves: 1, windows: 64 } };

export function digitBytes({ halves, windows }: DigitShape): number {
  return halves * windows;
}

/** Digits of a scalar in [0, r), one signed byte each, half after half. */
export function scalarDigits(scalar: bigint, { halves, windows }: DigitShape): Int8Array {
  const out = new Int8Array(halves * windows);
  const parts = halves === 2 ? splitScalar(scalar) : [scalar];
  for (const [half, part] of parts.entries()) {
    const minus = part < 0n;
    let rest = minus ? -part : part;
    for (let window = 0; window < windows; window++) {
      let digit = Number(rest & 15n);
      rest >>= 4n;
      if (digit > 8 || (digit === 8 && window + 1 < windows)) {
        digit -= 16;
        rest += 1n;
      }
      out[half * windows + window] = minus ? -digit : digit;
    }
  }
  return out;
}

export interface MultiplyTask {
  /** Points as files have them. */
  readonly points: number;
  readonly count: number;
  /** Digits of each point's scalar; with stride 0 all points have one scalar. */
  readonly digits: number;
  readonly stride: number;
  /** Products, as files have them; may be `points`. */
  readonly out: number;
}

/** All of a task, batch by batch. */
export function multiplyPoints(kernel: Kernel, group: GroupRoutines, shape: DigitShape, work: SumWork, task: MultiplyTask): void {
  const { fileBytes, bulk } = group;
  for (let first = 0; first < task.count; first += batchPoints) {
    const count = Math.min(batchPoints, task.count - first);
    const digits = new Int8Array(kernel.memory.buffer, task.digits + first * task.stride);
    const products = multiplyBatch(kernel, group, shape, work, task.points + first * fileBytes, count, digits, task.stride);
    for (let i = 0; i < count; i++) bulk.writePoint(task.out + (first + i) * fileBytes, products + i * bulk.pointBytes);
  }
}

/** (x, y) ← (βx, y), on points of G1 as files have them. */
function applyEndomorphism({ memory, fq }: Kernel, points: number, count: number, room: number): void {
  const factor = room + 2 * elementBytes;
  // Of an element: out of Montgomery form, into that of the file.
  writeLimbs(memory, factor, montgomery((beta << 256n) % baseOrder, baseOrder));
  for (let i = 0; i < count; i++) {
    fq.readPair(room, points + 64 * i);
    fq.mul(room, room, factor);
    fq.writeCanonical(points + 64 * i, room);
  }
}

/**
 * Multiplies at most `batchPoints` points as files have them; returns where their products are, as sums, until the working memory is used again.
 */
export function multiplyBatch(
  kernel: Kernel,
  group: GroupRoutines,
  { halves, windows }: DigitShape,
  work: SumWork,
  points: number,
  count: number,
  digits: Int8Array,
  stride: number,
): number {
  const { buffer } = kernel.memory;
  const { fileBytes } = group;
  const { readPoints, addPairs, writePoint, pointBytes, recordBytes } = group.bulk;
  const pairs = new Int32Array(buffer, work.pairs, 2 * batchPoints);
  const table = (half: number, multiple: number): number => work.records + (half * tableSize + multiple - 1) * batchPoints * recordBytes;
  const infinity = work.records + 2 * tableSize * batchPoints * recordBytes;
  const bytes = work.chosen.records;
  let [current, other] = [work.sums, work.buckets];
  new Uint8Array(buffer, bytes, fileBytes).fill(0);
  readPoints(infinity, bytes, 1);

  readPoints(table(0, 1), points, count);
  new Uint8Array(buffer).copyWithin(bytes, points, points + count * fileBytes);
  for (let multiple = 1; multiple <= tableSize; multiple++) {
    if (multiple > 1) {
      const [first, second] = (multiple & 1) === 0 ? [multiple / 2, multiple / 2] : [multiple - 1, 1];
      for (let i = 0; i < count; i++) {
        pairs[2 * i] = table(0, first) + i * recordBytes;
        pairs[2 * i + 1] = table(0, second) + i * recordBytes;
      }
      addPairs(work.pairs, current, count);
      for (let i = 0; i < count; i++) writePoint(bytes + i * fileBytes, current + i * pointBytes);
      readPoints(table(0, multiple), bytes, count);
    }
    if (halves === 2) {
      applyEndomorphism(kernel, bytes, count, work.totals);
      readPoints(table(1, multiple), bytes, count);
    }
  }
  for (let i = 0; i < count; i++) group.bulk.copyEntry(current + i * pointBytes, infinity);
  let empty = true;
  const add = (): void => {
    addPairs(work.pairs, other, count);
    [current, other] = [other, current];
  };
  for (let window = windows - 1; window >= 0; window--) {
    for (let bit = 0; bit < digitBits && !empty; bit++) {
      for (let i = 0; i < count; i++) {
        pairs[2 * i] = current + i * pointBytes;
        pairs[2 * i + 1] = pairs[2 * i]!;
      }
      add();
    }
    for (let half = 0; half < halves; half++) {
      const at = half * windows + window;
      if (stride === 0 && digits[at] === 0) continue;
      for (let i = 0; i < count; i++) {
        const digit = digits[i * stride + at]!;
        pairs[2 * i] = current + i * pointBytes;
        if (digit === 0) pairs[2 * i + 1] = infinity;
        else pairs[2 * i + 1] = digit > 0 ? table(half, digit) + i * recordBytes : (table(half, -digit) + i * recordBytes) | 1;
      }
      add();
      empty = false;
    }
  }
  return current;
}
