/**
 * A proving key in the kernels' memory, shared by all threads and kept from proof to proof: terms of A and B, the points as the file has them, those of H ready to be added, and the domain's
 * tables of roots. Every index in the file is checked before a kernel follows it; points are not: a false one makes a proof that does not verify.
 */
import { ZkonnxError } from '../errors.ts';
import type { RunOptions } from '../events.ts';
import { uniformWindows, type Windows } from '../kernels/multi-sum.ts';
import type { KernelTask } from '../kernels/tasks.ts';
import type { KernelThreads } from '../kernels/threads.ts';
import type { Keys } from './keys.ts';
import { type Domain, prepareDomain, rowBytes } from './quotient.ts';
import { copyZkeySections, headerBytes, sectionSizes, termBytes, type ZkeyHeader } from './zkey.ts';

export interface ProvingKey {
  readonly header: ZkeyHeader;
  readonly domain: Domain;
  /** Runs of terms that write to different rows: [address, count]. */
  readonly termRuns: readonly (readonly [number, number])[];
  /** Points as in the file. */
  readonly a: number;
  readonly b1: number;
  readonly b2: number;
  readonly c: number;
  /** Records of H. */
  readonly h: number;
  /** Records of the header's points. */
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

/** Elements that one task computes. */
const taskElements = 1 << 15;
/** Terms that one task takes. */
const taskTerms = 1 << 17;

export async function loadProvingKey(
  threads: KernelThreads,
  zkey: Keys['zkey'],
  header: ZkeyHeader,
  options: RunOptions,
): Promise<ProvingKey> {
  const { memory, local } = threads;
  const { wireCount, domainSize: n } = header;
  const windows = uniformWindows(n);
  const sizes = sectionSizes(header);
  const witness = threads.alloc(32 * wireCount);
  const bytesOfRows = rowBytes(local.kernel, n);
  const workBytes = Math.max(3 * bytesOfRows, 64 * n, 2 * windows.count * n);
  const work = threads.alloc(workBytes);
  const scalars = threads.alloc(32 * n);
  const sections = new Map<number, number>();
  for (const type of [2, 4, 5, 6, 7, 8]) sections.set(type, threads.alloc(sizes[type]!));
  // H's bytes are needed until they are read; the room for rows is theirs meanwhile.
  sections.set(9, work);
  const h = threads.alloc(n * local.kernel.g1.bulk.recordBytes);
  const records = threads.alloc(3 * local.kernel.g1.recordBytes + 2 * local.kernel.g2.recordBytes);
  const places = new Map([...sections].map(([type, address]) => [type, new Uint8Array(memory.buffer, address, sizes[type]!)]));
  options.onEvent?.({ stage: 'proof', done: 0, total: 0, note: 'proving key' });
  await copyZkeySections(zkey, places);
  const fail = (what: string): ZkonnxError =>
    new ZkonnxError('ZK5004', { format: '.zkey', file: zkey instanceof Uint8Array ? '(in memory)' : zkey.path, what });
  const termRuns = splitTerms(memory, sections.get(4)! + 4, header, fail);

  const points = sections.get(2)! + headerBytes - (3 * 64 + 3 * 128);
  const g1 = (index: number, offset: number): number => {
    local.kernel.g1.readPoint(records + index * local.kernel.g1.recordBytes, points + offset);
    return records + index * local.kernel.g1.recordBytes;
  };
  const g2 = (index: number, offset: number): number => {
    const record = records + 3 * local.kernel.g1.recordBytes + index * local.kernel.g2.recordBytes;
    local.kernel.g2.readPoint(record, points + offset);
    return record;
  };
  const header1 = { alpha1: g1(0, 0), beta1: g1(1, 64), beta2: g2(0, 128), delta1: g1(2, 384), delta2: g2(1, 448) };

  const tasks: KernelTask[] = [];
  for (let first = 0; first < n; first += taskElements) {
    const count = Math.min(taskElements, n - first);
    const target = h + first * local.kernel.g1.bulk.recordBytes;
    tasks.push({ kind: 'readPoints', group: 'g1', points: work + 64 * first, records: target, count });
  }
  await threads.run(tasks, { signal: options.signal });
  const domain = await prepareDomain(threads, 31 - Math.clz32(n), options.signal);
  return {
    header,
    domain,
    termRuns,
    a: sections.get(5)!,
    b1: sections.get(6)!,
    b2: sections.get(7)!,
    c: sections.get(8)!,
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
