/**
 * Constraint systems with the profile of a quantized network, for benchmarks: per requantized value 30 bits (`b·(b − 1) = 0`), the digital line that eliminates one of them
 * (`E·(E − 1) = 0`, E over the bits and 64 taps with 8-bit weights) and one selection (a product). Satisfied by no particular witness.
 */
import { scalarOrder } from '../src/field/bn254.ts';
import type { R1cs, SparseMatrix } from '../src/r1cs/r1cs.ts';

const bitsPerValue = 30;
const tapsPerValue = 64;
const rowsPerValue = bitsPerValue + 2;
const publicCount = 11;

/** xorshift32: the same system on every run. */
function makeRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** A system whose rows, with those that set-up appends, just fit a domain of 2^logN. */
export function mlProfile(logN: number): R1cs {
  const random = makeRandom(7);
  const values = Math.floor((2 ** logN - publicCount - 1) / rowsPerValue);
  const rowCount = values * rowsPerValue;
  const wireCount = 1 + publicCount + values * (bitsPerValue + 1);
  // Pool: powers of two 2^0 … 2^30, then −128 … 127.
  const field = [
    ...Array.from({ length: 31 }, (_, i) => 1n << BigInt(i)),
    ...Array.from({ length: 256 }, (_, i) => (BigInt(i) - 128n + scalarOrder) % scalarOrder),
  ];
  const [plusOne, minusOne] = [0, 31 + 127];
  const matrix = (nonZeros: number) => ({
    starts: new Uint32Array(rowCount + 1),
    wires: new Uint32Array(nonZeros),
    coefficients: new Uint32Array(nonZeros),
    row: 0,
    size: 0,
  });
  type Open = ReturnType<typeof matrix>;
  const put = (to: Open, wire: number, coefficient: number): void => {
    to.wires[to.size] = wire;
    to.coefficients[to.size++] = coefficient;
  };
  const lineTerms = bitsPerValue + tapsPerValue;
  const a = matrix(values * (bitsPerValue + lineTerms + 1));
  const b = matrix(values * (2 * bitsPerValue + lineTerms + 2));
  const c = matrix(values);
  const endRow = (): void => {
    for (const part of [a, b, c]) part.starts[++part.row] = part.size;
  };
  for (let value = 0; value < values; value++) {
    const first = 1 + publicCount + value * (bitsPerValue + 1);
    for (let bit = 0; bit < bitsPerValue; bit++) {
      put(a, first + bit, plusOne);
      put(b, first + bit, plusOne);
      put(b, 0, minusOne);
      endRow();
    }
    for (let bit = 0; bit < bitsPerValue; bit++) for (const part of [a, b]) put(part, first + bit, bit);
    for (let tap = 0; tap < tapsPerValue; tap++) {
      const [wire, weight] = [random(first), 31 + random(256)];
      for (const part of [a, b]) put(part, wire, weight);
    }
    put(b, 0, minusOne);
    endRow();
    put(a, first, plusOne);
    put(b, first + 1, plusOne);
    put(c, first + bitsPerValue, plusOne);
    endRow();
  }
  const close = ({ starts, wires, coefficients }: Open): SparseMatrix => ({ starts, wires, coefficients });
  const small = Float64Array.from(field, (entry) => Number(entry > scalarOrder / 2n ? entry - scalarOrder : entry));
  return { wireCount, publicCount, privateInputCount: 0, rowCount, a: close(a), b: close(b), c: close(c), pool: { small, field } };
}
