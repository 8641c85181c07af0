/** Integer forms of Add and AveragePool against their float32 rules. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { driveSteps } from '../../src/events.ts';
import type { AddRule, AverageRule } from '../../src/program/program.ts';
import { applyAverageForm, averageFormHolds, averageFormWork, averageOf, findAverageForm } from '../../src/program/steps/average.ts';
import { addFormHolds, applyAddForm, findAddForm } from '../../src/program/steps/plane.ts';
import { applyAddRule } from '../../src/program/steps/rule.ts';

/** By thousandths: fc.double would favour numbers near 0. */
const exponent = fc.integer({ min: -8000, max: 0 }).map((e) => e / 1000);
const zero = fc.oneof(fc.constantFrom(-128, 127, 0), fc.integer({ min: -128, max: 127 }));
const all = { aLow: -128, aHigh: 127, bLow: -128, bHigh: 127 };

/** Random scales, powers of two, and ratios that make ties which float32 noise decides. */
const scales = fc.oneof(
  fc.tuple(exponent, exponent, exponent).map((e) => e.map((x) => Math.fround(2 ** x))),
  fc.tuple(exponent, exponent, exponent).map((e) => e.map((x) => 2 ** Math.round(x))),
  fc
    .tuple(exponent, fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }))
    .map(([e, p, q]) => [p, q, 2 * Math.max(p, q)].map((n) => Math.fround(Math.fround(2 ** e) * n))),
);

const addRule: fc.Arbitrary<AddRule> = fc
  .record({
    scales,
    aZero: zero,
    bZero: zero,
    zeroPoint: zero,
    rounding: fc.constantFrom('kernel', 'uint8', 'floats'),
    x64: fc.boolean(),
    narrow: fc.boolean(),
  })
  .map((c) => ({
    kernel: c.x64 && c.rounding !== 'floats' ? 'x64' : 'wasm',
    aScale: c.scales[0]!,
    bScale: c.scales[1]!,
    scale: c.scales[2]!,
    aZero: c.aZero,
    bZero: c.bZero,
    zeroPoint: c.zeroPoint,
    roundingZero: { kernel: c.zeroPoint, uint8: c.zeroPoint + 128, floats: 0 }[c.rounding]!,
    min: c.narrow ? Math.max(-128, Math.min(c.zeroPoint, 100)) : -128,
    max: c.narrow ? 120 : 127,
  }));

describe('Add', () => {
  test('a form that equals the rule on all 2^16 pairs', () => {
    const kinds = new Set<string>();
    fc.assert(
      fc.property(addRule, (rule) => {
        const form = findAddForm(rule, all);
        kinds.add(form.kind);
        for (let a = -128; a <= 127; a++) {
          for (let b = -128; b <= 127; b++) {
            const [got, wanted] = [applyAddForm(form, a, b, all), applyAddRule(rule, a, b)];
            if (got !== wanted) expect({ a, b, form, y: got }).toEqual({ a, b, form, y: wanted });
          }
        }
      }),
      { numRuns: 30, seed: 11 },
    );
    expect(kinds).toEqual(new Set(['plane', 'tables']));
  });

  test('of narrower intervals, one of them a constant', () => {
    const rule: AddRule = {
      kernel: 'wasm',
      aScale: 0.25,
      aZero: 3,
      bScale: Math.fround(0.1),
      bZero: -4,
      scale: 0.25,
      zeroPoint: 7,
      roundingZero: 7,
      min: -128,
      max: 127,
    };
    for (const pairs of [
      { ...all, bLow: 5, bHigh: 5 },
      { aLow: 3, aHigh: 3, bLow: -4, bHigh: -4 },
      { aLow: 0, aHigh: 60, bLow: -4, bHigh: 127 },
    ]) {
      expect(addFormHolds(findAddForm(rule, pairs), rule, pairs)).toBe(true);
    }
  });

  test('random scales are planes of about 14 bits; a changed plane is refused', () => {
    const rule: AddRule = {
      kernel: 'wasm',
      aScale: Math.fround(0.0231),
      aZero: -128,
      bScale: Math.fround(0.144),
      bZero: -15,
      scale: Math.fround(0.0889),
      zeroPoint: -128,
      roundingZero: -128,
      min: -128,
      max: 127,
    };
    const form = findAddForm(rule, all);
    if (form.kind !== 'plane' || form.step.kind !== 'line') throw new Error(`it is ${form.kind}`);
    expect(form.step.A).toBeLessThan(2 ** 15);
    expect(addFormHolds(form, rule, all)).toBe(true);
    expect(addFormHolds({ ...form, p: form.p + 1 }, rule, all)).toBe(false);
    expect(addFormHolds({ ...form, step: { ...form.step, b: form.step.b + 9 } }, rule, all)).toBe(false);
  });

  test('powers of two need a few bits and ties', () => {
    const rule: AddRule = {
      kernel: 'wasm',
      aScale: 0.25,
      aZero: 0,
      bScale: 0.125,
      bZero: 0,
      scale: 0.25,
      zeroPoint: 1,
      roundingZero: 1,
      min: -128,
      max: 127,
    };
    expect(findAddForm(rule, all)).toMatchObject({ kind: 'plane', p: 2, q: 1, step: { kind: 'line', A: 2, tie: { parity: 0 } } });
  });
});

const averageRule: fc.Arbitrary<AverageRule> = fc
  .record({ scales, same: fc.boolean(), xZero: zero, zeroPoint: zero, turned: fc.boolean() })
  .map((c) => ({
    xScale: c.scales[0]!,
    xZero: c.xZero,
    scale: c.same ? c.scales[0]! : c.scales[2]!,
    zeroPoint: c.same ? c.xZero : c.zeroPoint,
    roundingZero: (c.same ? c.xZero : c.zeroPoint) + (c.turned ? 128 : 0),
    min: -128,
    max: 127,
  }));

describe('AveragePool', () => {
  const element = fc.oneof(
    { weight: 1, arbitrary: fc.constantFrom(-128, 127, -127, 0) },
    { weight: 3, arbitrary: fc.integer({ min: -128, max: 127 }) },
  );

  test('a form that equals the loop on random windows', () => {
    const kinds = new Set<string>();
    fc.assert(
      fc.property(
        averageRule,
        fc.constantFrom(1, 2, 3, 4, 6, 9),
        fc.integer({ min: 0, max: 3 }),
        fc.infiniteStream(element),
        (rule, taps, more, stream) => {
          const shape = { taps, divisor: taps + more, xLow: -128, xHigh: 127 };
          const form = findAverageForm(rule, shape);
          kinds.add(form.kind);
          const order = Int32Array.from({ length: taps }, (_, i) => i);
          for (let round = 0; round < 400; round++) {
            const xs = Array.from({ length: taps }, () => stream.next().value as number);
            const [got, wanted] = [applyAverageForm(form, rule, -128, xs), averageOf(rule, Int32Array.from(xs), order, shape.divisor)];
            if (got !== wanted) expect({ xs, form, y: got }).toEqual({ xs, form, y: wanted });
          }
        },
      ),
      { numRuns: 60, seed: 3 },
    );
    expect(kinds).toEqual(new Set(['sum', 'float']));
  });

  test('the order of the addends matters where it says float', () => {
    const s = Math.fround(0.0371);
    const rule: AverageRule = { xScale: s, xZero: -128, scale: s, zeroPoint: -128, roundingZero: -128, min: -128, max: 127 };
    const shape = { taps: 4, divisor: 4, xLow: -128, xHigh: 127 };
    const form = findAverageForm(rule, shape);
    expect(form.kind).toBe('float');
    expect(averageFormHolds(form, rule, shape)).toBe(true);
    const outcomes = new Map<number, Set<number>>();
    for (let i = 0; i < 20_000; i++) {
      const xs = Int32Array.from([i, i * 13, i * i, i * 31 + (i >> 3)], (x) => (x % 256) - 128);
      const sum = xs.reduce((a, b) => a + b);
      outcomes.set(sum, (outcomes.get(sum) ?? new Set()).add(averageOf(rule, xs, Int32Array.of(0, 1, 2, 3), 4)));
    }
    expect([...outcomes.values()].some((ys) => ys.size > 1)).toBe(true);
  });

  test.each([64, 100, 256, 400])('%i elements and equal scales: noise decides, which is seen without enumerating', (taps) => {
    const s = Math.fround(0.0371);
    const rule: AverageRule = { xScale: s, xZero: 3, scale: s, zeroPoint: 3, roundingZero: 3, min: -128, max: 127 };
    const shape = { taps, divisor: taps, xLow: -128, xHigh: 127 };
    const form = findAverageForm(rule, shape);
    expect(form.kind).toBe('float');
    expect(averageFormHolds(form, rule, shape)).toBe(true);
    const order = Int32Array.from({ length: taps }, (_, i) => i);
    for (let round = 0; round < 300; round++) {
      // Around a tie: half of the elements one above the others.
      const xs = Int32Array.from(order, (i) => ((round * 7) % 250) - 128 + ((i * round) % 5) + (i % 2));
      expect(applyAverageForm(form, rule, -128, [...xs])).toBe(averageOf(rule, xs, order, taps));
    }
  });

  test('the search over sums of a large window hears an abort', async () => {
    const s = Math.fround(0.0371);
    const rule: AverageRule = { xScale: s, xZero: 3, scale: s, zeroPoint: 3, roundingZero: 3, min: -128, max: 127 };
    const controller = new AbortController();
    const work = driveSteps('program', averageFormWork(rule, { taps: 225, divisor: 225, xLow: -128, xHigh: 127 }), {
      signal: controller.signal,
    });
    setTimeout(() => controller.abort(), 30);
    await expect(work).rejects.toMatchObject({ code: 'ZK1006' });
  });

  test('a changed form is refused', () => {
    const rule: AverageRule = { xScale: 0.5, xZero: 0, scale: 0.25, zeroPoint: 3, roundingZero: 3, min: -128, max: 127 };
    const shape = { taps: 4, divisor: 4, xLow: -128, xHigh: 127 };
    const form = findAverageForm(rule, shape);
    if (form.kind !== 'sum' || form.step.kind !== 'line') throw new Error(`it is ${form.kind}`);
    expect(averageFormHolds(form, rule, shape)).toBe(true);
    expect(averageFormHolds({ ...form, step: { ...form.step, b: form.step.b + 1 } }, rule, shape)).toBe(false);
    expect(averageFormHolds(form, { ...rule, zeroPoint: 4 }, shape)).toBe(false);
  });
});
