/** Runs a parser over mutated files and holds it to what F12 asks: a value or a typed error of its own, soon, with memory in proportion, and `Object.prototype` untouched. */
import { ZkonnxError } from '../../src/errors.ts';
import { watchAllocations } from './allocations.ts';
import { mutate, type Structure } from './mutate.ts';
import { random } from './random.ts';

/** A parser under test. A file may have several parts (program.json and program.bin). */
export interface Target {
  readonly name: string;
  /** Of each part. */
  readonly structures: readonly Structure[];
  readonly seeds: readonly (readonly Uint8Array[])[];
  readonly read: (parts: readonly Uint8Array[]) => unknown;
  /** Codes that damaged files may end with. */
  readonly codes: RegExp;
  /** Bytes that one allocation may take for each byte of the file; null where memory follows from what the file describes. */
  readonly allocationRatio: number | null;
  /** What the process may grow by, where it is more than `rssAllowedBytes`. */
  readonly rssAllowedBytes?: number;
}

export interface Outcome {
  readonly cases: number;
  readonly refused: number;
  readonly slowestMs: number;
  /** Largest single allocation for each byte of its file, above what small files may take. */
  readonly worstRatio: number;
  readonly rssGrowthBytes: number;
}

const slowestAllowedMs = 2_000;
const rssAllowedBytes = 256 * 1024 * 1024;
/** What a reader may reserve whatever the file's size: tables, read buffers. */
const freeBytes = 1 << 20;

/** What went wrong with one file, with the way to make it again. */
export class FuzzFailure extends Error {}

export function mutant(target: Target, seed: number, index: number): Uint8Array[] {
  const next = random(Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) + index);
  const chosen = next.pick(target.seeds);
  const other = next.pick(target.seeds);
  const changed = next.below(chosen.length);
  return chosen.map((part, i) => (i === changed || next.chance(0.1) ? mutate(part, other[i]!, target.structures[i]!, next) : part));
}

/** Reads one file; throws FuzzFailure where the reader does what no reader may. Answers whether it was refused. */
export async function readHostile(
  target: Target,
  parts: readonly Uint8Array[],
): Promise<{ refused: boolean; elapsedMs: number; ratio: number }> {
  const sizeBytes = parts.reduce((sum, part) => sum + part.length, 0);
  const watch = watchAllocations();
  const started = process.cpuUsage();
  let refused = false;
  try {
    await target.read(parts);
  } catch (error) {
    if (!(error instanceof ZkonnxError)) throw new FuzzFailure(`${String((error as Error)?.stack ?? error)}`);
    if (!target.codes.test(error.code)) throw new FuzzFailure(`${error.code} ${error.message}`);
    refused = true;
  } finally {
    watch.end();
  }
  // Time of the processor: other programs' load is not the reader's.
  const { user, system } = process.cpuUsage(started);
  const elapsedMs = (user + system) / 1_000;
  if (elapsedMs > slowestAllowedMs) throw new FuzzFailure(`took ${Math.round(elapsedMs)} ms`);
  const ratio = Math.max(0, watch.largestBytes - freeBytes) / Math.max(1, sizeBytes);
  if (target.allocationRatio !== null && ratio > target.allocationRatio)
    throw new FuzzFailure(`reserved ${watch.largestBytes} bytes for a file of ${sizeBytes}`);
  const polluted = [...Object.getOwnPropertyNames(Object.prototype), ...Object.getOwnPropertyNames(Array.prototype)].join();
  if (polluted !== prototypes) throw new FuzzFailure('changed Object.prototype or Array.prototype');
  return { refused, elapsedMs, ratio };
}

const prototypes = [...Object.getOwnPropertyNames(Object.prototype), ...Object.getOwnPropertyNames(Array.prototype)].join();

export async function fuzz(target: Target, cases: number, seed: number): Promise<Outcome> {
  let [refused, slowestMs, worstRatio] = [0, 0, 0];
  const before = process.memoryUsage.rss();
  for (let index = 0; index < cases; index++) {
    const parts = mutant(target, seed, index);
    try {
      const result = await readHostile(target, parts);
      if (result.refused) refused++;
      slowestMs = Math.max(slowestMs, result.elapsedMs);
      worstRatio = Math.max(worstRatio, result.ratio);
    } catch (error) {
      if (!(error instanceof FuzzFailure)) throw error;
      const text = parts
        .map((part) => (part.length <= 6_000 ? Buffer.from(part).toString('base64') : `(${part.length} bytes)`))
        .join(' + ');
      throw new FuzzFailure(`${target.name}, seed ${seed}, case ${index}: ${error.message}\n${text}`);
    }
  }
  return { cases, refused, slowestMs, worstRatio, rssGrowthBytes: process.memoryUsage.rss() - before };
}

/** For reading; and what of it is a limit. */
export function checkOutcome({ rssGrowthBytes, refused }: Outcome, target: Pick<Target, 'rssAllowedBytes'> = {}): void {
  if (rssGrowthBytes > (target.rssAllowedBytes ?? rssAllowedBytes))
    throw new FuzzFailure(`memory grew by ${Math.round(rssGrowthBytes / 2 ** 20)} MiB`);
  if (refused === 0) throw new FuzzFailure('nothing was refused: the mutator does not reach this parser');
}
