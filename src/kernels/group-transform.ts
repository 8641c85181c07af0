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

/** Behind the tables of a multiplication. */
const pairsFrom = 9000;

export function groupLayer(kernel: Kernel, group: GroupRoutines, shape: DigitShape, work: SumWork, task: GroupLayerTask): void {
  const { buffer } = kernel.memory;
  const { fileBytes, recordBytes, pointBytes } = group;
  const size = digitBytes(shape);
  const twiddles = new Int8Array(buffer, task.twiddles);
  const digits = new Int8Array(batchPoints * size);
  const targets = new Int32Array(batchPoints);
  const pairs = new Int32Array(buffer, work.pairs, 2 * batchPoints);
  for (let done = 0; done < task.count; done += batchPoints) {
    const count = Math.min(batchPoints, task.count - done);
    const low = (i: number): number => {
      const butterfly = task.first + done + i;
      const j = butterfly % task.half;
      return task.points + (2 * (butterfly - j) + j) * fileBytes;
    };
    const add = (sign: 0 | 1): void => {
      for (let i = 0; i < count; i++) {
        pairs[2 * i] = work.records + (pairsFrom + 2 * i) * recordBytes;
        pairs[2 * i + 1] = (work.records + (pairsFrom + 2 * i + 1) * recordBytes) | sign;
      }
      group.batchForward(work.pairs, work.sums, count);
      group.batchInvert();
      group.batchBackward(work.pairs, work.sums, count);
    };
    for (let i = 0; i < count; i++) {
      group.readPoint(work.records + (pairsFrom + 2 * i) * recordBytes, low(i));
      group.readPoint(work.records + (pairsFrom + 2 * i + 1) * recordBytes, low(i) + task.half * fileBytes);
    }
    add(0);
    for (let i = 0; i < count; i++) group.writePoint(low(i), work.sums + i * pointBytes);
    add(1);
    let multiplied = 0;
    for (let i = 0; i < count; i++) {
      const j = (task.first + done + i) % task.half;
      const target = low(i) + task.half * fileBytes;
      if (j === 0) {
        group.writePoint(target, work.sums + i * pointBytes);
        continue;
      }
      group.makeRecord(work.records + multiplied * recordBytes, work.sums + i * pointBytes);
      const from = j * task.step * size;
      digits.set(twiddles.subarray(from, from + size), multiplied * size);
      targets[multiplied++] = target;
    }
    if (multiplied === 0) continue;
    const products = multiplyBatch(kernel, group, shape, work, multiplied, digits, size);
    for (let i = 0; i < multiplied; i++) group.writePoint(targets[i]!, products + i * pointBytes);
  }
}
