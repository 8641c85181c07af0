/** Roots of quadratic equations over the scalar field: what a row with one unknown leaves of it. */
import { invert, mod, power, scalarOrder } from '../field/bn254.ts';

const r = scalarOrder;

/** A square root mod r (Tonelli–Shanks), or null. */
export function squareRoot(value: bigint): bigint | null {
  if (value === 0n) return 0n;
  if (power(value, (r - 1n) >> 1n, r) !== 1n) return null;
  let [odd, twos] = [r - 1n, 0];
  while ((odd & 1n) === 0n) [odd, twos] = [odd >> 1n, twos + 1];
  let nonResidue = 2n;
  while (power(nonResidue, (r - 1n) >> 1n, r) === 1n) nonResidue++;
  let c = power(nonResidue, odd, r);
  let t = power(value, odd, r);
  let root = power(value, (odd + 1n) >> 1n, r);
  while (t !== 1n) {
    let i = 0;
    for (let square = t; square !== 1n; i++) square = (square * square) % r;
    let factor = c;
    for (let k = 0; k < twos - i - 1; k++) factor = (factor * factor) % r;
    root = (root * factor) % r;
    c = (factor * factor) % r;
    t = (t * c) % r;
    twos = i;
  }
  return root;
}

/** Roots of αw² + βw + γ; null if every w is one. */
export function quadraticRoots(alpha: bigint, beta: bigint, gamma: bigint): bigint[] | null {
  [alpha, beta, gamma] = [mod(alpha, r), mod(beta, r), mod(gamma, r)];
  if (alpha === 0n) {
    if (beta === 0n) return gamma === 0n ? null : [];
    return [mod(-gamma * invert(beta, r), r)];
  }
  // The common case, w·(w − 1) = 0 and its like, without a square root.
  if (gamma === 0n) return beta === 0n ? [0n] : [0n, mod(-beta * inverseOf(alpha), r)];
  const root = squareRoot(mod(beta * beta - 4n * alpha * gamma, r));
  if (root === null) return [];
  const half = invert(2n * alpha, r);
  return [...new Set([mod((root - beta) * half, r), mod((-root - beta) * half, r)])];
}

/** Most coefficients are ±1. */
export function inverseOf(value: bigint): bigint {
  return value === 1n ? 1n : value === -1n || value === r - 1n ? r - 1n : invert(value, r);
}
