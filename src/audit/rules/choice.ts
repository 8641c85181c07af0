/**
 * Choice: a product of factors α_i·m + a_i that is 0, in one row or as a chain of products, leaves m the values m_i = −a_i/α_i; relations γ·m + u ∈ [low, high] say which. Shown where two of the
 * values fit only if they are the same:
 *   - two values, and f(m_1) + f(m_2) = 0 identically for an f ∈ [0, T]: f is 0 for both (the larger of two: f = 2m − a − b);
 *   - for each i a relation that is κ_i·(m − m_i) ∈ [0, T] up to a constant, all κ_i of one sign: m is not below (not above) any of the values, and is one of them.
     All coefficients are below 2^32, the ends and constants below 2^120 in size, so that sums of two such relations stay below r.
 */
import { type Form, onlyConstant, openAtoms, plusForm, plusSide, relation, takeRanged } from '../form.ts';
import { PRODUCT, type Shapes } from '../shape.ts';
import { type AuditState, BY_CHOICE, OPEN } from '../state.ts';

/** Longer chains are not followed. */
const mostFactors = 4096;

/** α·m + a, a without open atoms. */
interface Factor {
  readonly alpha: bigint;
  readonly a: Form;
}

export function choice(state: AuditState, shapes: Shapes, m: number): void {
  const { a, b } = state.r1cs;
  for (const row of state.rowsOf(m)) {
    if (shapes.kind[row] !== PRODUCT) continue;
    const first = [a, b].map((side) => factorOf(state, plusSide(state, new Map(), side, row, 1n, 'all'), m));
    if (first[0] === null || first[1] === null) continue;
    const factors = followChain(state, shapes, m, row, first as Factor[]);
    if (factors === null || !decides(state, shapes, m, factors)) continue;
    state.setUnique(m, BY_CHOICE, row);
    return;
  }
}

function factorOf(state: AuditState, form: Form, m: number): Factor | null {
  const alpha = form.get(m);
  if (alpha === undefined) return null;
  form.delete(m);
  return openAtoms(state, form).length > 0 ? null : { alpha, a: form };
}

/** From the row on: C is empty, or one wire that is a factor of one more row; null where the chain does not end in 0. */
function followChain(state: AuditState, shapes: Shapes, m: number, start: number, factors: Factor[]): readonly Factor[] | null {
  const { a, b, c } = state.r1cs;
  for (let row = start; factors.length < mostFactors; ) {
    const product = plusSide(state, new Map(), c, row, 1n, 'all');
    if (product.size === 0) return factors;
    const [wire] = product.keys();
    if (product.size !== 1 || wire === undefined || state.status[wire] !== OPEN) return null;
    const next = [...state.rowsOf(wire)].find((other) => other !== row && shapes.kind[other] === PRODUCT);
    if (next === undefined) return null;
    const sides = [a, b].map((side) => plusSide(state, new Map(), side, next, 1n, 'all'));
    const at = sides.findIndex((side) => side.size === 1 && side.has(wire));
    const factor = at < 0 ? null : factorOf(state, sides[1 - at]!, m);
    if (factor === null) return null;
    factors.push(factor);
    row = next;
  }
  return null;
}

/** γ·m + u ∈ [low, high]. */
interface Ranged {
  readonly gamma: bigint;
  readonly u: Form;
  readonly low: bigint;
  readonly high: bigint;
}

function decides(state: AuditState, shapes: Shapes, m: number, factors: readonly Factor[]): boolean {
  const ranged: Ranged[] = [];
  for (const row of state.rowsOf(m)) {
    const found = rangedRelation(state, shapes, row, m);
    if (found !== null) ranged.push(found);
  }
  if (ranged.length === 0) return false;
  const [first, second] = factors as readonly [Factor, Factor];
  if (factors.length === 2 && ranged.some((of) => isOpposite(of, first, second))) return true;
  return [1n, -1n].some((sign) => factors.every((factor) => ranged.some((of) => bounds(of, factor, sign))));
}

/** f(m_1) + f(m_2) = 0: αβ·that = −γ·(β·a + α·b) + 2αβ·u. */
function isOpposite({ gamma, u, low, high }: Ranged, { alpha, a }: Factor, { alpha: beta, a: b }: Factor): boolean {
  if (low < 0n && high > 0n) return false;
  const sum: Form = new Map();
  plusForm(sum, a, -gamma * beta);
  plusForm(sum, b, -gamma * alpha);
  plusForm(sum, u, 2n * alpha * beta);
  return sum.size === 0;
}

/** Whether sign·(m − m_i) ≥ 0: the relation is κ·(α·m + a) up to a constant, which leaves it that. */
function bounds({ gamma, u, low, high }: Ranged, { alpha, a }: Factor, sign: bigint): boolean {
  // α·(γ·m + u) = γ·(α·m + a) + (α·u − γ·a).
  const rest: Form = new Map();
  plusForm(rest, u, alpha);
  plusForm(rest, a, -gamma);
  const constant = onlyConstant(rest);
  if (constant === null) return false;
  // Of two values m_i, m_k that fit, α_kγ_k·(α_iγ_i·(m_k − m_i)) and the same the other way round add up to 0 modulo r: below r in size, they are 0.
  if (![alpha, gamma].every((k) => isBelow(k, 32n)) || ![low, high, constant].every((k) => isBelow(k, 120n))) return false;
  // γ·(α·m + a) = αγ·(m − m_i), with α·(γ·m + u) between α·low and α·high.
  const [least, most] = alpha > 0n ? [alpha * low - constant, alpha * high - constant] : [alpha * high - constant, alpha * low - constant];
  return alpha * gamma * sign > 0n ? least >= 0n : most <= 0n;
}

const isBelow = (k: bigint, bits: bigint): boolean => (k < 0n ? -k : k) < 1n << bits;

/** The row as γ·m + u ∈ [low, high]: all its other open wires ranged, with a sum far below r. */
function rangedRelation(state: AuditState, shapes: Shapes, row: number, m: number): Ranged | null {
  if (shapes.kind[row] === PRODUCT) return null;
  const u = relation(state, shapes, row, 'all');
  const gamma = u.get(m);
  if (gamma === undefined) return null;
  u.delete(m);
  const range = takeRanged(state, u, shapes.gaps[row]!);
  return range === null ? null : { gamma, u, low: range.least, high: range.most };
}
