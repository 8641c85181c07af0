/** Intervals of expressions in doubles: exact where every number is a safe integer, else nothing is concluded. */
import type { SparseMatrix } from '../r1cs/r1cs.ts';
import type { AuditState } from './state.ts';

export interface Interval {
  readonly low: number;
  readonly high: number;
}

const limit = Number.MAX_SAFE_INTEGER;

export const isSafe = ({ low, high }: Interval): boolean => low >= -limit && high <= limit;

/** Of a side, `except` left out; null where a wire or a coefficient has no small bound. O(terms). */
export function sideInterval(state: AuditState, side: SparseMatrix, row: number, except = -1): Interval | null {
  const { small } = state.r1cs.pool;
  let [low, high] = [0, 0];
  for (let i = side.starts[row]!; i < side.starts[row + 1]!; i++) {
    const wire = side.wires[i]!;
    if (wire === except) continue;
    const k = small[side.coefficients[i]!]!;
    const [x, y] = [k * state.lows[wire]!, k * state.highs[wire]!];
    low += Math.min(x, y);
    high += Math.max(x, y);
  }
  // A NaN, of a wide coefficient or a wire without interval, fails here, as does a sum that was not exact on the way.
  return low >= -limit && high <= limit ? { low, high } : null;
}

export function productInterval(x: Interval, y: Interval): Interval | null {
  const corners = [x.low * y.low, x.low * y.high, x.high * y.low, x.high * y.high];
  const interval = { low: Math.min(...corners), high: Math.max(...corners) };
  return isSafe(interval) ? interval : null;
}

export const excludesZero = (interval: Interval | null): boolean => interval !== null && (interval.low > 0 || interval.high < 0);
