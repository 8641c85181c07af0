/** A treemap tiles its area, each value with its share. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Rectangle, squarify } from '../../src/report/treemap.ts';

const overlap = (a: Rectangle, b: Rectangle): number =>
  Math.max(0, Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x)) *
  Math.max(0, Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y));

test("rectangles have the values' shares, lie inside and do not overlap", () => {
  const values = fc
    .array(fc.integer({ min: 1, max: 1_000_000 }), { minLength: 1, maxLength: 40 })
    .map((list) => list.sort((a, b) => b - a));
  fc.assert(
    fc.property(values, fc.integer({ min: 10, max: 2_000 }), fc.integer({ min: 10, max: 2_000 }), (list, width, height) => {
      const area = { x: 3, y: 7, width, height };
      const total = list.reduce((sum, value) => sum + value, 0);
      const boxes = squarify(list, area);
      expect(boxes.length).toBe(list.length);
      boxes.forEach((box, i) => {
        expect(box.width * box.height).toBeCloseTo((width * height * list[i]!) / total, 3);
        expect(box.x).toBeGreaterThanOrEqual(3 - 1e-6);
        expect(box.y).toBeGreaterThanOrEqual(7 - 1e-6);
        expect(box.x + box.width).toBeLessThanOrEqual(3 + width + 1e-6);
        expect(box.y + box.height).toBeLessThanOrEqual(7 + height + 1e-6);
        for (const other of boxes.slice(i + 1)) expect(overlap(box, other)).toBeLessThan(1e-3);
      });
    }),
  );
});

test('the example of the paper: 6, 6, 4, 3, 2, 2, 1 in 6 × 4 starts with two squares of 3 × 2', () => {
  const [first, second] = squarify([6, 6, 4, 3, 2, 2, 1], { x: 0, y: 0, width: 6, height: 4 });
  expect(first).toEqual({ x: 0, y: 0, width: 3, height: 2 });
  expect(second).toEqual({ x: 0, y: 2, width: 3, height: 2 });
});

test('nothing to show is no rectangle', () => {
  expect(squarify([], { x: 0, y: 0, width: 5, height: 5 })).toEqual([]);
});
