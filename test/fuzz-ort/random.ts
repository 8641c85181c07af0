/** A seeded generator, and the distributions that quantization is fuzzed with: edges and exact ties are weighted. */
import { rangeOf } from '../../src/graph/quantization.ts';
import type { Quantization } from '../support/onnx-builder.ts';

const fl = Math.fround;

export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** In [0, 1), 32 bits of it. Reference: mulberry32, https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
  unit(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** Integer from low to high, both included. */
  int(low: number, high: number): number {
    return low + Math.floor(this.unit() * (high - low + 1));
  }

  chance(p: number): boolean {
    return this.unit() < p;
  }

  oneOf<T>(items: readonly T[]): T {
    return items[this.int(0, items.length - 1)]!;
  }

  /** float32, its logarithm uniform. */
  logUniform(low: number, high: number): number {
    return fl(low * (high / low) ** this.unit());
  }

  dtype(): 'uint8' | 'int8' {
    return this.oneOf(['uint8', 'int8']);
  }

  zeroPoint(dtype: 'uint8' | 'int8'): number {
    const [low, high] = rangeOf(dtype);
    return this.chance(0.5) ? this.oneOf([low, low + 1, low + 128, high - 1, high]) : this.int(low, high);
  }

  /** An integer of 8 bits, edges weighted. */
  integer(dtype: 'uint8' | 'int8', zeroPoint: number): number {
    const [low, high] = rangeOf(dtype);
    if (this.chance(0.15)) return this.oneOf([low, high, zeroPoint, Math.min(zeroPoint + 1, high), Math.max(zeroPoint - 1, low)]);
    return this.int(low, high);
  }
}

/** Scales of one model: powers of two only, where exact ties are frequent, or any. */
export class Scales {
  readonly #random: Random;
  readonly powersOfTwo: boolean;

  constructor(random: Random) {
    this.#random = random;
    this.powersOfTwo = random.chance(0.4);
  }

  /** Near `wanted`, within a factor of `spread` both ways. */
  near(wanted: number, spread = 4): number {
    const scale = this.#random.logUniform(wanted / spread, wanted * spread);
    return this.powersOfTwo ? 2 ** Math.round(Math.log2(scale)) : scale;
  }

  /** Of an activation at the start of a model. */
  any(): number {
    return this.near(this.#random.chance(0.1) ? this.#random.logUniform(1e-6, 1e4) : 0.03, 8);
  }

  quantization(dtype: 'uint8' | 'int8', scale = this.any()): Quantization {
    return { dtype, scale, zeroPoint: this.#random.zeroPoint(dtype) };
  }
}
