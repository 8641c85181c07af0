/**
 * The matrices of a constraint system by wire, in the kernels' memory: which rows' points a wire's point is the sum of, and with what coefficients. Columns too long for one task are cut into segments, whose sums
 * are added at the end. Memory: 8 bytes per term and 8 per segment.
 */
import { centred, scalarOrder } from '../../field/bn254.ts';
import { type ColumnTerms, maxTaskColumns, maxTaskTerms, signedBits } from '../../kernels/column-sums.ts';
import type { KernelTask } from '../../kernels/tasks.ts';
import type { KernelThreads } from '../../kernels/threads.ts';
import type { CoefficientPool, R1cs, SparseMatrix } from '../../r1cs/r1cs.ts';

/** Coefficients in signed binary, as column sums take them. */
export interface PoolDigits {
  readonly digitStarts: number;
  readonly digits: number;
  /** Index of the coefficient 1 of appended rows. */
  readonly one: number;
}

function storeWords(threads: KernelThreads, words: Uint32Array): number {
  const address = threads.alloc(Math.max(4, words.byteLength));
  new Uint32Array(threads.memory.buffer, address, words.length).set(words);
  return address;
}

export function storePool(threads: KernelThreads, pool: CoefficientPool): PoolDigits {
  const starts = new Uint32Array(pool.field.length + 2);
  const digits: number[] = [];
  for (const [i, value] of [...pool.field, 1n].entries()) {
    for (const digit of signedBits(centred(value, scalarOrder))) digits.push(digit);
    starts[i + 1] = digits.length;
  }
  const digitsAt = threads.alloc(Math.max(2, 2 * digits.length));
  new Uint16Array(threads.memory.buffer, digitsAt, digits.length).set(digits);
  return { digitStarts: storeWords(threads, starts), digits: digitsAt, one: pool.field.length };
}

/** A matrix whose row i has the point at index `base` + i. */
export interface PlacedMatrix {
  readonly matrix: SparseMatrix;
  readonly base: number;
  /** With the rows that snarkjs appends: row rowCount + s has wire s, for s ≤ publicCount. */
  readonly appended?: boolean;
}

export interface Columns {
  readonly terms: ColumnTerms;
  /** Wire of each segment, ascending. */
  readonly wires: Uint32Array;
  /** Segment ranges of the tasks. */
  readonly chunks: readonly (readonly [first: number, count: number])[];
}

/** Wires first … first + count − 1 of the sum of some matrices. O(terms). */
export function storeColumns(
  threads: KernelThreads,
  pool: PoolDigits,
  { rowCount, publicCount, wireCount }: R1cs,
  matrices: readonly PlacedMatrix[],
): Columns {
  const starts = new Uint32Array(wireCount + 1);
  for (const { matrix, appended } of matrices) {
    const end = matrix.starts[rowCount]!;
    for (let t = 0; t < end; t++) starts[matrix.wires[t]! + 1]!++;
    if (appended) for (let s = 0; s <= publicCount; s++) starts[s + 1]!++;
  }
  for (let s = 0; s < wireCount; s++) starts[s + 1]! += starts[s]!;
  const total = starts[wireCount]!;
  const [rowsAt, coefficientsAt] = [threads.alloc(4 * total + 4), threads.alloc(4 * total + 4)];
  const rows = new Uint32Array(threads.memory.buffer, rowsAt, total);
  const coefficients = new Uint32Array(threads.memory.buffer, coefficientsAt, total);
  const next = starts.slice(0, wireCount);
  for (const { matrix, base, appended } of matrices) {
    for (let row = 0; row < rowCount; row++) {
      const end = matrix.starts[row + 1]!;
      for (let t = matrix.starts[row]!; t < end; t++) {
        const at = next[matrix.wires[t]!]!++;
        rows[at] = base + row;
        coefficients[at] = matrix.coefficients[t]!;
      }
    }
    if (!appended) continue;
    for (let s = 0; s <= publicCount; s++) {
      const at = next[s]!++;
      rows[at] = base + rowCount + s;
      coefficients[at] = pool.one;
    }
  }
  return { ...cutSegments(threads, starts, pool, rowsAt, coefficientsAt) };
}

function cutSegments(threads: KernelThreads, starts: Uint32Array, pool: PoolDigits, rows: number, coefficients: number): Columns {
  const wireCount = starts.length - 1;
  let segmentCount = 0;
  for (let s = 0; s < wireCount; s++) segmentCount += Math.max(1, Math.ceil((starts[s + 1]! - starts[s]!) / maxTaskTerms));
  const [from, to, wires] = [new Uint32Array(segmentCount), new Uint32Array(segmentCount), new Uint32Array(segmentCount)];
  const chunks: [number, number][] = [];
  let [segment, first, terms] = [0, 0, 0];
  const maxColumns = Math.min(maxTaskColumns, Math.max(256, Math.ceil(segmentCount / (8 * threads.threads))));
  for (let s = 0; s < wireCount; s++) {
    const end = starts[s + 1]!;
    let at = starts[s]!;
    do {
      const size = Math.min(maxTaskTerms, end - at);
      if (terms + size > maxTaskTerms || segment - first >= maxColumns) {
        chunks.push([first, segment - first]);
        [first, terms] = [segment, 0];
      }
      from[segment] = at;
      to[segment] = at + size;
      wires[segment++] = s;
      terms += size;
      at += size;
    } while (at < end);
  }
  chunks.push([first, segment - first]);
  const { digitStarts, digits } = pool;
  return {
    terms: { starts: storeWords(threads, from), ends: storeWords(threads, to), rows, coefficients, digitStarts, digits },
    wires,
    chunks,
  };
}

/** Tasks that leave each segment's sum at `out`, as files have points. */
export function columnTasks(group: 'g1' | 'g2', columns: Columns, records: number, out: number, fileBytes: number): KernelTask[] {
  return columns.chunks.map(([first, count]) => ({
    kind: 'columnSums',
    group,
    terms: columns.terms,
    records,
    first,
    count,
    out: out + first * fileBytes,
  }));
}

/** Wires' points from segments' sums, as files have them, to `target`: one point per wire from `firstWire` on. */
export function joinSegments(
  { memory, local, alloc, mark, release }: KernelThreads,
  group: 'g1' | 'g2',
  columns: Columns,
  sums: number,
  firstWire: number,
  target: Uint8Array,
): void {
  const { fileBytes, recordBytes, pointBytes, sumBytes, readPoint, addMixed, toAffine, writePoint, coordinateBytes } = local.kernel[group];
  const before = mark();
  const [record, total, point, bytes] = [alloc(recordBytes), alloc(sumBytes), alloc(pointBytes), alloc(fileBytes)];
  const all = new Uint8Array(memory.buffer);
  const { wires } = columns;
  for (let segment = 0; segment < wires.length; ) {
    const wire = wires[segment]!;
    let end = segment + 1;
    while (end < wires.length && wires[end] === wire) end++;
    let source = sums + segment * fileBytes;
    if (end - segment > 1) {
      all.fill(0, total, total + sumBytes);
      for (let i = segment; i < end; i++) {
        readPoint(record, sums + i * fileBytes);
        addMixed(total, record);
      }
      all.fill(0, bytes, bytes + fileBytes);
      const zz = all.subarray(total + 2 * coordinateBytes, total + 3 * coordinateBytes);
      if (zz.some((byte) => byte !== 0)) {
        toAffine(point, total);
        writePoint(bytes, point);
      }
      source = bytes;
    }
    if (wire >= firstWire && wire < firstWire + target.length / fileBytes) {
      target.set(all.subarray(source, source + fileBytes), (wire - firstWire) * fileBytes);
    }
    segment = end;
  }
  release(before);
}
