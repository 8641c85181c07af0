/**
 * Layers of a transform over points: x_j, x_{j+h} ← x_j + x_{j+h}, (x_j − x_{j+h})·ω^{−j·n/2h}, natural order to bit-reversed, in place on points as files have them. A twiddle is a full-size scalar, so a butterfly costs what a
 * multiplication costs; those by one cost two additions.
 */
import type { GroupRoutines, Kernel } from './kernel.ts';
import type { SumWork } from './multi-sum.ts';
import { batchPoints, type DigitShape, digitBytes, multiplyBatch } from './multiply-points.ts';

export interface GroupLayerTask {
  readonly points: number;
  readonly half: number;
  /** Digits of the powers of the inverse root, and how many of them lie between two of this layer. */
  readonly twiddles: number;
  readonly step: number;
  /** Butterflies of the layer, counted through all blocks. */
  readonly first: number;
  readonly count: number;
}

export function groupLayer(kernel: Kernel, group: GroupRoutines, shape: DigitShape, work: SumWork, task: GroupLayerTask): void {
  const { buffer } = kernel.memory;
  const { fileBytes } = group;
  const { recordBytes, pointBytes, readPoints, addPairs, writePoint } = group.bulk;
  const size = digitBytes(shape);
  const twiddles = new Int8Array(buffer, task.twiddles);
  const digits = new Int8Array(batchPoints * size);
  const targets = new Int32Array(batchPoints);
  const pairs = new Int32Array(buffer, work.pairs, 2 * batchPoints);
  // What is to be multiplied, as files have points; the multiplication itself leaves this part alone.
  const factors = work.buckets + batchPoints * 2 * pointBytes;
  for (let done = 0; done < task.count; done += batchPoints) {
    const count = Math.min(batchPoints, task.count - done);
    const low = (i: number): number => {
      const butterfly = task.first + done + i;
      const j = butterfly % task.half;
      return task.points + (2 * (butterfly - j) + j) * fileBytes;
    };
    const add = (sign: 0 | 1): void => {
      for (let i = 0; i < count; i++) {
        pairs[2 * i] = work.records + 2 * i * recordBytes;
        pairs[2 * i + 1] = (work.records + (2 * i + 1) * recordBytes) | sign;
      }
      addPairs(work.pairs, work.sums, count);
    };
    for (let i = 0; i < count; i++) {
      readPoints(work.records + 2 * i * recordBytes, low(i), 1);
      readPoints(work.records + (2 * i + 1) * recordBytes, low(i) + task.half * fileBytes, 1);
    }
    add(0);
    for (let i = 0; i < count; i++) writePoint(low(i), work.sums + i * pointBytes);
    add(1);
    let multiplied = 0;
    for (let i = 0; i < count; i++) {
      const j = (task.first + done + i) % task.half;
      const target = low(i) + task.half * fileBytes;
      if (j === 0) {
        writePoint(target, work.sums + i * pointBytes);
        continue;
      }
      writePoint(factors + multiplied * fileBytes, work.sums + i * pointBytes);
      const from = j * task.step * size;
      digits.set(twiddles.subarray(from, from + size), multiplied * size);
      targets[multiplied++] = target;
    }
    if (multiplied === 0) continue;
    const products = multiplyBatch(kernel, group, shape, work, factors, multiplied, digits, size);
    for (let i = 0; i < multiplied; i++) writePoint(targets[i]!, products + i * pointBytes);
  }
}
