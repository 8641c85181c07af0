/**
 * A whole ceremony judged: powers of tau, circuit and key belong together, and every contribution proves that its maker knew what he multiplied with. What is wrong is said by name. Files are judged, never believed: junk
 * fails a check, it does not throw.
 *
 * The initial key is computed again from circuit and powers; all that a contribution may not change must equal it, byte for byte, and C and H must be its C and H divided by δ. Whether a point of G2 is in the subgroup is
 * asked of random combinations.
 */
import { bn254 } from '@noble/curves/bn254.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { ZkonnxError } from '../../errors.ts';
import type { RunOptions } from '../../events.ts';
import { type KernelThreads, startKernelThreads } from '../../kernels/threads.ts';
import type { R1cs } from '../../r1cs/r1cs.ts';
import { type ByteSource, type BytesOrPath, bytesOf, withSource } from '../byte-source.ts';
import { logDomainSize } from '../domain.ts';
import { makePace } from '../pace.ts';
import { Refused } from '../points.ts';
import { parseVerificationKey, refusal, vkeyHash } from '../verification-key.ts';
import { readZkeyHeader, type ZkeyHeader, zkeySections } from '../zkey.ts';
import { demandPoints, makeCombination, randomCoefficients, roundPoints } from './combination.ts';
import { initialKey } from './initial-key.ts';
import { knownPtau } from './known-ptau.ts';
import { verifyPhaseOne } from './phase1.ts';
import { verifyPhaseTwo } from './phase2.ts';
import { g1FromFile, g2FromFile, sameRatio } from './point-forms.ts';
import { verifyLagrange, verifyPowers } from './powers.ts';
import { type Ptau, ptauDigest, withPtau } from './ptau.ts';
import { contributionHash, decodeTranscript, type Transcript, transcriptHash } from './transcript.ts';

/** In the order in which they are judged. */
export const ceremonyCheckNames = [
  'ptau-form',
  'ptau-contributions',
  'ptau-powers',
  'ptau-challenge',
  'ptau-lagrange',
  'key-form',
  'key-lint',
  'circuit-size',
  'alpha-beta-gamma',
  'terms',
  'ic',
  'a',
  'b1',
  'b2',
  'circuit-hash',
  'contributions',
  'delta',
  'c',
  'h',
] as const;
export type CeremonyCheckName = (typeof ceremonyCheckNames)[number];

export interface CeremonyCheck {
  readonly name: CeremonyCheckName;
  /** null: could not be judged because an earlier check failed, or does not apply. */
  readonly ok: boolean | null;
  /** What failed, or why it does not apply. */
  readonly detail: string | null;
}

export interface CeremonyContribution {
  readonly name: string | null;
  readonly hash: string;
  readonly beacon: { readonly hash: string; readonly iterationsLog: number } | null;
}

export interface CeremonyVerdict {
  readonly valid: boolean;
  readonly checks: readonly CeremonyCheck[];
  readonly ptau: { readonly digest: string; readonly known: string | null; readonly contributions: number | null } | null;
  /** Hex of 64 bytes, as snarkjs prints it. */
  readonly circuitHash: string | null;
  readonly contributions: readonly CeremonyContribution[];
  readonly transcriptHash: string | null;
  readonly vkeyHash: string | null;
}

export interface CeremonyFiles {
  readonly r1cs: R1cs;
  readonly ptau: BytesOrPath;
  readonly zkey: BytesOrPath;
  /** Default: one per core. */
  readonly threads?: number | undefined;
}

/** Collects outcomes; a check that throws a refusal or a format error has failed, anything else goes on up. */
class Judge {
  readonly #outcomes = new Map<CeremonyCheckName, { readonly ok: boolean | null; readonly detail: string | null }>();

  async check<T>(name: CeremonyCheckName, judge: () => T | Promise<T>): Promise<T | null> {
    try {
      const value = await judge();
      this.#outcomes.set(name, { ok: true, detail: null });
      return value;
    } catch (error) {
      const known =
        error instanceof Refused
          ? error.message
          : error instanceof ZkonnxError && (error.code === 'ZK5004' || error.code === 'ZK1001')
            ? error.message
            : null;
      if (known === null) throw error;
      this.#outcomes.set(name, { ok: false, detail: known });
      return null;
    }
  }

  skip(name: CeremonyCheckName, detail: string): void {
    this.#outcomes.set(name, { ok: null, detail });
  }

  checks(): CeremonyCheck[] {
    return ceremonyCheckNames.map((name) => ({ name, ...(this.#outcomes.get(name) ?? { ok: null, detail: null }) }));
  }
}

function demand(holds: boolean, text: string): void {
  if (!holds) throw new Refused(text);
}

/** Below both the work is done before threads have started. */
const minThreadedRows = 2048;
const minThreadedBytes = 1 << 22;

/** @throws ZkonnxError ZK1002 for a missing file, ZK1006 when aborted. */
export async function verifyCeremony(files: CeremonyFiles, options: RunOptions = {}): Promise<CeremonyVerdict> {
  const { availableParallelism } = await import('node:os');
  const judge = new Judge();
  const ptauBytes = await withSource(files.ptau, '.ptau', async ({ sizeBytes }) => sizeBytes);
  const small = files.r1cs.rowCount < minThreadedRows && ptauBytes < minThreadedBytes;
  const count = small ? 1 : (files.threads ?? availableParallelism());
  const threads = await startKernelThreads({ threads: count, stage: 'verify' });
  try {
    const found = await withSource(files.zkey, '.zkey', (zkey) => verifyFiles(threads, judge, files, zkey, options));
    const checks = judge.checks();
    // A check that does not apply has a reason and no outcome; one that could not be judged fails the whole.
    const valid = checks.every(({ ok, detail }) => ok === true || (ok === null && detail !== null));
    return { valid, checks, ...found };
  } finally {
    await threads.close();
  }
}

type Found = Omit<CeremonyVerdict, 'valid' | 'checks'>;

async function verifyFiles(
  threads: KernelThreads,
  judge: Judge,
  files: CeremonyFiles,
  zkey: ByteSource,
  options: RunOptions,
): Promise<Found> {
  const header = await judge.check('key-form', () => readZkeyHeader(files.zkey));
  const transcript = header === null ? null : await readTranscript(judge, zkey);
  const found: Found = { ptau: null, circuitHash: null, contributions: [], transcriptHash: null, vkeyHash: null };
  const ofKey: Partial<Found> = transcript === null || header === null ? {} : describeKey(header, transcript);
  if (header !== null) await judge.check('key-lint', () => void lint(header));
  let opened = false;
  try {
    return await withPtau(files.ptau, async (ptau) => {
      opened = true;
      await judge.check('ptau-form', () => undefined);
      const ofPtau = await verifyPtau(threads, judge, ptau, files.r1cs, options);
      if (header !== null && transcript !== null) await verifyKey(threads, judge, files.r1cs, ptau, zkey, header, transcript, options);
      return { ...found, ...ofKey, ptau: ofPtau };
    });
  } catch (error) {
    if (opened || !(error instanceof ZkonnxError) || error.code !== 'ZK5004') throw error;
    await judge.check('ptau-form', () => Promise.reject(error));
    return { ...found, ...ofKey };
  }
}

async function sectionBytes(zkey: ByteSource, type: number): Promise<Uint8Array> {
  const { start, size } = (await zkeySections(zkey)).get(type)!;
  return bytesOf(await zkey.read(start, size)).slice();
}

async function readTranscript(
  judge: Judge,
  zkey: ByteSource,
): Promise<{ readonly transcript: Transcript; readonly section: Uint8Array } | null> {
  return judge.check('key-form', async () => {
    const section = await sectionBytes(zkey, 10);
    return { transcript: decodeTranscript(section, zkey.name), section };
  });
}

function describeKey(
  header: ZkeyHeader,
  { transcript, section }: { readonly transcript: Transcript; readonly section: Uint8Array },
): Partial<Found> {
  let hash: string | null = null;
  try {
    hash = vkeyHash(header.verificationKey);
  } catch {
    // The lint says why.
  }
  return {
    circuitHash: bytesToHex(transcript.circuitHash),
    contributions: transcript.contributions.map((contribution) => ({
      name: contribution.name,
      hash: contributionHash(contribution),
      beacon:
        contribution.beacon === null
          ? null
          : { hash: bytesToHex(contribution.beacon.hash), iterationsLog: contribution.beacon.iterationsLog },
    })),
    transcriptHash: transcriptHash(section),
    vkeyHash: hash,
  };
}

function lint(header: ZkeyHeader): void {
  try {
    parseVerificationKey(header.verificationKey);
  } catch (error) {
    throw new Refused(refusal(error, 'key'));
  }
}

async function verifyPtau(
  threads: KernelThreads,
  judge: Judge,
  ptau: Ptau,
  r1cs: R1cs,
  options: RunOptions,
): Promise<CeremonyVerdict['ptau']> {
  const tick = makePace('verify', ptau.source.sizeBytes, 'digest of the powers of tau', options);
  const digest = await ptauDigest(ptau, tick);
  const phaseOne = await judge.check('ptau-contributions', () => verifyPhaseOne(ptau, options));
  if (phaseOne !== null) {
    const mark = threads.mark();
    const challenge = await judge.check('ptau-powers', () => verifyPowers(threads, ptau, phaseOne.last, options));
    threads.release(mark);
    if (ptau.power !== ptau.ceremonyPower)
      judge.skip('ptau-challenge', `the file was cut from one of 2^${ptau.ceremonyPower} powers, whose hash it cannot give`);
    else if (challenge !== null) {
      await judge.check('ptau-challenge', () =>
        demand(
          Buffer.compare(challenge, phaseOne.last.nextChallenge) === 0,
          "the powers' hash is not the one that the last contribution left",
        ),
      );
    }
  }
  if (!ptau.prepared) judge.skip('ptau-lagrange', 'the file is not prepared for phase 2; its bases were made here');
  else {
    const mark = threads.mark();
    await judge.check('ptau-lagrange', () =>
      verifyLagrange(threads, ptau, Math.min(ptau.power, logDomainSize(r1cs.rowCount, r1cs.publicCount)), options),
    );
    threads.release(mark);
  }
  return { digest, known: knownPtau(digest), contributions: phaseOne?.count ?? null };
}

async function verifyKey(
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
  let initial: Awaited<ReturnType<typeof initialKey>>;
  try {
    initial = await initialKey(threads, r1cs, ptau, options);
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
