import fc from 'fast-check';
import { expect, test } from 'vitest';
import { baseOrder, centred, fromLittleEndian, invert, mod, power, scalarOrder, toLittleEndian } from '../../src/field/bn254.ts';

const element = (order: bigint) =>
  fc.oneof(fc.constantFrom(0n, 1n, 2n, order - 1n, order - 2n, order >> 1n, (order >> 1n) + 1n), fc.bigInt(0n, order - 1n));

test('both orders are the primes of EIP-196, by the BN polynomial in u and Fermat', () => {
  const u = 4965661367192848881n;
  expect(baseOrder).toBe(36n * u ** 4n + 36n * u ** 3n + 24n * u ** 2n + 6n * u + 1n);
  expect(scalarOrder).toBe(36n * u ** 4n + 36n * u ** 3n + 18n * u ** 2n + 6n * u + 1n);
  for (const order of [baseOrder, scalarOrder]) expect(power(7n, order - 1n, order)).toBe(1n);
});

test.each([
  ['r', scalarOrder],
  ['q', baseOrder],
])('inverse, centring and bytes agree with their definitions (%s)', (_, order) => {
  fc.assert(
    fc.property(element(order), (value) => {
      if (value !== 0n) {
        expect(mod(value * invert(value, order), order)).toBe(1n);
        expect(invert(value, order)).toBe(power(value, order - 2n, order));
      }
      expect(mod(centred(value, order), order)).toBe(value);
      expect(2n * centred(value, order) <= order && 2n * centred(value, order) > -order).toBe(true);
      expect(fromLittleEndian(toLittleEndian(value))).toBe(value);
      expect(BigInt(`0x${Buffer.from(toLittleEndian(value)).reverse().toString('hex')}`)).toBe(value);
    }),
  );
  expect(() => invert(0n, order)).toThrow(RangeError);
  expect(() => invert(order, order)).toThrow(RangeError);
});

test('mod takes any sign', () => {
  expect(mod(-1n, scalarOrder)).toBe(scalarOrder - 1n);
  expect(mod(-scalarOrder, scalarOrder)).toBe(0n);
  expect(invert(-1n, scalarOrder)).toBe(scalarOrder - 1n);
});
