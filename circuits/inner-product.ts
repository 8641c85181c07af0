/**
 * Inner product of two vectors of linear expressions.
 *
 * Begin, plusProduct for each pair, end: w = constant + Σ a_k·b_k − low.
 *   Constrains: a_k·b_k = s_k − s_(k−1) for each pair that neither side of which is known, with s_0 = 0; pairs with a known side are linear and stand in the last row. Each s_k is
 *   counted from the least value that it can have, so that its wire is never negative. No hints: the rows alone determine every wire.
 *   Assumes: least ≤ a_k·b_k for every pair, low ≤ constant + Σ a_k·b_k; all sums safe integers, far below r.
 *   Cost: 1 constraint and 1 wire for each pair that neither side of which is known; where there is none, 1 of each if any side is a wire, else nothing.
 */
import { type Api, type Cost, ONE, type Wire } from './api.ts';
import { newSum, plus, reset, type Sum, toA, toB, toC } from './sum.ts';

/** @param wirePairs pairs of which both sides hold wires. @param linear whether any other pair holds one. */
export function innerProductCost(wirePairs: number, linear: boolean): Cost {
  const rows = wirePairs > 0 ? wirePairs : linear ? 1 : 0;
  return { constraints: rows, wires: rows };
}

/** A chain being written: pairs go in one by one, the last row waits until it is known to be the last. */
export interface InnerProduct {
  /** Σ of the linear pairs, and minus what the wire `partial` was counted from. */
  readonly rest: Sum;
  readonly left: Sum;
  readonly right: Sum;
  readonly least: number;
  partial: Wire;
  pending: boolean;
}

/** @param least of every single product. */
export function makeInnerProduct(least: number): InnerProduct {
  return { rest: newSum(), left: newSum(), right: newSum(), least, partial: ONE, pending: false };
}

/** Starts a sum at `constant`. */
export function beginInnerProduct(chain: InnerProduct, constant = 0): void {
  reset(chain.rest, constant);
  chain.partial = ONE;
  chain.pending = false;
}

/** Adds a·b; both are copied. */
export function plusProduct(api: Api, chain: InnerProduct, a: Sum, b: Sum): void {
  if (a.length === 0 || b.length === 0) {
    if (a.length === 0) plus(chain.rest, b, a.constant);
    else plus(chain.rest, a, b.constant);
    return;
  }
  if (chain.pending) {
    writePair(api, chain);
    api.c(ONE, chain.least);
    chain.partial = api.define();
    chain.rest.constant += chain.least;
  }
  plus(reset(chain.left), a);
  plus(reset(chain.right), b);
  chain.pending = true;
}

/** ⟨A⟩·⟨B⟩ of the pair that waits, and −s_(k−1) on C. */
function writePair(api: Api, { left, right, partial }: InnerProduct): void {
  toA(api, left);
  toB(api, right);
  if (partial !== ONE) api.c(partial, -1);
}

/** The wire of Σ − low, or null where Σ is known: it then is `rest.constant`. */
export function endInnerProduct(api: Api, chain: InnerProduct, low: number): Wire | null {
  const { rest } = chain;
  if (!chain.pending && rest.length === 0) return null;
  if (chain.pending) writePair(api, chain);
  toC(api, rest, -1);
  api.c(ONE, low);
  return api.define();
}
