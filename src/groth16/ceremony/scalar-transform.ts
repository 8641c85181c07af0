/** One inverse transform of scalars, for checking Lagrange bases: routine by routine on the scalar field, about 150 ns a butterfly. The prover's transforms are in kernels/. */
import { invert, scalarOrder } from '../../field/bn254.ts';
import { montgomery } from '../../kernels/field-code.ts';
import { elementBytes, writeLimbs } from '../../kernels/kernel.ts';
import type { KernelThreads } from '../../kernels/threads.ts';
import { rootOfUnity } from '../domain.ts';

const r = scalarOrder;

/** Canonical c_j = 1/n · Σ_i s_i ω^{−ij} of canonical s_i, 32 bytes each. Takes 54 bytes of the kernels' memory per element. */
export function inverseTransform({ memory, local, alloc }: KernelThreads, scalars: Uint8Array, log: number): Uint8Array {
  const n = 2 ** log;
  const { mul, add, sub, readPair, writeCanonical } = local.kernel.fr;
  const [values, table] = [alloc(n * elementBytes), alloc(Math.max(1, n / 2) * elementBytes)];
  const [factor, zero, room, element] = [alloc(64), alloc(64), alloc(32), alloc(2 * elementBytes)];
  writeLimbs(memory, zero, 0n);
  writeLimbs(memory, table, montgomery(1n, r));
  writeLimbs(memory, factor, montgomery(invert(rootOfUnity(log), r), r));
  for (let k = 1; k < n / 2; k++) {
    const at = table + k * elementBytes;
    mul(at, at - elementBytes, factor);
    add(at, at, zero);
  }
  // Reading takes the bytes for a Montgomery form of 2^256: the factor undoes that and divides by n.
  writeLimbs(memory, factor, montgomery(((1n << 256n) * invert(BigInt(n), r)) % r, r));
  const bytes = new Uint8Array(memory.buffer);
  for (let i = 0; i < n; i++) {
    bytes.set(scalars.subarray(32 * i, 32 * i + 32), room);
    readPair(element, room);
    mul(values + i * elementBytes, element, factor);
  }
  for (let half = n / 2; half >= 1; half /= 2) {
    const step = (n / (2 * half)) * elementBytes;
    for (let start = 0; start < n; start += 2 * half) {
      for (let j = 0; j < half; j++) {
        const low = values + (start + j) * elementBytes;
        const high = low + half * elementBytes;
        sub(element, low, high);
        add(low, low, high);
        mul(high, element, table + j * step);
      }
    }
  }
  const out = new Uint8Array(32 * n);
  for (let i = 0; i < n; i++) {
    let reversed = 0;
    for (let bit = 0; bit < log; bit++) reversed |= ((i >> bit) & 1) << (log - 1 - bit);
    writeCanonical(room, values + i * elementBytes);
    out.set(bytes.subarray(room, room + 32), 32 * reversed);
  }
  return out;
}
