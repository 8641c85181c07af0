/** Fixed-base multiples in WASM against @noble/curves, edge scalars first. */
import { bn254 } from '@noble/curves/bn254.js';
import { expect, test } from 'vitest';
import { baseOrder, invert, mod, readLittleEndian, scalarOrder, writeLittleEndian } from '../../src/field/bn254.ts';
import { loadCurve } from '../../src/kernels/curve.ts';
import { fixedBaseBatch, makeFixedBase, multiplyFixedBase, windowBitsFor } from '../../src/kernels/fixed-base.ts';
import { randomStream } from '../support/small-r1cs.ts';

const r = scalarOrder;
const random = randomStream(11);
const randomScalars = Array.from({ length: 24 }, () => mod(BigInt(Math.floor(random() * 2 ** 50)) ** 6n, r));
// Around the ends, every power of two's neighbourhood that a window boundary can fall on, runs of carries, and sums that wrap round r in the last window.
const powers = Array.from({ length: 254 }, (_, i) => 1n << BigInt(i)).flatMap((value) => [value - 1n, value, value + 1n]);
const wrapping = [1n, 2n, 3n, 255n, 256n, 32767n, 32768n, 32769n].flatMap((d) => [r - d, (r - d) / 2n, (r + d) / 2n]);
// Where the last window's sum meets an equal point (d·2^(wk) just below r) and has to be doubled.
const doubling = Array.from({ length: 13 }, (_, i) => 4n + BigInt(i)).map((w) => r - 2n * (r % (1n << (w * ((254n + w) / w - 1n)))));
const scalars = [...new Set([0n, ...randomScalars, ...doubling, ...powers, ...wrapping].filter((value) => value >= 0n && value < r))];

const montgomeryInverse = invert(1n << 256n, baseOrder);

test.each([
  ['g1', 20],
  ['g1', 4_000],
  ['g1', 200_000],
  ['g2', 20],
  ['g2', 4_000],
] as const)('%s with a table for %i points gives noble’s points', async (name, pointCount) => {
  const curve = await loadCurve();
  const base = makeFixedBase(curve, curve[name], pointCount);
  expect(base.bits).toBe(windowBitsFor(pointCount));
  const chosen = name === 'g1' ? scalars : scalars.filter((_, i) => i % 5 === 0 || i < 40);
  expect(chosen.length).toBeLessThanOrEqual(fixedBaseBatch);
  const address = curve.alloc(32 * chosen.length);
  const memory = new DataView(curve.bytes().buffer);
  for (const [i, value] of chosen.entries()) writeLittleEndian(value, memory, address + 32 * i);
  multiplyFixedBase(curve, base, address, chosen.length);
  const element = (at: number): bigint => mod(readLittleEndian(memory, at) * montgomeryInverse, baseOrder);
  const mismatches = chosen.filter((scalar, i) => {
    if (name === 'g1') {
      const { x, y } = bn254.G1.Point.BASE.multiplyUnsafe(scalar).toAffine();
      return element(base.sums + 64 * i) !== x || element(base.sums + 64 * i + 32) !== y;
    }
    const { x, y } = bn254.G2.Point.BASE.multiplyUnsafe(scalar).toAffine();
    return [x.c0, x.c1, y.c0, y.c1].some((value, k) => element(base.sums + 128 * i + 32 * k) !== value);
  });
  expect(mismatches).toEqual([]);
});

test('more points, wider windows', () => {
  const bits = [1, 100, 10_000, 1_000_000, 100_000_000].map(windowBitsFor);
  expect(bits).toEqual(bits.toSorted((a, b) => a - b));
  expect(bits.at(-1)).toBe(16);
});
