/**
 * The digital line search: integers m, A, b with ⌊(m·acc − b)/A⌋ on the right side of every threshold that matters.
 * Reference: docs/circuits.md §3.
 *
 * Each threshold bounds b for given m and A: v(p) ≥ q is b ≤ m·p − A·q, v(p) < q is b ≥ m·p − A·q + 1. So only points on two convex hulls matter,
 * and the slopes A/m that any m admits lie in one interval, read off the hulls' pairs. For m = 1, 2, 3, … the few A in m times that interval are tried.
 */
import type { StepRule } from '../program.ts';
import { shiftOffset } from './rule.ts';
import type { Steps } from './steps.ts';
import { parityOf } from './steps.ts';

/** b ≤ m·p − A·q − c (an upper bound: v(p) ≥ q), or b ≥ m·p − A·q + c (a lower bound: v(p) < q). */
export interface Bound {
  readonly p: number;
  readonly q: number;
  readonly c: 0 | 1;
}

export interface Bounds {
  readonly uppers: readonly Bound[];
  readonly lowers: readonly Bound[];
}

/** What every line with this function must satisfy. With `tied`, R = 0 takes 1 off a v of the wrong parity, which shifts that level's bounds by one. */
export function boundsOf(steps: Steps, tied: boolean): Bounds {
  const { low, high, base, thresholds, befores, min, max, tieParity } = steps;
  const top = base + thresholds.length;
  const moved = (q: number): boolean => tied && parityOf(q) !== tieParity;
  const uppers: Bound[] = [];
  const lowers: Bound[] = [];
  if (base > min) uppers.push({ p: low, q: base, c: moved(base) ? 1 : 0 });
  for (let q = base + 1; q <= top; q++) {
    uppers.push({ p: thresholds[q - base - 1], q, c: moved(q) ? 1 : 0 });
    lowers.push({ p: befores[q - base - 1], q, c: moved(q) ? 0 : 1 });
  }
  if (top < max) lowers.push({ p: high, q: top + 1, c: moved(top + 1) ? 0 : 1 });
  return { uppers, lowers };
}

/** The points of the lower (sign 1) or upper (sign −1) convex hull of (q, p), for points ascending in q, c by c: the others never bind. */
function hull(points: readonly Bound[], sign: 1 | -1): Bound[] {
  const kept: Bound[] = [];
  for (const c of [0, 1]) {
    const first = kept.length;
    for (const point of points) {
      if (point.c !== c) continue;
      while (kept.length - first >= 2) {
        const o = kept[kept.length - 2];
        const a = kept[kept.length - 1];
        const turn = (a.q - o.q) * (point.p - o.p) - (a.p - o.p) * (point.q - o.q);
        if (turn * sign > 0) break;
        kept.pop();
      }
      kept.push(point);
    }
  }
  return kept;
}

/** The slopes A/m that some line could have, and the two pairs of bounds that enclose them. Empty if least > most. */
export interface Slopes {
  readonly least: number;
  readonly most: number;
  /** The bounds that press: relaxing one of them is the only way to another interval. */
  readonly pressing: readonly { readonly side: 'upper' | 'lower'; readonly q: number }[];
  readonly hulls: Bounds;
}

export function slopesOf({ uppers, lowers }: Bounds, steepest: number): Slopes {
  const hulls = { uppers: hull(uppers, 1), lowers: hull(lowers, -1) };
  let least = 0;
  let most = steepest;
  let leastPair: readonly [Bound, Bound] | null = null;
  let mostPair: readonly [Bound, Bound] | null = null;
  for (const u of hulls.uppers) {
    for (const l of hulls.lowers) {
      const run = u.q - l.q;
      if (run === 0) continue;
      const slope = (u.p - l.p) / run;
      if (run > 0 ? slope < most : slope > least) {
        if (run > 0) {
          most = slope;
          mostPair = [u, l];
        } else {
          least = slope;
          leastPair = [u, l];
        }
      }
    }
  }
  const pressing: { side: 'upper' | 'lower'; q: number }[] = [];
  for (const pair of [leastPair, mostPair]) {
    if (pair === null) continue;
    for (const [i, side] of (['upper', 'lower'] as const).entries()) {
      const { q } = pair[i];
      if (!pressing.some((known) => known.side === side && known.q === q)) pressing.push({ side, q });
    }
  }
  return { least, most, pressing, hulls };
}

/** m at most: beyond it A has 13 bits more than the best line could have, and a few exceptions are cheaper. */
export const M_MOST = 8192;

/** A slope beyond the interval's length says nothing more: v then takes two values. */
export function steepest({ low, high }: Steps): number {
  return high - low + 1;
}

export interface Line {
  readonly m: number;
  readonly A: number;
  readonly bLow: number;
  readonly bHigh: number;
}

/** The line that a rule is by its definition, in lowest terms: ⌊(mul·acc + c)/d⌋ = ⌊((mul/g)·acc + ⌊c/g⌋)/(d/g)⌋ for a g that divides mul and d. */
export function lineOfRule(rule: StepRule): Line | null {
  if (rule.kind !== 'shift' || rule.mul === 0) return null;
  let g = 1;
  while (rule.mul % (2 * g) === 0 && rule.divisor % (2 * g) === 0) g *= 2;
  const b = -Math.floor(shiftOffset(rule) / g);
  return { m: rule.mul / g, A: rule.divisor / g, bLow: b, bHigh: b };
}

/** Slopes of one m tried one by one below this many, else a sample of both ends and the powers of two between. */
const MANY_SLOPES = 48;
/** How many pairs (m, A) are tried in all. Where many A are near the slope and none fits, float32's rounding is in the way, and a larger m does not help. */
const PAIRS_MOST = 4096;
/** A pair of slopes this much too close counts as equal: the exact integer test decides. */
const SLACK = 1e-11;

/** All lines found for the least m ≤ mMost that has any; b may be any of bLow … bHigh. */
export function linesOf({ least, most, hulls }: Slopes, mMost: number): Line[] {
  const found: Line[] = [];
  if (least * (1 - SLACK) > most * (1 + SLACK)) return found;
  let pairs = 0;
  for (let m = 1; m <= mMost && found.length === 0 && pairs < PAIRS_MOST; m++) {
    const first = Math.max(1, Math.ceil(m * least * (1 - SLACK)));
    const last = Math.floor(m * most * (1 + SLACK));
    if (first > last) continue;
    for (const A of slopesToTry(first, last)) {
      pairs++;
      let bLow = Number.NEGATIVE_INFINITY;
      let bHigh = Number.POSITIVE_INFINITY;
      for (const { p, q, c } of hulls.lowers) bLow = Math.max(bLow, m * p - A * q + c);
      for (const { p, q, c } of hulls.uppers) bHigh = Math.min(bHigh, m * p - A * q - c);
      if (bLow > bHigh) continue;
      // One side has no bound where the function starts or ends inside its clamps; any finite b beyond the other will do.
      found.push({ m, A, bLow: Number.isFinite(bLow) ? bLow : bHigh, bHigh: Number.isFinite(bHigh) ? bHigh : bLow });
    }
  }
  return found;
}

function slopesToTry(first: number, last: number): number[] {
  const slopes: number[] = [];
  if (last - first < MANY_SLOPES) {
    for (let A = first; A <= last; A++) slopes.push(A);
    return slopes;
  }
  for (let i = 0; i < MANY_SLOPES / 2; i++) slopes.push(first + i, last - i);
  for (let power = 1; power <= last; power *= 2) if (power >= first) slopes.push(power);
  return slopes;
}
