/** Float32 rounding of integers against Math.fround: every kind of tie and boundary, costs, no other witness. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { emitRounding, makeRounding, roundCost } from '../../circuits/float32.ts';
import { newSum, plusWire } from '../../circuits/sum.ts';
import { freeByDesign } from '../support/free-by-design.ts';
import { isolate, weaknesses } from '../support/gadget.ts';

function isolateRounding(low: number, high: number) {
  const rounding = makeRounding(low, high);
  const gadget = isolate(1, (api, x) => {
    const sum = newSum();
    plusWire(sum, x, 1);
    return [emitRounding(api, rounding, sum)];
  });
  expect(gadget.counts()).toEqual(roundCost(rounding));
  return { gadget, rounding };
}

/** Around every power of two: ties, their neighbours, both parities, the largest of each class. */
function critical(most: number): number[] {
  const values = new Set<number>([0, 1, 2, 2 ** 23 - 1, 2 ** 23, 2 ** 24 - 1, most, most - 1]);
  for (let e = 0; 2 ** (23 + e) <= most; e++) {
    const [base, ulp] = [2 ** (23 + e), 2 ** e];
    for (const whole of [base, base + ulp, base + 2 * ulp, 2 * base - ulp, 2 * base - 2 * ulp])
      for (const part of [0, 1, ulp / 2 - 1, ulp / 2, ulp / 2 + 1, ulp - 1]) values.add(whole + Math.max(0, Math.floor(part)));
  }
  return [...values].filter((value) => value >= 0 && value <= most);
}

describe('rounding to 24 bits', () => {
  test.each([
    ['1 bit more, no sign', 0, 2 ** 25 - 1],
    ['2 bits more', 0, 2 ** 26 - 1],
    ['3 bits more, a low above 0', 5000, 2 ** 27 - 7],
    ['9 bits more', 0, 2 ** 33 - 1],
    ['13 bits more', 0, 2 ** 37 - 12_345],
    ['26 bits more', 0, 2 ** 50 - 1],
    ['signed, 1 bit more', -(2 ** 25) + 1, 2 ** 24],
    ['signed, 2 bits more', -(2 ** 26) + 1, 2 ** 25 + 9],
    ['signed, 11 bits more', -(2 ** 34), 2 ** 35 - 3],
  ])('%s', (_, low, high) => {
    const { gadget, rounding } = isolateRounding(low, high);
    const most = Math.max(-low, high);
    const values = critical(most)
      .flatMap((x) => [x, -x])
      .filter((x) => x >= low && x <= high);
    for (const x of values) {
      const { outputs, violation } = gadget.solve([x]);
      expect([violation, Number(outputs[0]!) + rounding.low], `${x}`).toEqual([null, Math.fround(x) + 0]);
    }
    // Every witness of some: the search takes its time on 40 bits and more.
    const stride = Math.ceil(values.length / 8);
    values.forEach((x, i) => {
      if (i % stride !== 0) return;
      const expected = [Math.fround(x) + 0 - rounding.low];
      const attack = rounding.extraBits < 4 && i % (2 * stride) === 0;
      expect(weaknesses(gadget, [x], { free: freeByDesign(gadget), expected, attack }), `${x}`).toEqual([]);
    });
    for (const x of [2 ** (24 + rounding.extraBits), 2 ** (25 + rounding.extraBits), -(2 ** (24 + rounding.extraBits))])
      expect(gadget.solutions([x]), `${x}`).toMatchObject({ count: 0, decided: true });
    if (low >= 0) expect(gadget.solutions([-1])).toMatchObject({ count: 0, decided: true });
  });

  test('random sums', () => {
    const { gadget, rounding } = isolateRounding(-(2 ** 36), 2 ** 36);
    const scaled = fc.tuple(
      fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
      fc.integer({ min: 0, max: 31 }),
      fc.integer({ min: -1, max: 1 }),
    );
    fc.assert(
      fc.property(scaled, ([mantissa, shift, nudge]) => {
        const x = Math.floor(mantissa / 2 ** (31 - shift)) * 32 + nudge;
        const { outputs, violation } = gadget.solve([x]);
        expect([violation, Number(outputs[0]!) + rounding.low]).toEqual([null, Math.fround(x) + 0]);
      }),
      { numRuns: 500 },
    );
  });

  test('24 bits need nothing; too many are refused', () => {
    expect(makeRounding(-(2 ** 24) + 1, 2 ** 24 - 1).extraBits).toBe(0);
    expect(roundCost(makeRounding(0, 2 ** 24 - 1))).toEqual({ constraints: 0, wires: 0 });
    expect(() => makeRounding(0, 2 ** 50)).toThrow(RangeError);
  });
});
