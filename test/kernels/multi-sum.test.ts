/** Sums of multiples whose discrete logarithms are known, with the cases that affine addition cannot do by itself: equal points, opposite ones, infinity, sums that vanish on the way. */
import { bn254 } from '@noble/curves/bn254.js';
import { describe, expect, test } from 'vitest';
import { mod, scalarOrder, writeLittleEndian } from '../../src/field/bn254.ts';
import { elementBytes, instantiateKernel, makeKernelModule, readCanonical } from '../../src/kernels/kernel.ts';
import { chooseWindows, chunkPoints, makeSumWork, recode, sumPoints, sumWorkBytes } from '../../src/kernels/multi-sum.ts';
import { fixedBaseMultiples } from '../../src/kernels/multiples.ts';
import { randomStream } from '../support/small-r1cs.ts';

const r = scalarOrder;

function machine(vectors: boolean) {
  const module = makeKernelModule(false, vectors);
  const memory = new WebAssembly.Memory({ initial: 400, maximum: 65536 });
  const workAt = Math.ceil((1024 + module.scratchBytes) / 64) * 64;
  return {
    memory,
    kernel: instantiateKernel(module, memory, 1024),
    work: makeSumWork(workAt),
    dataAt: Math.ceil((workAt + sumWorkBytes) / 64) * 64,
  };
}
const machines = { scalar: machine(false), vector: machine(true) } as const;
type Variant = keyof typeof machines;

/** x and y of Σ scalar_i · log_i · G by the kernel, and by one multiplication. */
async function bothSums(
  variant: Variant,
  name: 'g1' | 'g2',
  logs: readonly bigint[],
  scalars: readonly bigint[],
): Promise<readonly [unknown, unknown]> {
  const { memory, kernel, work, dataAt } = machines[variant];
  const group = kernel[name];
  const count = logs.length;
  const bytes = (values: readonly bigint[]): Uint8Array => {
    const out = new Uint8Array(32 * count);
    for (const [i, value] of values.entries()) writeLittleEndian(mod(value, r), new DataView(out.buffer), 32 * i);
    return out;
  };
  const points = new Uint8Array(group.fileBytes * count);
  await fixedBaseMultiples([{ group: name, scalars: bytes(logs), points }], { threads: 1, stage: 'test', onDone: () => {} });
  const scalarsAt = dataAt + points.length;
  const out = scalarsAt + 32 * count;
  const missing = out + 4096 - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / 65536));
  new Uint8Array(memory.buffer).set(points, dataAt);
  new Uint8Array(memory.buffer).set(bytes(scalars), scalarsAt);
  sumPoints(kernel, group, work, dataAt, scalarsAt, count, out);
  const wanted = mod(
    logs.reduce((sum, log, i) => sum + log * scalars[i]!, 0n),
    r,
  );
  const infinite = new Uint8Array(memory.buffer, out + group.pointBytes, group.coordinateBytes).every((byte) => byte === 0);
  group.toAffine(out + 512, out);
  const coordinates = Array.from({ length: group.pointBytes / elementBytes }, (_, i) =>
    readCanonical(memory, kernel.fq, out + 512 + i * elementBytes, out + 1024),
  );
  if (wanted === 0n) return [infinite ? 'infinity' : coordinates, 'infinity'];
  if (name === 'g1') {
    const { x, y } = bn254.G1.Point.BASE.multiply(wanted).toAffine();
    return [coordinates, [x, y]];
  }
  const { x, y } = bn254.G2.Point.BASE.multiply(wanted).toAffine();
  return [coordinates, [x.c0, x.c1, y.c0, y.c1]];
}

const edges = [
  0n,
  1n,
  -1n,
  2n,
  7n,
  103n,
  -128n,
  (1n << 32n) - 1n,
  1n << 32n,
  -(1n << 32n),
  (1n << 53n) - 1n,
  1n << 53n,
  -(1n << 53n),
  1n - (1n << 53n),
];
const wideEdges = [1n << 64n, -(1n << 64n), r >> 1n, 1n << 253n, r - (1n << 62n), (1n << 128n) - 1n];

describe.each([
  ['scalar', 'g1'],
  ['scalar', 'g2'],
  ['vector', 'g1'],
  ['vector', 'g2'],
] as const)('%s %s', (variant, name) => {
  test('each edge scalar by itself, also in company', async () => {
    const all = [...edges, ...wideEdges];
    for (const scalar of all) {
      const [got, wanted] = await bothSums(variant, name, [12345n], [scalar]);
      expect(got, String(scalar)).toEqual(wanted);
    }
    const [got, wanted] = await bothSums(
      variant,
      name,
      all.map((_, i) => BigInt(i + 1) ** 7n),
      all,
    );
    expect(got).toEqual(wanted);
  });

  test.each([
    ['equal points', [5n, 5n, 5n, 5n, 5n, 5n, 5n], [1n, 1n, 1n, 1n, 1n, 1n, 1n]],
    ['a point and its opposite', [5n, -5n], [1n, 1n]],
    ['opposite by the scalar', [5n, 5n, 5n], [1n, -1n, 1n]],
    ['a sum that vanishes and goes on', [5n, -5n, 9n, -9n, 11n], [1n, 1n, 1n, 1n, 1n]],
    ['infinity among the points', [0n, 3n, 0n, 4n, 0n], [1n, 1n, 7n, 2n, -1n]],
    ['infinity alone', [0n], [1n]],
    ['nothing but zeros', [1n, 2n], [0n, 0n]],
    ['equal sums of unequal points', [1n, 4n, 2n, 3n, -5n, 10n], [1n, 1n, 1n, 1n, 1n, 1n]],
    ['everything cancels among wide scalars', [3n, -3n], [r >> 1n, r >> 1n]],
  ])('%s', async (_, logs, scalars) => {
    const [got, wanted] = await bothSums(variant, name, logs, scalars);
    expect(got).toEqual(wanted);
  });
});

function mixed(count: number, seed: number): readonly [bigint[], bigint[]] {
  const random = randomStream(seed);
  const wide = (): bigint =>
    Array.from({ length: 9 }, () => BigInt(Math.floor(random() * 2 ** 32))).reduce((v, word) => (v << 32n) | word, 0n) % r;
  const logs = Array.from({ length: count }, () => (random() < 0.1 ? BigInt(Math.floor(random() * 4)) : wide()));
  const scalars = Array.from({ length: count }, () => {
    const kind = random();
    if (kind < 0.4) return BigInt(Math.floor(random() * 2));
    if (kind < 0.8) return BigInt(Math.floor((random() - 0.5) * 2 ** 33));
    return wide();
  });
  return [logs, scalars];
}

test.each([
  ['scalar', 'g1', 700, 1],
  ['vector', 'g1', 2 * chunkPoints + 300, 2],
  ['vector', 'g2', 400, 3],
] as const)('%s %s: %i points of all kinds', async (variant, name, count, seed) => {
  const [got, wanted] = await bothSums(variant, name, ...mixed(count, seed));
  expect(got).toEqual(wanted);
});

test('signed digits give their scalars back, for every width of window', () => {
  const random = randomStream(9);
  for (let bits = 2; bits <= 14; bits++) {
    for (const highest of [1, 3, 7, 8, 31, 32, 53]) {
      const windows = Math.ceil((highest + 1) / bits);
      const values = [0, 1, 2 ** highest - 1, 2 ** (highest - 1), Math.floor(random() * 2 ** highest)];
      const words = Uint32Array.from(values.flatMap((value) => [value % 2 ** 32, Math.floor(value / 2 ** 32)]));
      const digits = new Int16Array(windows * values.length);
      const negative = Uint8Array.from(values, (_, i) => i & 1);
      recode(words, 2, values.length, bits, windows, digits, values.length, negative);
      for (const [i, value] of values.entries()) {
        let sum = 0n;
        for (let window = windows - 1; window >= 0; window--) {
          const digit = digits[window * values.length + i]!;
          expect(Math.abs(digit)).toBeLessThanOrEqual(2 ** (bits - 1));
          sum = (sum << BigInt(bits)) + BigInt(digit);
        }
        expect(sum, `${value} in windows of ${bits}`).toBe(BigInt((i & 1) === 1 ? -value : value));
      }
    }
  }
});

test('windows suit their scalars', () => {
  const bits = new Float64Array(65);
  bits[1] = 1_000_000;
  expect(chooseWindows(bits).count).toBe(1);
  const full = new Float64Array(255);
  full[254] = 2 ** 18;
  expect(chooseWindows(full).bits).toBeGreaterThanOrEqual(11);
  full[254] = 10;
  expect(chooseWindows(full).bits).toBeLessThanOrEqual(4);
});
