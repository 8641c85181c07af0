/** range and mixed-radix digits: exactly [0, A), canonical witnesses, costs, no other digits. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Api } from '../../circuits/api.ts';
import { makeRadix, plusBitCount, plusDigit, radixCost, split } from '../../circuits/radix.ts';
import { makeRange, range, rangeCost } from '../../circuits/range.ts';
import { asWire, newSum, plusWire, reset, type Sum } from '../../circuits/sum.ts';
import { scalarOrder } from '../../src/field/bn254.ts';
import { freeByDesign } from '../support/free-by-design.ts';
import { isolate, weaknesses } from '../support/gadget.ts';

function wireSum(wire: number): Sum {
  const sum = newSum();
  plusWire(sum, wire, 1);
  return sum;
}

const isolateRange = (modulus: number) =>
  isolate(1, (api, x) => {
    range(api, makeRange(modulus), wireSum(x));
    return [];
  });

describe('range', () => {
  test.each([1, 2, 3, 4, 5, 7, 8, 9, 100, 255, 256, 257, 1000, 65_536])('accepts exactly [0, %i)', (modulus) => {
    const gadget = isolateRange(modulus);
    expect(gadget.counts()).toEqual(rangeCost(modulus));
    expect(gadget.counts().constraints).toBe(Math.max(1, Math.ceil(Math.log2(modulus))));
    const inside = modulus <= 257 ? Array.from({ length: modulus }, (_, i) => i) : [0, 1, 2, modulus >> 1, modulus - 2, modulus - 1];
    for (const x of inside) expect(gadget.solve([x]).violation, `${x}`).toBeNull();
    const r = scalarOrder;
    for (const x of [-1, -2, modulus, modulus + 1, 2 * modulus - 1, 2 ** 20 + modulus, 2 ** 40, r >> 1n, (r >> 1n) + 1n, 1n << 253n]) {
      const { outputs, count, decided } = gadget.solutions([x]);
      expect([outputs, count, decided], `${x}`).toEqual([[], 0, true]);
    }
  });

  test.each([2, 3, 5, 8, 11, 200])('has one value of each bit, but for those free by design, A = %i', (modulus) => {
    const gadget = isolateRange(modulus);
    for (const x of [0, 1, modulus >> 1, modulus - 2, modulus - 1])
      expect(weaknesses(gadget, [x], { free: freeByDesign(gadget) })).toEqual([]);
  });

  test('witnesses are canonical: the top bit is [x ≥ 2^(n−1)]', () => {
    const gadget = isolateRange(11);
    for (let x = 0; x < 11; x++) {
      const { values } = gadget.solve([x]);
      const top = values.small[gadget.hintWires.at(-1)!.wire];
      expect(top).toBe(x >= 8 ? 1 : 0);
    }
  });

  test('0 and A − 1 have one bit pattern', () => {
    for (const modulus of [2, 3, 5, 6, 7, 9, 11, 12, 100]) {
      const gadget = isolateRange(modulus);
      for (const x of [0, modulus - 1]) expect(gadget.solutions([x]).count).toBe(1);
    }
  });
});

/** Digits of an input, each as a wire, and how many of each one's bits are 1. */
function digitsOf(api: Api, x: number, moduli: readonly number[]): number[] {
  const radix = makeRadix(moduli);
  const first = newSum();
  const base = split(api, radix, wireSum(x), first);
  const out = newSum();
  return moduli.flatMap((_, digit) => {
    plusDigit(reset(out), radix, base, first, digit, 1);
    const value = asWire(api, out);
    plusBitCount(reset(out), radix, base, first, digit, 1);
    return [value, asWire(api, out)];
  });
}

describe('mixed-radix digits', () => {
  test.each([[[3, 5]], [[4, 4, 2]], [[1, 6, 2]], [[7, 1, 3]], [[2, 2]], [[1, 1]], [[1, 2]]])('%j', (moduli) => {
    const gadget = isolate(1, (api, x) => digitsOf(api, x, moduli));
    const { constraints, wires } = radixCost(moduli);
    expect(gadget.counts()).toEqual({ constraints: constraints + 2 * moduli.length, wires: wires + 2 * moduli.length });
    const product = moduli.reduce((a, b) => a * b);
    for (let x = 0; x < product; x++) {
      const { outputs, violation } = gadget.solve([x]);
      expect(violation).toBeNull();
      let rest = x;
      moduli.forEach((modulus, i) => {
        expect(Number(outputs[2 * i]!)).toBe(rest % modulus);
        if (rest % modulus === 0) expect(outputs[2 * i + 1]).toBe(0n);
        else expect(outputs[2 * i + 1]).not.toBe(0n);
        expect(outputs[2 * i + 1] === BigInt(Math.ceil(Math.log2(modulus)))).toBe(rest % modulus === modulus - 1);
        rest = Math.floor(rest / modulus);
      });
    }
    for (const x of [-1, product, product + 1, 2 * product]) expect(gadget.solutions([x]).count).toBe(0);
  });

  test('values of digits are unique', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 3 }), fc.nat(), (moduli, n) => {
        const product = moduli.reduce((a, b) => a * b);
        const gadget = isolate(1, (api, x) => {
          const radix = makeRadix(moduli);
          const first = newSum();
          const base = split(api, radix, wireSum(x), first);
          return moduli.map((_, digit) => {
            const out = newSum();
            plusDigit(out, radix, base, first, digit, 1);
            return asWire(api, out);
          });
        });
        expect(weaknesses(gadget, [n % product], { free: freeByDesign(gadget) })).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  test('refuses moduli that are none, and digits beyond 2^53', () => {
    for (const bad of [0, -1, 1.5, Number.NaN]) expect(() => makeRadix([bad])).toThrow(RangeError);
    expect(() => makeRadix([2 ** 30, 2 ** 30])).toThrow(RangeError);
  });
});
