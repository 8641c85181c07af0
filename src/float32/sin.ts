/**
 * sin and cos in float32, after `sinf` and `cosf` of ONNX Runtime's WASM build: float64 inside.
 * Reference: FreeBSD's msun, as in musl's sinf, __rem_pio2f, __sindf and __cosdf.
 */
const fl = Math.fround;

const quartersPerRadian = 0.6366197723675814;
/** π/2, its first 25 bits and the rest. */
const quarterHigh = 1.5707963109016418;
const quarterLow = 1.5893254773528196e-8;
const shift = 6755399441055744;
/** Beyond this the C library goes another way. */
const largestAngle = 421657428;

const [s1, s2, s3, s4] = [-0.16666666641626524, 0.008333329385889463, -0.00019839334836096632, 0.000002718311493989822];
const [c0, c1, c2, c3] = [-0.499999997251031, 0.04166662332373906, -0.001388676377460993, 0.00002439044879627741];

function sinNearZero(x: number): number {
  const z = x * x;
  const s = z * x;
  return fl(x + s * (s1 + z * s2) + s * (z * z) * (s3 + z * s4));
}

function cosNearZero(x: number): number {
  const z = x * x;
  const w = z * z;
  return fl(1 + z * c0 + w * c1 + w * z * (c2 + z * c3));
}

/** sin(x + turns·π/2) for |x| ≤ largestAngle. */
function turned(x: number, turns: number): number {
  const quarters = x * quartersPerRadian + shift - shift;
  const rest = x - quarters * quarterHigh - quarters * quarterLow;
  switch ((((quarters + turns) % 4) + 4) % 4) {
    case 0:
      return sinNearZero(rest);
    case 1:
      return cosNearZero(rest);
    case 2:
      return sinNearZero(-rest);
    default:
      return -cosNearZero(rest);
  }
}

/** NaN beyond 2^28·π/2. */
export function sin(x: number): number {
  if (x === 0) return x;
  return Math.abs(x) > largestAngle ? Number.NaN : turned(x, 0);
}

/** NaN beyond 2^28·π/2. */
export function cos(x: number): number {
  return Math.abs(x) > largestAngle ? Number.NaN : turned(x, 1);
}
