/** The vector kernels' fields against bigint arithmetic, two elements side by side: at the edges of values and limbs, for differences that are not carried, and at random. */
import { describe, expect, test } from 'vitest';
import { baseOrder, fromLittleEndian, mod, scalarOrder, writeLittleEndian } from '../../src/field/bn254.ts';
import { makeSlots } from '../../src/kernels/field-code.ts';
import { hasFusedVectors } from '../../src/kernels/probe.ts';
import { makeVectorField } from '../../src/kernels/vector-field.ts';
import { balancedLimbs, loadPair, makeVectorConstants, pairBytes, storePair, vectorLimbs } from '../../src/kernels/vector-limbs.ts';
import { get, makeModule, seq } from '../../src/kernels/wasm.ts';
import { randomStream } from '../support/small-r1cs.ts';

const R = 1n << 255n;
const half = 1n << 50n;
const random = randomStream(5);
function wide(): bigint {
  let value = 0n;
  for (let i = 0; i < 9; i++) value = (value << 32n) | BigInt(Math.floor(random() * 2 ** 32));
  return value;
}

test('this machine has them: all that follows would otherwise test nothing', () => {
  expect(hasFusedVectors()).toBe(true);
});

describe.each([
  ['q', baseOrder],
  ['r', scalarOrder],
] as const)('modulus %s', (_, p) => {
  const writer = makeModule(false, 1);
  const slots = makeSlots();
  const constants = makeVectorConstants(slots);
  const field = makeVectorField(writer, constants, 'f', p);
  writer.routine('reduce', 2, null, (scope) => {
    const x = loadPair(scope, get(1));
    return seq(x.code, field.code.reduce(scope, x.limbs), storePair(get(0), x.limbs));
  });
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(writer.finish()), { env: { memory, scratch: 0 } });
  const { fPairMul, fPairSqr, fPairUnpack, fPairPack, reduce } = exports as Record<string, (...addresses: number[]) => void>;
  new BigUint64Array(memory.buffer, constants.start, constants.words().length).set(constants.words());
  const [X, Y, OUT, BYTES] = [0, 1, 2, 3].map((i) => slots.sizeBytes + 64 + 2 * pairBytes * i) as [number, number, number, number];
  const numbers = new Float64Array(memory.buffer);
  const bytes = new Uint8Array(memory.buffer);

  const putLimbs = (address: number, lane: 0 | 1, limbs: readonly bigint[]): bigint => {
    for (const [i, limb] of limbs.entries()) numbers[address / 8 + 2 * i + lane] = Number(limb);
    return limbs.reduceRight((value, limb) => value * 2n * half + limb, 0n);
  };
  const limbsAt = (address: number, lane: 0 | 1): bigint[] =>
    Array.from({ length: vectorLimbs }, (_limb, i) => BigInt(numbers[address / 8 + 2 * i + lane]!));
  const valueAt = (address: number, lane: 0 | 1): bigint =>
    limbsAt(address, lane).reduceRight((value, limb) => value * 2n * half + limb, 0n);
  const size = (value: bigint): bigint => (value < 0n ? -value : value);
  /** A product in the sense of vector-limbs.ts. */
  const isProduct = (address: number, lane: 0 | 1): boolean =>
    size(valueAt(address, lane)) < 2n * p && limbsAt(address, lane).every((limb, i) => size(limb) <= (i < 4 ? half : 2n * half));
  const isReduced = (value: bigint): boolean => size(value) <= p / 2n + (p >> 40n);

  const edges = [0n, 1n, -1n, p - 1n, p, p + 1n, -p, p / 2n, -p / 2n, R % p, (1n << 254n) - 1n, half, -half, half * (1n << 51n)];
  const pick = (): bigint => (random() < 0.2 ? edges[Math.floor(random() * edges.length)]! : (wide() % p) * (random() < 0.5 ? 1n : -1n));
  const lanes = [0, 1] as const;

  test('products and squares, 100,000 of each', () => {
    for (let i = 0; i < 50_000; i++) {
      const x = lanes.map((lane) => putLimbs(X, lane, balancedLimbs(pick())));
      const y = lanes.map((lane) => putLimbs(Y, lane, balancedLimbs(pick())));
      fPairMul!(OUT, X, Y);
      const products = lanes.every((lane) => (valueAt(OUT, lane) * R - x[lane]! * y[lane]!) % p === 0n && isProduct(OUT, lane));
      fPairSqr!(OUT, X);
      const squares = lanes.every((lane) => (valueAt(OUT, lane) * R - x[lane]! * x[lane]!) % p === 0n && isProduct(OUT, lane));
      if (!products || !squares) expect.fail(`wrong for ${x}, ${y}`);
    }
  });

  test('the largest limbs that multiplication is told to take, all signs', () => {
    // Uncarried sums and differences of two elements, times such and times elements.
    const extremes = (largest: bigint): bigint[][] =>
      Array.from({ length: 32 }, (_set, signs) =>
        Array.from({ length: 5 }, (_limb, i) => ((signs >> i) & 1 ? -1n : 1n) * (i < 4 ? largest : (p >> 204n) - 1n)),
      );
    for (const x of extremes(2n * half)) {
      for (const y of [...extremes(2n * half), ...extremes(half)]) {
        const values = [
          [putLimbs(X, 0, x), putLimbs(Y, 0, y)],
          [putLimbs(X, 1, y), putLimbs(Y, 1, x)],
        ] as const;
        fPairMul!(OUT, X, Y);
        for (const lane of lanes) {
          const [a, b] = values[lane];
          expect((valueAt(OUT, lane) * R - a * b) % p).toBe(0n);
          expect(isProduct(OUT, lane)).toBe(true);
        }
      }
    }
  });

  test('reduction of anything within its bounds', () => {
    for (let i = 0; i < 20_000; i++) {
      const x = lanes.map((lane) => {
        const limbs = Array.from({ length: 4 }, () => BigInt(Math.round((random() - 0.5) * 2 ** 53)));
        const rest = Math.round((random() - 0.5) * 7.9 * Number(p >> 204n));
        return putLimbs(X, lane, i % 3 === 0 ? balancedLimbs(pick() + pick()) : [...limbs, BigInt(rest)]);
      });
      reduce!(OUT, X);
      for (const lane of lanes) {
        if ((valueAt(OUT, lane) - x[lane]!) % p !== 0n || !isReduced(valueAt(OUT, lane)) || !isProduct(OUT, lane))
          expect.fail(`wrong for ${x[lane]}`);
      }
    }
  });

  test('from bytes and back', () => {
    for (let i = 0; i < 2_000; i++) {
      const values = lanes.map(() => (random() < 0.2 ? mod(pick(), p) : wide() % (i % 2 === 0 ? p : 1n << 256n)));
      for (const lane of lanes) writeLittleEndian(values[lane]!, new DataView(memory.buffer), BYTES + 32 * lane);
      fPairUnpack!(OUT, BYTES);
      for (const lane of lanes) {
        expect(mod(2n * valueAt(OUT, lane) - values[lane]!, p)).toBe(0n);
        expect(isReduced(valueAt(OUT, lane))).toBe(true);
      }
      bytes.fill(0, BYTES, BYTES + 64);
      fPairPack!(BYTES, OUT);
      for (const lane of lanes) expect(fromLittleEndian(bytes.subarray(BYTES + 32 * lane, BYTES + 32 * lane + 32))).toBe(values[lane]! % p);
    }
  });
});
