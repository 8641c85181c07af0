/** Points with known logarithms in a kernel's memory, and points read back, by way of the library that the verifier trusts. */
import { bn254 } from '@noble/curves/bn254.js';
import { baseOrder, invert, mod, readLittleEndian, scalarOrder, writeLittleEndian } from '../../src/field/bn254.ts';
import { generatorMultiples, makeTable } from '../../src/kernels/multiples.ts';
import { startKernelThreads } from '../../src/kernels/threads.ts';

export type GroupName = 'g1' | 'g2';

const pointBytes = { g1: 64, g2: 128 } as const;

/** Affine coordinates of log·G, null for infinity; in G2 c0 before c1. */
export function coordinatesOf(group: GroupName, log: bigint): readonly bigint[] | null {
  const scalar = mod(log, scalarOrder);
  if (scalar === 0n) return null;
  if (group === 'g1') {
    const { x, y } = bn254.G1.Point.BASE.multiply(scalar).toAffine();
    return [x, y];
  }
  const { x, y } = bn254.G2.Point.BASE.multiply(scalar).toAffine();
  return [x.c0, x.c1, y.c0, y.c1];
}

/** log_i·G as key files have them: little-endian, Montgomery form of 2^256, infinity zero. */
export function filePoints(group: GroupName, logs: readonly bigint[]): Uint8Array {
  const out = new Uint8Array(pointBytes[group] * logs.length);
  const view = new DataView(out.buffer);
  for (const [i, log] of logs.entries()) {
    for (const [k, value] of (coordinatesOf(group, log) ?? []).entries()) {
      writeLittleEndian(mod(value << 256n, baseOrder), view, pointBytes[group] * i + 32 * k);
    }
  }
  return out;
}

/** What `filePoints` wrote, as coordinates. */
export function readFilePoints(group: GroupName, bytes: Uint8Array): (readonly bigint[] | null)[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const inverse = invert(1n << 256n, baseOrder);
  return Array.from({ length: bytes.length / pointBytes[group] }, (_, i) => {
    const values = Array.from({ length: pointBytes[group] / 32 }, (_unused, k) => readLittleEndian(view, pointBytes[group] * i + 32 * k));
    if (values.some((value) => value >= baseOrder)) throw new Error('not below q');
    return values.every((value) => value === 0n) ? null : values.map((value) => (value * inverse) % baseOrder);
  });
}

/** `filePoints` for thousands of logarithms, by the kernels' own fixed-base multiples (held to noble's points in fixed-base.test.ts). */
export async function manyFilePoints(group: GroupName, logs: readonly bigint[]): Promise<Uint8Array> {
  const threads = await startKernelThreads({ threads: 1, stage: 'test' });
  const table = await makeTable(threads, group, logs.length, undefined);
  const scalars = threads.alloc(32 * logs.length);
  const view = new DataView(threads.memory.buffer);
  for (const [i, log] of logs.entries()) writeLittleEndian(mod(log, scalarOrder), view, scalars + 32 * i);
  const points = new Uint8Array(pointBytes[group] * logs.length);
  await generatorMultiples(threads, group, table, scalars, points);
  return points;
}
