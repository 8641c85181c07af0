/** Small constraint systems with a witness, built by hand or at random: what Groth16 tests prove. Knows nothing of machine learning. */
import { centred, fieldBytes, invert, mod, scalarOrder, toLittleEndian, writeLittleEndian } from '../../src/field/bn254.ts';
import type { R1cs, SparseMatrix } from '../../src/r1cs/r1cs.ts';

/** A sparse row: [wire, coefficient] pairs. */
export type Row = readonly (readonly [number, bigint])[];

export interface SmallCircuit {
  readonly r1cs: R1cs;
  readonly witness: readonly bigint[];
  readonly wtns: Uint8Array;
  readonly signals: readonly string[];
}

export function makeR1cs(rows: readonly (readonly [Row, Row, Row])[], wireCount: number, publicCount: number): R1cs {
  const field: bigint[] = [];
  const index = new Map<bigint, number>();
  const intern = (value: bigint): number => {
    const canonical = mod(value, scalarOrder);
    let at = index.get(canonical);
    if (at === undefined) {
      at = field.push(canonical) - 1;
      index.set(canonical, at);
    }
    return at;
  };
  const matrix = (part: 0 | 1 | 2): SparseMatrix => {
    const starts = [0];
    const wires: number[] = [];
    const coefficients: number[] = [];
    for (const row of rows) {
      for (const [wire, value] of row[part]) {
        wires.push(wire);
        coefficients.push(intern(value));
      }
      starts.push(wires.length);
    }
    return { starts: Uint32Array.from(starts), wires: Uint32Array.from(wires), coefficients: Uint32Array.from(coefficients) };
  };
  const [a, b, c] = [matrix(0), matrix(1), matrix(2)];
  const small = Float64Array.from(field, (value) => {
    const small = Number(centred(value, scalarOrder));
    return Number.isSafeInteger(small) ? small : Number.NaN;
  });
  return { wireCount, publicCount, privateInputCount: 0, rowCount: rows.length, a, b, c, pool: { small, field } };
}

function encodeWtns(witness: readonly bigint[]): Uint8Array {
  const bytes = new Uint8Array(12 + 12 + 40 + 12 + fieldBytes * witness.length);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode('wtns'));
  view.setUint32(4, 2, true);
  view.setUint32(8, 2, true);
  view.setUint32(12, 1, true);
  view.setBigUint64(16, 40n, true);
  view.setUint32(24, fieldBytes, true);
  bytes.set(toLittleEndian(scalarOrder), 28);
  view.setUint32(60, witness.length, true);
  view.setUint32(64, 2, true);
  view.setBigUint64(68, BigInt(fieldBytes * witness.length), true);
  for (const [i, value] of witness.entries()) writeLittleEndian(value, view, 76 + fieldBytes * i);
  return bytes;
}

export function withWitness(r1cs: R1cs, witness: readonly bigint[]): SmallCircuit {
  return { r1cs, witness, wtns: encodeWtns(witness), signals: witness.slice(1, r1cs.publicCount + 1).map(String) };
}

/** z = x·y with z public; wires 1, z, x, y. */
export function productCircuit(x = 3n, y = 5n): SmallCircuit {
  const r1cs = makeR1cs([[[[2, 1n]], [[3, 1n]], [[1, 1n]]]], 4, 1);
  return withWitness(r1cs, [1n, mod(x * y, scalarOrder), x, y]);
}

/** A reproducible stream of numbers in [0, 1): mulberry32. */
export function randomStream(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * `rowCount` satisfied rows over as many new wires, mixed as circuits mix them: bits, products, linear rows with many terms, full-size coefficients, and rows
 * without any term in A or B.
 */
export function randomCircuit(rowCount: number, publicCount: number, seed: number): SmallCircuit {
  const random = randomStream(seed);
  const pick = (below: number): number => Math.floor(random() * below);
  const wide = (): bigint => mod(BigInt(pick(2 ** 30)) ** 9n, scalarOrder);
  const witness: bigint[] = [1n];
  for (let s = 0; s < publicCount; s++) witness.push(s % 3 === 0 ? wide() : BigInt(pick(256)));
  const rows: [Row, Row, Row][] = [];
  const value = (row: Row): bigint =>
    mod(
      row.reduce((sum, [wire, k]) => sum + k * witness[wire]!, 0n),
      scalarOrder,
    );
  const linear = (terms: number): Row =>
    Array.from({ length: terms }, () => [pick(witness.length), random() < 0.1 ? wide() : BigInt(pick(255) - 127)] as const);
  for (let i = 0; i < rowCount; i++) {
    const kind = random();
    const next = witness.length;
    if (kind < 0.5) {
      witness.push(BigInt(pick(2)));
      rows.push([
        [[next, 1n]],
        [
          [next, 1n],
          [0, -1n],
        ],
        [],
      ]);
    } else if (kind < 0.55) {
      const row = linear(3);
      witness.push(value(row));
      rows.push([[], [], [...row, [next, -1n]]]);
    } else {
      const [a, b] = [linear(1 + pick(6)), linear(1 + pick(3))];
      const scale = 1n + BigInt(pick(5));
      witness.push(mod(value(a) * value(b) * invert(scale, scalarOrder), scalarOrder));
      rows.push([a, b, [[next, scale]]]);
    }
  }
  // A wire in no row at all, as dead inputs are: its points are infinity.
  witness.push(7n);
  return withWitness(makeR1cs(rows, witness.length, publicCount), witness);
}
