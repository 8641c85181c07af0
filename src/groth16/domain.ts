/**
 * The evaluation domain of a constraint system: the N-th roots of unity, N the power of two that holds all rows, and the odd coset, which together are
 * the 2N-th roots. The roots are powers of 5^((r−1)/2^28), as in snarkjs.
 */
import { ZkonnxError } from '../errors.ts';
import { power, scalarOrder } from '../field/bn254.ts';

/** r − 1 = 2^28 · odd. The odd coset takes one of the 28. */
const twoAdicity = 28;
export const maxLogDomain = twoAdicity - 1;

/**
 * log2 of the domain's size: the smallest power of two ≥ rowCount + publicCount + 1 (snarkjs appends a row A[rowCount+s][s] = 1 for each s = 0 … publicCount,
 * which keeps every public wire's point away from infinity).
 */
export function logDomainSize(rowCount: number, publicCount: number): number {
  const rows = rowCount + publicCount + 1;
  const log = rows <= 2 ? 1 : 32 - Math.clz32(rows - 1);
  if (log > maxLogDomain) throw new ZkonnxError('ZK7001', { what: `${rows} rows exceed the field's largest domain, 2^${maxLogDomain}` });
  return log;
}

/** A primitive 2^log-th root of unity. */
export function rootOfUnity(log: number): bigint {
  return power(5n, (scalarOrder - 1n) >> BigInt(log), scalarOrder);
}
