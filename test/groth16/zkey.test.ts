/** The bounded .zkey reader: damaged, truncated, lengthened and lying files end in ZK5004, in memory and on disk alike. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { ZkonnxError } from '../../src/errors.ts';
import type { VerificationKey } from '../../src/groth16/keys.ts';
import { readVerificationKey, readZkeyHeader } from '../../src/groth16/zkey.ts';
import { setUp } from '../support/groth16-fixture.ts';
import { productCircuit } from '../support/small-r1cs.ts';

let zkey: Uint8Array;
let verificationKey: VerificationKey;
/** Start of each section's body, by type. */
let starts: number[];

beforeAll(async () => {
  const keys = await setUp(productCircuit(), { seed: 'zkey.test' });
  zkey = keys.zkey;
  verificationKey = keys.verificationKey;
  const view = new DataView(zkey.buffer);
  starts = [0];
  for (let at = 12, type = 1; type <= 10; type++) {
    starts.push(at + 12);
    at += 12 + Number(view.getBigUint64(at + 4, true));
  }
});

function altered(change: (view: DataView, bytes: Uint8Array) => void): Uint8Array {
  const bytes = zkey.slice();
  change(new DataView(bytes.buffer), bytes);
  return bytes;
}

test('reads the same from memory, from a view into a larger buffer and from disk', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'zkonnx-zkey-'));
  try {
    const path = join(folder, 'circuit.zkey');
    await writeFile(path, zkey);
    const inside = new Uint8Array(zkey.length + 9);
    inside.set(zkey, 5);
    const headers = [zkey, inside.subarray(5, 5 + zkey.length), { path }].map(readZkeyHeader);
    for (const header of await Promise.all(headers)) {
      expect(header).toMatchObject({ wireCount: 4, publicCount: 1, domainSize: 4, termCount: 4, verificationKey });
    }
    await writeFile(path, zkey.subarray(0, zkey.length - 1));
    await expect(readZkeyHeader({ path })).rejects.toMatchObject({ code: 'ZK5004' });
    await expect(readZkeyHeader({ path: join(folder, 'none.zkey') })).rejects.toMatchObject({ code: 'ZK1002' });
  } finally {
    await rm(folder, { recursive: true });
  }
});

describe('refused, and says why', () => {
  const rows: readonly (readonly [string, () => Uint8Array, RegExp])[] = [
    ['empty', () => new Uint8Array(0), /0 bytes, shorter than its own header/],
    ['another file type', () => altered((view) => view.setUint8(0, 0x77)), /does not start with "zkey"/],
    ['version 2', () => altered((view) => view.setUint32(4, 2, true)), /version 2/],
    ['2^32 − 1 sections', () => altered((view) => view.setUint32(8, 0xffffffff, true)), /4294967295 sections/],
    ['nine sections', () => altered((view) => view.setUint32(8, 9, true)), /9 sections/],
    [
      'a section of 2^62 bytes',
      () => altered((view) => view.setBigUint64(starts[5]! - 8, 1n << 62n, true)),
      /section 5 claims 4611686018427387904 bytes/,
    ],
    [
      'a section one byte longer',
      () => altered((view) => view.setBigUint64(starts[10]! - 8, 69n, true)),
      /section 10 claims 69 bytes, 68 remain/,
    ],
    ['a section twice', () => altered((view) => view.setUint32(starts[6]! - 12, 5, true)), /section 5 appears twice/],
    ['an unknown section', () => altered((view) => view.setUint32(starts[6]! - 12, 11, true)), /unknown section type 11/],
    ['bytes after the end', () => Uint8Array.of(...zkey, 0), /1 bytes after the last section/],
    ['PLONK', () => altered((view) => view.setUint32(starts[1]!, 2, true)), /protocol 2/],
    ['another base field', () => altered((view) => view.setUint8(starts[2]! + 4, 0)), /not BN254/],
    ['another scalar field', () => altered((view) => view.setUint8(starts[2]! + 40, 0)), /not BN254/],
    [
      '2^32 − 1 wires',
      () => altered((view) => view.setUint32(starts[2]! + 72, 0xffffffff, true)),
      /section 5 has 256 bytes, expected 274877906880/,
    ],
    [
      'as many public signals as wires',
      () => altered((view) => view.setUint32(starts[2]! + 76, 4, true)),
      /4 public signals among 4 wires/,
    ],
    ['domain 5', () => altered((view) => view.setUint32(starts[2]! + 80, 5, true)), /domain size 5/],
    ['domain 2^31', () => altered((view) => view.setUint32(starts[2]! + 80, 2 ** 31, true)), /domain size 2147483648/],
    ['domain 8', () => altered((view) => view.setUint32(starts[2]! + 80, 8, true)), /section 9 has 256 bytes, expected 512/],
    ['2^32 − 1 terms', () => altered((view) => view.setUint32(starts[4]!, 0xffffffff, true)), /section 4 has 180 bytes/],
    [
      'a coordinate not below q',
      () => altered((_, bytes) => void bytes.fill(0xff, starts[3]!, starts[3]! + 32)),
      /a coordinate of IC\[0\] is not below q/,
    ],
    [
      'α off the curve',
      () => altered((_, bytes) => void bytes.fill(1, starts[2]! + 84, starts[2]! + 116)),
      /key.vk_alpha_1: not on the curve/,
    ],
  ];
  test.each(rows)('%s', async (_, make, reason) => {
    await expect(readZkeyHeader(make())).rejects.toMatchObject({ code: 'ZK5004', message: expect.stringMatching(reason) });
  });

  test('a key without a phase-2 contribution, when it is loaded', async () => {
    const open = altered(
      (_, bytes) =>
        void bytes.copyWithin(starts[2]! + 84 + 3 * 64 + 2 * 128, starts[2]! + 84 + 2 * 64 + 128, starts[2]! + 84 + 2 * 64 + 256),
    );
    await expect(readVerificationKey(open)).rejects.toMatchObject({
      code: 'ZK5004',
      message: expect.stringMatching(/no phase-2 contribution/),
    });
  });
});

test('every truncation is refused', async () => {
  for (let length = 0; length < zkey.length; length += 7) {
    await expect(readZkeyHeader(zkey.subarray(0, length))).rejects.toMatchObject({ code: 'ZK5004' });
  }
});

test('whatever happens to the bytes, only a typed error or a key comes out', async () => {
  const edits = fc.array(fc.tuple(fc.nat(zkey.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
  // Half of the edits in the first kilobyte, where counts and sizes stand.
  const mutations = fc.tuple(edits, fc.boolean(), fc.nat(zkey.length));
  await fc.assert(
    fc.asyncProperty(mutations, async ([changes, atHead, length]) => {
      const bytes = zkey.slice(0, length < 40 ? length : zkey.length);
      for (const [at, value] of changes) bytes[atHead ? at % 1024 : at] = value;
      try {
        await readVerificationKey(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(ZkonnxError);
        expect(error).toMatchObject({ code: 'ZK5004' });
      }
    }),
    { numRuns: 150 },
  );
});
