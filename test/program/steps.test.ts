/** Integer forms of requantization against their float32 rules: every acc where there are few, thresholds and their neighbours where there are many. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { StepForm, StepRule } from '../../src/program/program.ts';
import { findForm, narrowedForm } from '../../src/program/steps/find.ts';
import { applyForm, formHolds } from '../../src/program/steps/form.ts';
import { applyRule, roundHalfEven } from '../../src/program/steps/rule.ts';
import { narrowed, ruleSteps } from '../../src/program/steps/steps.ts';

interface Case {
  readonly rule: StepRule;
  readonly low: number;
  readonly high: number;
}

/** Log-uniform 1e-5 … 1 (by integers: fc.double would favour exponents near 0), powers of two, and odd multiples of them, whose products with integers hit halves. */
const scale = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: -16_700, max: 300 }).map((e) => Math.fround(2 ** (e / 1000))) },
  { weight: 1, arbitrary: fc.integer({ min: -14, max: 2 }).map((e) => 2 ** e) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.integer({ min: -16, max: -2 }), fc.integer({ min: 1, max: 300 })).map(([e, odd]) => Math.fround(odd * 2 ** e)),
  },
  // One ulp beside a power of two: ties that are none.
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.integer({ min: -14, max: -1 }), fc.constantFrom(-1, 1))
      .map(([e, side]) => Math.fround(2 ** e * (1 + side * 2 ** -23))),
  },
);

const clamps = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom([-128, 127], [0, 255]) },
  { weight: 1, arbitrary: fc.constantFrom([-3, 2], [0, 1], [-128, -127], [7, 7], [0, 6]) },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.integer({ min: -128, max: 127 }), fc.integer({ min: 0, max: 255 })).map(([a, n]) => [a, Math.min(127, a + n)]),
  },
);

const interval = fc.oneof(
  fc.tuple(fc.integer({ min: -3000, max: 3000 }), fc.integer({ min: 0, max: 4000 })).map(([a, n]) => [a, a + n]),
  fc.tuple(fc.integer({ min: -400_000, max: 400_000 }), fc.integer({ min: 0, max: 600_000 })).map(([a, n]) => [a, a + n]),
  fc.tuple(fc.integer({ min: -(2 ** 31) + 1, max: 0 }), fc.integer({ min: 0, max: 2 ** 31 - 1 })).map(([a, b]) => [a, b]),
);

const scaleCase: fc.Arbitrary<Case> = fc.record({ scale, clamps, interval, zeroPoint: fc.integer({ min: -128, max: 255 }) }).map((c) => ({
  rule: { kind: 'scale', scale: c.scale, zeroPoint: c.zeroPoint, min: c.clamps[0]!, max: c.clamps[1]! },
  low: c.interval[0]!,
  high: c.interval[1]!,
}));

const realScale = fc.integer({ min: -10_000, max: 3000 }).map((e) => Math.fround(2 ** (e / 1000)));
const requantizeCase: fc.Arbitrary<Case> = fc
  .record({
    xScale: realScale,
    ratio: fc.option(scale),
    scale: realScale,
    clamps,
    xZero: fc.integer({ min: -128, max: 255 }),
    zeroPoint: fc.integer({ min: -128, max: 255 }),
  })
  .map((c) => ({
    rule: {
      kind: 'requantize',
      xScale: c.xScale,
      xZero: c.xZero,
      scale: c.ratio === null ? c.scale : Math.fround(c.xScale / c.ratio),
      zeroPoint: c.zeroPoint,
      min: c.clamps[0]!,
      max: c.clamps[1]!,
    },
    low: c.xZero > 127 ? 0 : -128,
    high: c.xZero > 127 ? 255 : 127,
  }));

/** Accs at which a wrong form would show: all, or the ends, around every threshold of form and rule, and a spread of others. */
function accsOf({ rule, low, high }: Case): number[] {
  if (high - low <= 1000) return Array.from({ length: high - low + 1 }, (_, i) => low + i);
  const { thresholds } = ruleSteps(rule, low, high);
  const near = [...thresholds].flatMap((t) => [-3, -2, -1, 0, 1, 2].map((d) => t + d));
  const spread = Array.from({ length: 500 }, (_, i) => low + Math.floor(((high - low) * i) / 499));
  return [...near, ...spread].filter((acc) => acc >= low && acc <= high);
}

function expectEqual(form: StepForm, one: Case): void {
  for (const acc of accsOf(one)) {
    const [got, wanted] = [applyForm(form, acc), applyRule(one.rule, acc)];
    if (got !== wanted) expect({ acc, form, y: got }).toEqual({ acc, form, y: wanted });
  }
}

describe('findForm', () => {
  test('equals the rule: accumulators', () => {
    fc.assert(
      fc.property(scaleCase, (one) => expectEqual(findForm(ruleSteps(one.rule, one.low, one.high)), one)),
      { numRuns: 600 },
    );
  });

  test('equals the rule: Q(DQ(x)), every x', () => {
    fc.assert(
      fc.property(requantizeCase, (one) => expectEqual(findForm(ruleSteps(one.rule, one.low, one.high)), one)),
      { numRuns: 300 },
    );
  });

  test('a narrowed form equals the rule on the narrower interval', () => {
    fc.assert(
      fc.property(scaleCase, fc.nat(1000), fc.nat(1000), (one, a, b) => {
        const at = (f: number) => one.low + Math.floor((f / 1000) * (one.high - one.low));
        const [low, high] = [at(Math.min(a, b)), at(Math.max(a, b))];
        const steps = ruleSteps(one.rule, one.low, one.high);
        const narrow = narrowed(steps, low, high);
        expect(narrow).toEqual(ruleSteps(one.rule, low, high));
        const form = narrowedForm(findForm(steps), narrow);
        if (form !== null) expectEqual(form, { rule: one.rule, low, high });
      }),
      { numRuns: 200 },
    );
  });

  test('finds a single line for most scales of real networks, and never pays a table there', () => {
    const kinds = { line: 0, bent: 0, other: 0 };
    for (let i = 0; i < 60; i++) {
      const rule: StepRule = { kind: 'scale', scale: Math.fround(2 ** (-4 - i / 10) * 1.0137), zeroPoint: 3, min: -128, max: 127 };
      const form = findForm(ruleSteps(rule, -400_000, 400_000));
      kinds[form.kind !== 'line' ? 'other' : form.exceptions.length === 0 ? 'line' : 'bent']++;
    }
    expect(kinds.line).toBeGreaterThanOrEqual(50);
    expect(kinds.other).toBe(0);
  });
});

describe('the form of', () => {
  const form = (rule: StepRule, low: number, high: number) => findForm(ruleSteps(rule, low, high));

  test('a power of two keeps ties to even by parity before the zero point', () => {
    for (const zeroPoint of [0, 1, -7]) {
      const found = form({ kind: 'scale', scale: 1 / 16, zeroPoint, min: -128, max: 127 }, -4000, 4000);
      expect(found).toMatchObject({ kind: 'line', m: 1, A: 16, tie: { parity: Math.abs(zeroPoint % 2) }, exceptions: [] });
    }
  });

  test('an interval beyond the clamps is a constant', () => {
    expect(form({ kind: 'scale', scale: 0.5, zeroPoint: 0, min: 0, max: 255 }, -5000, -1)).toEqual({ kind: 'constant', value: 0 });
    expect(form({ kind: 'scale', scale: 0.5, zeroPoint: 0, min: 0, max: 255 }, 511, 511)).toEqual({ kind: 'constant', value: 255 });
  });

  test('one that stays inside its clamps says so', () => {
    const found = form({ kind: 'scale', scale: Math.fround(0.01), zeroPoint: 0, min: -128, max: 127 }, -1000, 1000);
    expect(found).toMatchObject({ kind: 'line', vLow: -10, vHigh: 10 });
  });

  test('accumulators above 2^24, which float32 rounds first', () => {
    const rule: StepRule = { kind: 'scale', scale: 2 ** -20, zeroPoint: 0, min: -128, max: 127 };
    const wide = { rule, low: -(2 ** 30), high: 2 ** 30 };
    expectEqual(form(rule, wide.low, wide.high), wide);
    // fl(2^25 + 1) = 2^25: an acc of one more than the tie at 32.5·2^20 still ties, and goes to 32.
    expect([32.5 * 2 ** 20 + 1, 32.5 * 2 ** 20 + 2, 32.5 * 2 ** 20 + 3].map((acc) => applyRule(rule, acc))).toEqual([32, 32, 33]);
  });
});

describe('formHolds refuses', () => {
  const rule: StepRule = { kind: 'scale', scale: Math.fround(0.0123), zeroPoint: 5, min: -128, max: 127 };
  const steps = ruleSteps(rule, -20_000, 20_000);
  const right = findForm(steps) as StepForm & { kind: 'line' };
  test('nothing of the form found', () => expect(formHolds(right, steps)).toBe(true));
  test.each<[string, Partial<typeof right>]>([
    ['m', { m: right.m + 1 }],
    ['A', { A: right.A + 1 }],
    ['A below 1', { A: 0 }],
    ['b', { b: right.b + right.A }],
    ['min', { min: -127 }],
    ['max', { max: 126 }],
    ['an exception too many', { exceptions: [{ at: 17, delta: 1 }] }],
    ['a tie', { tie: { parity: 0 }, b: right.b - (right.b % right.A), m: right.A }],
    ['an m beyond the safe integers', { m: 2 ** 45 }],
  ])('another %s', (_, change) => expect(formHolds({ ...right, ...change }, steps)).toBe(false));
  test('other kinds', () => {
    expect(formHolds({ kind: 'constant', value: 5 }, steps)).toBe(false);
    expect(
      formHolds({ kind: 'thresholds', base: steps.base, thresholds: [...steps.thresholds].map((t, i) => (i === 9 ? t + 1 : t)) }, steps),
    ).toBe(false);
  });
});

test('roundHalfEven is RNE for every quarter, both signs, and beyond 2^23', () => {
  const wanted = [-2, -2, -2, -1, -1, -1, -0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 2];
  expect(Array.from({ length: 17 }, (_, i) => roundHalfEven((i - 8) / 4) + 0)).toEqual(wanted.map((x) => x + 0));
  for (const x of [2 ** 23 - 0.5, 2 ** 23 + 1, -(2 ** 24)]) expect(roundHalfEven(x)).toBe(x === 2 ** 23 - 0.5 ? 2 ** 23 : x);
  expect(roundHalfEven(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
});
