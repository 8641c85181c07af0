/** Top k: counted against its cost, every row of small integers has one answer, ties included. */
import { describe, expect, test } from 'vitest';
import { plusWire } from '../../circuits/sum.ts';
import { emitTopK, makeTopK, type TopKShape, topKCost } from '../../circuits/topk.ts';
import { freeByDesign } from '../support/free-by-design.ts';
import { isolate, weaknesses } from '../support/gadget.ts';

function isolateTopK(shape: TopKShape) {
  const gadget = isolate(shape.count, (api, x) => {
    const out: number[] = [];
    emitTopK(
      api,
      makeTopK(shape),
      (i, into) => plusWire(into, x + i, 1),
      (j, value, index) => {
        out[2 * j] = value;
        out[2 * j + 1] = index;
      },
    );
    return out;
  });
  expect(gadget.counts()).toEqual(topKCost(shape));
  return gadget;
}

/** value − low and index of each place. */
function expected({ k, low, least }: TopKShape, xs: readonly number[]): number[] {
  const order = [...xs.keys()].sort((a, b) => (least ? xs[a]! - xs[b]! : xs[b]! - xs[a]!) || a - b);
  return order.slice(0, k).flatMap((i) => [xs[i]! - low, i]);
}

describe.each([false, true])('least: %s', (least) => {
  test.each<[string, TopKShape]>([
    ['1 of 2', { count: 2, k: 1, low: 0, high: 2, least }],
    ['2 of 2', { count: 2, k: 2, low: -1, high: 1, least }],
    ['1 of 3', { count: 3, k: 1, low: 0, high: 1, least }],
    ['2 of 3', { count: 3, k: 2, low: -1, high: 1, least }],
    ['3 of 3', { count: 3, k: 3, low: 4, high: 5, least }],
  ])('every row: %s', (_, shape) => {
    const gadget = isolateTopK(shape);
    const free = freeByDesign(gadget);
    const size = shape.high - shape.low + 1;
    for (let code = 0; code < size ** shape.count; code++) {
      const xs = Array.from({ length: shape.count }, (_unused, i) => shape.low + (Math.floor(code / size ** i) % size));
      const attack = shape.count === 2 ? code % 3 === 0 : code === 1;
      expect(weaknesses(gadget, xs, { free, expected: expected(shape, xs), attack }), xs.join()).toEqual([]);
    }
  });

  test('3 and 5 of 10 bytes', () => {
    for (const k of [3, 5]) {
      const shape = { count: 10, k, low: -128, high: 127, least };
      const gadget = isolateTopK(shape);
      const rows = [
        new Array<number>(10).fill(7),
        [1, 5, 5, 2, 5, 0, -1, 5, 4, 3],
        [127, -128, 127, -128, 127, -128, 127, -128, 127, -128],
        [-128, -127, 0, 127, 126, 3, 3, 3, -128, 127],
      ];
      for (const xs of rows) {
        const { outputs, violation } = gadget.solve(xs);
        expect([violation, outputs.map(Number)]).toEqual([null, expected(shape, xs)]);
      }
    }
    expect(topKCost({ count: 10, k: 3, low: -128, high: 127, least }).constraints).toBe(190);
  });

  test('100 with a low bound of their own: wide rows stay linear in k', () => {
    const shape = { count: 100, k: 4, low: 3, high: 200, least };
    const gadget = isolateTopK(shape);
    const xs = Array.from({ length: 100 }, (_, i) => 3 + ((i * 61) % 198));
    const { outputs, violation } = gadget.solve(xs);
    expect([violation, outputs.map(Number)]).toEqual([null, expected(shape, xs)]);
  });
});

test('what is no choice is refused', () => {
  const shape = { count: 3, k: 2, low: 0, high: 255, least: false };
  for (const wrong of [{ count: 1, k: 1 }, { k: 0 }, { k: 4 }, { high: 2 ** 52 }])
    expect(() => makeTopK({ ...shape, ...wrong })).toThrow(RangeError);
});
