/** The kernels' fields against bigint arithmetic, at the edges of their bounds: 0, 1, p − 1, p, values that are not reduced, differences that are not carried. */
import { describe, expect, test } from 'vitest';
import { baseOrder, invert, mod, scalarOrder, writeLittleEndian } from '../../src/field/bn254.ts';
import { limbsOf } from '../../src/kernels/field-code.ts';
import { elementBytes, instantiateKernel, makeKernelModule, readCanonical, writeLimbs } from '../../src/kernels/kernel.ts';
import { randomStream } from '../support/small-r1cs.ts';

const memory = new WebAssembly.Memory({ initial: 4, maximum: 65536 });
const module = makeKernelModule(false);
const { scratchBytes } = module;
const kernel = instantiateKernel(module, memory, 1024);
const start = 1024 + scratchBytes;
const [X, Y, Z, OUT, ROOM] = Array.from({ length: 5 }, (_, i) => start + 256 * i) as [number, number, number, number, number];
const R = 1n << 261n;

const random = randomStream(3);
function wide(): bigint {
  let value = 0n;
  for (let i = 0; i < 9; i++) value = (value << 32n) | BigInt(Math.floor(random() * 2 ** 32));
  return value;
}

function raw(address: number): bigint {
  return new Uint32Array(memory.buffer, address, elementBytes / 4).reduceRight((value, limb) => (value << 29n) + BigInt(limb), 0n);
}

describe.each([
  ['q', kernel.fq, baseOrder],
  ['r', kernel.fr, scalarOrder],
] as const)('modulus %s', (_, field, p) => {
  const edges = [0n, 1n, 2n, p - 1n, p, p + 1n, 2n * p, 3n * p - 1n, (1n << 254n) - 1n, (1n << 232n) - 1n, R % p];
  const pick = (): bigint => (random() < 0.3 ? edges[Math.floor(random() * edges.length)]! : wide() % p);
  /** Reduced: below p and a 2^-11th of it. */
  const isReduced = (value: bigint): boolean => value < p + (p >> 11n);

  test('products, squares, sums and differences of unreduced values', () => {
    for (let i = 0; i < 12_000; i++) {
      const [x, y, z] = [pick(), pick(), pick()];
      for (const [address, value] of [
        [X, x],
        [Y, y],
        [Z, z],
      ] as const)
        writeLimbs(memory, address, value);
      field.mul(OUT, X, Y);
      const product = raw(OUT);
      field.sqr(OUT, X);
      const square = raw(OUT);
      field.add(OUT, X, Y);
      const sum = raw(OUT);
      field.sub(OUT, X, Y);
      const difference = raw(OUT);
      field.sub2(OUT, X, Y, Z);
      const twice = raw(OUT);
      const right =
        (product * R - x * y) % p === 0n &&
        product < 3n * p &&
        (square * R - x * x) % p === 0n &&
        square < 3n * p &&
        (sum - x - y) % p === 0n &&
        isReduced(sum) &&
        (difference - x + y) % p === 0n &&
        isReduced(difference) &&
        (twice - x + y + z) % p === 0n &&
        isReduced(twice);
      if (!right) expect.fail(`wrong for ${x}, ${y}, ${z}`);
    }
  });

  test('the largest limbs that multiplication is told to take', () => {
    // x as an uncarried difference leaves it: limbs up to 2^31 − 1, but for the top one.
    for (const y of [3n * p - 1n, p - 1n, (1n << 232n) - 1n]) {
      const words = new Uint32Array(memory.buffer, X, 9).fill(0x7fff_ffff);
      words[8] = Number(limbsOf(11n * p)[8]!);
      const x = raw(X);
      writeLimbs(memory, Y, y);
      field.mul(OUT, X, Y);
      expect((raw(OUT) * R - x * y) % p).toBe(0n);
      expect(raw(OUT) < 3n * p).toBe(true);
    }
  });

  test('inverses, and canonical values of anything below 2^261', () => {
    for (let i = 0; i < 300; i++) {
      const x = i < edges.length ? edges[i]! : i % 2 === 0 ? wide() % (1n << 261n) : wide() % p;
      writeLimbs(memory, X, x);
      expect(readCanonical(memory, field, X, ROOM)).toBe(mod(x * invert(R, p), p));
      if (x % p === 0n || x >= 3n * p) continue;
      field.inverse(OUT, X);
      expect((raw(OUT) * x - R * R) % p).toBe(0n);
    }
  });

  test('coordinates of a zkey and their negatives', () => {
    for (let i = 0; i < 300; i++) {
      const x = i < edges.length ? edges[i]! % (1n << 256n) : wide() % (1n << 256n);
      writeLittleEndian(x, new DataView(memory.buffer), ROOM);
      field.readPair(OUT, ROOM);
      expect([isReduced(raw(OUT)), isReduced(raw(OUT + elementBytes))]).toEqual([true, true]);
      expect((raw(OUT) - x * 32n) % p).toBe(0n);
      expect((raw(OUT) + raw(OUT + elementBytes)) % p).toBe(0n);
    }
  });
});

test('the quadratic extension', () => {
  const p = baseOrder;
  const put = (address: number, [c0, c1]: readonly [bigint, bigint]): void => {
    writeLimbs(memory, address, c0);
    writeLimbs(memory, address + elementBytes, c1);
  };
  const got = (): readonly [bigint, bigint] => [raw(OUT) % p, raw(OUT + elementBytes) % p];
  const edges = [0n, 1n, p - 1n, p, 3n * p - 1n];
  const pick = (): bigint => (random() < 0.4 ? edges[Math.floor(random() * edges.length)]! : wide() % p);
  const back = invert(R, p);
  for (let i = 0; i < 3_000; i++) {
    const [x, y] = [[pick(), pick()] as const, [pick(), pick()] as const];
    put(X, x);
    put(Y, y);
    kernel.fq2.mul(OUT, X, Y);
    expect(got()).toEqual([mod((x[0] * y[0] - x[1] * y[1]) * back, p), mod((x[0] * y[1] + x[1] * y[0]) * back, p)]);
    kernel.fq2.sqr(OUT, X);
    expect(got()).toEqual([mod((x[0] * x[0] - x[1] * x[1]) * back, p), mod(2n * x[0] * x[1] * back, p)]);
    if ((x[0] % p === 0n && x[1] % p === 0n) || i > 200) continue;
    kernel.fq2.inverse(OUT, X);
    put(Y, got());
    kernel.fq2.mul(OUT, X, Y);
    expect(got()).toEqual([R % p, 0n]);
  }
});
