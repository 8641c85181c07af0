/**
 * Words of 31 bytes: byte j has weight 256^(30−j), 4-byte elements stand most significant byte first, the last word is zero-padded at its end.
 *
 * Constrains: nothing; a word is a linear expression of its elements. Assumes: each element is range-checked to its 1 or 4 bytes: then a word < 2^248 < r stands for one list
 *   of elements. Cost: none; `packCost` counts the row that binds each word to a public signal.
 * Reference: docs/signals.md, version 1.
 */
import type { Cost } from './api.ts';

export const wordBytes = 31;

/** Weight of element `position` of a word. */
export function wordWeight(elementBytes: 1 | 4, position: number): bigint {
  return 1n << BigInt(8 * (wordBytes - elementBytes * (position + 1)));
}

export function wordElements(elementBytes: 1 | 4): number {
  return Math.floor(wordBytes / elementBytes);
}

export function packCost(elementBytes: 1 | 4, count: number): Cost {
  return { constraints: Math.ceil(count / wordElements(elementBytes)), wires: 0 };
}
