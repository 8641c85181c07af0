import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mod, readLittleEndian, scalarOrder, writeLittleEndian } from '../../src/field/bn254.ts';
import { readElement, smallOrWide, writeElement, writeSmall } from '../../src/field/small.ts';

const limit = 2n ** 53n;
const near = (centre: bigint) => fc.bigInt(-3n, 3n).map((d) => centre + d);
const low = 0xf0000001n;

test('small integers of either sign are written as BigInt arithmetic writes them', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.maxSafeInteger(),
        fc.integer(),
        near(-low).map(Number),
        near(-(2n ** 32n)).map(Number),
        fc.constantFrom(0, 1, -1, 2 ** 53 - 1, 1 - 2 ** 53),
      ),
      (value) => {
        const view = new DataView(new ArrayBuffer(40));
        writeSmall(value, view, 4);
        expect(readLittleEndian(view, 4)).toBe(mod(BigInt(value), scalarOrder));
        expect(readElement(view, 4)).toBe(value);
      },
    ),
    { numRuns: 2000 },
  );
});

test('any 256-bit word reads as its element in one form, or as none', () => {
  const words = fc.oneof(
    fc.bigInt(0n, 2n ** 256n - 1n),
    fc.bigInt(0n, scalarOrder - 1n),
    ...[
      limit,
      2n ** 64n,
      scalarOrder - limit,
      scalarOrder - 2n ** 64n,
      scalarOrder - low,
      scalarOrder - 3n,
      scalarOrder + 3n,
      2n ** 256n - 4n,
      3n,
    ].map(near),
  );
  fc.assert(
    fc.property(words, (word) => {
      const view = new DataView(new ArrayBuffer(32));
      writeLittleEndian(word, view, 0);
      const element = readElement(view, 0);
      if (word >= scalarOrder) expect(element).toBeNull();
      else {
        expect(mod(BigInt(element!), scalarOrder)).toBe(word);
        expect(typeof element).toBe(word < limit || word > scalarOrder - limit ? 'number' : 'bigint');
        expect(smallOrWide(word)).toBe(element);
        const again = new DataView(new ArrayBuffer(32));
        writeElement(element!, again, 0);
        expect(readLittleEndian(again, 0)).toBe(word);
      }
    }),
    { numRuns: 3000 },
  );
});
