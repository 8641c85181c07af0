/** Ceremonies that hold, and what is said of those that do not: one alteration each, and the check that must find it. */
import { afterAll, describe, expect, test } from 'vitest';
import type { StageEvent } from '../../../src/events.ts';
import { type CeremonyCheckName, type CeremonyVerdict, verifyCeremony } from '../../../src/groth16/ceremony/verify.ts';
import { ptauSetup } from '../../../src/groth16/setup-ptau.ts';
import { encodeR1cs } from '../../../src/r1cs/format.ts';
import type { R1cs } from '../../../src/r1cs/r1cs.ts';
import { endSnarkjsThreads } from '../../support/groth16-fixture.ts';
import { snarkjsBeacon, snarkjsContribute, snarkjsInitialKey, snarkjsPtau, snarkjsVerifies } from '../../support/ptau-fixture.ts';
import { sectionsOf, withSection } from '../../support/sections.ts';
import { sharedPath } from '../../support/shared.ts';
import { randomCircuit } from '../../support/small-r1cs.ts';

afterAll(endSnarkjsThreads);

const { r1cs } = randomCircuit(24, 3, 3);
const { raw, prepared } = await snarkjsPtau(5);
const circuitDigest = 'c1'.repeat(32);
const first = (await ptauSetup(r1cs, { circuitDigest, ptau: prepared, name: 'first' })).zkey as Uint8Array;
const second = await snarkjsContribute(first, 'second');
const good = await snarkjsBeacon(second, 'last', '0a0b0c0d', 10);

const judge = (files: { r1cs?: R1cs; ptau?: Uint8Array; zkey?: Uint8Array }): Promise<CeremonyVerdict> =>
  verifyCeremony({ r1cs, ptau: prepared, zkey: good, threads: 1, ...files });
const failed = ({ checks }: CeremonyVerdict): CeremonyCheckName[] => checks.filter(({ ok }) => ok === false).map(({ name }) => name);

test('a key of one contributor of ours, one of snarkjs and its beacon, on powers of snarkjs', async () => {
  const verdict = await judge({});
  expect(verdict.checks.filter(({ ok }) => ok !== true)).toEqual([]);
  expect(verdict).toMatchObject({ valid: true, ptau: { contributions: 2, known: null } });
  expect(verdict.contributions.map(({ name, beacon }) => [name, beacon?.iterationsLog ?? null])).toEqual([
    ['first', null],
    ['second', null],
    ['last', 10],
  ]);
  expect(await snarkjsVerifies(encodeR1cs(r1cs), prepared, good)).toBe(true);
});

test('powers that are not prepared: the bases are made, and that is said', async () => {
  const verdict = await judge({ ptau: raw });
  expect(verdict.valid).toBe(true);
  expect(verdict.checks.filter(({ ok }) => ok !== true)).toEqual([
    { name: 'ptau-lagrange', ok: null, detail: 'the file is not prepared for phase 2; its bases were made here' },
  ]);
});

const publicPowers = sharedPath('data/ptau/powersOfTau28_hez_final_08.ptau');
test.skipIf(publicPowers === null)(
  'the public powers of 2^8 (shared data, absent elsewhere): known by their digest, cut from a larger ceremony',
  async () => {
    const ptau = { path: publicPowers! };
    const keys = await ptauSetup(r1cs, { circuitDigest, ptau });
    const verdict = await verifyCeremony({ r1cs, ptau, zkey: keys.zkey, threads: 1 });
    expect(verdict).toMatchObject({ valid: true, ptau: { contributions: 55, known: 'powersOfTau28_hez_final_08.ptau' } });
    expect(verdict.checks.filter(({ ok }) => ok !== true).map(({ name }) => name)).toEqual(['ptau-challenge']);
  },
);

test('an abort is heard, before and in the middle, and a missing file is no verdict', async () => {
  await expect(verifyCeremony({ r1cs, ptau: prepared, zkey: good, threads: 1 }, { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'ZK1006',
  });
  const controller = new AbortController();
  const notes = new Set<string | undefined>();
  const onEvent = ({ note }: StageEvent): void => {
    notes.add(note);
    if (note === 'points of A') controller.abort();
  };
  const aborted = verifyCeremony({ r1cs, ptau: prepared, zkey: good, threads: 1 }, { signal: controller.signal, onEvent });
  await expect(aborted).rejects.toMatchObject({ code: 'ZK1006' });
  expect(notes).toContain('contributions of phase 1');
  await expect(verifyCeremony({ r1cs, ptau: { path: 'no such file' }, zkey: good })).rejects.toMatchObject({ code: 'ZK1002' });
  await expect(ptauSetup(r1cs, { circuitDigest, ptau: prepared }, { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'ZK1006',
  });
  await expect(ptauSetup(randomCircuit(60, 3, 4).r1cs, { circuitDigest, ptau: prepared })).rejects.toMatchObject({ code: 'ZK1001' });
});

/** A copy with some bytes of one section replaced. */
function altered(file: Uint8Array, type: number, at: number, bytes: Uint8Array): Uint8Array {
  const body = sectionsOf(file).get(type)!.slice();
  body.set(bytes, at < 0 ? body.length + at : at);
  return withSection(file, type, body);
}
const part = (file: Uint8Array, type: number, from: number, size: number): Uint8Array =>
  sectionsOf(file)
    .get(type)!
    .slice(from, from + size);
/** One byte of a section, another value. */
function flipped(file: Uint8Array, type: number, at: number): Uint8Array {
  const section = sectionsOf(file).get(type)!;
  const place = at < 0 ? section.length + at : at;
  return altered(file, type, place, Uint8Array.of(section[place]! ^ 1));
}

describe('powers of tau', () => {
  const contributionBytes = 64 + 128 + 64 + 64 + 128 + 768 + 216 + 64 + 8;
  const names = { first: 2 + 'first'.length };
  const at2 = 4 + contributionBytes + names.first;
  test.each<[string, CeremonyCheckName, () => Uint8Array]>([
    ['cut short', 'ptau-form', () => prepared.subarray(0, prepared.length - 100)],
    ['empty', 'ptau-form', () => new Uint8Array(0)],
    [
      'a section twice',
      'ptau-form',
      () =>
        prepared
          .slice()
          .fill(
            4,
            prepared.length - sectionsOf(prepared).get(15)!.length - 12,
            prepared.length - sectionsOf(prepared).get(15)!.length - 11,
          ),
    ],
    ['no contribution', 'ptau-contributions', () => withSection(prepared, 7, new Uint8Array(4))],
    [
      'a proof of knowledge of another contribution',
      'ptau-contributions',
      () => altered(prepared, 7, at2 + 448 + 384, part(prepared, 7, 4 + 448 + 384, 128)),
    ],
    ['a tau that does not follow', 'ptau-contributions', () => altered(prepared, 7, at2, part(prepared, 7, 4, 64))],
    ['a point off the curve', 'ptau-contributions', () => flipped(prepared, 7, 4)],
    ['a beacon of another hash', 'ptau-contributions', () => flipped(prepared, 7, -1)],
    [
      'the last contribution left out',
      'ptau-powers',
      () => withSection(prepared, 7, new Uint8Array([1, 0, 0, 0, ...part(prepared, 7, 4, at2 - 4)])),
    ],
    [
      'two powers exchanged',
      'ptau-powers',
      () => altered(prepared, 2, 64 * 7, new Uint8Array([...part(prepared, 2, 64 * 8, 64), ...part(prepared, 2, 64 * 7, 64)])),
    ],
    ['a power in G2 replaced', 'ptau-powers', () => altered(prepared, 3, 128 * 9, part(prepared, 3, 128 * 3, 128))],
    [
      'alpha and beta exchanged',
      'ptau-powers',
      () => withSection(withSection(prepared, 4, part(prepared, 5, 0, 64 * 32)), 5, part(prepared, 4, 0, 64 * 32)),
    ],
    ['another beta in G2', 'ptau-powers', () => withSection(prepared, 6, part(prepared, 3, 128, 128))],
    ['a challenge that is not the hash', 'ptau-challenge', () => flipped(prepared, 7, at2 + 448 + 768 + 216)],
    ['a Lagrange point replaced', 'ptau-lagrange', () => altered(prepared, 14, 64 * (31 + 5), part(prepared, 14, 64 * (31 + 6), 64))],
  ])('%s', async (_, name, make) => {
    const verdict = await judge({ ptau: make() });
    expect(verdict.valid).toBe(false);
    expect(failed(verdict)).toContain(name);
  });
});

describe('the key', () => {
  const recordBytes = 64 + 64 + 64 + 128 + 64 + 8;
  const at2 = 68 + recordBytes + 2 + 'first'.length;
  const transcript = (): Uint8Array => sectionsOf(good).get(10)!;
  test.each<[string, CeremonyCheckName[], () => Uint8Array | Promise<Uint8Array>]>([
    ['cut short', ['key-form'], () => good.subarray(0, good.length - 1)],
    ['junk', ['key-form'], () => new Uint8Array(1000).fill(7)],
    [
      'a count of contributions that the section does not hold',
      ['key-form'],
      () => altered(good, 10, 64, Uint8Array.of(255, 255, 255, 255)),
    ],
    ['no contribution at all', ['key-lint', 'contributions'], () => snarkjsInitialKey(encodeR1cs(r1cs), prepared)],
    [
      'the first contribution left out',
      ['contributions'],
      () => withSection(good, 10, new Uint8Array([...transcript().slice(0, 64), 2, 0, 0, 0, ...transcript().slice(at2)])),
    ],
    ['the beacon left out', ['delta'], () => withSection(good, 10, sectionsOf(second).get(10)!)],
    ['a proof of knowledge of another contribution', ['contributions'], () => altered(good, 10, at2 + 192, part(good, 10, 68 + 192, 128))],
    ['a delta that does not follow', ['contributions'], () => altered(good, 10, at2, part(good, 10, 68, 64))],
    ['a beacon of another hash', ['contributions'], () => flipped(good, 10, -1)],
    ['a transcript that is not the hash', ['contributions'], () => flipped(good, 10, at2 + 320)],
    ['another circuit hash', ['circuit-hash', 'contributions'], () => flipped(good, 10, 0)],
    ['delta in G2 of the step before', ['delta'], () => altered(good, 2, 532, part(second, 2, 532, 128))],
    ['alpha replaced by beta', ['alpha-beta-gamma'], () => altered(good, 2, 84, part(good, 2, 148, 64))],
    ['gamma replaced by delta', ['key-lint', 'alpha-beta-gamma'], () => altered(good, 2, 340, part(good, 2, 532, 128))],
    [
      'sections A and B exchanged',
      ['a', 'b1'],
      () => withSection(withSection(good, 5, sectionsOf(good).get(6)!), 6, sectionsOf(good).get(5)!),
    ],
    [
      'two points IC exchanged',
      ['ic'],
      () => withSection(good, 3, new Uint8Array([...part(good, 3, 64, 64), ...part(good, 3, 0, 64), ...part(good, 3, 128, 1e9)])),
    ],
    ['a point of B in G2 replaced', ['b2'], () => altered(good, 7, 128 * 4, part(good, 7, 128 * 6, 128))],
    ['a coefficient altered', ['terms'], () => flipped(good, 4, 4 + 12)],
    ['points C of the step before', ['c'], () => withSection(good, 8, sectionsOf(second).get(8)!)],
    ['one point H replaced', ['h'], () => altered(good, 9, 64 * 3, part(good, 9, 64 * 4, 64))],
    ['a point C off the curve', ['c'], () => flipped(good, 8, 64)],
    ['a coordinate of H not below q', ['h'], () => altered(good, 9, 0, new Uint8Array(32).fill(255))],
  ])('%s', async (_, names, make) => {
    const verdict = await judge({ zkey: await make() });
    expect(verdict.valid).toBe(false);
    expect(failed(verdict)).toEqual(expect.arrayContaining(names));
  });

  test('of another circuit with the same sizes', async () => {
    const other = randomCircuit(24, 3, 4).r1cs;
    const verdict = await judge({ r1cs: { ...other, wireCount: r1cs.wireCount } });
    expect(failed(verdict)).toEqual(expect.arrayContaining(['terms', 'circuit-hash']));
  });

  test('of a larger circuit', async () => {
    expect(failed(await judge({ r1cs: randomCircuit(60, 3, 4).r1cs }))).toContain('circuit-size');
  });

  test('made from other powers', async () => {
    const key = (await ptauSetup(r1cs, { circuitDigest, ptau: (await snarkjsPtau(6)).prepared })).zkey as Uint8Array;
    expect(failed(await judge({ zkey: key }))).toEqual(expect.arrayContaining(['alpha-beta-gamma', 'a', 'circuit-hash']));
  });
});
