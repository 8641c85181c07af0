/** Fused multiply-add in float64 arithmetic beside exact arithmetic on bigints. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { floatSum, fusedMultiplyAdd, multiplyAdd } from '../../src/float32/fma.ts';

const fl = Math.fround;

/** A finite float64 as m·2^e. */
function exact(x: number): { readonly m: bigint; readonly e: number } {
  let e = 0;
  while (!Number.isInteger(x)) {
    x *= 2;
    e--;
  }
  return { m: BigInt(x), e };
}

/** The float32 nearest to m·2^e, ties to even. */
function nearest(m: bigint, e: number): number {
  if (m === 0n) return 0;
  const sign = m < 0n ? -1 : 1;
  let magnitude = m < 0n ? -m : m;
  const drop = Math.max(magnitude.toString(2).length - 24, -149 - e);
  if (drop > 0) {
    const [half, rest] = [1n << BigInt(drop - 1), magnitude & ((1n << BigInt(drop)) - 1n)];
    magnitude >>= BigInt(drop);
    if (rest > half || (rest === half && magnitude % 2n === 1n)) magnitude++;
    e += drop;
  }
  return sign * Number(magnitude) * 2 ** e;
}

function exactSum(...terms: readonly (readonly number[])[]): number {
  const parts = terms.map((factors) => factors.map(exact).reduce((a, b) => ({ m: a.m * b.m, e: a.e + b.e })));
  const e = Math.min(...parts.map((part) => part.e));
  return nearest(
    parts.reduce((sum, part) => sum + (part.m << BigInt(part.e - e)), 0n),
    e,
  );
}

const float = fc
  .tuple(fc.integer({ min: -(2 ** 24), max: 2 ** 24 }), fc.oneof(fc.integer({ min: -60, max: 20 }), fc.constantFrom(0, -24, -23, -25, -48)))
  .map(([m, e]) => fl(m * 2 ** e));
/** Few bits: sums that lie half way between two float32 values. */
const short = fc.tuple(fc.constantFrom(1, -1, 3, 5, -7, 1025), fc.integer({ min: -50, max: 10 })).map(([m, e]) => fl(m * 2 ** e));
const number = fc.oneof(float, short);

test('the exact product and sum, rounded once', () => {
  fc.assert(
    fc.property(number, number, number, (a, b, c) => {
      expect(fusedMultiplyAdd(a, b, c) + 0).toBe(exactSum([a, b], [c]) + 0);
    }),
    { numRuns: 4000, seed: 3 },
  );
});

test('sums of float64 values that lie near the middle of two float32 values', () => {
  const double = fc.tuple(number, short).map(([a, b]) => a * (1 + b * 2 ** -30));
  fc.assert(
    fc.property(double, double, (x, y) => {
      expect(floatSum(x, y) + 0).toBe(exactSum([x], [y]) + 0);
    }),
    { numRuns: 4000, seed: 4 },
  );
  const [middle, tiny] = [1 + 2 ** -24, 2 ** -80];
  expect([floatSum(middle, tiny), floatSum(middle, -tiny), floatSum(middle, 0)]).toEqual([1 + 2 ** -23, 1, 1]);
  expect([floatSum(-middle, tiny), floatSum(-middle, -tiny)]).toEqual([-1, -1 - 2 ** -23]);
});

test('rounded twice it is another number', () => {
  const a = 1 + 2 ** -12;
  expect(fusedMultiplyAdd(a, a, -1)).not.toBe(multiplyAdd(a, a, -1));
  expect(fusedMultiplyAdd(a, a, -1)).toBe(2 ** -11 + 2 ** -24);
});

test('infinities and NaN pass', () => {
  expect(fusedMultiplyAdd(Number.POSITIVE_INFINITY, 1, 0)).toBe(Number.POSITIVE_INFINITY);
  expect(fusedMultiplyAdd(3e38, 2, 0)).toBe(Number.POSITIVE_INFINITY);
  expect(fusedMultiplyAdd(Number.NaN, 1, 0)).toBeNaN();
});
