/** RequantShift's rule beside bigints, and its integer form beside the rule, over random factors, divisors, clamps and intervals. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { StepRule } from '../../src/program/program.ts';
import { findForm } from '../../src/program/steps/find.ts';
import { applyForm } from '../../src/program/steps/form.ts';
import { lineOfRule } from '../../src/program/steps/line.ts';
import { applyRule } from '../../src/program/steps/rule.ts';
import { ruleSteps } from '../../src/program/steps/steps.ts';

type Shift = StepRule & { readonly kind: 'shift' };

/** The operator as it is written: clip((acc·mul + add + div/2) >> log2(div)). */
function exactly({ mul, add, divisor, min, max }: Shift, acc: number): number {
  const half = BigInt(divisor) / 2n;
  const shifted = (BigInt(acc) * BigInt(mul) + BigInt(add) + half) >> BigInt(Math.log2(divisor));
  return Number(shifted < BigInt(min) ? BigInt(min) : shifted > BigInt(max) ? BigInt(max) : shifted);
}

const cases = fc
  .record({
    log: fc.integer({ min: 0, max: 30 }),
    mul: fc.oneof(fc.constantFrom(0, 1, 2), fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 2 ** 24 })),
    add: fc.oneof(fc.constantFrom(0, 1, -1, 2 ** 15, -(2 ** 15), 2 ** 31 - 1), fc.integer({ min: -(2 ** 31) + 1, max: 2 ** 31 - 1 })),
    levels: fc.constantFrom([0, 255], [-128, 127], [0, 1], [0, 15], [-8, 7]),
    low: fc.integer({ min: -(2 ** 20), max: 2 ** 20 }),
    width: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 2 ** 21 })),
  })
  .map(({ log, mul, add, levels, low, width }) => {
    const rule: Shift = { kind: 'shift', mul, add, divisor: 2 ** log, zeroPoint: 0, min: levels[0]!, max: levels[1]! };
    return { rule, low, high: low + width };
  });

test('random rules and intervals', () => {
  fc.assert(
    fc.property(
      cases,
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 20, maxLength: 20 }),
      ({ rule, low, high }, places) => {
        const steps = ruleSteps(rule, low, high);
        const form = findForm(steps, lineOfRule(rule));
        // A line by definition: never thresholds. Exceptions or ties only where they are cheaper still.
        expect(form.kind).not.toBe('thresholds');
        const accs = places.map((place) => Math.round(low + place * (high - low)));
        for (const t of steps.thresholds.slice(0, 40)) accs.push(t - 1, t);
        for (const acc of [low, high, ...accs]) {
          expect(applyRule(rule, acc)).toBe(exactly(rule, acc));
          expect(applyForm(form, acc)).toBe(exactly(rule, acc));
        }
      },
    ),
    { numRuns: 150 },
  );
});
