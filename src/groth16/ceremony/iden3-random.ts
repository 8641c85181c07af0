/**
 * Pseudo-random field elements and points as iden3's libraries draw them from a seed: what makes a contribution's G2 point from its transcript and a beacon's secret from its hash, so both must agree to the bit with
 * snarkjs. Never a source of secrets.
 *
 * Reference: ffjavascript 0.3 `chacha.js`, `wasm_field1.js`, `wasm_curve.js` (fromRng), snarkjs 0.7.6 `keypair.js`, `misc.js`; RFC 8439 for the rounds.
 */
import { bn254 } from '@noble/curves/bn254.js';
import { baseOrder, invert, scalarOrder } from '../../field/bn254.ts';
import type { G1Point, G2Point } from '../points.ts';

/** Words of ChaCha20 keyed by the first 32 bytes of a hash, nonce and counter zero. */
class WordStream {
  readonly #state = new Uint32Array(16);
  readonly #block = new Uint32Array(16);
  #next = 16;

  constructor(seed: Uint8Array) {
    this.#state.set([0x61707865, 0x3320646e, 0x79622d32, 0x6b206574]);
    const view = new DataView(seed.buffer, seed.byteOffset, seed.byteLength);
    for (let i = 0; i < 8; i++) this.#state[4 + i] = view.getUint32(4 * i);
  }

  next(): number {
    if (this.#next === 16) this.#refill();
    return this.#block[this.#next++]!;
  }

  /** The first word is the high one. */
  next64(): bigint {
    const high = BigInt(this.next());
    return (high << 32n) | BigInt(this.next());
  }

  nextBit(): boolean {
    return (this.next() & 1) === 1;
  }

  #refill(): void {
    const x = this.#block;
    x.set(this.#state);
    const quarter = (a: number, b: number, c: number, d: number): void => {
      const step = (i: number, j: number, k: number, bits: number): void => {
        x[i] = x[i]! + x[j]!;
        const mixed = x[k]! ^ x[i]!;
        x[k] = (mixed << bits) | (mixed >>> (32 - bits));
      };
      step(a, b, d, 16);
      step(c, d, b, 12);
      step(a, b, d, 8);
      step(c, d, b, 7);
    };
    for (let round = 0; round < 10; round++) {
      for (let i = 0; i < 4; i++) quarter(i, 4 + i, 8 + i, 12 + i);
      for (let i = 0; i < 4; i++) quarter(i, 4 + ((i + 1) & 3), 8 + ((i + 2) & 3), 12 + ((i + 3) & 3));
    }
    for (let i = 0; i < 16; i++) x[i] = x[i]! + this.#state[i]!;
    for (let i = 12; i < 16; i++) {
      this.#state[i] = this.#state[i]! + 1;
      if (this.#state[i] !== 0) break;
    }
    this.#next = 0;
  }
}

/** 254 bits at a time until they are below p; the library takes them for a Montgomery form of R = 2^256. */
function drawElement(stream: WordStream, p: bigint): bigint {
  for (;;) {
    let value = 0n;
    for (let i = 0n; i < 4n; i++) value |= stream.next64() << (64n * i);
    value &= (1n << 254n) - 1n;
    if (value < p) return (value * invert(1n << 256n, p)) % p;
  }
}

const isNegative = (value: bigint): boolean => value > baseOrder >> 1n;

function drawG1(stream: WordStream): G1Point {
  const { Point } = bn254.G1;
  const { Fp } = Point;
  for (;;) {
    const x = drawElement(stream, baseOrder);
    const negative = stream.nextBit();
    let y: bigint;
    try {
      y = Fp.sqrt(Fp.add(Fp.mul(Fp.sqr(x), x), Point.CURVE().b));
    } catch {
      continue;
    }
    return Point.fromAffine({ x, y: isNegative(y) === negative ? y : Fp.neg(y) });
  }
}

const cofactorG2 = 2n * baseOrder - scalarOrder;

function drawG2(stream: WordStream): G2Point {
  const { Point } = bn254.G2;
  const { Fp } = Point;
  for (;;) {
    const x = { c0: drawElement(stream, baseOrder), c1: drawElement(stream, baseOrder) };
    const negative = stream.nextBit();
    let y: ReturnType<typeof Fp.sqrt>;
    try {
      y = Fp.sqrt(Fp.add(Fp.mul(Fp.sqr(x), x), Point.CURVE().b));
    } catch {
      continue;
    }
    const sign = isNegative(y.c1 === 0n ? y.c0 : y.c1);
    const point = Point.fromAffine({ x, y: sign === negative ? y : Fp.neg(y) });
    let product = Point.ZERO;
    for (let bit = 253n; bit >= 0n; bit--) {
      product = product.double();
      if (((cofactorG2 >> bit) & 1n) === 1n) product = product.add(point);
    }
    return product;
  }
}

/** The point of G2 that a 64-byte hash stands for. */
export function hashToG2(hash: Uint8Array): G2Point {
  return drawG2(new WordStream(hash));
}

/** A scalar and a point of G1 from a seed, in this order: what a beacon contributes. */
export function deltaFromSeed(seed: Uint8Array): { readonly secret: bigint; readonly g1: G1Point } {
  const stream = new WordStream(seed);
  return { secret: drawElement(stream, scalarOrder), g1: drawG1(stream) };
}

/** τ, α, β and a point of G1 for each, in the order of snarkjs' beacons of phase 1. */
export function powersFromSeed(seed: Uint8Array): readonly { readonly secret: bigint; readonly g1: G1Point }[] {
  const stream = new WordStream(seed);
  const secrets = Array.from({ length: 3 }, () => drawElement(stream, scalarOrder));
  return secrets.map((secret) => ({ secret, g1: drawG1(stream) }));
}
