/**
 * The hash that phase 2 calls the circuit's: BLAKE2b-512 over every point of the initial key, uncompressed, and the differences τ^{i+N} − τ^i that stand for H. snarkjs compares keys of one circuit by it.
 *
 * snarkjs hashes the differences in runs of 2^14 and for larger domains one too many, τ^{2N−1} − τ^{N−1}: where the file ends before that power, it takes the 64 bytes that follow for a point and computes with them. That is part of the hash.
 * Reference: snarkjs 0.7.6 `zkey_new.js` (composeAndWritePoints, hashHPointsChunk).
 */
import type { RunOptions } from '../../events.ts';
import { baseOrder, invert, mod, readLittleEndian, writeLittleEndian } from '../../field/bn254.ts';
import type { KernelTask } from '../../kernels/tasks.ts';
import type { KernelThreads } from '../../kernels/threads.ts';
import { uncompressed } from './point-forms.ts';
import { type Ptau, ptauSections, readPoints } from './ptau.ts';
import { runTasks } from './run.ts';

interface Hasher {
  update(bytes: Uint8Array): unknown;
}

/** Points that one task converts, and that one round of tasks takes. */
const taskPoints = 1 << 12;
const roundPoints = 1 << 16;
/** snarkjs' run of differences. */
const differenceRun = 1 << 14;
const q = baseOrder;

export async function circuitHash(
  threads: KernelThreads,
  sections: ReadonlyMap<number, Uint8Array>,
  ptau: Ptau,
  options: RunOptions,
): Promise<Uint8Array> {
  const { createHash } = await import('node:crypto');
  const hash = createHash('blake2b512');
  const header = sections.get(2)!;
  const domainSize = new DataView(header.buffer, header.byteOffset).getUint32(80, true);
  const point = (start: number, group: 'g1' | 'g2'): void => {
    hash.update(uncompressed(header.subarray(start, start + (group === 'g1' ? 64 : 128)), group));
  };
  point(84, 'g1');
  point(148, 'g1');
  point(212, 'g2');
  point(340, 'g2');
  point(468, 'g1');
  point(532, 'g2');
  const points = (type: number, group: 'g1' | 'g2', note: string): Promise<void> =>
    hashPoints(threads, hash, sections.get(type)!, group, note, options);
  await points(3, 'g1', 'hash of IC');
  await hashDifferences(threads, hash, ptau, domainSize, options);
  await points(8, 'g1', 'hash of C');
  await points(5, 'g1', 'hash of A');
  await points(6, 'g1', 'hash of B');
  await points(7, 'g2', 'hash of B in G2');
  return hash.digest();
}

function bigEndian(count: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, count);
  return bytes;
}

async function hashPoints(
  threads: KernelThreads,
  hash: Hasher,
  bytes: Uint8Array,
  group: 'g1' | 'g2',
  note: string,
  options: RunOptions,
): Promise<void> {
  const { fileBytes } = threads.local.kernel[group];
  const total = bytes.length / fileBytes;
  hash.update(bigEndian(total));
  const before = threads.mark();
  const size = Math.min(roundPoints, total) * fileBytes;
  const [input, out] = [threads.alloc(size), threads.alloc(size)];
  for (let first = 0; first < total; first += roundPoints) {
    const count = Math.min(roundPoints, total - first);
    new Uint8Array(threads.memory.buffer).set(bytes.subarray(first * fileBytes, (first + count) * fileBytes), input);
    const tasks: KernelTask[] = [];
    for (let at = 0; at < count; at += taskPoints) {
      const range = { points: input + at * fileBytes, count: Math.min(taskPoints, count - at), out: out + at * fileBytes };
      tasks.push({ kind: 'uncompressPoints', group, ...range });
    }
    await runTasks(threads, tasks, 'set-up', note, options);
    hash.update(new Uint8Array(threads.memory.buffer).slice(out, out + count * fileBytes));
  }
  threads.release(before);
}

async function hashDifferences(threads: KernelThreads, hash: Hasher, ptau: Ptau, domainSize: number, options: RunOptions): Promise<void> {
  hash.update(bigEndian(domainSize - 1));
  const total = domainSize - 1 <= differenceRun ? domainSize - 1 : domainSize;
  const available = ptau.sections.get(ptauSections.tauG1)!.size / 64 - domainSize;
  const before = threads.mark();
  const size = 64 * Math.min(roundPoints, total);
  const [high, low, out] = [threads.alloc(size), threads.alloc(size), threads.alloc(size)];
  for (let first = 0; first < total; first += roundPoints) {
    const count = Math.min(roundPoints, total - first, available - first);
    const memory = new Uint8Array(threads.memory.buffer);
    await readPoints(ptau, ptauSections.tauG1, first + domainSize, memory.subarray(high, high + 64 * count));
    await readPoints(ptau, ptauSections.tauG1, first, memory.subarray(low, low + 64 * count));
    const tasks: KernelTask[] = [];
    for (let at = 0; at < count; at += taskPoints) {
      const range = { count: Math.min(taskPoints, count - at), out: out + 64 * at };
      tasks.push({ kind: 'uncompressDifferences', group: 'g1', high: high + 64 * at, low: low + 64 * at, ...range });
    }
    await runTasks(threads, tasks, 'set-up', 'hash of H', options);
    hash.update(memory.slice(out, out + 64 * count));
  }
  threads.release(before);
  if (total > available) hash.update(await differenceBeyond(ptau, domainSize));
}

const R = 1n << 256n;

/** wasmcurves' arithmetic on 256-bit Montgomery forms, which for operands that are not below q is not that of the field: sums and differences may wrap round 2^256. */
const raw = {
  add(a: bigint, b: bigint): bigint {
    const sum = a + b;
    return mod(sum >= q ? sum - q : sum, R);
  },
  sub: (a: bigint, b: bigint): bigint => mod(a < b ? a - b + q : a - b, R),
  mul(a: bigint, b: bigint): bigint {
    const product = a * b;
    const reduced = (product + mod(-product * inverseOfQ, R) * q) / R;
    return reduced >= q ? reduced - q : reduced;
  },
};
const inverseOfQ = invert(q, R);

/** What follows the last power of τ, read as a point, minus τ^{N−1}, with the steps of wasmcurves' `g1m_subAffine`: the bytes need be no point. */
async function differenceBeyond(ptau: Ptau, domainSize: number): Promise<Uint8Array> {
  const { start, size } = ptau.sections.get(ptauSections.tauG1)!;
  const beyond = await ptau.source.read(start + size, 64);
  const last = new Uint8Array(64);
  await readPoints(ptau, ptauSections.tauG1, domainSize - 1, last);
  const read = (view: DataView): readonly [bigint, bigint] => [readLittleEndian(view, 0), readLittleEndian(view, 32)];
  const [x1, y1] = read(beyond);
  const [x2, minusY2] = read(new DataView(last.buffer));
  const { add, sub, mul } = raw;
  const h = sub(x2, x1);
  const dy = sub(sub(0n, minusY2), y1);
  const hh = mul(h, h);
  const i = add(add(hh, hh), add(hh, hh));
  const j = mul(h, i);
  const r = add(dy, dy);
  const v = mul(x1, i);
  const x3 = sub(sub(mul(r, r), j), add(v, v));
  const yj = mul(y1, j);
  const y3 = sub(mul(sub(v, x3), r), add(yj, yj));
  const z3 = add(h, h);
  // Bytes that were made to have the abscissa of the last point: infinity.
  if (z3 % q === 0n) return new Uint8Array(64);
  const inverse = invert((z3 * invert(R, q)) % q, q);
  const square = (inverse * inverse) % q;
  const bytes = new Uint8Array(64);
  for (const [k, value] of [x3 * square, y3 * square * inverse].entries()) writeLittleEndian(value % q, new DataView(bytes.buffer), 32 * k);
  return uncompressed(bytes, 'g1');
}
