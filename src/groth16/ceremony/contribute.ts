/**
 * One step of phase 2: a secret d makes δ into dδ and the points of C and H into their 1/d-th. Whoever contributes publishes s·G, ds·G and dh, h a point of G2 that the transcript so far and the first two determine: a proof
 * that he knew d. As long as one of all contributors forgets his d, nobody can forge.
 *
 * Reference: Bowe, Gabizon, Miers 2017 (MMORPG); snarkjs 0.7.6 `zkey_contribute.js`, `zkey_beacon.js`.
 */
import { bn254 } from '@noble/curves/bn254.js';
import { blake2b } from '@noble/hashes/blake2.js';
import { throwIfAborted, ZkonnxError } from '../../errors.ts';
import type { RunOptions } from '../../events.ts';
import { invert, scalarOrder } from '../../field/bn254.ts';
import { digitShapes, scalarDigits } from '../../kernels/multiply-points.ts';
import type { KernelTask } from '../../kernels/tasks.ts';
import type { KernelThreads } from '../../kernels/threads.ts';
import { type BytesOrPath, bytesOf, damagedFile, openSource } from '../byte-source.ts';
import { makePace } from '../pace.ts';
import { type G1Point, Refused } from '../points.ts';
import { containerHead, readZkeyHeader, sectionHeader, zkeySections } from '../zkey.ts';
import { deltaFromSeed, hashToG2 } from './iden3-random.ts';
import { g1FromFile, g1ToFile, g2FromFile, g2ToFile } from './point-forms.ts';
import { runTasks } from './run.ts';
import {
  type Beacon,
  type Contribution,
  contributionHash,
  decodeTranscript,
  encodeTranscript,
  type Transcript,
  transcriptChain,
  transcriptHash,
  transcriptName,
} from './transcript.ts';

const stage = 'contribution';
/** SHA-256 iterated 2^this often takes a minute: more is not asked of anyone. */
export const maxBeaconIterationsLog = 26;
export const minBeaconIterationsLog = 10;
const taskPoints = 1 << 11;
const roundPoints = 1 << 15;
const copyBytes = 1 << 22;

/** What one contributor draws; the secret is to be forgotten. */
export interface Secret {
  readonly delta: bigint;
  readonly g1: G1Point;
}

/** From the CSPRNG, mixed with a text that may be empty. */
export function drawSecret(entropy: string): Secret {
  const draw = (purpose: string): bigint => {
    const hash = blake2b.create({ dkLen: 64 });
    hash.update(crypto.getRandomValues(new Uint8Array(64)));
    hash.update(new TextEncoder().encode(JSON.stringify(['zkonnx/contribution/v1', purpose, entropy])));
    // 512 bits mod r: 2^−258 from uniform.
    return hash.digest().reduce((value, byte) => (value << 8n) | BigInt(byte), 0n) % scalarOrder;
  };
  const [delta, s] = [draw('delta'), draw('s')];
  // Probability below 2^−250: an unlucky draw here is a broken random source.
  if (delta <= 1n || delta === scalarOrder - 1n || s === 0n)
    throw new ZkonnxError('ZK7001', { what: 'the random source gave an unusable secret' });
  return { delta, g1: bn254.G1.Point.BASE.multiply(s) };
}

/** What a beacon's secrets are drawn from. @throws ZkonnxError ZK1006. */
export async function beaconSeed({ hash, iterationsLog }: Beacon, options: RunOptions): Promise<Uint8Array> {
  const { hash: digest } = await import('node:crypto');
  const total = 2 ** iterationsLog;
  const tick = makePace(stage, total, 'iterations of the beacon', options);
  let current: Uint8Array = hash;
  for (let i = 0; i < total; i++) {
    current = digest('sha256', current, 'buffer');
    if ((i & 8191) === 8191) await tick(i + 1);
  }
  return current;
}

/** What anyone can compute from a public hash that nobody could foresee. @throws ZkonnxError ZK1006. */
export async function beaconSecret(beacon: Beacon, options: RunOptions): Promise<Secret> {
  const { secret, g1 } = deltaFromSeed(await beaconSeed(beacon, options));
  return { delta: secret, g1 };
}

/** What changes in a key: section 2 with its new δ, and the transcript. */
export interface ContributionStep {
  readonly header: Uint8Array;
  readonly transcript: Transcript;
  readonly contribution: Contribution;
  /** Digits of 1/d, for the points of C and H. */
  readonly digits: Int8Array;
}

const [delta1At, delta2At] = [468, 532];

/** @throws Refused where the key's δ is no point. */
export function contributionStep(
  header: Uint8Array,
  before: Transcript,
  secret: Secret,
  who: Pick<Contribution, 'name' | 'beacon'>,
): ContributionStep {
  const [delta1, delta2] = [header.subarray(delta1At, delta1At + 64), header.subarray(delta2At, delta2At + 128)];
  const after1 = g1ToFile(g1FromFile(delta1, 'delta in G1').multiply(secret.delta));
  const after2 = g2ToFile(g2FromFile(delta2, 'delta in G2').multiply(secret.delta));
  const [g1s, g1sx] = [g1ToFile(secret.g1), g1ToFile(secret.g1.multiply(secret.delta))];
  const chain = transcriptChain(before.circuitHash);
  for (const earlier of before.contributions) chain.add(earlier);
  const transcript = chain.next(g1s, g1sx);
  const g2spx = g2ToFile(hashToG2(transcript).multiply(secret.delta));
  const contribution: Contribution = { deltaAfter: after1, g1s, g1sx, g2spx, transcript, ...who };
  const next = header.slice();
  next.set(after1, delta1At);
  next.set(after2, delta2At);
  return {
    header: next,
    transcript: { ...before, contributions: [...before.contributions, contribution] },
    contribution,
    digits: scalarDigits(invert(secret.delta, scalarOrder), digitShapes.g1),
  };
}

/** The points of a section of G1 times one scalar, in pieces. `read` gives some bytes of the section. */
export async function* scaledSection(
  threads: KernelThreads,
  digits: Int8Array,
  sizeBytes: number,
  read: (offset: number, length: number) => Promise<Uint8Array>,
  note: string,
  options: RunOptions,
): AsyncGenerator<Uint8Array> {
  const before = threads.mark();
  const [digitsAt, points] = [threads.alloc(digits.length), threads.alloc(64 * roundPoints)];
  new Int8Array(threads.memory.buffer, digitsAt, digits.length).set(digits);
  for (let start = 0; start < sizeBytes; start += 64 * roundPoints) {
    const size = Math.min(64 * roundPoints, sizeBytes - start);
    new Uint8Array(threads.memory.buffer, points, size).set(await read(start, size));
    const tasks: KernelTask[] = [];
    for (let at = 0; at < size; at += 64 * taskPoints) {
      const place = { points: points + at, out: points + at, count: Math.min(taskPoints, (size - at) / 64) };
      tasks.push({ kind: 'multiplyPoints', group: 'g1', digits: digitsAt, stride: 0, ...place });
    }
    await runTasks(threads, tasks, stage, note, options);
    yield new Uint8Array(threads.memory.buffer).slice(points, points + size);
  }
  threads.release(before);
}

export interface ContributionResult {
  /** Hex of 64 bytes: what the contributor announces. */
  readonly contributionHash: string;
  readonly transcriptHash: string;
  readonly number: number;
}

export type Contributor =
  | { readonly kind: 'contribution'; readonly name?: string | undefined; readonly entropy?: string | undefined }
  | { readonly kind: 'beacon'; readonly name?: string | undefined; readonly beacon: Beacon };

/**
 * Contributes to the key of a file: tells what came of it, and gives the new key in pieces (ascending sections, as snarkjs has them), never whole in memory.
 * @throws ZkonnxError ZK5004 for what is no key, ZK1001 (beacon), ZK1006.
 */
export async function* contributeToKey(
  threads: KernelThreads,
  zkey: BytesOrPath,
  contributor: Contributor,
  onResult: (result: ContributionResult) => void,
  options: RunOptions = {},
): AsyncGenerator<Uint8Array> {
  if (contributor.kind === 'beacon') checkBeacon(contributor.beacon);
  await readZkeyHeader(zkey);
  const source = await openSource(zkey, '.zkey');
  try {
    const sections = await zkeySections(source);
    const read = async (type: number): Promise<Uint8Array> => {
      const { start, size } = sections.get(type)!;
      return bytesOf(await source.read(start, size)).slice();
    };
    const before = decodeTranscript(await read(10), source.name);
    const secret = await secretOf(contributor, options);
    const who = { name: transcriptName(contributor.name), beacon: contributor.kind === 'beacon' ? contributor.beacon : null };
    let step: ContributionStep;
    try {
      step = contributionStep(await read(2), before, secret, who);
    } catch (error) {
      throw error instanceof Refused ? damagedFile('.zkey', source)(error.message) : error;
    }
    const section10 = encodeTranscript(step.transcript);
    yield containerHead();
    for (let type = 1; type <= 10; type++) {
      const { start, size } = sections.get(type)!;
      const fresh = type === 2 ? step.header : type === 10 ? section10 : null;
      yield sectionHeader(type, fresh?.length ?? size);
      if (fresh !== null) yield fresh;
      else if (type === 8 || type === 9) {
        const piece = async (offset: number, length: number) => bytesOf(await source.read(start + offset, length));
        yield* scaledSection(threads, step.digits, size, piece, type === 8 ? 'points of C' : 'points of H', options);
      } else {
        for (let done = 0; done < size; done += copyBytes) {
          throwIfAborted(options.signal, stage);
          yield bytesOf(await source.read(start + done, Math.min(copyBytes, size - done)));
        }
      }
    }
    onResult(resultOf(step, section10));
  } finally {
    await source.close();
  }
}

/** Bytes that a contribution of that name takes in section 10. */
export function contributionSize(name: string | undefined): number {
  const short = transcriptName(name);
  return 3 * 64 + 128 + 64 + 8 + (short === null ? 0 : 2 + new TextEncoder().encode(short).length);
}

/** The same for the initial key in memory, in place: its sections are views of one file, with room for the contribution. */
export async function contributeInPlace(
  threads: KernelThreads,
  sections: ReadonlyMap<number, Uint8Array>,
  contributor: Contributor & { readonly kind: 'contribution' },
  options: RunOptions = {},
): Promise<ContributionResult> {
  const place = sections.get(10)!;
  const before = decodeTranscript(place.subarray(0, place.length - contributionSize(contributor.name)));
  const who = { name: transcriptName(contributor.name), beacon: null };
  const step = contributionStep(sections.get(2)!, before, drawSecret(contributor.entropy ?? ''), who);
  for (const [type, note] of [
    [8, 'points of C'],
    [9, 'points of H'],
  ] as const) {
    const points = sections.get(type)!;
    const read = async (offset: number, length: number) => points.subarray(offset, offset + length);
    let at = 0;
    for await (const piece of scaledSection(threads, step.digits, points.length, read, note, options)) {
      points.set(piece, at);
      at += piece.length;
    }
  }
  const section10 = encodeTranscript(step.transcript);
  sections.get(2)!.set(step.header);
  place.set(section10);
  return resultOf(step, section10);
}

function secretOf(contributor: Contributor, options: RunOptions): Secret | Promise<Secret> {
  return contributor.kind === 'beacon' ? beaconSecret(contributor.beacon, options) : drawSecret(contributor.entropy ?? '');
}

function resultOf({ contribution, transcript }: ContributionStep, section10: Uint8Array): ContributionResult {
  return {
    contributionHash: contributionHash(contribution),
    transcriptHash: transcriptHash(section10),
    number: transcript.contributions.length,
  };
}

/** @throws ZkonnxError ZK1001. */
function checkBeacon({ hash, iterationsLog }: Beacon): void {
  const fail = (what: string): never => {
    throw new ZkonnxError('ZK1001', {
      what,
      hint: 'for example a block hash that nobody knew when the last contribution was made, and 10 iterations',
    });
  };
  if (hash.length === 0 || hash.length > 255) fail(`a beacon's hash has 1 to 255 bytes, this one has ${hash.length}`);
  if (!Number.isInteger(iterationsLog) || iterationsLog < minBeaconIterationsLog || iterationsLog > maxBeaconIterationsLog)
    fail(`a beacon is iterated 2^${minBeaconIterationsLog} to 2^${maxBeaconIterationsLog} times, not 2^${iterationsLog}`);
}
