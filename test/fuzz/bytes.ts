/** Changes that need to know nothing of a file: flipped, overwritten, removed, repeated and spliced runs; numbers as files have them, at their edges. */
import type { Random } from './random.ts';

const edges = [
  0n,
  1n,
  0x7fn,
  0x80n,
  0xffn,
  0x7fffn,
  0xffffn,
  0x7fffffffn,
  0x80000000n,
  0xfffffffen,
  0xffffffffn,
  1n << 53n,
  1n << 62n,
  1n << 63n,
  (1n << 64n) - 1n,
];

export function edgeNumber(next: Random): bigint {
  return next.pick(edges);
}

export function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function overwrite(bytes: Uint8Array, next: Random): Uint8Array {
  const size = next.pick([1, 2, 4, 8]);
  if (bytes.length < size) return bytes;
  const out = bytes.slice();
  const view = new DataView(out.buffer);
  // Half of them near the start, where headers are.
  let at = next.below((next.chance(0.5) ? Math.min(256, bytes.length) : bytes.length) - size + 1 || 1);
  if (at + size > bytes.length) at = bytes.length - size;
  const little = next.chance(0.8);
  const current =
    size === 8
      ? view.getBigUint64(at, little)
      : BigInt(size === 4 ? view.getUint32(at, little) : size === 2 ? view.getUint16(at, little) : view.getUint8(at));
  const value = BigInt.asUintN(8 * size, next.pick([edgeNumber(next), current + 1n, current - 1n, current * 2n, ~current]));
  if (size === 8) view.setBigUint64(at, value, little);
  else if (size === 4) view.setUint32(at, Number(value), little);
  else if (size === 2) view.setUint16(at, Number(value), little);
  else view.setUint8(at, Number(value));
  return out;
}

/** `other` is a file of the same kind. */
export function mutateBytes(bytes: Uint8Array, other: Uint8Array, next: Random): Uint8Array {
  const start = next.below(bytes.length + 1);
  const length = 1 + next.below(next.pick([1, 8, 64, 1024]));
  const [before, run, after] = [bytes.subarray(0, start), bytes.subarray(start, start + length), bytes.subarray(start + length)];
  switch (next.below(9)) {
    case 0: {
      const out = bytes.slice();
      if (out.length > 0) out[next.below(out.length)]! ^= 1 << next.below(8);
      return out;
    }
    case 1:
    case 2:
    case 3:
      return overwrite(bytes, next);
    case 4:
      return bytes.slice(0, start);
    case 5:
      return concatenate([before, after]);
    case 6:
      return concatenate([before, run, run, after]);
    case 7: {
      const from = next.below(other.length + 1);
      return concatenate([before, other.subarray(from, from + length), next.chance(0.5) ? after : other.subarray(from + length)]);
    }
    default:
      return concatenate([before, new Uint8Array(run.length).fill(next.pick([0, 0xff, 0x80, 0x20])), after]);
  }
}
