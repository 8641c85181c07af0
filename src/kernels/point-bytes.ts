/** Points in the form that ceremonies hash: affine coordinates as big-endian integers, in G2 the imaginary part first, infinity all zero (snarkjs: "uncompressed"). */
import { baseOrder, toLittleEndian } from '../field/bn254.ts';
import { elementBytes, type GroupRoutines, type Kernel } from './kernel.ts';
import type { SumWork } from './multi-sum.ts';

/** 32 bytes little-endian → big-endian. */
function reverse(view: DataView, from: number, to: number): void {
  for (let word = 0; word < 4; word++) view.setBigUint64(to + 8 * (3 - word), view.getBigUint64(from + 8 * word, true));
}

/** `count` points (x, y) with a stride → their uncompressed forms at `out`. Takes 32 bytes of room at `room`. */
function writeUncompressed(
  { memory, fq }: Kernel,
  group: GroupRoutines,
  source: { readonly points: number; readonly stride: number; readonly count: number },
  out: number,
  room: number,
): void {
  const view = new DataView(memory.buffer);
  const parts = group.coordinateBytes / elementBytes;
  for (let i = 0; i < source.count; i++) {
    const point = source.points + i * source.stride;
    for (let k = 0; k < 2 * parts; k++) {
      const mirrored = k < parts ? parts - 1 - k : 3 * parts - 1 - k;
      fq.writeCanonical(room, point + k * elementBytes);
      reverse(view, room, out + i * group.fileBytes + 32 * mirrored);
    }
  }
}

/** Records, sums and room fit the working memory. */
const batchPoints = 2048;

/** Points as files have them → uncompressed; `out` may not overlap `points`. */
export function uncompressPoints(kernel: Kernel, group: GroupRoutines, work: SumWork, points: number, count: number, out: number): void {
  for (let first = 0; first < count; first += batchPoints) {
    const size = Math.min(batchPoints, count - first);
    for (let i = 0; i < size; i++) group.readPoint(work.records + i * group.recordBytes, points + (first + i) * group.fileBytes);
    const source = { points: work.records, stride: group.recordBytes, count: size };
    writeUncompressed(kernel, group, source, out + first * group.fileBytes, work.totals);
  }
}

/** high_i − low_i, uncompressed. */
export function uncompressDifferences(
  kernel: Kernel,
  group: GroupRoutines,
  work: SumWork,
  task: { readonly high: number; readonly low: number; readonly count: number; readonly out: number },
): void {
  const { pointBytes, recordBytes, fileBytes } = group;
  const pairs = new Int32Array(kernel.memory.buffer, work.pairs, 2 * batchPoints);
  for (let first = 0; first < task.count; first += batchPoints) {
    const size = Math.min(batchPoints, task.count - first);
    for (let i = 0; i < size; i++) {
      const [high, low] = [work.records + 2 * i * recordBytes, work.records + (2 * i + 1) * recordBytes];
      group.readPoint(high, task.high + (first + i) * fileBytes);
      group.readPoint(low, task.low + (first + i) * fileBytes);
      pairs[2 * i] = high;
      pairs[2 * i + 1] = low | 1;
    }
    group.batchForward(work.pairs, work.sums, size);
    group.batchInvert();
    group.batchBackward(work.pairs, work.sums, size);
    writeUncompressed(kernel, group, { points: work.sums, stride: pointBytes, count: size }, task.out + first * fileBytes, work.totals);
  }
}

const orderWords = new Uint32Array(toLittleEndian(baseOrder).buffer);

/** Counts at `out`, u32 each: points with a coordinate that is not below q or that are not on their curve, and points at infinity. */
export function checkPoints(kernel: Kernel, group: GroupRoutines, work: SumWork, points: number, count: number, out: number): void {
  const coordinates = group.fileBytes / 32;
  const words = new Uint32Array(kernel.memory.buffer, points, 8 * coordinates * count);
  let [faulty, infinite] = [0, 0];
  for (let i = 0; i < count; i++) {
    let canonical = true;
    let any = 0;
    for (let c = 0; c < coordinates; c++) {
      const at = 8 * (i * coordinates + c);
      let word = 7;
      while (word > 0 && words[at + word] === orderWords[word]) word--;
      if (words[at + word]! >= orderWords[word]!) canonical = false;
      for (let k = 0; k < 8; k++) any |= words[at + k]!;
    }
    if (any === 0) {
      infinite++;
      continue;
    }
    group.readPoint(work.records, points + i * group.fileBytes);
    if (!canonical || group.onCurve(work.records) === 0) faulty++;
  }
  const counts = new Uint32Array(kernel.memory.buffer, out, 2);
  counts[0] = faulty;
  counts[1] = infinite;
}
