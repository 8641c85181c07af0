/**
 * A proving key in the kernels' memory, shared by all threads and kept from proof to proof: terms of A and B, the points ready to be added, and the domain's
 * tables of roots. Every index in the file is checked before a kernel follows it; points are not: a false one makes a proof that does not verify.
 */
import { ZkonnxError } from '../errors.ts';
import type { RunOptions } from '../events.ts';
import { uniformWindows, type Windows } from '../kernels/multi-sum.ts';
import type { GroupName, KernelTask } from '../kernels/tasks.ts';
import type { KernelThreads } from '../kernels/threads.ts';
import type { Keys } from './keys.ts';
import { type Domain, prepareDomain, ranges, rowBytes } from './quotient.ts';
import { type Rekeyed, readRekeyed } from './rekeyed.ts';
import { headerBytes, pieceBytes, readZkeySections, type SectionTaker, sectionSizes, termBytes, type ZkeyHeader } from './zkey.ts';

export interface ProvingKey {
  readonly header: ZkeyHeader;
  readonly domain: Domain;
  /** Runs of terms that write to different rows: [address, count]. */
  readonly termRuns: readonly (readonly [number, number])[];
  /** Records, as sums take them. */
  readonly a: number;
  readonly b1: number;
  readonly b2: number;
  /** From wire `first` on. */
  readonly c: { readonly records: number; readonly first: number };
  /** C″ stands for C, and H's scalars are A·B: see rekeyed.ts. */
  readonly isRekeyed: boolean;
  readonly h: number;
  /** The header's points, as records of the scalar field. */
  readonly alpha1: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly delta1: number;
  readonly delta2: number;
  /** Room for one proof: witness, three sets of rows (later the digits), H's scalars. */
  readonly witness: number;
  readonly rows: readonly [number, number, number];
  readonly digits: number;
  readonly scalars: number;
  readonly windows: Windows;
  /** What a proof leaves there and nobody may see: [address, bytes]. */
  readonly secrets: readonly (readonly [number, number])[];
}

/** Terms that one task takes. */
const taskTerms = 1 << 17;

export async function loadProvingKey(
  threads: KernelThreads,
  zkey: Keys['zkey'],
  header: ZkeyHeader,
  options: RunOptions,
): Promise<ProvingKey> {
  const { memory, local } = threads;
  const { wireCount, publicCount, domainSize: n } = header;
  const windows = uniformWindows(n);
  const sizes = sectionSizes(header);
  const witness = threads.alloc(32 * wireCount);
  const bytesOfRows = rowBytes(local.kernel, n);
  const workBytes = Math.max(3 * bytesOfRows, 2 * windows.count * n);
  const work = threads.alloc(workBytes);
  const scalars = threads.alloc(32 * n);
  const { g1: group1, g2: group2 } = local.kernel;
  const records1 = (count: number): number => threads.alloc(count * group1.bulk.recordBytes);
  const [a, b1, c, h] = [records1(wireCount), records1(wireCount), records1(wireCount), records1(n)];
  const privateC = c + (publicCount + 1) * group1.bulk.recordBytes;
  const b2 = threads.alloc(wireCount * group2.bulk.recordBytes);
  const [head, terms] = [threads.alloc(sizes[2]!), threads.alloc(sizes[4]!)];
  const records = threads.alloc(3 * group1.recordBytes + 2 * group2.recordBytes);
  options.onEvent?.({ stage: 'proof', done: 0, total: 0, note: 'proving key' });
  const mark = threads.mark();
  const rekeyed = await readRekeyed(zkey, header);
  const points = { 5: ['g1', a], 6: ['g1', b1], 7: ['g2', b2], 8: ['g1', privateC], 9: ['g1', h] } as const;
  const isRekeyed = await readPoints(threads, zkey, header, { head, terms, points, allC: c }, rekeyed, options);
  threads.release(mark);
  const fail = (what: string): ZkonnxError =>
    new ZkonnxError('ZK5004', { format: '.zkey', file: zkey instanceof Uint8Array ? '(in memory)' : zkey.path, what });
  const termRuns = splitTerms(memory, terms + 4, header, fail);

  const headPoints = head + headerBytes - (3 * 64 + 3 * 128);
  const g1 = (index: number, offset: number): number => {
    local.kernel.g1.readPoint(records + index * local.kernel.g1.recordBytes, headPoints + offset);
    return records + index * local.kernel.g1.recordBytes;
  };
  const g2 = (index: number, offset: number): number => {
    const record = records + 3 * local.kernel.g1.recordBytes + index * local.kernel.g2.recordBytes;
    local.kernel.g2.readPoint(record, headPoints + offset);
    return record;
  };
  const header1 = { alpha1: g1(0, 0), beta1: g1(1, 64), beta2: g2(0, 128), delta1: g1(2, 384), delta2: g2(1, 448) };

  const domain = await prepareDomain(threads, 31 - Math.clz32(n), options.signal);
  return {
    header,
    domain,
    termRuns,
    a,
    b1,
    b2,
    c: isRekeyed ? { records: c, first: 0 } : { records: privateC, first: publicCount + 1 },
    isRekeyed,
    h,
    ...header1,
    witness,
    rows: [work, work + bytesOfRows, work + 2 * bytesOfRows],
    digits: work,
    scalars,
    windows,
    secrets: [
      [witness, 32 * wireCount],
      [work, workBytes],
      [scalars, 32 * n],
    ],
  };
}

interface Places {
  readonly head: number;
  readonly terms: number;
  /** Records by section. */
  readonly points: Readonly<Record<number, readonly [GroupName, number]>>;
  /** Where rekeyed points go. */
  readonly allC: number;
}

/** Fills the places: while the threads make records of one piece, the next one is read. Says whether the rekeyed points are the key's own, and C was replaced by them. */
async function readPoints(
  threads: KernelThreads,
  zkey: Keys['zkey'],
  header: ZkeyHeader,
  { head, terms, points, allC }: Places,
  rekeyed: Rekeyed | null,
  { signal }: RunOptions,
): Promise<boolean> {
  const { memory, local } = threads;
  const largest = Math.min(pieceBytes, Math.max(...Object.keys(points).map((type) => sectionSizes(header)[Number(type)]!)));
  const rooms = [threads.alloc(largest), threads.alloc(largest)] as const;
  let turn: 0 | 1 = 0;
  let running = Promise.resolve();
  const copyTo =
    (address: number): SectionTaker =>
    (bytes, offset) => {
      new Uint8Array(memory.buffer).set(bytes, address + offset);
    };
  const convert = (group: GroupName, records: number): SectionTaker => {
    const { fileBytes, bulk } = local.kernel[group];
    return async (bytes, offset) => {
      turn = turn === 0 ? 1 : 0;
      const room = rooms[turn];
      new Uint8Array(memory.buffer).set(bytes, room);
      await running;
      const count = bytes.length / fileBytes;
      const target = records + (offset / fileBytes) * bulk.recordBytes;
      const tasks = ranges(count, Math.max(1024, Math.ceil(count / threads.threads))).map(({ first, size }): KernelTask => {
        const at = target + first * bulk.recordBytes;
        return { kind: 'readPoints', group, points: room + first * fileBytes, records: at, count: size };
      });
      running = threads.run(tasks, { signal });
      // A failure is met where this is awaited.
      running.catch(() => {});
    };
  };
  const takers = new Map<number, SectionTaker>([
    [2, copyTo(head)],
    [4, copyTo(terms)],
  ]);
  for (const [type, [group, records]] of Object.entries(points)) takers.set(Number(type), convert(group, records));
  const hash = rekeyed === null ? undefined : (await import('node:crypto')).createHash('sha256');
  await readZkeySections(zkey, header, takers, hash);
  const isRekeyed = hash?.digest().every((byte, i) => byte === rekeyed!.zkeyDigest[i]) === true;
  if (isRekeyed) {
    const take = convert('g1', allC);
    for (let at = 0; at < rekeyed!.points.length; at += largest) await take(rekeyed!.points.subarray(at, at + largest), at);
  }
  await running;
  return isRekeyed;
}

/** Checks every index, and cuts the terms between rows if they come in the rows' order, as snarkjs and we write them. */
function splitTerms(
  memory: WebAssembly.Memory,
  start: number,
  { wireCount, domainSize, termCount }: ZkeyHeader,
  fail: (what: string) => ZkonnxError,
): (readonly [number, number])[] {
  const words = new Uint32Array(memory.buffer, start, (termCount * termBytes) / 4);
  const stride = termBytes / 4;
  const cuts = [0];
  let ordered = true;
  let previous = 0;
  for (let t = 0; t < termCount; t++) {
    const at = t * stride;
    const row = words[at + 1]!;
    if (words[at]! > 1 || row >= domainSize || words[at + 2]! >= wireCount)
      throw fail(`term ${t} of section 4 is outside the key's matrices`);
    if (row < previous) ordered = false;
    if (row !== previous && t - cuts.at(-1)! >= taskTerms) cuts.push(t);
    previous = row;
  }
  if (termCount === 0) return [];
  if (!ordered) return [[start, termCount]];
  cuts.push(termCount);
  return cuts.slice(1).map((end, i) => [start + cuts[i]! * termBytes, end - cuts[i]!] as const);
}
