/**
 * A monotone step function on an integer interval, as its thresholds: what a rule becomes before an integer form is sought for it.
 */
import type { StepRule } from '../program.ts';
import { applyRule } from './rule.ts';

export interface Steps {
  /** Interval of acc, inclusive; safe integers. */
  readonly low: number;
  readonly high: number;
  /** y(low). */
  readonly base: number;
  /** thresholds[i] = least acc in (low, high] that occurs with y(acc) ≥ base + 1 + i: ascending, y(high) − base of them. */
  readonly thresholds: Float64Array;
  /** befores[i] = greatest acc that occurs with y(acc) < base + 1 + i: thresholds[i] − 1 where every integer of the interval may occur. */
  readonly befores: Float64Array;
  /** Whether every integer of the interval may occur, not only some with gaps at the thresholds. */
  readonly dense: boolean;
  /** The function's clamps: min ≤ y ≤ max everywhere. */
  readonly min: number;
  readonly max: number;
  /** Which parity of y an exact tie goes to: that of the zero point where the rule rounds before adding it, else 0. */
  readonly tieParity: 0 | 1;
}

export interface StepLimits {
  readonly min: number;
  readonly max: number;
  readonly tieParity: 0 | 1;
}

/** 0 or 1 also for negative integers. */
export function parityOf(integer: number): 0 | 1 {
  return integer % 2 === 0 ? 0 : 1;
}

/** Thresholds of `f`, which must be monotone (not decreasing) on the integers low … high, by binary search. */
export function stepsOf(f: (acc: number) => number, low: number, high: number, limits: StepLimits): Steps {
  const base = f(low);
  const count = f(high) - base;
  const thresholds = new Float64Array(count);
  let from = low;
  for (let i = 0; i < count; i++) {
    const wanted = base + 1 + i;
    // f(from) may have reached `wanted` already where y jumps by more than 1; else it lies right of `from`: gallop, then bisect.
    if (f(from) < wanted) {
      let under = from;
      let over = from;
      for (let stride = 1; f(over) < wanted; stride *= 2) {
        under = over;
        over = Math.min(high, over + stride);
      }
      while (over - under > 1) {
        const middle = under + Math.floor((over - under) / 2);
        if (f(middle) < wanted) under = middle;
        else over = middle;
      }
      from = over;
    }
    thresholds[i] = from;
  }
  return { low, high, ...limits, base, thresholds, befores: thresholds.map((t) => t - 1), dense: true };
}

/** Thresholds of a requantization's rule. */
export function ruleSteps(rule: StepRule, low: number, high: number): Steps {
  const { min, max, zeroPoint } = rule;
  return stepsOf((acc) => applyRule(rule, acc), low, high, { min, max, tieParity: parityOf(zeroPoint) });
}

export interface RuleGroup {
  readonly rule: StepRule;
  /** The interval of all its channels together. */
  readonly low: number;
  readonly high: number;
  readonly channels: readonly number[];
}

/** Channels by rule, so that thresholds are found once for those that are alike. */
export function ruleGroups(rules: readonly StepRule[], lows: Float64Array, highs: Float64Array): ReadonlyMap<string, RuleGroup> {
  const groups = new Map<string, { rule: StepRule; low: number; high: number; channels: number[] }>();
  rules.forEach((rule, channel) => {
    const key = JSON.stringify(rule);
    const group = groups.get(key) ?? { rule, low: lows[channel], high: highs[channel], channels: [] };
    group.low = Math.min(group.low, lows[channel]);
    group.high = Math.max(group.high, highs[channel]);
    group.channels.push(channel);
    groups.set(key, group);
  });
  return groups;
}

/** The same function on a part of its interval. */
export function narrowed(steps: Steps, low: number, high: number): Steps {
  const { thresholds, befores } = steps;
  let first = 0;
  while (first < thresholds.length && thresholds[first] <= low) first++;
  let last = first;
  while (last < thresholds.length && thresholds[last] <= high) last++;
  return { ...steps, low, high, base: steps.base + first, thresholds: thresholds.slice(first, last), befores: befores.slice(first, last) };
}

/** y(acc) for accs that occur, asked for in ascending order. */
export function stepReader({ base, thresholds }: Steps): (acc: number) => number {
  let passed = 0;
  return (acc) => {
    while (passed < thresholds.length && thresholds[passed] <= acc) passed++;
    return base + passed;
  };
}
