import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { zipSync } from 'fflate';
import { expect, test } from 'vitest';
import { writeNpy } from '../../src/tensor/npy.ts';
import { readNpz, writeNpz } from '../../src/tensor/npz.ts';
import { readZip, writeZip } from '../../src/tensor/zip.ts';
import { sharedPath } from '../support/shared.ts';
import { numpyFile } from './numpy-files.ts';
import { anyTensor, mutate } from './tensors.ts';

const one = { dtype: 'uint8', dims: [1], data: Uint8Array.of(7) } as const;

test('reads what numpy.savez wrote', () => {
  expect([...readNpz(numpyFile('savez'))]).toEqual([
    ['image', { dtype: 'uint8', dims: [1, 4], data: Uint8Array.of(0, 1, 2, 3) }],
    ['a/b', { dtype: 'float32', dims: [1], data: Float32Array.of(1.5) }],
  ]);
});

test('reads what numpy.savez_compressed wrote', () => {
  const tensors = readNpz(numpyFile('savezCompressed'));
  expect(tensors.get('zeros')).toEqual({ dtype: 'uint8', dims: [4, 4000], data: new Uint8Array(16000) });
  expect(tensors.get('ramp')).toEqual({ dtype: 'int64', dims: [5], data: BigInt64Array.of(0n, 1n, 2n, 3n, 4n) });
});

test('reads ZIP64 sizes, a ZIP64 end record and data descriptors', () => {
  expect([...readNpz(numpyFile('zip64'))]).toEqual([['x', { dtype: 'int16', dims: [3], data: Int16Array.of(1, 2, 3) }]]);
});

test('reads what another writer wrote', () => {
  const bytes = zipSync({ 'x.npy': [writeNpy(one), { level: 9 }], 'ü.npy': [writeNpy(one), { level: 0 }] }, { comment: 'a comment' });
  expect([...readNpz(bytes).keys()]).toEqual(['x', 'ü']);
});

test('any tensors come back as they were, in order; equal tensors give equal bytes', () => {
  const names = fc.uniqueArray(fc.string({ unit: 'grapheme', maxLength: 12 }), { maxLength: 4 });
  fc.assert(
    fc.property(names, fc.array(anyTensor(), { minLength: 4, maxLength: 4 }), (keys, tensors) => {
      const map = new Map(keys.map((key, i) => [key, tensors[i]!]));
      const bytes = writeNpz(map);
      expect([...readNpz(bytes)]).toEqual([...map]);
      expect(writeNpz(map)).toEqual(bytes);
    }),
  );
});

test('the written bytes do not depend on the clock', () => {
  expect(Buffer.from(writeZip(new Map([['a', Uint8Array.of(1)]]))).toString('hex')).toBe(
    `504b0304140000080000000021001bdf05a501000000010000000100000061${'01'}504b01021400140000080000000021001bdf05a50100000001000000010000000000000000000000000000000000${'61'}504b050600000000010001002f000000200000000000`,
  );
});

/** A zip with one deflated entry; `patch` sees its central header, which declares the sizes. */
function deflated(content: Uint8Array, patch: (view: DataView, central: number, local: number) => void): Uint8Array {
  const bytes = zipSync({ 'x.npy': content }, { level: 9 });
  const view = new DataView(bytes.buffer);
  patch(view, view.getUint32(bytes.length - 6, true), 0);
  return bytes;
}

function twice(): Uint8Array {
  const bytes = writeZip(
    new Map([
      ['a', Uint8Array.of(0)],
      ['~', Uint8Array.of(0)],
    ]),
  );
  return bytes.map((byte) => (byte === 0x7e ? 0x61 : byte));
}

const zeros = new Uint8Array(100_000);

test.each([
  ['no zip at all', () => new Uint8Array(50), 'no end record'],
  ['too short', () => new Uint8Array(5), 'is no zip file'],
  ['cut off', () => numpyFile('savez').subarray(0, -1), 'no end record'],
  [
    'a bomb by its own words',
    () => deflated(zeros, (v, c) => v.setUint32(c + 24, 0x7fffffff, true)),
    'unpacks to 2147483647 bytes or more',
  ],
  ['more than deflate can give', () => deflated(zeros, (v, c) => v.setUint32(c + 24, 900_000_000, true)), 'claims 900000000 bytes from'],
  ['longer than declared', () => deflated(zeros, (v, c) => v.setUint32(c + 24, 99_999, true)), 'does not have the 99999 bytes'],
  ['shorter than declared', () => deflated(zeros, (v, c) => v.setUint32(c + 24, 100_001, true)), 'does not have the 100001 bytes'],
  ['a wrong checksum', () => deflated(zeros, (v, c) => v.setUint32(c + 16, 1, true)), 'checksum'],
  ['encrypted', () => deflated(zeros, (v, c) => v.setUint16(c + 8, 1, true)), 'is encrypted'],
  ['another method', () => deflated(zeros, (v, c) => v.setUint16(c + 10, 14, true)), 'method 14'],
  ['an entry outside the file', () => deflated(zeros, (v, c) => v.setUint32(c + 42, 0x7fffff00, true)), 'is not at byte'],
  ['a name that is no text', () => deflated(zeros, (v, c) => v.setUint8(c + 46, 0xff)), 'not UTF-8'],
  ['ZIP64 sizes that are not there', () => deflated(zeros, (v, c) => v.setUint32(c + 24, 0xffffffff, true)), 'lacks its ZIP64 sizes'],
  ['two entries of one name', () => twice(), 'two entries named'],
  ['something beside arrays', () => writeZip(new Map([['README', zeros.subarray(0, 1)]])), 'holds "README"'],
  ['too many entries', () => writeZip(new Map(Array.from({ length: 4097 }, (_, i) => [`${i}`, new Uint8Array(0)]))), 'holds 4097 entries'],
] as const)('refuses %s', (_name, make, words) => {
  expect(() => readNpz(make(), 'x.npz')).toThrow(`x.npz: `);
  expect(() => readNpz(make(), 'x.npz')).toThrow(words);
});

test('limits hold for the sum of all entries', () => {
  const bytes = writeZip(
    new Map([
      ['a', new Uint8Array(60)],
      ['b', new Uint8Array(60)],
    ]),
  );
  expect(() => readZip(bytes, { entryCount: 2, totalBytes: 119 }, 'x.zip')).toThrow('unpacks to 120 bytes');
  expect(readZip(bytes, { entryCount: 2, totalBytes: 120 }, 'x.zip').size).toBe(2);
});

test('a damaged file gives tensors or ZK4106, nothing else', () => {
  const files = fc.constantFrom(numpyFile('savez'), numpyFile('savezCompressed'), numpyFile('zip64'));
  fc.assert(
    fc.property(files.chain(mutate), (bytes) => {
      try {
        expect(readNpz(bytes)).toBeInstanceOf(Map);
      } catch (error) {
        expect(error).toMatchObject({ code: 'ZK4106' });
      }
    }),
    { numRuns: 1000 },
  );
});

const digits = sharedPath('models/ours/digits-cnn');
test.skipIf(digits === null)('reads a test set of images (shared models)', () => {
  const tensors = readNpz(readFileSync(`${digits}/inputs.npz`));
  expect([...tensors].map(([name, { dtype, dims }]) => [name, dtype, dims.length])).toEqual([['input', 'float32', 4]]);
});
