/**
 * Choices by a truth value, and logic of truth values.
 *
 * select: w = c·(a − b) + b − offset: a − offset where c = 1, b − offset where c = 0.
 * both, either, differ: w = a·b, a + b − a·b, a + b − 2·a·b.
 * Constrains: w by one row that defines it. Assumes: c, and a and b of the last three, are 0 or 1. Cost: 1 constraint, 1 wire each.
 */
import { type Api, type Cost, ONE, type Wire } from './api.ts';
import { type Sum, toA, toB, toC } from './sum.ts';

export function selectCost(): Cost {
  return { constraints: 1, wires: 1 };
}

export function select(api: Api, c: Sum, a: Sum, b: Sum, offset: number): Wire {
  toA(api, a);
  toA(api, b, -1);
  toB(api, c);
  toC(api, b, -1);
  api.c(ONE, offset);
  return api.define();
}

export function both(api: Api, a: Sum, b: Sum): Wire {
  toA(api, a);
  toB(api, b);
  return api.define();
}

export function either(api: Api, a: Sum, b: Sum): Wire {
  return sumLess(api, a, b, 1);
}

export function differ(api: Api, a: Sum, b: Sum): Wire {
  return sumLess(api, a, b, 2);
}

/** a + b − times·a·b. */
function sumLess(api: Api, a: Sum, b: Sum, times: number): Wire {
  toA(api, a, -times);
  toB(api, b);
  toC(api, a, -1);
  toC(api, b, -1);
  return api.define();
}
