import { bytesToHex } from '@noble/hashes/utils.js';
import { ZkonnxError } from '../../errors.ts';
import type { RunOptions } from '../../events.ts';
import { type KernelThreads, startKernelThreads } from '../../kernels/threads.ts';
import type { R1cs } from '../../r1cs/r1cs.ts';
import { type ByteSource, type BytesOrPath, withSource } from '../byte-source.ts';
import { logDomainSize } from '../domain.ts';
import { makePace } from '../pace.ts';
import { Refused } from '../points.ts';
import { parseVerificationKey, refusal, vkeyHash } from '../verification-key.ts';
import { readZkeyHeader, type ZkeyHeader } from '../zkey.ts';
import { type CeremonyCheck, demand, Judge } from './judge.ts';
import { knownPtau } from './known-ptau.ts';
import { verifyPhaseOne } from './phase1.ts';
import { verifyLagrange, verifyPowers } from './powers.ts';
import { type Ptau, ptauDigest, withPtau } from './ptau.ts';
import { contributionHash, decodeTranscript, type Transcript, transcriptHash } from './transcript.ts';
import { sectionBytes, verifyKey } from './verify-key.ts';

export { type CeremonyCheck, type CeremonyCheckName, ceremonyCheckNames } from './judge.ts';

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
