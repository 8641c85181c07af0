/** The digital line against its definition (applyForm): every acc of small intervals, boundaries of real ones, costs, and no other witness. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { emitLine, type LineForm, lineCost, makeLine } from '../../circuits/line.ts';
import { newSum, plusWire } from '../../circuits/sum.ts';
import type { StepForm } from '../../src/program/program.ts';
import { applyForm } from '../../src/program/steps/form.ts';
import { freeByDesign } from '../support/free-by-design.ts';
import { isolate, weaknesses } from '../support/gadget.ts';

function form(parts: Partial<LineForm>): LineForm {
  return { m: 1, A: 7, b: 0, exceptions: [], tie: null, min: -128, max: 127, ...parts };
}

function isolateLine(parts: LineForm, low: number, high: number, offset: number) {
  const line = makeLine(parts, low, high);
  const gadget = isolate(1, (api, x) => {
    const acc = newSum();
    plusWire(acc, x, 1);
    return [emitLine(api, line, acc, offset)];
  });
  return { line, gadget };
}

const truth = (parts: LineForm, acc: number): number => applyForm({ kind: 'line', vLow: 0, vHigh: 0, ...parts } as StepForm, acc);

const cases: readonly { readonly what: string; readonly form: LineForm; readonly low: number; readonly high: number }[] = [
  { what: 'reaches no clamp', form: form({ m: 3, A: 7, b: 2 }), low: -60, high: 61 },
  { what: 'A = 1, reaches no clamp', form: form({ m: 2, A: 1, b: 5 }), low: -20, high: 20 },
  { what: 'A = 1, both clamps', form: form({ m: 2, A: 1, b: 5, min: -10, max: 9 }), low: -40, high: 40 },
  { what: 'A = 2, upper clamp', form: form({ m: 1, A: 2, b: 0, max: 5 }), low: -20, high: 30 },
  { what: 'lower clamp, one step', form: form({ A: 5, min: -3 }), low: -30, high: 30 },
  { what: 'lower clamp, far', form: form({ A: 3, min: 2, max: 5 }), low: -100, high: 17 },
  { what: 'upper clamp, far', form: form({ A: 3, min: -5, max: -2 }), low: -15, high: 100 },
  { what: 'upper clamp, power of two', form: form({ A: 3, min: -4, max: 3 }), low: -12, high: 100 },
  { what: 'both clamps, power of two', form: form({ A: 4, min: -4, max: 3 }), low: -90, high: 120 },
  { what: 'both clamps, odd width', form: form({ m: 2, A: 9, b: -3, min: -2, max: 2 }), low: -100, high: 100 },
  { what: 'both clamps, one step each', form: form({ A: 6, min: -5, max: 4 }), low: -60, high: 40 },
  { what: 'both clamps, lopsided', form: form({ A: 4, min: 0, max: 6 }), low: -20, high: 150 },
  { what: 'mostly below', form: form({ A: 4, min: 0, max: 6 }), low: -200, high: 31 },
  {
    what: 'exceptions',
    form: form({
      m: 3,
      A: 10,
      b: 4,
      exceptions: [
        { at: -7, delta: 1 },
        { at: 12, delta: -1 },
      ],
    }),
    low: -50,
    high: 50,
  },
  {
    what: 'exceptions beside both clamps',
    form: form({
      m: 1,
      A: 5,
      exceptions: [
        { at: -11, delta: 2 },
        { at: 20, delta: -3 },
      ],
      min: -2,
      max: 3,
    }),
    low: -40,
    high: 40,
  },
  ...([0, 1] as const).flatMap((parity) =>
    [
      { what: 'ties, no clamp', form: form({ A: 8, b: -4 }), low: -61, high: 61 },
      { what: 'ties, A = 2', form: form({ A: 2, b: -1 }), low: -21, high: 20 },
      { what: 'ties, odd A', form: form({ m: 2, A: 9, b: -1 }), low: -45, high: 45 },
      { what: 'ties, both clamps, even width', form: form({ A: 4, b: -2, min: -3, max: 4 }), low: -90, high: 120 },
      { what: 'ties, both clamps, odd width', form: form({ A: 4, b: -2, min: -4, max: 4 }), low: -90, high: 120 },
      { what: 'ties, both clamps, odd width from odd', form: form({ A: 4, b: -2, min: -3, max: 3 }), low: -90, high: 120 },
      { what: 'ties, lower clamp, odd width', form: form({ A: 4, b: -2, min: -4 }), low: -90, high: 16 },
      { what: 'ties, upper clamp, odd width', form: form({ A: 4, b: -2, max: 4 }), low: -16, high: 90 },
      { what: 'ties, A = 2, both clamps', form: form({ A: 2, b: -1, min: 0, max: 6 }), low: -40, high: 40 },
    ].map(({ form: tied, what, ...rest }) => ({ ...rest, what: `${what}, parity ${parity}`, form: { ...tied, tie: { parity } } })),
  ),
];

describe('digital line', () => {
  test.each(cases)('$what', ({ form: parts, low, high }) => {
    const offset = Math.min(truth(parts, low), truth(parts, high));
    const { line, gadget } = isolateLine(parts, low, high, offset);
    expect(gadget.counts()).toEqual(lineCost(line));
    for (let acc = low; acc <= high; acc++) {
      const { outputs, violation } = gadget.solve([acc]);
      expect([violation, Number(outputs[0]!) + offset], `acc ${acc}`).toEqual([null, truth(parts, acc)]);
    }
    for (let acc = low; acc <= high; acc += 1 + Math.floor((high - low) / 40)) {
      const { outputs, decided } = gadget.solutions([acc]);
      expect([decided, outputs.map(([y]) => Number(y!) + offset)], `acc ${acc}`).toEqual([true, [truth(parts, acc)]]);
    }
  });

  test.each(cases)('no hint has another value: $what', ({ form: parts, low, high }) => {
    const { gadget } = isolateLine(parts, low, high, 0);
    const exceptional = parts.exceptions.map(({ at }) => at);
    for (const acc of new Set([low, high, 0, Math.floor((low + high) / 2), ...exceptional]))
      expect(weaknesses(gadget, [acc], { free: freeByDesign(gadget), expected: [truth(parts, acc)] }), `acc ${acc}`).toEqual([]);
  });

  test('any form over any interval', () => {
    const arbitrary = fc
      .record({
        m: fc.integer({ min: 1, max: 9 }),
        A: fc.integer({ min: 1, max: 40 }),
        b: fc.integer({ min: -60, max: 60 }),
        min: fc.integer({ min: -20, max: 5 }),
        width: fc.integer({ min: 1, max: 40 }),
        low: fc.integer({ min: -300, max: 100 }),
        length: fc.integer({ min: 10, max: 400 }),
        tie: fc.constantFrom(null, { parity: 0 as const }, { parity: 1 as const }),
        deltas: fc.array(fc.tuple(fc.nat(400), fc.constantFrom(-2, -1, 1, 2)), { maxLength: 3 }),
      })
      .map(({ width, length, deltas, tie, ...rest }) => {
        const distinct = new Map(deltas.map(([at, delta]) => [rest.low + (at % (length + 1)), delta]));
        const exceptions = [...distinct].sort(([a], [b]) => a - b).map(([at, delta]) => ({ at, delta }));
        const tied = rest.A > 1 ? tie : null;
        const parts: LineForm = { ...rest, max: rest.min + width, tie: tied, exceptions: tied === null ? exceptions : [] };
        return { parts, low: rest.low, high: rest.low + length };
      });
    fc.assert(
      fc.property(arbitrary, ({ parts, low, high }) => {
        const ys = Array.from({ length: high - low + 1 }, (_, i) => truth(parts, low + i));
        fc.pre(new Set(ys).size > 1);
        const { line, gadget } = isolateLine(parts, low, high, parts.min);
        expect(gadget.counts()).toEqual(lineCost(line));
        for (let acc = low; acc <= high; acc++) {
          const { outputs, violation } = gadget.solve([acc]);
          expect([violation, Number(outputs[0]!) + parts.min]).toEqual([null, ys[acc - low]]);
        }
        for (const acc of [low, high, low + (high - low) / 2].map(Math.floor)) {
          const { outputs, decided } = gadget.solutions([acc]);
          expect([decided, outputs.map(([y]) => Number(y!) + parts.min)]).toEqual([true, [ys[acc - low]]]);
        }
      }),
      { numRuns: 150 },
    );
  });

  test('a line of a real layer: 31 constraints, boundaries exact and unique', () => {
    // S = 2^-8·1.13 or so: acc·m − b = A·v + R with 17 bits of A, both clamps.
    const parts = form({ m: 345, A: 78_163, b: 1_203_477 });
    const [low, high] = [-90_000, 110_000];
    const { line, gadget } = isolateLine(parts, low, high, -128);
    expect(gadget.counts()).toEqual(lineCost(line));
    expect(gadget.counts().constraints).toBeLessThanOrEqual(33);
    const at = (v: number) => Math.ceil((parts.A * v + parts.b) / parts.m);
    const accs = [low, high, 0, -1, 1, ...[-128, -127, -1, 0, 1, 126, 127, 128].flatMap((v) => [at(v) - 1, at(v), at(v) + 1])];
    for (const acc of accs) {
      const { outputs, violation } = gadget.solve([acc]);
      expect([violation, Number(outputs[0]!) - 128], `${acc}`).toEqual([null, truth(parts, acc)]);
    }
    for (const acc of [low, high, at(-128), at(127) - 1, at(128)])
      expect(weaknesses(gadget, [acc], { free: freeByDesign(gadget), attack: false }), `${acc}`).toEqual([]);
  });

  test('refuses what is no line', () => {
    expect(() => makeLine(form({ min: 50 }), -10, 10)).toThrow(RangeError);
    expect(() => makeLine(form({ A: 1, tie: { parity: 0 } }), -10, 10)).toThrow(RangeError);
    expect(() => makeLine(form({ m: 2 ** 40 }), -(2 ** 30), 2 ** 30)).toThrow(RangeError);
  });
});
