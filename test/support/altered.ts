/** Alterations of JSON-like keys and proofs, and points that a strict verifier must refuse. */
import { bn254 } from '@noble/curves/bn254.js';
import { baseOrder, scalarOrder } from '../../src/field/bn254.ts';
import { type G2Point, g2Json, parseG2 } from '../../src/groth16/points.ts';

/** JSON without its types: tests put wrong things into it. */
// biome-ignore lint/suspicious/noExplicitAny: the point is to break the types
export type Altered = any;

/** A plain deep copy that tests may alter. */
export function copyOf<T>(value: T): Altered {
  return JSON.parse(JSON.stringify(value)) as Altered;
}

/** Replaces the leaf at "pi_b.0.1" in place; the function sees the old value and the whole. */
export function edit(path: string, change: (old: Altered, whole: Altered) => unknown): (whole: Altered) => Altered {
  const steps = path.split('.');
  const last = steps.pop()!;
  return (whole) => {
    const parent = steps.reduce((at, step) => at[step], whole);
    parent[last] = change(parent[last], whole);
    return whole;
  };
}

export function without(field: string): (whole: Altered) => Altered {
  return ({ [field]: _, ...rest }) => rest;
}

export const infinity1 = ['0', '1', '0'];
export const infinity2 = [
  ['0', '0'],
  ['1', '0'],
  ['0', '0'],
];
/** The EVM's spelling of infinity, in JSON. */
export const zero2 = [
  ['0', '0'],
  ['0', '0'],
  ['1', '0'],
];

/** The verifier's reason for a number it refuses. */
export function junkNumber(place: string, below = 'q'): string {
  return `${place}: not a canonical decimal string below ${below}`;
}

/** Jacobian (x z², y z³, z): the same point in another spelling. */
export function scaled([x, y]: readonly string[], z: bigint): string[] {
  return [String((BigInt(x!) * z * z) % baseOrder), String((BigInt(y!) * z * z * z) % baseOrder), String(z)];
}

/** A point of the twist that is not in the subgroup: the first x = (n, 1) with a square right-hand side. */
function strayPoint(): G2Point {
  const { Fp2 } = bn254.fields;
  const { b } = bn254.G2.Point.CURVE();
  for (let n = 1n; ; n++) {
    const x = Fp2.fromBigTuple([n, 1n]);
    const right = Fp2.add(Fp2.mul(Fp2.sqr(x), x), b);
    let y: typeof x;
    try {
      y = Fp2.sqrt(right);
    } catch {
      continue;
    }
    const point = bn254.G2.Point.fromAffine({ x, y });
    if (!timesOrder(point).is0()) return point;
  }
}

function timesOrder(point: G2Point): G2Point {
  return point.multiplyUnsafe(scalarOrder - 1n).add(point);
}

export function strayG2(): Altered {
  return g2Json(strayPoint());
}

/** B + T with T = r·(stray point): of an order that divides the cofactor, so pairings alone may not notice. */
export function withTorsion(point: Altered): Altered {
  return g2Json(parseG2(point, '').add(timesOrder(strayPoint())));
}
