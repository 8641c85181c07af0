/** Bound: a row with one wire that has no interval yet, standing alone with ±1, gives it one: from the intervals of the others. */
import { centred, invert, scalarOrder } from '../../field/bn254.ts';
import type { SparseMatrix } from '../../r1cs/r1cs.ts';
import { type Interval, isSafe, productInterval, sideInterval } from '../intervals.ts';
import { LINEAR, PRODUCT, type Shapes } from '../shape.ts';
import { type AuditState, wireTerms } from '../state.ts';

/** factor·side, a part of an expression. */
type Part = readonly [side: SparseMatrix, factor: number];

/** O(terms). */
export function bound(state: AuditState, shapes: Shapes, row: number): void {
  const { a, b, c } = state.r1cs;
  if (shapes.kind[row] === PRODUCT) {
    const [x, y] = [sideInterval(state, a, row), sideInterval(state, b, row)];
    const product = x === null || y === null ? null : productInterval(x, y);
    if (product !== null) boundParts(state, row, [[c, 1]], product);
    boundDefined(state, row);
  } else if (shapes.kind[row] === LINEAR) {
    const [side, constant] = wireTerms(a, row) === 0 ? [b, a] : [a, b];
    const factor = sideInterval(state, constant, row)?.low;
    if (factor === undefined) return;
    boundParts(
      state,
      row,
      factor === 0
        ? [[c, 1]]
        : [
            [side, factor],
            [c, -1],
          ],
      { low: 0, high: 0 },
    );
  } else {
    const constant = constantTerm(a, row, state.r1cs.pool.small);
    const low = shapes.lows[row]! + constant;
    if (Number.isSafeInteger(low)) boundParts(state, row, [[a, 1]], { low, high: low + shapes.gaps[row]! });
  }
}

function constantTerm({ starts, wires, coefficients }: SparseMatrix, row: number, small: Float64Array): number {
  const first = starts[row]!;
  return first < starts[row + 1]! && wires[first] === 0 ? small[coefficients[first]!]! : 0;
}

/** Σ factor·side ∈ target. Where every wire has an interval, the last one of C, which rows define, is narrowed. */
function boundParts(state: AuditState, row: number, parts: readonly Part[], target: Interval): void {
  const { c, pool } = state.r1cs;
  const { small } = pool;
  let wire = -1;
  let k = 0;
  for (const [{ starts, wires, coefficients }, factor] of parts) {
    for (let i = starts[row]!; i < starts[row + 1]!; i++) {
      if (state.isRanged(wires[i]!)) continue;
      if (wire >= 0 && wires[i] !== wire) return;
      wire = wires[i]!;
      k += factor * small[coefficients[i]!]!;
    }
  }
  if (wire < 0) {
    const last = c.starts[row + 1]! - 1;
    if (parts.length > 1 || last < c.starts[row]! || c.wires[last] === 0) return;
    wire = c.wires[last]!;
    k = small[c.coefficients[last]!]!;
  }
  if (k !== 1 && k !== -1) return;
  let { low, high } = target;
  for (const [side, factor] of parts) {
    const interval = sideInterval(state, side, row, wire);
    const scaled = interval && productInterval(interval, { low: factor, high: factor });
    if (!scaled) return;
    low -= scaled.high;
    high -= scaled.low;
    if (!isSafe({ low, high })) return;
  }
  if (k === 1) state.setRange(wire, low, high);
  else state.setRange(wire, -high, -low);
}

/** More bits are not tried. */
const mostBits = 6;

/** k·w on C, k other than ±1, everything else in the row bits: w is one of a few values. */
function boundDefined(state: AuditState, row: number): void {
  const { a, b, c, pool } = state.r1cs;
  const last = c.starts[row + 1]! - 1;
  const wire = last < c.starts[row]! ? 0 : c.wires[last]!;
  if (wire === 0 || state.isRanged(wire)) return;
  const bits = new Set<number>();
  for (const side of [a, b, c]) {
    const { starts, wires } = side;
    for (let i = starts[row]!; i < starts[row + 1]!; i++) {
      if (wires[i] === wire && side !== c) return;
      if (wires[i] === 0 || wires[i] === wire) continue;
      if (state.twoValued[wires[i]!] === 0 || bits.size > mostBits) return;
      bits.add(wires[i]!);
    }
  }
  if (bits.size > mostBits) return;
  const list = [...bits];
  const inverse = invert(pool.field[c.coefficients[last]!]!, scalarOrder);
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let pattern = 0; pattern < 1 << list.length; pattern++) {
    const value = (side: SparseMatrix): bigint => {
      let sum = 0n;
      for (let i = side.starts[row]!; i < side.starts[row + 1]!; i++) {
        const at = side.wires[i]!;
        if (at === wire) continue;
        const bit = list.indexOf(at);
        const x = bit < 0 ? 1 : (pattern >> bit) & 1 ? state.highs[at]! : state.lows[at]!;
        sum += pool.field[side.coefficients[i]!]! * BigInt(x);
      }
      return sum;
    };
    const w = Number(centred((value(a) * value(b) - value(c)) * inverse, scalarOrder));
    low = Math.min(low, w);
    high = Math.max(high, w);
  }
  state.setRange(wire, low, high);
}
