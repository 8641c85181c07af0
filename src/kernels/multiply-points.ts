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
export const batchPoints = 512;

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
  for (let first = 0; first < task.count; first += batchPoints) {
    const count = Math.min(batchPoints, task.count - first);
    for (let i = 0; i < count; i++) group.readPoint(work.records + i * group.recordBytes, task.points + (first + i) * group.fileBytes);
    const digits = new Int8Array(kernel.memory.buffer, task.digits + first * task.stride);
    const products = multiplyBatch(kernel, group, shape, work, count, digits, task.stride);
    for (let i = 0; i < count; i++) group.writePoint(task.out + (first + i) * group.fileBytes, products + i * group.pointBytes);
  }
}

/**
 * Multiplies the records at `work.records`, at most `batchPoints`; returns where their products are, as points, until the working memory is used again.
 */
export function multiplyBatch(
  kernel: Kernel,
  group: GroupRoutines,
  { halves, windows }: DigitShape,
  work: SumWork,
  count: number,
  digits: Int8Array,
  stride: number,
): number {
  const { buffer } = kernel.memory;
  const { pointBytes, recordBytes } = group;
  const pairs = new Int32Array(buffer, work.pairs, 2 * batchPoints);
  const table = (half: number, multiple: number): number => work.records + (half * tableSize + multiple - 1) * batchPoints * recordBytes;
  const infinity = work.records + 2 * tableSize * batchPoints * recordBytes;
  new Uint8Array(buffer, infinity, recordBytes).fill(0);
  let [current, other] = [work.sums, work.buckets];
  const swap = (): void => {
    [current, other] = [other, current];
  };
  const double = (source: number, step: number, target: number): void => {
    for (let i = 0; i < count; i++) pairs[i] = source + i * step;
    group.doubleBatch(work.pairs, target, count);
  };
  const add = (target: number): void => {
    group.batchForward(work.pairs, target, count);
    group.batchInvert();
    group.batchBackward(work.pairs, target, count);
  };
  const keep = (target: number): void => {
    for (let i = 0; i < count; i++) group.makeRecord(target + i * recordBytes, current + i * pointBytes);
  };
  for (let multiple = 2; multiple <= tableSize; multiple++) {
    if ((multiple & 1) === 0) double(table(0, multiple / 2), recordBytes, current);
    else {
      for (let i = 0; i < count; i++) {
        pairs[2 * i] = table(0, multiple - 1) + i * recordBytes;
        pairs[2 * i + 1] = table(0, 1) + i * recordBytes;
      }
      add(current);
    }
    keep(table(0, multiple));
  }
  if (halves === 2) {
    const factor = infinity + recordBytes;
    writeLimbs(kernel.memory, factor, montgomery(beta, baseOrder));
    const bytes = new Uint8Array(buffer);
    for (let multiple = 1; multiple <= tableSize; multiple++) {
      for (let i = 0; i < count; i++) {
        const [source, target] = [table(0, multiple) + i * recordBytes, table(1, multiple) + i * recordBytes];
        bytes.copyWithin(target + elementBytes, source + elementBytes, source + recordBytes);
        kernel.fq.mul(target, source, factor);
        // A product may be a little larger than what additions take: y is copied, x brought below.
        kernel.fq.add(target, target, infinity);
      }
    }
  }
  new Uint8Array(buffer, current, count * pointBytes).fill(0);
  let empty = true;
  for (let window = windows - 1; window >= 0; window--) {
    for (let bit = 0; bit < digitBits && !empty; bit++) {
      double(current, pointBytes, other);
      swap();
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
      add(other);
      swap();
      empty = false;
    }
  }
  return current;
}
