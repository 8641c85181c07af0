/**
 * Points in snarkjs' JSON form, read strictly: exact shapes, canonical decimal strings below q, z = 1, on the curve, in the subgroup, never infinity.
 * One spelling per point, so that nothing can be altered without notice. Browser-safe.
 *
 * Reference: snarkjs `proof.json`; G2 is [[x.c0, x.c1], [y.c0, y.c1], [1, 0]] (EIP-197 calldata has c1 first).
 */
import { bn254 } from '@noble/curves/bn254.js';
import { baseOrder } from '../field/bn254.ts';
import type { G1Json, G2Json } from './keys.ts';

export type G1Point = InstanceType<typeof bn254.G1.Point>;
export type G2Point = InstanceType<typeof bn254.G2.Point>;

/** Why something read is refused: a stable sentence that begins with the place. Never leaves groth16/. */
export class Refused extends Error {}

const canonicalDecimal = /^(?:0|[1-9][0-9]{0,77})$/;

/** @throws Refused unless `value` is the one decimal spelling of an integer in [0, below). */
export function parseDecimal(value: unknown, below: bigint, belowName: string, place: string): bigint {
  if (typeof value === 'string' && value.length <= 78 && canonicalDecimal.test(value)) {
    const number = BigInt(value);
    if (number < below) return number;
  }
  throw new Refused(`${place}: not a canonical decimal string below ${belowName}`);
}

function parseTuple(value: unknown, length: number, place: string, shape: string): readonly unknown[] {
  if (!Array.isArray(value) || value.length !== length) throw new Refused(`${place}: expected ${shape}`);
  return value;
}

function coordinate(value: unknown, place: string): bigint {
  return parseDecimal(value, baseOrder, 'q', place);
}

/** @throws Refused. G1 has cofactor 1: on the curve is in the group. */
export function parseG1(value: unknown, place: string): G1Point {
  const [x, y, z] = parseTuple(value, 3, place, '[x, y, "1"]');
  if (z === '0') throw new Refused(`${place}: the point at infinity`);
  if (z !== '1') throw new Refused(`${place}: z is not "1"`);
  const point = { x: coordinate(x, `${place}[0]`), y: coordinate(y, `${place}[1]`) };
  if (!onCurve(bn254.G1.Point.Fp, bn254.G1.Point.CURVE().b, point)) throw new Refused(`${place}: not on the curve`);
  return bn254.G1.Point.fromAffine(point);
}

/** @throws Refused. */
export function parseG2(value: unknown, place: string): G2Point {
  const [x, y, z] = parseTuple(value, 3, place, '[[x0, x1], [y0, y1], ["1", "0"]]');
  const [z0, z1] = parseTuple(z, 2, `${place}[2]`, '["1", "0"]');
  if (z0 === '0' && z1 === '0') throw new Refused(`${place}: the point at infinity`);
  if (z0 !== '1' || z1 !== '0') throw new Refused(`${place}: z is not ["1", "0"]`);
  const pair = (part: unknown, index: number) => {
    const [c0, c1] = parseTuple(part, 2, `${place}[${index}]`, 'two coordinates');
    return { c0: coordinate(c0, `${place}[${index}][0]`), c1: coordinate(c1, `${place}[${index}][1]`) };
  };
  const affine = { x: pair(x, 0), y: pair(y, 1) };
  if (!onCurve(bn254.G2.Point.Fp, bn254.G2.Point.CURVE().b, affine)) throw new Refused(`${place}: not on the curve`);
  const point = bn254.G2.Point.fromAffine(affine);
  if (!point.isTorsionFree()) throw new Refused(`${place}: not in the subgroup of order r`);
  return point;
}

interface CoordinateField<T> {
  readonly mul: (a: T, b: T) => T;
  readonly sqr: (a: T) => T;
  readonly add: (a: T, b: T) => T;
  readonly eql: (a: T, b: T) => boolean;
}

/** y² = x³ + b. (0, 0), the EVM's spelling of infinity, is no solution. */
function onCurve<T>(field: CoordinateField<T>, b: T, point: { readonly x: T; readonly y: T }): boolean {
  return field.eql(field.sqr(point.y), field.add(field.mul(field.sqr(point.x), point.x), b));
}

export function g1Json(point: G1Point): G1Json {
  const { x, y } = point.toAffine();
  return [String(x), String(y), '1'];
}

export function g2Json(point: G2Point): G2Json {
  const { x, y } = point.toAffine();
  return [
    [String(x.c0), String(x.c1)],
    [String(y.c0), String(y.c1)],
    ['1', '0'],
  ];
}

/** An object's own fields, exactly those named. @throws Refused. */
export function parseFields(
  value: unknown,
  required: readonly string[],
  optional: readonly string[],
  place: string,
): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Refused(`${place}: not an object`);
  for (const name of Object.keys(value)) {
    if (!required.includes(name) && !optional.includes(name))
      throw new Refused(`${place}: unknown field ${JSON.stringify(name.slice(0, 40))}`);
  }
  for (const name of required) if (!Object.hasOwn(value, name)) throw new Refused(`${place}: field "${name}" is missing`);
  return value as Record<string, unknown>;
}
