/** Zero tests, comparisons, maximum, argmax: against plain integers, with every other value of every hint tried. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { argmaxCost, emitArgmax, makeArgmax } from '../../circuits/argmax.ts';
import { boolean, booleanCost } from '../../circuits/boolean.ts';
import { atLeastZero, atLeastZeroCost, makeComparison } from '../../circuits/compare.ts';
import { makeMaximum, maximum, maximumCost } from '../../circuits/maximum.ts';
import { asWire, newSum, plus, plusWire, reset, type Sum } from '../../circuits/sum.ts';
import { isZero, isZeroCost, noneOf, noneOfCost } from '../../circuits/zero.ts';
import { scalarOrder } from '../../src/field/bn254.ts';
import { freeByDesign } from '../support/free-by-design.ts';
import { type Gadget, isolate, weaknesses } from '../support/gadget.ts';

function wireSum(wire: number, factor = 1): Sum {
  const sum = newSum();
  plusWire(sum, wire, factor);
  return sum;
}

function sound(gadget: Gadget, inputs: readonly (number | bigint)[], expected: readonly number[], attack = true): void {
  expect(weaknesses(gadget, inputs, { free: freeByDesign(gadget), expected, attack }), inputs.join()).toEqual([]);
}

test('boolean: 0 and 1 only', () => {
  const gadget = isolate(1, (api, x) => {
    boolean(api, x);
    return [];
  });
  expect(gadget.counts()).toEqual(booleanCost());
  for (const x of [0, 1]) expect(gadget.solve([x]).violation).toBeNull();
  for (const x of [-1, 2, 3, scalarOrder - 1n, (scalarOrder + 1n) / 2n]) expect(gadget.solve([x]).violation).not.toBeNull();
});

describe('zero tests', () => {
  test('isZero', () => {
    const gadget = isolate(1, (api, x) => [isZero(api, wireSum(x))]);
    expect(gadget.counts()).toEqual(isZeroCost());
    for (const x of [0, 1, -1, 2, 77, -(2 ** 31), 1n << 200n, scalarOrder]) sound(gadget, [x], [BigInt(x) % scalarOrder === 0n ? 1 : 0]);
  });

  test.each([1, 2, 3, 4, 7, 20, 40, 41])('noneOf %i flags', (count) => {
    const gadget = isolate(1, (api, x) => {
      const out = newSum();
      noneOf(api, wireSum(x), count, out);
      return [asWire(api, out)];
    });
    const { constraints, wires } = noneOfCost(count);
    expect(gadget.counts()).toEqual({ constraints: constraints + 1, wires: wires + 1 });
    for (let s = 0; s <= count; s++) sound(gadget, [s], [s === 0 ? 1 : 0], s < 5);
  });
});

describe('comparison', () => {
  test.each([
    [-1, 0],
    [-1, 7],
    [-8, 7],
    [-5, 30],
    [-100, 3],
    [-(2 ** 20), 2 ** 20],
  ])('[x ≥ 0] over [%i, %i]', (low, high) => {
    const gadget = isolate(1, (api, x) => {
      const out = newSum();
      atLeastZero(api, makeComparison(low, high), wireSum(x), out);
      return [asWire(api, out)];
    });
    const { constraints, wires } = atLeastZeroCost(low, high);
    expect(gadget.counts()).toEqual({ constraints: constraints + 1, wires: wires + 1 });
    for (const x of new Set([low, low + 1, -1, 0, 1, high - 1, high])) if (x >= low && x <= high) sound(gadget, [x], [x >= 0 ? 1 : 0]);
    // Beyond the interval by more than K: refused, not wrapped.
    const half = Math.max(-low, high + 1);
    for (const x of [half, -half - 1]) expect(gadget.solutions([x])).toMatchObject({ count: 0, decided: true });
  });
});

describe('maximum', () => {
  const isolateMaximum = (reach: number) => isolate(2, (api, x) => [maximum(api, makeMaximum(reach), wireSum(x), wireSum(x + 1))]);

  test.each([1, 2, 3, 7, 10])('every pair that differs by %i at most', (reach) => {
    const gadget = isolateMaximum(reach);
    expect(gadget.counts()).toEqual(maximumCost(reach));
    for (let difference = -reach; difference <= reach; difference++)
      for (const b of [-5, 0, 3]) sound(gadget, [b + difference, b], [Math.max(b + difference, b)], Math.abs(difference) < 3);
    for (const difference of [reach + 1, -reach - 1]) expect(gadget.solutions([difference, 0])).toMatchObject({ count: 0, decided: true });
  });

  test('two accumulators of 20 bits: 21 constraints', () => {
    const reach = 2 ** 20 - 1;
    expect(maximumCost(reach).constraints).toBe(21);
    const gadget = isolateMaximum(reach);
    expect(gadget.counts()).toEqual(maximumCost(reach));
    const low = -(2 ** 19);
    for (const [a, b] of [
      [low, low + reach],
      [low + reach, low],
      [0, 0],
      [0, 1],
      [-1, 0],
      [low, low + 1],
    ] as const)
      sound(gadget, [a, b], [Math.max(a, b)], false);
  });

  test('random pairs of 31 bits', () => {
    const gadget = isolateMaximum(2 ** 32 - 1);
    const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
    fc.assert(
      fc.property(int32, fc.oneof(int32, fc.integer({ min: -2, max: 2 })), (a, other) => {
        const b = Math.abs(other) <= 2 ? Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, a + other)) : other;
        sound(gadget, [a, b], [Math.max(a, b)], false);
      }),
      { numRuns: 30 },
    );
  });

  test('what cannot differ is no choice', () => {
    expect(() => makeMaximum(0)).toThrow(RangeError);
  });
});

describe('argmax', () => {
  const isolateArgmax = (count: number, low: number, high: number, selectLastIndex: boolean) => {
    const shape = { count, low, high, selectLastIndex };
    const gadget = isolate(count, (api, x) => [emitArgmax(api, makeArgmax(shape), (i, into) => plus(into, wireSum(x + i)))]);
    expect(gadget.counts()).toEqual(argmaxCost(shape));
    return gadget;
  };
  const expected = (values: readonly number[], last: boolean): number => {
    const most = Math.max(...values);
    return last ? values.lastIndexOf(most) : values.indexOf(most);
  };

  test.each([false, true])('every row of 3 values in [−2, 1], last index: %s', (last) => {
    const gadget = isolateArgmax(3, -2, 1, last);
    for (let code = 0; code < 64; code++) {
      const values = [(code & 3) - 2, ((code >> 2) & 3) - 2, (code >> 4) - 2];
      sound(gadget, values, [expected(values, last)], code % 13 === 0);
    }
  });

  test.each([false, true])('10 bytes: ties have one provable index, last: %s', (last) => {
    const gadget = isolateArgmax(10, -128, 127, last);
    expect(gadget.counts().constraints).toBeLessThanOrEqual(130);
    const rows = [
      new Array<number>(10).fill(7),
      new Array<number>(10).fill(-128),
      new Array<number>(10).fill(127),
      [1, 5, 5, 2, 5, 0, -1, 5, 4, 3],
      [127, -128, 127, -128, 127, -128, 127, -128, 127, -128],
      [-128, -128, -128, -128, -128, -128, -128, -128, -128, -127],
    ];
    for (const values of rows) sound(gadget, values, [expected(values, last)], false);
  });

  test('2 and 1,000 classes', () => {
    const pair = isolateArgmax(2, 0, 255, false);
    for (const values of [
      [0, 0],
      [0, 1],
      [1, 0],
      [255, 255],
      [255, 0],
      [0, 255],
    ])
      sound(pair, values, [expected(values, false)]);
    const many = isolateArgmax(1000, 0, 255, false);
    const values = Array.from({ length: 1000 }, (_, i) => (i * 37) % 251);
    values[200] = 255;
    values[777] = 255;
    const { outputs, violation } = many.solve(values);
    expect([violation, outputs]).toEqual([null, [200n]]);
  });

  test('a sum that is emptied keeps no term', () => {
    const sum = wireSum(3);
    expect(reset(sum, 4)).toMatchObject({ length: 0, constant: 4 });
  });
});
