/**
 * Lines that are wrong at a few points, where exceptions set them right: float32's double rounding bends some steps so that no line fits.
 * An exception costs two rows, a bit of A one; so both are sought, more exceptions and a smaller A. Reference: docs/circuits.md §3.
 */
import type { Best } from './find.ts';
import { bitsFor } from './form.ts';
import { type Bound, type Bounds, boundsOf, type Line, linesOf, M_MOST, type Slopes, slopesOf, steepest } from './line.ts';
import type { Steps } from './steps.ts';

const EXCEPTION_ROWS = 2;
/** How many bounds are moved one after the other, and how many ways to do so are kept from one to the next. */
const MOVES_MOST = 8;
const BEAM = 4;
/** The sweep's m at most, and how many A it tries for each. */
const SWEEP_M_MOST = 32;
const SWEEP_SLOPES = 3;

type Offer = (line: Line) => void;

export function tryExceptions(steps: Steps, best: Best, offer: Offer): void {
  moveBounds(steps, best, offer);
  const { form } = best;
  if (form.kind === 'thresholds' || (form.kind === 'line' && form.exceptions.length > 1)) sweep(steps, best, offer);
}

/** Rows of a line besides A's bits and exceptions: those of a line with the middle slope. */
function otherRows(best: Best): number {
  const { form, cost } = best;
  // A table says nothing of it; 2 is less than any line needs.
  return form.kind === 'line' ? cost - bitsFor(form.A) - EXCEPTION_ROWS * form.exceptions.length - (form.tie === null ? 0 : 4) : 2;
}

/** Some bounds moved outwards by one acc each, so that the line may be wrong there. */
interface Moved {
  readonly bounds: Bounds;
  readonly slopes: Slopes;
  /** Which bounds were moved, to drop the same choice reached in another order. */
  readonly key: string;
}

/** Moves the bounds that press, one at a time, and keeps the choices that leave the slopes most room. */
function moveBounds(steps: Steps, best: Best, offer: Offer): void {
  const bounds = boundsOf(steps, false);
  let beam: Moved[] = [{ bounds, slopes: slopesOf(bounds, steepest(steps)), key: '' }];
  for (let moves = 1; moves <= MOVES_MOST; moves++) {
    const next = new Map<string, Moved>();
    for (const state of beam) {
      const floor = bitsFor(Math.max(1, Math.ceil(state.slopes.least))) + EXCEPTION_ROWS * moves + otherRows(best);
      if (floor >= best.cost) continue;
      for (const moved of movesOf(steps, state)) next.set(moved.key, moved);
    }
    beam = [...next.values()].sort((a, b) => room(b.slopes) - room(a.slopes) || (a.key < b.key ? -1 : 1)).slice(0, BEAM);
    for (const { slopes } of beam) for (const line of linesOf(slopes, M_MOST)) offer(line);
  }
}

function room({ least, most }: Slopes): number {
  return most - least;
}

function movesOf(steps: Steps, { bounds: { uppers, lowers }, slopes, key }: Moved): Moved[] {
  return slopes.pressing.map(({ side, q }) => {
    const bounds =
      side === 'upper'
        ? { lowers, uppers: uppers.map((bound) => moveUp(bound, q)) }
        : { uppers, lowers: lowers.map((bound) => moveDown(bound, q)) };
    const moves = [...key.split(' ').filter(Boolean), `${side}${q}`].sort().join(' ');
    return { bounds, slopes: slopesOf(bounds, steepest(steps)), key: moves };
  });
}

function moveUp(bound: Bound, q: number): Bound {
  return bound.q === q ? { ...bound, p: bound.p + 1 } : bound;
}

function moveDown(bound: Bound, q: number): Bound {
  return bound.q === q ? { ...bound, p: bound.p - 1 } : bound;
}

/** For small m and each A near the slope, the b that breaks the fewest bounds. */
function sweep(steps: Steps, best: Best, offer: Offer): void {
  const { uppers, lowers } = boundsOf(steps, false);
  const loose = { uppers: uppers.map((bound) => moveUp(bound, bound.q)), lowers: lowers.map((bound) => moveDown(bound, bound.q)) };
  const { least, most } = slopesOf(loose, steepest(steps));
  const tops = new Float64Array(uppers.length);
  const bottoms = new Float64Array(lowers.length);
  for (let m = 1; m <= SWEEP_M_MOST; m++) {
    const middle = Math.round((m * (least + most)) / 2);
    for (let i = 0; i < SWEEP_SLOPES; i++) {
      const A = middle + (i % 2 === 0 ? i / 2 : -(i + 1) / 2);
      const others = bitsFor(A) + otherRows(best);
      if (A < 1 || A < m * least - 1 || A > m * most + 1 || others + EXCEPTION_ROWS >= best.cost) continue;
      for (let k = 0; k < tops.length; k++) tops[k] = m * uppers[k].p - A * uppers[k].q;
      for (let k = 0; k < bottoms.length; k++) bottoms[k] = m * lowers[k].p - A * lowers[k].q + 1;
      tops.sort();
      bottoms.sort();
      const { b, broken } = leastBroken(tops, bottoms);
      if (others + EXCEPTION_ROWS * broken < best.cost) offer({ m, A, bLow: b, bHigh: b });
    }
  }
}

/** The b with the fewest tops below it and bottoms above it; both sorted. Such a b is one of the bottoms. */
function leastBroken(tops: Float64Array, bottoms: Float64Array): { readonly b: number; readonly broken: number } {
  let b = 0;
  let broken = Number.POSITIVE_INFINITY;
  let below = 0;
  for (let i = 0; i < bottoms.length; i++) {
    while (below < tops.length && tops[below] < bottoms[i]) below++;
    const count = below + bottoms.length - 1 - i;
    if (count < broken) {
      broken = count;
      b = bottoms[i];
    }
  }
  return { b, broken };
}
