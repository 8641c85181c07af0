/**
 * ln x and ln(1 + x) in float32, after the C library of ONNX Runtime's WASM build: `logf` behind the operator Log, `log1pf` behind Softplus.
 * Reference: Arm's optimized routines, as in musl's logf (float64 inside); FreeBSD's msun, as in musl's log1pf (float32 inside).
 */
import { bitsOf, floatOf } from './bits.ts';

const fl = Math.fround;

/** Reciprocals of 16 points c of [0.7, 1.4), one for each interval of x's mantissa, and ln c. */
export const reciprocals = [
  1.398907162146528, 1.3403141896637998, 1.286432210124115, 1.2367150214269895, 1.1906977166711752, 1.1479821020556429, 1.1082251448272158,
  1.0711297413057381, 1.036437278977283, 1, 0.9492859795739057, 0.8951049428609004, 0.8476821620351103, 0.8050314851692001,
  0.7664671008843108, 0.731428603316328,
];
const logarithms = [
  -0.33569133332882284, -0.2929040563774074, -0.2518726580937369, -0.21245868807117255, -0.17453945183745634, -0.1380057072319758,
  -0.10275976698545139, -0.06871392447020525, -0.0357891387398228, 0, 0.05204517742929496, 0.11081431298787942, 0.1652495223695143,
  0.21687389031699977, 0.2659635028121397, 0.3127556664073557,
];
const ln2 = Math.LN2;
const [a4, a3, a2] = [-0.25089342214237154, 0.333456765744066, -0.4999997485802103];

const subnormalsEnd = 0x800000;
const intervalsStart = 0x3f330000;

/** A float32 x > 0 as 2^k·z with z in [0.7, 1.4), and the interval i that z lies in. */
export function splitFloat(x: number): { readonly k: number; readonly z: number; readonly i: number } {
  let bits = bitsOf(x);
  if (bits < subnormalsEnd) bits = bitsOf(x * 8388608) - (23 << 23);
  const distance = bits - intervalsStart;
  return { k: distance >> 23, z: floatOf(bits - (distance & ~0x7fffff)), i: (distance >> 19) & 15 };
}

/** `logf`; NaN below 0. */
export function log(x: number): number {
  if (Number.isNaN(x) || x < 0) return Number.NaN;
  if (x === 0) return Number.NEGATIVE_INFINITY;
  if (x === 1 || x === Number.POSITIVE_INFINITY) return x === 1 ? 0 : x;
  const { k, z, i } = splitFloat(x);
  const r = z * reciprocals[i]! - 1;
  const r2 = r * r;
  const tail = a4 * r2 + (a3 * r + a2);
  return fl(tail * r2 + (logarithms[i]! + k * ln2 + r));
}

const ln2High = fl(6.9313812256e-1);
const ln2Low = fl(9.0580006145e-6);
const [g1, g2, g3, g4] = [0.6666666269302368, 0.40000972151756287, 0.2849878668785095, 0.24279078841209412];
const tiny = 1 / 16777216;
/** √2 − 1 and √½ as float32 bits: between these, 1 + x needs no reduction. */
const reducedEnd = 0x3ed413d0;
const rootHalf = 0x3f3504f3;

/** `log1pf` of x ≥ 0. */
export function log1p(x: number): number {
  if (x < tiny || x === Number.POSITIVE_INFINITY) return x;
  let [k, correction, f] = [0, 0, x];
  if (bitsOf(x) >= reducedEnd) {
    const u = fl(1 + x);
    const bits = bitsOf(u) + (0x3f800000 - rootHalf);
    k = (bits >> 23) - 127;
    if (k < 25) correction = fl((k >= 2 ? fl(1 - fl(u - x)) : fl(x - fl(u - 1))) / u);
    f = fl(floatOf((bits & 0x7fffff) + rootHalf) - 1);
  }
  const s = fl(f / fl(2 + f));
  const z = fl(s * s);
  const w = fl(z * z);
  const r = fl(fl(z * fl(g1 + fl(w * g3))) + fl(w * fl(g2 + fl(w * g4))));
  const half = fl(fl(0.5 * f) * f);
  const low = fl(fl(s * fl(half + r)) + fl(fl(k * ln2Low) + correction));
  return fl(fl(fl(low - half) + f) + fl(k * ln2High));
}
