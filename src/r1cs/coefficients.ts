/**
 * Interning of coefficients: each distinct field value gets one id, so that a term costs four bytes whatever its coefficient. A value has one form only: a safe
 * integer (centred) where it fits, else a bigint in [0, r); −1, r − 1 and 2r − 1 are the same coefficient.
 */
import { mod, scalarOrder } from '../field/bn254.ts';
import { grow } from './grow.ts';
import type { CoefficientPool } from './r1cs.ts';

/** Values in [−directHalf, directHalf) are looked up in an array: nearly all of a quantized network's are. */
const directHalf = 2048;

export class CoefficientTable {
  #small = new Float64Array(1024);
  readonly #wide = new Map<number, bigint>();
  #count = 0;
  readonly #direct = new Int32Array(2 * directHalf).fill(-1);
  readonly #idOfSmall = new Map<number, number>();
  readonly #idOfWide = new Map<bigint, number>();

  /** @param value as `smallOrWide` gives it: one form for each field element. */
  intern(value: number | bigint): number {
    if (typeof value === 'bigint') {
      let id = this.#idOfWide.get(value);
      if (id === undefined) {
        id = this.#append(Number.NaN);
        this.#idOfWide.set(value, id);
        this.#wide.set(id, value);
      }
      return id;
    }
    if (value >= -directHalf && value < directHalf) {
      let id = this.#direct[value + directHalf];
      if (id < 0) {
        id = this.#append(value);
        this.#direct[value + directHalf] = id;
      }
      return id;
    }
    let id = this.#idOfSmall.get(value);
    if (id === undefined) {
      id = this.#append(value);
      this.#idOfSmall.set(value, id);
    }
    return id;
  }

  finish(): CoefficientPool {
    const small = this.#small.slice(0, this.#count);
    const field = Array.from(small, (value, id) => (Number.isNaN(value) ? this.#wide.get(id)! : mod(BigInt(value), scalarOrder)));
    return { small, field };
  }

  #append(small: number): number {
    if (this.#count === this.#small.length) this.#small = grow(this.#small);
    this.#small[this.#count] = small;
    return this.#count++;
  }
}
