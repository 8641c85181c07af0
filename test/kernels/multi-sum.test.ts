/** Sums of multiples whose discrete logarithms are known, with the cases that affine addition cannot do by itself: equal points, opposite ones, infinity, sums that vanish on the way. */
import { bn254 } from '@noble/curves/bn254.js';
import { describe, expect, test } from 'vitest';
import { baseOrder, mod, scalarOrder, writeLittleEndian } from '../../src/field/bn254.ts';
import { elementBytes, instantiateKernel, makeKernelModule, readCanonical } from '../../src/kernels/kernel.ts';
import { chooseWindows, chunkPoints, makeSumWork, recodeScalars, sumPoints, sumWindow, sumWorkBytes } from '../../src/kernels/multi-sum.ts';
import { manyFilePoints } from '../support/kernel-points.ts';
import { randomStream } from '../support/small-r1cs.ts';

const r = scalarOrder;

function machine(vectors: boolean) {
  const module = makeKernelModule(false, vectors);
  const memory = new WebAssembly.Memory({ initial: 400, maximum: 65536 });
  const workAt = Math.ceil((1024 + module.scratchBytes) / 64) * 64;
  return {
    memory,
    kernel: instantiateKernel(module, memory, 1024),
    work: makeSumWork(memory, workAt),
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
  const points = await manyFilePoints(name, logs);
  const scalarsAt = dataAt + points.length;
  const records = Math.ceil((scalarsAt + 32 * count) / 8) * 8;
  const out = records + group.bulk.recordBytes * count;
  const missing = out + 4096 - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / 65536));
  new Uint8Array(memory.buffer).set(points, dataAt);
  new Uint8Array(memory.buffer).set(bytes(scalars), scalarsAt);
  group.bulk.readPoints(records, dataAt, count);
  sumPoints(kernel, group, work, records, scalarsAt, count, out);
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

test.each([...edges, ...wideEdges])('signed digits give %s back, for every width of window', (value) => {
  const { kernel, work, dataAt, memory } = machines.vector;
  for (let bits = 2; bits <= 16; bits++) {
    const windows = Math.ceil(255 / bits);
    const words = new BigUint64Array(memory.buffer, dataAt, 8);
    // In two's complement, beside another one.
    for (let i = 0; i < 4; i++) [words[i], words[4 + i]] = [BigInt.asUintN(64, value >> BigInt(64 * i)), i === 0 ? 1n : 0n];
    recodeScalars(kernel, work, dataAt, 2, { bits, count: windows }, dataAt + 64, 4);
    const digits = new Int16Array(memory.buffer, dataAt + 64, 2 * windows);
    let [sum, other] = [0n, 0n];
    for (let window = windows - 1; window >= 0; window--) {
      expect(Math.abs(digits[2 * window]!)).toBeLessThanOrEqual(2 ** (bits - 1));
      sum = (sum << BigInt(bits)) + BigInt(digits[2 * window]!);
      other = (other << BigInt(bits)) + BigInt(digits[2 * window + 1]!);
    }
    expect([sum, other]).toEqual([value, 1n]);
  }
});

// Few and many buckets, sums one by one and side by side, with buckets that stay empty, and with digits of one bucket only.
test.each([
  ['scalar', 9, 600, 'any'],
  ['vector', 7, 300, 'any'],
  ['vector', 9, 600, 'any'],
  ['vector', 11, 20_000, 'any'],
  ['vector', 16, 3_000, 'any'],
  ['vector', 12, 9_000, 'one'],
] as const)('%s: one window of %i bits over %i points, %s digits', (variant, bits, count, kind) => {
  const { kernel, work, dataAt, memory } = machines[variant];
  const { g1 } = kernel;
  const random = randomStream(bits);
  const [bytes, digitsAt] = [dataAt, dataAt + 64 * 64];
  const records = digitsAt + 2 * Math.ceil(count / 4) * 4;
  const out = records + count * g1.bulk.recordBytes;
  if (out + 4096 > memory.buffer.byteLength) memory.grow(Math.ceil((out + 4096 - memory.buffer.byteLength) / 65536));
  // Multiples 1 … 64 of the generator, over and over: equal points abound.
  const scale = (value: bigint): bigint => (value << 256n) % baseOrder;
  for (let i = 0; i < 64; i++) {
    const { x, y } = bn254.G1.Point.BASE.multiply(BigInt(i + 1)).toAffine();
    writeLittleEndian(scale(x), new DataView(memory.buffer), bytes + 64 * i);
    writeLittleEndian(scale(y), new DataView(memory.buffer), bytes + 64 * i + 32);
  }
  const digits = new Int16Array(memory.buffer, digitsAt, count);
  let wanted = 0n;
  for (let i = 0; i < count; i++) {
    const log = Math.floor(random() * 64);
    g1.bulk.readPoints(records + i * g1.bulk.recordBytes, bytes + 64 * log, 1);
    digits[i] = kind === 'one' ? -5 : Math.floor((random() - 0.5) * 2 ** bits);
    wanted += BigInt(log + 1) * BigInt(digits[i]!);
  }
  sumWindow(kernel, g1, work, { records, count, digits: digitsAt }, bits, out);
  g1.toAffine(out + 512, out);
  const { x, y } = bn254.G1.Point.BASE.multiply(mod(wanted, r)).toAffine();
  expect([0, 1].map((i) => readCanonical(memory, kernel.fq, out + 512 + i * elementBytes, out + 1024))).toEqual([x, y]);
});

test('windows suit their scalars', () => {
  const bits = new Float64Array(65);
  bits[1] = 1_000_000;
  expect(chooseWindows(bits, true).count).toBe(1);
  const full = new Float64Array(255);
  full[254] = 2 ** 18;
  expect(chooseWindows(full, false).bits).toBeGreaterThanOrEqual(11);
  full[254] = 10;
  expect(chooseWindows(full, false).bits).toBeLessThanOrEqual(4);
});
