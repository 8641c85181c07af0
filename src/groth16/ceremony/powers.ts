/**
 * The body of powers of tau: every section consists of successive powers of the τ of the last contribution, its hash is the one that contribution left, and the Lagrange bases are those powers transformed.
 *
 * Reference: snarkjs 0.7.6 `powersoftau_verify.js`.
 */
import { bn254 } from '@noble/curves/bn254.js';
import type { RunOptions } from '../../events.ts';
import type { KernelTask } from '../../kernels/tasks.ts';
import type { KernelThreads } from '../../kernels/threads.ts';
import { type G1Point, type G2Point, Refused } from '../points.ts';
import { type Combination, demandPoints, makeCombination, randomCoefficients, roundPoints } from './combination.ts';
import type { PhaseOneState } from './phase1.ts';
import { g1FromFile, g2FromFile, sameRatio, uncompressed } from './point-forms.ts';
import { lagrangeOffset, type PowerSection, type Ptau, pointBytesOf, ptauSections, readPoints } from './ptau.ts';
import { runTasks } from './run.ts';
import { inverseTransform } from './scalar-transform.ts';

const names: Readonly<Record<PowerSection, string>> = {
  2: 'powers of tau in G1',
  3: 'powers of tau in G2',
  4: 'powers of tau times alpha',
  5: 'powers of tau times beta',
};
const groupOf = (section: number): 'g1' | 'g2' => (section === ptauSections.tauG2 ? 'g2' : 'g1');

function combined1(combination: Combination, place: string): G1Point {
  const bytes = combination.result();
  if (bytes === null) throw new Refused(`${place}: combine to infinity`);
  return g1FromFile(bytes, place);
}

function combined2(combination: Combination, place: string): G2Point {
  const bytes = combination.result();
  if (bytes === null) throw new Refused(`${place}: combine to infinity`);
  return g2FromFile(bytes, place);
}

async function pointOf(ptau: Ptau, section: number, index: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(pointBytesOf(section));
  await readPoints(ptau, section, index, bytes);
  return bytes;
}

/**
 * Sections 2 to 6 against the last contribution. Gives the hash of their content, which is the challenge that the contribution leaves if the file was not cut from a larger one.
 * @throws Refused with the reason; ZkonnxError ZK1006.
 */
export async function verifyPowers(threads: KernelThreads, ptau: Ptau, last: PhaseOneState, options: RunOptions): Promise<Uint8Array> {
  const { createHash } = await import('node:crypto');
  const hash = createHash('blake2b512').update(last.responseHash);
  const [G1, G2] = [bn254.G1.Point.BASE, bn254.G2.Point.BASE];
  for (const section of [2, 3, 4, 5] as const) {
    const place = names[section];
    const { low, high } = await shiftedCombinations(threads, ptau, section, hash, options);
    const first = await pointOf(ptau, section, 0);
    let holds: boolean;
    if (section === ptauSections.tauG2) {
      if (!g2FromFile(first, place).equals(G2)) throw new Refused(`${place}: the first is not the generator`);
      if (!g2FromFile(await pointOf(ptau, section, 1), place).equals(last.tau2))
        throw new Refused(`${place}: the second is not that of the last contribution`);
      holds = sameRatio(G1, last.tau1, combined2(low, place), combined2(high, place));
    } else {
      const wanted = section === ptauSections.tauG1 ? G1 : section === ptauSections.alphaTauG1 ? last.alpha1 : last.beta1;
      if (!g1FromFile(first, place).equals(wanted)) throw new Refused(`${place}: the first is not the one of the last contribution`);
      if (section === ptauSections.tauG1 && !g1FromFile(await pointOf(ptau, section, 1), place).equals(last.tau1))
        throw new Refused(`${place}: the second is not that of the last contribution`);
      holds = sameRatio(combined1(low, place), combined1(high, place), G2, last.tau2);
    }
    if (!holds) throw new Refused(`${place}: they are not successive powers`);
  }
  const betaG2 = await pointOf(ptau, ptauSections.betaG2, 0);
  if (!g2FromFile(betaG2, 'beta in G2').equals(last.beta2)) throw new Refused('beta in G2: not that of the last contribution');
  return hash.update(uncompressed(betaG2, 'g2')).digest();
}

/** Σ c_i P_i and Σ c_i P_{i+1} over a section, every point checked and hashed on the way. */
async function shiftedCombinations(
  threads: KernelThreads,
  ptau: Ptau,
  section: PowerSection,
  hash: { update(bytes: Uint8Array): unknown },
  options: RunOptions,
): Promise<{ readonly low: Combination; readonly high: Combination }> {
  const group = groupOf(section);
  const { fileBytes } = threads.local.kernel[group];
  const total = ptau.sections.get(section)!.size / fileBytes;
  const [low, high] = [makeCombination(threads, group, names[section], options), makeCombination(threads, group, names[section], options)];
  const size = Math.min(total, roundPoints + 1);
  const [points, scalars, out] = [threads.alloc(size * fileBytes), threads.alloc(32 * size), threads.alloc(size * fileBytes)];
  for (let first = 0; first < total - 1; first += roundPoints) {
    const count = Math.min(roundPoints + 1, total - first);
    const memory = new Uint8Array(threads.memory.buffer);
    await readPoints(ptau, section, first, memory.subarray(points, points + count * fileBytes));
    await demandPoints(threads, group, points, count, names[section], false, options);
    memory.set(randomCoefficients(count - 1), scalars);
    await low.add(points, scalars, count - 1);
    await high.add(points + fileBytes, scalars, count - 1);
    // The overlapping point is hashed once.
    const fresh = first === 0 ? 0 : 1;
    const tasks: KernelTask[] = [];
    for (let at = 0; at < count; at += 4096) {
      const part = { points: points + at * fileBytes, count: Math.min(4096, count - at), out: out + at * fileBytes };
      tasks.push({ kind: 'uncompressPoints', group, ...part });
    }
    await runTasks(threads, tasks, 'verify', names[section], options);
    hash.update(new Uint8Array(threads.memory.buffer).slice(out + fresh * fileBytes, out + count * fileBytes));
  }
  return { low, high };
}

/**
 * The Lagrange bases over the 2^log-th roots (of the powers in G1 also over twice as many) against the powers: Σ c_i L_i = Σ_j (inverse transform of c)_j τ^j.
 * @throws Refused with the reason; ZkonnxError ZK1006.
 */
export async function verifyLagrange(threads: KernelThreads, ptau: Ptau, log: number, options: RunOptions): Promise<void> {
  for (const section of [2, 3, 4, 5] as const) {
    const logs = section === ptauSections.tauG1 ? [log, log + 1] : [log];
    for (const level of logs) {
      const place = `Lagrange basis of ${names[section]}, 2^${level}`;
      const mark = threads.mark();
      if (!(await basisHolds(threads, ptau, section, level, place, options)))
        throw new Refused(`${place}: not the transform of the powers`);
      threads.release(mark);
    }
  }
}

async function basisHolds(
  threads: KernelThreads,
  ptau: Ptau,
  section: PowerSection,
  log: number,
  place: string,
  options: RunOptions,
): Promise<boolean> {
  const group = groupOf(section);
  const { fileBytes } = threads.local.kernel[group];
  const n = 2 ** log;
  const coefficients = randomCoefficients(n);
  const transformed = inverseTransform(threads, coefficients, log);
  // Of twice the file's power the last power is taken as zero.
  const available = log > ptau.power ? n - 1 : n;
  const sum = async (type: number, first: number, count: number, scalars: Uint8Array): Promise<Uint8Array | null> => {
    const combination = makeCombination(threads, group, place, options);
    const size = Math.min(count, roundPoints);
    const [points, scalarsAt] = [threads.alloc(size * fileBytes), threads.alloc(32 * size)];
    for (let at = 0; at < count; at += roundPoints) {
      const part = Math.min(roundPoints, count - at);
      const memory = new Uint8Array(threads.memory.buffer);
      await readPoints(ptau, type, first + at, memory.subarray(points, points + part * fileBytes));
      await demandPoints(threads, group, points, part, place, true, options);
      memory.set(scalars.subarray(32 * at, 32 * (at + part)), scalarsAt);
      await combination.add(points, scalarsAt, part);
    }
    return combination.result();
  };
  const basis = await sum(section + lagrangeOffset, n - 1, n, coefficients);
  const powers = await sum(section, 0, available, transformed);
  if (basis === null || powers === null) return basis === powers;
  return Buffer.compare(basis, powers) === 0;
}
