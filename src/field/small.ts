/**
 * Scalar-field elements that are nearly always small integers, to and from 32 little-endian bytes without a BigInt: v ≥ 0 is itself, v < 0 is r − |v|, which differs from r in its
 * lowest 64 bits only (r mod 2^64 > 2^53).
 */
import { centred, readLittleEndian, scalarOrder, writeLittleEndian } from './bn254.ts';

const wordBase = 0x1_0000_0000;
/** r in 32-bit words, lowest first. */
const orderWords = [0xf0000001, 0x43e1f593, 0x79b97091, 0x2833e848, 0x8181585d, 0xb85045b6, 0xe131a029, 0x30644e72] as const;

/** Writes a safe integer as its canonical field element. */
export function writeSmall(value: number, view: DataView, offset: number): void {
  const size = Math.abs(value);
  const high = Math.floor(size / wordBase);
  const low = size - high * wordBase;
  if (value >= 0) {
    view.setUint32(offset, low, true);
    view.setUint32(offset + 4, high, true);
    for (let k = 2; k < 8; k++) view.setUint32(offset + 4 * k, 0, true);
    return;
  }
  const borrow = low > orderWords[0] ? 1 : 0;
  view.setUint32(offset, orderWords[0] - low + borrow * wordBase, true);
  view.setUint32(offset + 4, orderWords[1] - high - borrow, true);
  for (let k = 2; k < 8; k++) view.setUint32(offset + 4 * k, orderWords[k], true);
}

/** Reads a canonical element: centred where that is a safe integer, else as it is in [0, r); null where the bytes are no element (r or more). */
export function readElement(view: DataView, offset: number): number | bigint | null {
  const low = view.getUint32(offset, true);
  const high = view.getUint32(offset + 4, true);
  let zeros = true;
  let order = true;
  for (let k = 2; k < 8; k++) {
    const word = view.getUint32(offset + 4 * k, true);
    zeros &&= word === 0;
    order &&= word === orderWords[k];
  }
  if (zeros) {
    const value = high * wordBase + low;
    if (Number.isSafeInteger(value)) return value;
  } else if (order) {
    // Both parts are exact; a sum of 2^53 or more is not used.
    const value = (high - orderWords[1]) * wordBase + (low - orderWords[0]);
    if (value < 0 && Number.isSafeInteger(value)) return value;
  }
  const value = readLittleEndian(view, offset);
  return value < scalarOrder ? value : null;
}

/** Writes any element given as `readElement` returns it. */
export function writeElement(value: number | bigint, view: DataView, offset: number): void {
  if (typeof value === 'number') writeSmall(value, view, offset);
  else writeLittleEndian(value, view, offset);
}

/** The form of an element that `readElement` returns. */
export function smallOrWide(value: bigint): number | bigint {
  const near = centred(value, scalarOrder);
  const small = Number(near);
  return Number.isSafeInteger(small) ? small : near < 0n ? near + scalarOrder : near;
}
