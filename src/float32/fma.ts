/**
 * a·b + c in float32, rounded twice (SIMD of WASM) or once (FMA of x86-64), in float64 arithmetic: a product of two float32 values is exact there, and
 * TwoSum gives a sum's rounding error exactly. Reference: Knuth, The Art of Computer Programming, vol. 2, §4.2.2; docs/onnx-semantics.md.
 */

const fl = Math.fround;

export type MultiplyAdd = (a: number, b: number, c: number) => number;

/** The product rounded, then the sum. */
export function multiplyAdd(a: number, b: number, c: number): number {
  return fl(fl(a * b) + c);
}

/**
 * The float32 nearest to the exact sum of two float64 values. Rounding their float64 sum again is wrong only where that lies half way between two float32 values and
 * is not exact; then the sum's error says which one is nearer.
 */
export function floatSum(x: number, y: number): number {
  const sum = x + y;
  const rounded = fl(sum);
  const rest = sum - rounded;
  if (rest === 0 || !Number.isFinite(rounded)) return rounded;
  const other = rounded + 2 * rest;
  if (fl(other) !== other) return rounded;
  const yPart = sum - x;
  const error = x - (sum - yPart) + (y - yPart);
  if (error === 0) return rounded;
  return error > 0 === other > rounded ? other : rounded;
}

/** The sum of the exact product, rounded once. */
export function fusedMultiplyAdd(a: number, b: number, c: number): number {
  return floatSum(a * b, c);
}
