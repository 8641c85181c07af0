/**
 * A satisfied constraint system with the witness profile of a quantized network, for benchmarks of provers: 85 % bits (`b·(b − 1) = 0`), 13 % integers below 2^32 of both signs and 2 % full-size values, or
 * full-size only; the latter rows are products of earlier wires by a linear form that makes them come out.
 */
import { mod, scalarOrder, writeLittleEndian } from '../src/field/bn254.ts';
import type { R1cs, SparseMatrix } from '../src/r1cs/r1cs.ts';

const publicCount = 11;
const r = scalarOrder;

/** mulberry32: the same system on every run. */
function makeRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function satisfiedProfile(logN: number, uniform: boolean): { readonly r1cs: R1cs; readonly wtns: Uint8Array } {
  const random = makeRandom(11);
  const rowCount = 2 ** logN - publicCount - 1;
  const wireCount = 1 + publicCount + rowCount;
  const values: bigint[] = [1n];
  for (let i = 0; i < publicCount; i++) values.push(BigInt(Math.floor(random() * 256)));
  const field: bigint[] = [1n, r - 1n];
  const [plusOne, minusOne] = [0, 1];
  const rows = { a: open(rowCount), b: open(rowCount), c: open(rowCount) };
  let full = 5n;
  for (let row = 0; row < rowCount; row++) {
    const wire = values.length;
    const kind = uniform ? 1 : random();
    if (kind < 0.85) {
      values.push(random() < 0.5 ? 1n : 0n);
      rows.a.put(wire, plusOne);
      rows.b.put(wire, plusOne);
      rows.b.put(0, minusOne);
    } else {
      full = (full * full + 1n) % r;
      const value = kind < 0.98 ? mod(BigInt(Math.floor((random() - 0.5) * 2 ** 33)), r) : full;
      values.push(value);
      // (value + Σ c_i w_i) · 1 = wire + Σ c_i w_i, the sum of a few earlier wires on both sides.
      rows.a.put(wire, plusOne);
      rows.b.put(0, plusOne);
      rows.c.put(wire, plusOne);
      for (let k = 0; k < 4; k++) {
        const other = 1 + Math.floor(random() * (wire - 1));
        const weight = random() < 0.5 ? plusOne : minusOne;
        rows.a.put(other, weight);
        rows.c.put(other, weight);
      }
    }
    for (const part of [rows.a, rows.b, rows.c]) part.end();
  }
  const bytes = new Uint8Array(76 + 32 * wireCount);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode('wtns'));
  for (const [offset, value] of [
    [4, 2],
    [8, 2],
    [12, 1],
    [16, 40],
    [24, 32],
    [60, wireCount],
    [64, 2],
  ] as const)
    view.setUint32(offset, value, true);
  writeLittleEndian(r, view, 28);
  view.setBigUint64(68, BigInt(32 * wireCount), true);
  for (const [i, value] of values.entries()) writeLittleEndian(value, view, 76 + 32 * i);
  const r1cs: R1cs = {
    wireCount,
    publicCount,
    privateInputCount: 0,
    rowCount,
    a: rows.a.close(),
    b: rows.b.close(),
    c: rows.c.close(),
    pool: { small: Float64Array.from([1, -1]), field },
  };
  return { r1cs, wtns: bytes };
}

function open(rowCount: number) {
  const starts = new Uint32Array(rowCount + 1);
  const wires: number[] = [];
  const coefficients: number[] = [];
  let row = 0;
  return {
    put(wire: number, coefficient: number): void {
      wires.push(wire);
      coefficients.push(coefficient);
    },
    end(): void {
      starts[++row] = wires.length;
    },
    close: (): SparseMatrix => ({ starts, wires: Uint32Array.from(wires), coefficients: Uint32Array.from(coefficients) }),
  };
}
