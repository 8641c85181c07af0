/**
 * Many multiples of a group's generator: scalars in, affine points out, as a key's set-up needs them by the hundred thousand.
 *
 * Signed windows of `bits` bits over a table of d·2^(bits·k)·G for d = 1 … 2^(bits−1), summed window by window over a batch of points with affine
 * additions that share one inversion (Montgomery's trick): 5 M + 1 S per addition against 8 M + 3 S of mixed Jacobian coordinates, and no
 * conversion at the end. A scalar below r needs ⌈255/bits⌉ windows: the 255th bit takes the last carry.
 */
import type { CurveModule, GroupRoutines } from './curve.ts';

/** Points that one inversion is shared by. */
export const fixedBaseBatch = 2048;
const scalarBits = 255;

export interface FixedBase {
  readonly group: GroupRoutines;
  readonly bits: number;
  readonly windowCount: number;
  /** Address of the table: window-major, affine. */
  readonly table: number;
  /** Working memory of one batch. */
  readonly sums: number;
  readonly differences: number;
  readonly temporary: number;
}

/** The window width with the least work for so many points, table included (one of its entries costs about two additions). */
export function windowBitsFor(pointCount: number): number {
  let best = 4;
  let bestCost = Number.POSITIVE_INFINITY;
  for (let bits = 4; bits <= 16; bits++) {
    const cost = Math.ceil(scalarBits / bits) * (pointCount + 2 * (1 << (bits - 1)));
    if (cost < bestCost) [best, bestCost] = [bits, cost];
  }
  return best;
}

/** Builds the table: about 1.2 µs per entry in G1. */
export function makeFixedBase(curve: CurveModule, group: GroupRoutines, pointCount: number): FixedBase {
  const bits = windowBitsFor(pointCount);
  const windowCount = Math.ceil(scalarBits / bits);
  const half = 1 << (bits - 1);
  const affineBytes = 2 * group.coordinateBytes;
  const jacobianBytes = 3 * group.coordinateBytes;
  const table = curve.alloc(windowCount * half * affineBytes);
  const sums = curve.alloc(fixedBaseBatch * affineBytes);
  const differences = curve.alloc(fixedBaseBatch * group.coordinateBytes);
  const temporary = curve.alloc(jacobianBytes + 2 * group.coordinateBytes);
  const chunk = Math.min(half, fixedBaseBatch);
  const jacobians = curve.alloc(chunk * jacobianBytes);
  const base = curve.alloc(affineBytes);
  const running = curve.alloc(jacobianBytes);

  group.toAffine(group.generator, base);
  for (let window = 0; window < windowCount; window++) {
    const start = table + window * half * affineBytes;
    group.zero(running);
    for (let done = 0; done < half; done += chunk) {
      for (let i = 0; i < chunk; i++) {
        group.addMixed(running, base, running);
        curve.bytes().copyWithin(jacobians + i * jacobianBytes, running, running + jacobianBytes);
      }
      group.batchToAffine(jacobians, chunk, start + done * affineBytes);
    }
    group.double(running, running);
    group.toAffine(running, base);
  }
  return { group, bits, windowCount, table, sums, differences, temporary };
}

/** Signed digits of `count` scalars (canonical, 8 words each), window-major into `digits`. */
function recode(words: Uint32Array, count: number, bits: number, windowCount: number, digits: Int32Array): void {
  const full = 1 << bits;
  const half = full >> 1;
  for (let i = 0; i < count; i++) {
    let carry = 0;
    for (let window = 0; window < windowCount; window++) {
      const position = window * bits;
      const word = position >>> 5;
      const shift = position & 31;
      let raw = words[8 * i + word]! >>> shift;
      if (shift + bits > 32 && word < 7) raw |= words[8 * i + word + 1]! << (32 - shift);
      let digit = (raw & (full - 1)) + carry;
      carry = digit > half ? 1 : 0;
      if (carry === 1) digit -= full;
      digits[window * count + i] = digit;
    }
  }
}

/**
 * `count` ≤ fixedBaseBatch points scalar_i · G to `base.sums`, affine. `scalars` is the address of canonical 32-byte little-endian values below r,
 * 8-byte aligned.
 */
export function multiplyFixedBase(curve: CurveModule, base: FixedBase, scalars: number, count: number): void {
  const { group, bits, windowCount, table, sums, differences, temporary } = base;
  const { add, sub, mul, square, neg, copy, batchInverse } = group.field;
  const size = group.coordinateBytes;
  const half = 1 << (bits - 1);
  const memory = curve.bytes();
  const words = new Uint32Array(memory.buffer);
  const digits = new Int32Array(windowCount * count);
  recode(words.subarray(scalars >>> 2, (scalars >>> 2) + 8 * count), count, bits, windowCount, digits);
  memory.fill(0, sums, sums + 2 * size * count);
  const empty = new Uint8Array(count).fill(1);
  const pending = new Int32Array(count);
  const lambda = temporary;
  const x = temporary + size;

  for (let window = 0; window < windowCount; window++) {
    const entries = table + (window * half - 1) * 2 * size;
    let pendingCount = 0;
    for (let i = 0; i < count; i++) {
      const digit = digits[window * count + i]!;
      if (digit === 0) continue;
      const entry = entries + (digit < 0 ? -digit : digit) * 2 * size;
      const sum = sums + i * 2 * size;
      if (empty[i] === 1) {
        copy(entry, sum);
        copy(entry + size, sum + size);
        if (digit < 0) neg(sum + size, sum + size);
        empty[i] = 0;
        continue;
      }
      const difference = differences + pendingCount * size;
      sub(entry, sum, difference);
      if (isZero(words, difference, size)) {
        // Same x: a doubling or a cancellation, which the affine formula cannot do. Only the last window can meet it, where sums wrap round r.
        group.toJacobian(sum, temporary);
        if (digit < 0) group.subMixed(temporary, entry, temporary);
        else group.addMixed(temporary, entry, temporary);
        group.toAffine(temporary, sum);
        if (isZero(words, sum, 2 * size)) empty[i] = 1;
        continue;
      }
      pending[pendingCount++] = i;
    }
    if (pendingCount === 0) continue;
    batchInverse(differences, size, pendingCount, differences, size);
    for (let j = 0; j < pendingCount; j++) {
      const i = pending[j]!;
      const digit = digits[window * count + i]!;
      const sum = sums + i * 2 * size;
      const inverse = differences + j * size;
      if (digit > 0) {
        // λ = (y₂ − y₁)/(x₂ − x₁); x₃ = λ² − x₁ − x₂; y₃ = λ(x₁ − x₃) − y₁.
        const entry = entries + digit * 2 * size;
        sub(entry + size, sum + size, lambda);
        mul(lambda, inverse, lambda);
        square(lambda, x);
        sub(x, sum, x);
        sub(x, entry, x);
        sub(sum, x, inverse);
      } else {
        // Adding (x₂, −y₂): with μ = (y₂ + y₁)/(x₂ − x₁) = −λ, y₃ = μ(x₃ − x₁) − y₁.
        const entry = entries - digit * 2 * size;
        add(entry + size, sum + size, lambda);
        mul(lambda, inverse, lambda);
        square(lambda, x);
        sub(x, sum, x);
        sub(x, entry, x);
        sub(x, sum, inverse);
      }
      copy(x, sum);
      mul(lambda, inverse, lambda);
      sub(lambda, sum + size, sum + size);
    }
  }
}

function isZero(words: Uint32Array, address: number, sizeBytes: number): boolean {
  const end = (address + sizeBytes) >>> 2;
  for (let i = address >>> 2; i < end; i++) if (words[i] !== 0) return false;
  return true;
}
