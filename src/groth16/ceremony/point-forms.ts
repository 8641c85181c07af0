/** Single points between the library's form, that of iden3's files (little-endian, Montgomery form of 2^256, infinity zero) and that of hashes (big-endian, imaginary part first). */
import { bn254 } from '@noble/curves/bn254.js';
import { baseOrder, invert, readLittleEndian, writeLittleEndian } from '../../field/bn254.ts';
import type { G1Point, G2Point } from '../points.ts';
import { Refused } from '../points.ts';

const inverse = invert(1n << 256n, baseOrder);

function coordinates(bytes: Uint8Array, place: string): readonly bigint[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / 32 }, (_, i) => {
    const value = readLittleEndian(view, 32 * i);
    if (value >= baseOrder) throw new Refused(`${place}: a coordinate is not below q`);
    return (value * inverse) % baseOrder;
  });
}

/** @throws Refused unless the 64 bytes are a point of the curve that is not infinity. */
export function g1FromFile(bytes: Uint8Array, place: string): G1Point {
  const [x, y] = coordinates(bytes, place) as [bigint, bigint];
  return onCurve(bn254.G1.Point.fromAffine({ x, y }), place);
}

/** @throws Refused unless the 128 bytes are a point of the subgroup that is not infinity. */
export function g2FromFile(bytes: Uint8Array, place: string): G2Point {
  const [x0, x1, y0, y1] = coordinates(bytes, place) as [bigint, bigint, bigint, bigint];
  const point = onCurve(bn254.G2.Point.fromAffine({ x: { c0: x0, c1: x1 }, y: { c0: y0, c1: y1 } }), place);
  if (!point.isTorsionFree()) throw new Refused(`${place}: not in the subgroup of order r`);
  return point;
}

function onCurve<P extends { is0(): boolean; assertValidity(): void }>(point: P, place: string): P {
  if (point.is0()) throw new Refused(`${place}: the point at infinity`);
  try {
    point.assertValidity();
  } catch {
    throw new Refused(`${place}: not on the curve`);
  }
  return point;
}

function writeCoordinates(values: readonly bigint[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(32 * values.length);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of values.entries()) writeLittleEndian((value << 256n) % baseOrder, view, 32 * i);
  return bytes;
}

export function g1ToFile(point: G1Point): Uint8Array<ArrayBuffer> {
  const { x, y } = point.toAffine();
  return writeCoordinates([x, y]);
}

export function g2ToFile(point: G2Point): Uint8Array<ArrayBuffer> {
  const { x, y } = point.toAffine();
  return writeCoordinates([x.c0, x.c1, y.c0, y.c1]);
}

/** A file's point or points of one group as hashes take them. */
export function uncompressed(bytes: Uint8Array, group: 'g1' | 'g2'): Uint8Array {
  const size = group === 'g1' ? 64 : 128;
  const out = new Uint8Array(bytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts = size / 64;
  for (let point = 0; point < bytes.length; point += size) {
    for (let k = 0; k < 2 * parts; k++) {
      const mirrored = k < parts ? parts - 1 - k : 3 * parts - 1 - k;
      let value = (readLittleEndian(view, point + 32 * k) * inverse) % baseOrder;
      for (let i = 31; i >= 0; i--) {
        out[point + 32 * mirrored + i] = Number(value & 0xffn);
        value >>= 8n;
      }
    }
  }
  return out;
}

/** e(a, B′) = e(a′, B): one secret takes a to a′ and B to B′. None of them is infinity. */
export function sameRatio(a: G1Point, aTimes: G1Point, b: G2Point, bTimes: G2Point): boolean {
  const { Fp12 } = bn254.fields;
  if (a.is0() || aTimes.is0() || b.is0() || bTimes.is0()) return false;
  return Fp12.eql(
    bn254.pairingBatch([
      { g1: a, g2: bTimes },
      { g1: aTimes.negate(), g2: b },
    ]),
    Fp12.ONE,
  );
}

/** One claim of `sameRatio`, and what its failure means. */
export interface Ratio {
  readonly a: G1Point;
  readonly aTimes: G1Point;
  readonly b: G2Point;
  readonly bTimes: G2Point;
  readonly failure: string;
}

/**
 * What the first false claim means, or null if all hold. They are asked together: a random combination of all (128 bits each) in one product of pairings, those with the same points of G2 joined; only if that fails, one by one.
 */
export function firstFalse(ratios: readonly Ratio[]): string | null {
  const { Fp12 } = bn254.fields;
  const joined: { a: G1Point; aTimes: G1Point; readonly b: G2Point; readonly bTimes: G2Point }[] = [];
  for (const { a, aTimes, b, bTimes, failure } of ratios) {
    if (a.is0() || aTimes.is0() || b.is0() || bTimes.is0()) return failure;
    const random = crypto.getRandomValues(new Uint8Array(16)).reduce((value, byte) => (value << 8n) | BigInt(byte), 1n);
    const [left, right] = [a.multiplyUnsafe(random), aTimes.multiplyUnsafe(random)];
    const same = joined.find((other) => other.b === b && other.bTimes === bTimes);
    if (same === undefined) joined.push({ a: left, aTimes: right, b, bTimes });
    else [same.a, same.aTimes] = [same.a.add(left), same.aTimes.add(right)];
  }
  const pairs = joined
    .flatMap(({ a, aTimes, b, bTimes }) => [
      { g1: a, g2: bTimes },
      { g1: aTimes.negate(), g2: b },
    ])
    .filter(({ g1 }) => !g1.is0());
  if (Fp12.eql(bn254.pairingBatch(pairs), Fp12.ONE)) return null;
  return ratios.find(({ a, aTimes, b, bTimes }) => !sameRatio(a, aTimes, b, bTimes))?.failure ?? null;
}
