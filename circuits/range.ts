/**
 * e ∈ [0, A) for any A ≥ 1.
 *
 * Constrains: exactly that, of e mod r (radix.ts with one digit). Assumes: nothing: a field element that is no such integer is refused, r − 1 too.
 * Cost: ⌈log2 A⌉ constraints and one wire less; A = 1: one constraint, e = 0.
 */
import type { Api, Cost } from './api.ts';
import { makeRadix, type Radix, radixCost, split } from './radix.ts';
import { newSum, type Sum } from './sum.ts';

export function rangeCost(modulus: number): Cost {
  return radixCost([modulus]);
}

/** Made once per modulus. */
export interface Range {
  readonly radix: Radix;
  readonly first: Sum;
}

export function makeRange(modulus: number): Range {
  return { radix: makeRadix([modulus]), first: newSum() };
}

export function range(api: Api, { radix, first }: Range, e: Sum): void {
  split(api, radix, e, first);
}
