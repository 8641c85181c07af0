/** A key against circuit, powers of tau and its own transcript: all that a contribution may not change is the initial key's, byte for byte; C and H are the initial ones divided by δ. */
import { bn254 } from '@noble/curves/bn254.js';
import { ZkonnxError } from '../../errors.ts';
import type { RunOptions } from '../../events.ts';
import type { KernelThreads } from '../../kernels/threads.ts';
import type { R1cs } from '../../r1cs/r1cs.ts';
import { type ByteSource, bytesOf } from '../byte-source.ts';
import { logDomainSize } from '../domain.ts';
import { type ZkeyHeader, zkeySections } from '../zkey.ts';
import { demandPoints, makeCombination, randomCoefficients, roundPoints } from './combination.ts';
import { initialKey } from './initial-key.ts';
import { demand, type Judge } from './judge.ts';
import { verifyPhaseTwo } from './phase2.ts';
import { g1FromFile, g2FromFile, sameRatio } from './point-forms.ts';
import type { Ptau } from './ptau.ts';
import type { Transcript } from './transcript.ts';

export async function sectionBytes(zkey: ByteSource, type: number): Promise<Uint8Array> {
  const { start, size } = (await zkeySections(zkey)).get(type)!;
  return bytesOf(await zkey.read(start, size)).slice();
}

export async function verifyKey(
  threads: KernelThreads,
  judge: Judge,
  r1cs: R1cs,
  ptau: Ptau,
  zkey: ByteSource,
  header: ZkeyHeader,
  { transcript }: { readonly transcript: Transcript },
  options: RunOptions,
): Promise<void> {
  const size = await judge.check('circuit-size', () => {
    const wanted = { wires: r1cs.wireCount, 'public signals': r1cs.publicCount, rows: 2 ** logDomainSize(r1cs.rowCount, r1cs.publicCount) };
    const own = { wires: header.wireCount, 'public signals': header.publicCount, rows: header.domainSize };
    for (const [what, count] of Object.entries(wanted)) {
      const has = own[what as keyof typeof own];
      demand(has === count, `the key has ${has} ${what}, the circuit ${count}`);
    }
    return true;
  });
  const phaseTwo = await judge.check('contributions', () => verifyPhaseTwo(transcript, options));
  const headerBytes = await sectionBytes(zkey, 2);
  await judge.check('delta', () => {
    const delta1 = headerBytes.subarray(468, 532);
    const last = phaseTwo === null ? transcript.contributions.at(-1)?.deltaAfter : phaseTwo;
    demand(last !== undefined && Buffer.compare(delta1, last) === 0, 'delta in G1 is not that of the last contribution');
    const delta2 = g2FromFile(headerBytes.subarray(532, 660), 'delta in G2');
    demand(
      sameRatio(bn254.G1.Point.BASE, g1FromFile(delta1, 'delta in G1'), bn254.G2.Point.BASE, delta2),
      'delta in G1 and in G2 are not the same multiple',
    );
  });
  if (size === null) return;
  let initial: ReadonlyMap<number, Uint8Array>;
  try {
    initial = (await initialKey(threads, r1cs, ptau, options)).sections;
  } catch (error) {
    if (!(error instanceof ZkonnxError) || (error.code !== 'ZK1001' && error.code !== 'ZK5004')) throw error;
    await judge.check('circuit-size', () => Promise.reject(error));
    return;
  }
  await judge.check('alpha-beta-gamma', () => {
    const same = (from: number, to: number): boolean =>
      Buffer.compare(headerBytes.subarray(from, to), initial.get(2)!.subarray(from, to)) === 0;
    demand(same(0, 84), 'the header differs');
    demand(same(84, 148), 'alpha is not that of the powers of tau');
    demand(same(148, 340), 'beta is not that of the powers of tau');
    demand(same(340, 468), 'gamma is not the generator of G2');
  });
  for (const [name, type, what] of [
    ['terms', 4, 'the terms of A and B are not those of the circuit'],
    ['ic', 3, "the points IC are not the circuit's"],
    ['a', 5, "the points A are not the circuit's"],
    ['b1', 6, "the points B in G1 are not the circuit's"],
    ['b2', 7, "the points B in G2 are not the circuit's"],
  ] as const) {
    await judge.check(name, async () => demand(await sectionEquals(zkey, type, initial.get(type)!), what));
  }
  await judge.check('circuit-hash', () =>
    demand(
      Buffer.compare(transcript.circuitHash, initial.get(10)!.subarray(0, 64)) === 0,
      'the key names another initial key than circuit and powers of tau give',
    ),
  );
  const delta2 = headerBytes.subarray(532, 660);
  for (const [name, type, what] of [
    ['c', 8, 'points of C'],
    ['h', 9, 'points of H'],
  ] as const) {
    const mark = threads.mark();
    await judge.check(name, async () => {
      demand(
        await isDivided(threads, zkey, type, initial.get(type)!, delta2, what, options),
        `the ${what} are not those of the initial key divided by delta`,
      );
    });
    threads.release(mark);
  }
}

const pieceBytes = 1 << 22;

async function sectionEquals(zkey: ByteSource, type: number, wanted: Uint8Array): Promise<boolean> {
  const { start, size } = (await zkeySections(zkey)).get(type)!;
  if (size !== wanted.length) return false;
  for (let done = 0; done < size; done += pieceBytes) {
    const length = Math.min(pieceBytes, size - done);
    if (Buffer.compare(bytesOf(await zkey.read(start + done, length)), wanted.subarray(done, done + length)) !== 0) return false;
  }
  return true;
}

/** e(Σ c_i P_i, δ) = e(Σ c_i Q_i, G2) for the key's points P and the initial ones Q. */
async function isDivided(
  threads: KernelThreads,
  zkey: ByteSource,
  type: number,
  initial: Uint8Array,
  delta2: Uint8Array,
  place: string,
  options: RunOptions,
): Promise<boolean> {
  const { start, size } = (await zkeySections(zkey)).get(type)!;
  const total = size / 64;
  const own = makeCombination(threads, 'g1', place, options);
  const first = makeCombination(threads, 'g1', place, options);
  const most = Math.max(1, Math.min(total, roundPoints));
  const [points, scalars] = [threads.alloc(64 * most), threads.alloc(32 * most)];
  for (let at = 0; at < total; at += roundPoints) {
    const count = Math.min(roundPoints, total - at);
    const memory = new Uint8Array(threads.memory.buffer);
    memory.set(randomCoefficients(count), scalars);
    memory.set(bytesOf(await zkey.read(start + 64 * at, 64 * count)), points);
    await demandPoints(threads, 'g1', points, count, place, true, options);
    await own.add(points, scalars, count);
    memory.set(initial.subarray(64 * at, 64 * (at + count)), points);
    await first.add(points, scalars, count);
  }
  const [ours, theirs] = [own.result(), first.result()];
  if (ours === null || theirs === null) return ours === theirs;
  return sameRatio(g1FromFile(ours, place), g1FromFile(theirs, place), bn254.G2.Point.BASE, g2FromFile(delta2, 'delta in G2'));
}
