/**
 * Quotient by a variable: p = D·q with D > 0 unique, and two relations p + u ∈ [0, …], v − p ∈ [0, …] whose u + v is W. Two values q ≠ q' give D ≤ |p − p'| ≤ W.
 *   - Euclid: W − D is a constant below 0: there is one q.
 *   - nearest, halves to even: W = D, and both relations have the lowest bit e of q taken off, so that D ≤ W − e − e': both are even, and next to each other.
 */
import { scalarOrder } from '../../field/bn254.ts';
import { type Form, openAtoms, plusForm, plusSide, plusTerm, relation } from '../form.ts';
import { sideInterval } from '../intervals.ts';
import { PAIR, PRODUCT, type Shapes } from '../shape.ts';
import { type AuditState, BY_SOLVE, OPEN } from '../state.ts';

const r = scalarOrder;

/** Looks at a row D·q = p. */
export function quotient(state: AuditState, shapes: Shapes, row: number): void {
  if (shapes.kind[row] !== PRODUCT || state.openCount[row] !== 2) return;
  const { a, b, c } = state.r1cs;
  const product = plusSide(state, new Map(), c, row, 1n, 'all');
  const [p] = product.keys();
  if (product.size !== 1 || p === undefined || state.status[p] !== OPEN || product.get(p) !== 1n || !state.isRanged(p)) return;
  for (const [divisor, factor] of [
    [a, b],
    [b, a],
  ] as const) {
    const by = plusSide(state, new Map(), divisor, row, 1n, 'all');
    const of = plusSide(state, new Map(), factor, row, 1n, 'all');
    const [q] = of.keys();
    if (of.size !== 1 || q === undefined || of.get(q) !== 1n || state.status[q] !== OPEN || !state.isRanged(q)) continue;
    if (openAtoms(state, by).length > 0 || !((sideInterval(state, divisor, row)?.low ?? 0) > 0)) continue;
    if (oneQuotient(state, shapes, { p, q, by })) state.setUnique(q, BY_SOLVE, row);
    return;
  }
}

interface Division {
  readonly p: number;
  readonly q: number;
  readonly by: Form;
}

/** sign·p + u − (e taken off `bits` times) ≥ 0. */
interface Bound {
  readonly sign: bigint;
  readonly u: Form;
  readonly bits: bigint;
}

function oneQuotient(state: AuditState, shapes: Shapes, division: Division): boolean {
  const parity = parityOf(state, shapes, division.q);
  const found: Bound[] = [];
  for (const row of state.rowsOf(division.p)) {
    if (shapes.kind[row] === PRODUCT) continue;
    const bound = boundOf(state, shapes, row, division, parity);
    if (bound !== null) found.push(bound);
  }
  return found.some((x) =>
    found.some((y) => {
      if (x.sign !== 1n || y.sign !== -1n) return false;
      const excess: Form = new Map(x.u);
      plusForm(excess, y.u, 1n);
      plusForm(excess, division.by, -1n);
      const constant = excess.get(0) ?? 0n;
      if (excess.size > (excess.has(0) ? 1 : 0)) return false;
      return constant < 0n || (constant === 0n && x.bits === 1n && y.bits === 1n);
    }),
  );
}

/** The lowest bit of q as an expression: q minus even multiples of bits, in {0, 1}. */
function parityOf(state: AuditState, shapes: Shapes, q: number): Form | null {
  for (const row of state.rowsOf(q)) {
    if (shapes.kind[row] !== PAIR || shapes.gaps[row] !== 1) continue;
    const form = relation(state, shapes, row, 'wires');
    if (form.get(q) !== 1n) continue;
    const isBit = (wire: number): boolean => state.twoValued[wire] === 1 && state.lows[wire] === 0 && state.highs[wire] === 1;
    if ([...form].every(([wire, k]) => wire === q || (k % 2n === 0n && (wire === 0 || isBit(wire))))) return form;
  }
  return null;
}

/** The row as ±p + u ≥ 0, everything else in it ranged. */
function boundOf(state: AuditState, shapes: Shapes, row: number, { p, q }: Division, parity: Form | null): Bound | null {
  const form = relation(state, shapes, row, 'wires');
  const sign = form.get(p)!;
  if (sign !== 1n && sign !== -1n) return null;
  const bits = -(form.get(q) ?? 0n);
  if (bits !== 0n) {
    if (parity === null) return null;
    plusForm(form, parity, bits);
  }
  form.delete(p);
  // ±p + u + digits ∈ {0, gap}.
  let [low, high] = [0n, 0n];
  for (const wire of openAtoms(state, form)) {
    if (state.status[wire] !== OPEN || !state.isRanged(wire) || wire === q) return null;
    const k = form.get(wire)!;
    const [x, y] = [k * BigInt(state.lows[wire]!), k * BigInt(state.highs[wire]!)];
    low += x < y ? x : y;
    high += x < y ? y : x;
    plusTerm(form, wire, -k);
  }
  // All that is known of p and u is small: the sum is an integer, not only one modulo r.
  for (const wire of form.keys()) if (wire !== 0 && (wire >= state.r1cs.wireCount || !state.isRanged(wire))) return null;
  const [least, most] = [-high, BigInt(shapes.gaps[row]!) - low];
  return least >= 0n && most < r >> 3n ? { sign, u: form, bits } : null;
}
