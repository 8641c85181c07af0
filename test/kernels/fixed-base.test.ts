/** Fixed-base multiples in WASM against @noble/curves, edge scalars first. */
import { expect, test } from 'vitest';
import { mod, scalarOrder, writeLittleEndian } from '../../src/field/bn254.ts';
import { fillMultiples, multiplyFixedBase, windowBitsFor, windowCountFor } from '../../src/kernels/fixed-base.ts';
import { makeKernelModule } from '../../src/kernels/kernel.ts';
import { makeRunner, runnerBytes } from '../../src/kernels/tasks.ts';
import { coordinatesOf, filePoints, readFilePoints } from '../support/kernel-points.ts';
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

test.each([
  ['g1', 20, true],
  ['g1', 4_000, true],
  ['g1', 200_000, true],
  ['g1', 4_000, false],
  ['g2', 20, true],
  ['g2', 4_000, true],
  ['g2', 4_000, false],
] as const)('%s with a table for %i points gives noble’s points (vectors: %s)', (name, pointCount, vectors) => {
  const module = makeKernelModule(false, vectors);
  const memory = new WebAssembly.Memory({ initial: 1200, maximum: 65536 });
  const { kernel, work } = makeRunner(module, memory, 64);
  const group = kernel[name];
  const bits = windowBitsFor(pointCount);
  const windows = windowCountFor(bits);
  const half = 2 ** (bits - 1);
  const chosen = name === 'g1' ? scalars : scalars.filter((_, i) => i % 5 === 0 || i < 40);
  let top = 64 + Math.ceil(runnerBytes(module) / 64) * 64;
  const take = (size: number): number => {
    top += Math.ceil(size / 64) * 64;
    const missing = top - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / 65536));
    return top - Math.ceil(size / 64) * 64;
  };
  const [records, base, input, out] = [
    take(windows * half * group.bulk.recordBytes),
    take(windows * group.fileBytes),
    take(32 * chosen.length),
    take(chosen.length * group.fileBytes),
  ];
  const bytes = new Uint8Array(memory.buffer);
  bytes.set(
    filePoints(
      name,
      Array.from({ length: windows }, (_, window) => 1n << BigInt(window * bits)),
    ),
    base,
  );
  for (const [i, value] of chosen.entries()) writeLittleEndian(value, new DataView(memory.buffer), input + 32 * i);
  for (let window = 0; window < windows; window++) {
    fillMultiples(kernel, group, work, base + window * group.fileBytes, half, records + window * half * group.bulk.recordBytes);
  }
  multiplyFixedBase(kernel, group, work, { records, bits, windows }, { scalars: input, count: chosen.length, out });
  const got = readFilePoints(name, bytes.slice(out, out + chosen.length * group.fileBytes));
  const mismatches = chosen.filter((scalar, i) => String(got[i]) !== String(coordinatesOf(name, scalar)));
  expect(mismatches).toEqual([]);
});

test('more points, wider windows', () => {
  const bits = [1, 100, 10_000, 1_000_000, 100_000_000].map(windowBitsFor);
  expect(bits).toEqual(bits.toSorted((a, b) => a - b));
  expect(bits.at(-1)).toBe(14);
});
