/**
 * The contributions of phase 1, section 7 of a `.ptau`: each contributor's τ, α, β times those before, with a proof of knowledge for each, chained by hashes.
 *
 *   per contribution: τG1 · τG2 · αG1 · βG1 · βG2 after it · for τ, α, β: s G1 · secret·s G1 · then for τ, α, β: secret·h G2 · 216 bytes state of the response's hash · 64 bytes next challenge · u32 kind · u32 size of parameters · parameters
 *
 * Reference: Bowe, Gabizon, Miers 2017; snarkjs 0.7.6 `powersoftau_utils.js`, `powersoftau_verify.js`.
 */
import { bn254 } from '@noble/curves/bn254.js';
import { blake2b } from '@noble/hashes/blake2.js';
import { throwIfAborted } from '../../errors.ts';
import type { RunOptions } from '../../events.ts';
import { BoundedReader } from '../../r1cs/container.ts';
import { bytesOf } from '../byte-source.ts';
import { makePace } from '../pace.ts';
import { type G1Point, type G2Point, Refused } from '../points.ts';
import { finishHash, partialHashBytes } from './blake2b-state.ts';
import { beaconSeed, maxBeaconIterationsLog } from './contribute.ts';
import { generatorG1, generatorG2 } from './generators.ts';
import { hashToG2, powersFromSeed } from './iden3-random.ts';
import { firstFalse, g1FromFile, g2FromFile, uncompressed } from './point-forms.ts';
import { type Ptau, ptauSections } from './ptau.ts';
import { readParameters } from './transcript.ts';

const keyBytes = 6 * 64 + 3 * 128;
/** A file is not read further than this: 2^16 contributions. */
const maxSectionBytes = 1 << 27;

export interface PhaseOneState {
  readonly tau1: G1Point;
  readonly tau2: G2Point;
  readonly alpha1: G1Point;
  readonly beta1: G1Point;
  readonly beta2: G2Point;
  readonly nextChallenge: Uint8Array;
  readonly responseHash: Uint8Array;
  readonly name: string | null;
}

const emptyHash = blake2b.create({ dkLen: 64 }).digest();

/** The hash of the file before any contribution, 2^power powers of 1: 103 GB for the 2^28 of the perpetual ceremony, so that one was computed once. */
const knownFirstChallenges: ReadonlyMap<number, string> = new Map([
  [
    28,
    '93da91920d5a54a8a0fde55cd9dc3a10c4f3eef768b62c0948741370864254b4' + 'c1920f3f29d4ebc0ef3acecf2e2db63a755713d77e1ed77347a56fbc317c7a93',
  ],
]);

/** Of 2^this powers it is the hash of 6.4 GB, some ten seconds. */
const maxFirstChallenge = 24;

async function firstChallenge(power: number, options: RunOptions): Promise<Uint8Array> {
  const known = knownFirstChallenges.get(power);
  if (known !== undefined) return Uint8Array.from(Buffer.from(known, 'hex'));
  if (power > maxFirstChallenge)
    throw new Refused(`the first challenge of a ceremony of 2^${power} powers is not known here, and too long to compute`);
  const { createHash } = await import('node:crypto');
  const hash = createHash('blake2b512').update(emptyHash);
  const n = 2 ** power;
  const [g1, g2] = [uncompressed(generatorG1, 'g1'), uncompressed(generatorG2, 'g2')];
  const runs: readonly (readonly [Uint8Array, number])[] = [
    [g1, 2 * n - 1],
    [g2, n],
    [g1, n],
    [g1, n],
    [g2, 1],
  ];
  const total = runs.reduce((sum, [, count]) => sum + count, 0);
  const tick = makePace('verify', total, 'first challenge of phase 1', options);
  let done = 0;
  for (const [point, count] of runs) {
    const perBlock = Math.min(count, 1 << 14);
    const block = new Uint8Array(perBlock * point.length);
    for (let i = 0; i < perBlock; i++) block.set(point, i * point.length);
    for (let left = count; left > 0; left -= perBlock) {
      hash.update(block.subarray(0, Math.min(left, perBlock) * point.length));
      done += Math.min(left, perBlock);
      await tick(done);
    }
  }
  return hash.digest();
}

const secrets = ['tau', 'alpha', 'beta'] as const;

/**
 * Checks every contribution against the one before, and gives the last state.
 * @throws Refused with the reason; ZkonnxError ZK5004 for a section that cannot be read, ZK1006.
 */
export async function verifyPhaseOne(ptau: Ptau, options: RunOptions): Promise<{ readonly last: PhaseOneState; readonly count: number }> {
  const { start, size } = ptau.sections.get(ptauSections.contributions)!;
  if (size > maxSectionBytes) throw new Refused(`section 7 has ${size} bytes, at most ${maxSectionBytes} are read`);
  const bytes = bytesOf(await ptau.source.read(start, size));
  const reader = new BoundedReader(bytes, { format: '.ptau', file: ptau.source.name });
  const count = reader.u32('the number of contributions');
  if (count === 0) throw new Refused('the powers of tau have no contribution: their secrets are known to be 1');
  const { G1, G2 } = { G1: bn254.G1.Point.BASE, G2: bn254.G2.Point.BASE };
  let previous: PhaseOneState = {
    tau1: G1,
    tau2: G2,
    alpha1: G1,
    beta1: G1,
    beta2: G2,
    nextChallenge: await firstChallenge(ptau.ceremonyPower, options),
    responseHash: emptyHash,
    name: null,
  };
  const tick = makePace('verify', count, 'contributions of phase 1', options);
  for (let number = 1; number <= count; number++) {
    previous = await verifyOne(reader, bytes, number, previous, options);
    await tick(number);
    throwIfAborted(options.signal, 'verify');
  }
  reader.end('the last contribution');
  return { last: previous, count };
}

async function verifyOne(
  reader: BoundedReader,
  bytes: Uint8Array,
  number: number,
  previous: PhaseOneState,
  options: RunOptions,
): Promise<PhaseOneState> {
  const what = `contribution ${number} of phase 1`;
  const take = (size: number): Uint8Array => {
    const at = reader.take(size, what);
    return bytes.subarray(at, at + size);
  };
  const g1 = (name: string): G1Point => g1FromFile(take(64), `${what}, ${name}`);
  const g2 = (name: string): G2Point => g2FromFile(take(128), `${what}, ${name}`);
  const state = { tau1: g1('tau'), tau2: g2('tau in G2'), alpha1: g1('alpha'), beta1: g1('beta'), beta2: g2('beta in G2') };
  const keyAt = reader.position;
  const pairs = secrets.map((name) => ({ name, bytes: take(128) }));
  const proofs = secrets.map((name) => ({ name, point: g2(`proof of ${name}`) }));
  const keyForm = bytes.subarray(keyAt, keyAt + keyBytes);
  const partial = take(partialHashBytes);
  const nextChallenge = take(64).slice();
  const kind = reader.u32(what);
  const size = reader.u32(what);
  const end = reader.take(size, what) + size;
  reader.position = end - size;
  const parameters = readParameters(reader, bytes, end, what);

  const keys = pairs.map(({ name, bytes: pair }, i) => {
    const [s, sx] = [g1FromFile(pair.subarray(0, 64), `${what}, ${name}`), g1FromFile(pair.subarray(64), `${what}, ${name}`)];
    const hash = blake2b.create({ dkLen: 64 });
    hash.update(Uint8Array.of(i)).update(previous.nextChallenge).update(uncompressed(pair, 'g1'));
    return { name, s, sx, h: hashToG2(hash.digest()), hx: proofs[i]!.point };
  });
  const [tau, alpha, beta] = keys as [(typeof keys)[0], (typeof keys)[0], (typeof keys)[0]];
  const demand = (holds: boolean, text: string): void => {
    if (!holds) throw new Refused(`${what}: ${text}`);
  };
  const wrong = firstFalse([
    ...keys.map(({ name, s, sx, h, hx }) => ({
      a: s,
      aTimes: sx,
      b: h,
      bTimes: hx,
      failure: `its proof of knowledge of ${name} does not hold`,
    })),
    { a: previous.tau1, aTimes: state.tau1, b: tau.h, bTimes: tau.hx, failure: 'its tau does not follow the one before' },
    { a: tau.s, aTimes: tau.sx, b: previous.tau2, bTimes: state.tau2, failure: 'its tau in G2 does not follow the one before' },
    { a: previous.alpha1, aTimes: state.alpha1, b: alpha.h, bTimes: alpha.hx, failure: 'its alpha does not follow the one before' },
    { a: previous.beta1, aTimes: state.beta1, b: beta.h, bTimes: beta.hx, failure: 'its beta does not follow the one before' },
    { a: beta.s, aTimes: beta.sx, b: previous.beta2, bTimes: state.beta2, failure: 'its beta in G2 does not follow the one before' },
  ]);
  if (wrong !== null) throw new Refused(`${what}: ${wrong}`);
  if (kind === 1) {
    const { iterationsLog, beaconHash } = parameters;
    if (iterationsLog === null || beaconHash === null) throw new Refused(`${what}: a beacon without its hash`);
    demand(
      iterationsLog <= maxBeaconIterationsLog,
      `its beacon is iterated 2^${iterationsLog} times, more than 2^${maxBeaconIterationsLog}`,
    );
    const expected = powersFromSeed(await beaconSeed({ hash: beaconHash, iterationsLog }, options));
    for (const [i, { name, s, sx }] of keys.entries()) {
      const { secret, g1: own } = expected[i]!;
      demand(own.equals(s) && own.multiply(secret).equals(sx), `its ${name} is not what its beacon gives`);
    }
  } else demand(kind === 0, `kind ${kind} is unknown`);
  const uncompressedKey = new Uint8Array(keyBytes);
  uncompressedKey.set(uncompressed(keyForm.subarray(0, 384), 'g1'));
  uncompressedKey.set(uncompressed(keyForm.subarray(384), 'g2'), 384);
  const responseHash = finishHash(partial, uncompressedKey);
  if (responseHash === null) throw new Refused(`${what}: no hash has the state that it stores`);
  return { ...state, nextChallenge, responseHash, name: parameters.name };
}
