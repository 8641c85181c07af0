/** Powers of tau and transcripts from anyone: altered anywhere they are read, refused with the file's name, or judged; never a hang, another error, or memory that the file does not fill. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { knownPtau } from '../../../src/groth16/ceremony/known-ptau.ts';
import { ptauDigest, ptauSections, readPoints, withPtau } from '../../../src/groth16/ceremony/ptau.ts';
import {
  contributionHash,
  decodeTranscript,
  encodeTranscript,
  transcriptHash,
  transcriptName,
} from '../../../src/groth16/ceremony/transcript.ts';
import { ptauSetup } from '../../../src/groth16/setup-ptau.ts';
import { snarkjsPtau } from '../../support/ptau-fixture.ts';
import { sectionsOf } from '../../support/sections.ts';
import { randomCircuit, randomStream } from '../../support/small-r1cs.ts';

const { prepared, raw } = await snarkjsPtau(5);
const { r1cs } = randomCircuit(20, 2, 1);
const key = (await ptauSetup(r1cs, { circuitDigest: 'c1'.repeat(32), ptau: prepared, name: 'ünï' })).zkey as Uint8Array;
const section10 = sectionsOf(key).get(10)!;

/** Mostly small changes, in the parts that say sizes as often as elsewhere. */
function* mutants(file: Uint8Array, count: number, seed: number): Generator<Uint8Array> {
  const random = randomStream(seed);
  const pick = (below: number): number => Math.floor(random() * below);
  for (let i = 0; i < count; i++) {
    const kind = pick(4);
    if (kind === 0) {
      yield file.slice(0, pick(file.length));
      continue;
    }
    const copy = file.slice();
    const at = kind === 1 ? pick(80) : pick(file.length);
    copy.set(Array.from({ length: 1 + pick(8) }, () => (random() < 0.5 ? 255 : pick(256))).slice(0, file.length - at), at);
    yield copy;
  }
}

test('what a file of powers says of itself', async () => {
  await withPtau(prepared, async (ptau) => {
    expect(ptau).toMatchObject({ power: 5, ceremonyPower: 5, prepared: true });
    expect(knownPtau(await ptauDigest(ptau))).toBeNull();
    const point = new Uint8Array(64);
    await readPoints(ptau, ptauSections.alphaTauG1, 3, point);
    expect(point).toEqual(sectionsOf(prepared).get(4)!.slice(192, 256));
  });
  await withPtau(raw, async (ptau) => expect(ptau.prepared).toBe(false));
});

test('2,000 altered files of powers, in memory and on disk', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'zkonnx-ptau-'));
  let refused = 0;
  let number = 0;
  for (const file of mutants(prepared, 2000, 3)) {
    const onDisk = number++ % 20 === 0;
    if (onDisk) writeFileSync(join(folder, 'x.ptau'), file);
    try {
      await withPtau(onDisk ? { path: join(folder, 'x.ptau') } : file, async () => {});
    } catch (error) {
      expect(error).toMatchObject({ code: 'ZK5004' });
      refused++;
    }
  }
  rmSync(folder, { recursive: true });
  expect(refused).toBeGreaterThan(800);
});

test('a transcript is read and written to the same bytes; 2,000 altered ones', () => {
  const transcript = decodeTranscript(section10);
  expect(encodeTranscript(transcript)).toEqual(section10.slice());
  expect(transcript.contributions[0]).toMatchObject({ name: 'ünï', beacon: null });
  expect(contributionHash(transcript.contributions[0]!)).toMatch(/^[0-9a-f]{128}$/);
  expect(transcriptHash(section10)).toMatch(/^[0-9a-f]{64}$/);
  for (const bytes of mutants(section10, 2000, 4)) {
    try {
      decodeTranscript(bytes);
    } catch (error) {
      expect(error).toMatchObject({ code: 'ZK5004' });
    }
  }
});

test('names are cut to what the format holds', () => {
  expect(transcriptName(undefined)).toBeNull();
  expect(transcriptName('')).toBeNull();
  expect(transcriptName('a'.repeat(70))).toBe('a'.repeat(64));
  expect(new TextEncoder().encode(transcriptName('語'.repeat(70))!).length).toBeLessThanOrEqual(255);
});
