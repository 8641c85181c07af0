/** The kernels of set-ups against noble's points: sums by column, products by full-size scalars, points as ceremonies hash them. */
import { bn254 } from '@noble/curves/bn254.js';
import { describe, expect, test } from 'vitest';
import { scalarOrder } from '../../src/field/bn254.ts';
import { beta, lambda, splitScalar } from '../../src/field/glv.ts';
import { columnSums, signedBits } from '../../src/kernels/column-sums.ts';
import { makeKernelModule } from '../../src/kernels/kernel.ts';
import { digitShapes, multiplyPoints, scalarDigits } from '../../src/kernels/multiply-points.ts';
import { uncompressDifferences, uncompressPoints } from '../../src/kernels/point-bytes.ts';
import { makeRunner, runnerBytes } from '../../src/kernels/tasks.ts';
import { coordinatesOf, filePoints, readFilePoints } from '../support/kernel-points.ts';
import { randomStream } from '../support/small-r1cs.ts';

const r = scalarOrder;
/** A kernel with a memory of its own. */
function machine(vectors: boolean) {
  const module = makeKernelModule(false, vectors);
  const memory = new WebAssembly.Memory({ initial: 1000, maximum: 65536 });
  const { kernel, work } = makeRunner(module, memory, 64);
  let top = 64 + Math.ceil(runnerBytes(module) / 64) * 64;
  const alloc = (sizeBytes: number): number => {
    top += Math.ceil(sizeBytes / 64) * 64;
    return top - Math.ceil(sizeBytes / 64) * 64;
  };
  return { memory, kernel, work, alloc };
}

test('digits in signed binary give their values back, never two in a row', () => {
  for (const value of [0n, 1n, -1n, 3n, -127n, 128n, 255n, (1n << 53n) - 1n, r - 1n, r >> 1n, -(r >> 1n)]) {
    const digits = signedBits(value);
    expect(digits.reduce((sum, digit) => sum + ((digit & 1) === 1 ? -1n : 1n) * (1n << BigInt(digit >> 1)), 0n)).toBe(value);
    expect(digits.every((digit, i) => i === 0 || digit >> 1 > (digits[i - 1]! >> 1) + 1)).toBe(true);
  }
});

test('φ(x, y) = (βx, y) is multiplication by λ, and every scalar splits into two halves below 2^127', () => {
  const point = bn254.G1.Point.BASE.multiply(987654321n);
  const image = point.multiply(lambda).toAffine();
  expect(image).toEqual({ x: bn254.fields.Fp.mul(beta, point.toAffine().x), y: point.toAffine().y });
  const random = randomStream(5);
  const scalars = Array.from({ length: 3000 }, () => BigInt(Math.floor(random() * 2 ** 50)) ** 6n % r);
  for (const k of [0n, 1n, r - 1n, r >> 1n, lambda, r - lambda, ...scalars]) {
    const [low, high] = splitScalar(k);
    expect((low + high * lambda - k) % r).toBe(0n);
    for (const half of [low, high]) expect((half < 0n ? -half : half) < 1n << 127n).toBe(true);
  }
});

describe.each([true, false])('vectors: %s', (vectors) => {
  const { memory, kernel, work, alloc } = machine(vectors);
  const bytesAt = (address: number, size: number): Uint8Array => new Uint8Array(memory.buffer, address, size);
  function store(bytes: Uint8Array): number {
    const address = alloc(bytes.length);
    bytesAt(address, bytes.length).set(bytes);
    return address;
  }
  const words = (values: readonly number[]): number => store(new Uint8Array(Uint32Array.from(values).buffer));

  test.each(['g1', 'g2'] as const)(
    '%s: sums by column: none, one, many, equal, opposite, cancelling terms, coefficients of every width',
    (name) => {
      const group = kernel[name];
      const random = randomStream(11);
      const logs = [1n, 5n, -5n, 5n, 0n, ...Array.from({ length: 20 }, () => BigInt(Math.floor(random() * 2 ** 50)) ** 5n % r)];
      const pool = [1n, -1n, 2n, 7n, -128n, 127n, 1n << 29n, 0n, (1n << 64n) + 1n, r >> 1n, -(r >> 1n), 12345678901234567890123456789n];
      const any = (length: number): number[][] =>
        Array.from({ length }, () => [Math.floor(random() * logs.length), Math.floor(random() * pool.length)]);
      const columns: number[][][] = [
        [],
        [[0, 0]],
        [[1, 1]],
        [
          [1, 0],
          [2, 0],
        ],
        [
          [1, 0],
          [3, 1],
        ],
        [
          [1, 2],
          [3, 2],
        ],
        [
          [1, 3],
          [1, 3],
          [2, 3],
          [9, 0],
        ],
        [[4, 0]],
        [
          [4, 9],
          [5, 0],
        ],
        [[6, 7]],
        [[7, 8]],
        [
          [8, 9],
          [8, 10],
        ],
        [
          [8, 9],
          [9, 10],
        ],
        any(60),
        ...Array.from({ length: 40 }, () => any(1 + Math.floor(random() * 5))),
        any(700),
        [],
      ];
      const starts = columns.map((_, i) => columns.slice(0, i).flat().length);
      const digits = pool.map(signedBits);
      const records = alloc(logs.length * group.bulk.recordBytes);
      const points = store(filePoints(name, logs));
      group.bulk.readPoints(records, points, logs.length);
      const terms = {
        starts: words(starts),
        ends: words(starts.map((start, i) => start + columns[i]!.length)),
        rows: words(columns.flat().map(([row]) => row!)),
        coefficients: words(columns.flat().map(([, coefficient]) => coefficient!)),
        digitStarts: words([...pool, 0n].map((_, i) => digits.slice(0, i).flat().length)),
        digits: store(new Uint8Array(Uint16Array.from(digits.flat()).buffer)),
      };
      const out = alloc(columns.length * group.fileBytes);
      bytesAt(out, columns.length * group.fileBytes).fill(0xaa);
      columnSums(kernel, group, work, terms, { records, first: 0, count: 3, out });
      columnSums(kernel, group, work, terms, { records, first: 3, count: columns.length - 3, out: out + 3 * group.fileBytes });
      const wanted = columns.map((column) =>
        coordinatesOf(
          name,
          column.reduce((sum, [row, k]) => sum + logs[row!]! * pool[k!]!, 0n),
        ),
      );
      const got = readFilePoints(name, bytesAt(out, columns.length * group.fileBytes));
      for (const [i, column] of columns.entries()) expect(got[i], `column ${i}: ${JSON.stringify(column.slice(0, 9))}`).toEqual(wanted[i]);
    },
  );

  test.each(['g1', 'g2'] as const)('%s: products by one scalar and by one for each point', (name) => {
    const group = kernel[name];
    const shape = digitShapes[name];
    const scalars = [
      0n,
      1n,
      2n,
      8n,
      9n,
      16n,
      24n,
      r - 1n,
      r - 2n,
      r >> 1n,
      lambda,
      r - lambda,
      (1n << 253n) + 12345n,
      3n ** 150n % r,
      7n ** 90n % r,
    ];
    const logs = scalars.map((_, i) => (i === 3 ? 0n : BigInt(i + 1) ** 9n));
    const points = store(filePoints(name, logs));
    const out = alloc(logs.length * group.fileBytes);
    const size = shape.halves * shape.windows;
    const digits = store(new Uint8Array(scalars.flatMap((scalar) => Array.from(scalarDigits(scalar, shape)))));
    multiplyPoints(kernel, group, shape, work, { points, count: logs.length, digits, stride: size, out });
    expect(readFilePoints(name, bytesAt(out, logs.length * group.fileBytes))).toEqual(
      logs.map((log, i) => coordinatesOf(name, log * scalars[i]!)),
    );
    for (const [i, scalar] of scalars.entries()) {
      multiplyPoints(kernel, group, shape, work, { points, count: 6, digits: digits + i * size, stride: 0, out });
      expect(readFilePoints(name, bytesAt(out, 6 * group.fileBytes)), String(scalar)).toEqual(
        logs.slice(0, 6).map((log) => coordinatesOf(name, log * scalar)),
      );
    }
  });

  test.each(['g1', 'g2'] as const)('%s: uncompressed points are big-endian, imaginary part first, infinity zero', (name) => {
    const group = kernel[name];
    const logs = [1n, 77n, 0n, r - 1n];
    const low = [1n, 5n, 9n, 1n];
    const points = store(filePoints(name, logs));
    const lowPoints = store(filePoints(name, low));
    const out = alloc(logs.length * group.fileBytes);
    const hex = (): string => Buffer.from(bytesAt(out, logs.length * group.fileBytes)).toString('hex');
    const wanted = (values: readonly bigint[]): string =>
      values
        .map((log) => {
          const coordinates = coordinatesOf(name, log) ?? (name === 'g1' ? [0n, 0n] : [0n, 0n, 0n, 0n]);
          const order = name === 'g1' ? [0, 1] : [1, 0, 3, 2];
          return order.map((k) => coordinates[k]!.toString(16).padStart(64, '0')).join('');
        })
        .join('');
    uncompressPoints(kernel, group, work, points, logs.length, out);
    expect(hex()).toBe(wanted(logs));
    uncompressDifferences(kernel, group, work, { high: points, low: lowPoints, count: logs.length, out });
    expect(hex()).toBe(wanted(logs.map((log, i) => log - low[i]!)));
  });
});
