/**
 * Argmax by a selector: bits s_i of which one is 1 (Σ s_i = 1), products p_i = s_i·v_i with the v_i unique, and for each j a relation γ·(Σ p_i − v_j) ∈ [0, M] with one γ and M < r/8. Of two
 * selections, of v_i and of v_k, both γ·(v_i − v_k) and its negative lie in [0, M]; they add up to 0, so both are 0: v_i = v_k. Where no two of the v can be equal (a tie-break: v_i = n·x_i − i), the
 * selection is one, so s and p are unique. Where two can, nothing is concluded.
 */
import { invert, mod, scalarOrder } from '../../field/bn254.ts';
import { areApart } from '../apart.ts';
import { type Form, onlyConstant, openAtoms, plusForm, plusSide, relation, takeRanged } from '../form.ts';
import { LINEAR, PAIR, PRODUCT, type Shapes, TWO_VALUES } from '../shape.ts';
import { type AuditState, BY_CASES, OPEN } from '../state.ts';

const r = scalarOrder;
/** Values are compared pair by pair. */
const mostValues = 512;

interface Choice {
  readonly s: number;
  readonly p: number;
  /** p = s·v. */
  readonly v: Form;
  readonly row: number;
}

/** @param row the sum of the selector; or the product of a selector of two, one bit: T = v_0 + s·(v_1 − v_0), counted from v_0. True if it decided its wires. */
export function argmax(state: AuditState, shapes: Shapes, row: number): boolean {
  const choices = shapes.kind[row] === PRODUCT ? singleChoice(state, row) : choicesOfSum(state, shapes, row);
  if (choices === null) return false;
  const values = choices.map(({ v }) => v);
  if (shapes.kind[row] === PRODUCT) values.push(new Map());
  const relations = relationsOf(state, shapes, choices);
  if (![1n, -1n].some((direction) => values.every((v) => relations.some((of) => directionOf(of, v) === direction)))) return false;
  for (let i = 0; i < values.length; i++) for (let j = 0; j < i; j++) if (!areApart(state, shapes, values[i]!, values[j]!)) return false;
  const region = state.regions.push(regionOf(state, shapes, row, choices, relations)) - 1;
  for (const { s, p } of choices) for (const wire of [s, p]) state.setUnique(wire, BY_CASES, region);
  return true;
}

/** With the relations' digits: they leave one selection only. */
function regionOf(state: AuditState, shapes: Shapes, row: number, choices: readonly Choice[], relations: readonly Ranged[]) {
  const digits = relations.flatMap((of) => openAtoms(state, relation(state, shapes, of.row, 'wires')));
  const wires = [...new Set([...choices.flatMap(({ s, p }) => [s, p]), ...digits])].sort((x, y) => x - y);
  const domains = wires.flatMap((wire) =>
    [...state.rowsOf(wire)].filter((of) => shapes.kind[of] === PAIR || shapes.kind[of] === TWO_VALUES),
  );
  return { wires, rows: [...new Set([row, ...choices.map((choice) => choice.row), ...relations.map((of) => of.row), ...domains])] };
}

/** Of a row Σ s_i = 1. */
function choicesOfSum(state: AuditState, shapes: Shapes, row: number): readonly Choice[] | null {
  if (shapes.kind[row] !== LINEAR) return null;
  const sum = relation(state, shapes, row, 'all');
  const selector = openAtoms(state, sum);
  if (selector.length < 2 || selector.length > mostValues || selector.length + 1 !== sum.size) return null;
  const k = -(sum.get(0) ?? 0n);
  if (selector.some((s) => sum.get(s) !== k || state.status[s] !== OPEN || !isBit(state, s))) return null;
  const choices = selector.flatMap((s) => productsOf(state, shapes, s).slice(0, 1));
  return choices.length === selector.length ? choices : null;
}

function singleChoice(state: AuditState, row: number): readonly Choice[] | null {
  const { a, b } = state.r1cs;
  for (const { starts, wires } of [a, b]) {
    const s = wires[starts[row]!]!;
    if (starts[row + 1]! - starts[row]! !== 1 || state.status[s] !== OPEN || !isBit(state, s)) continue;
    const choice = productOf(state, s, row);
    if (choice !== null) return [choice];
  }
  return null;
}

const isBit = (state: AuditState, wire: number): boolean =>
  state.twoValued[wire] === 1 && state.lows[wire] === 0 && state.highs[wire] === 1;

function productsOf(state: AuditState, shapes: Shapes, s: number): Choice[] {
  const products = [...state.rowsOf(s)].filter((row) => shapes.kind[row] === PRODUCT);
  return products.map((row) => productOf(state, s, row)).filter((choice) => choice !== null);
}

/** Of a row s·v = p. */
function productOf(state: AuditState, s: number, row: number): Choice | null {
  const { a, b, c } = state.r1cs;
  const sides = [a, b].map((side) => plusSide(state, new Map(), side, row, 1n, 'all')) as [Form, Form];
  const at = sides.findIndex((side) => side.size === 1 && side.has(s));
  const product = plusSide(state, new Map(), c, row, 1n, 'all');
  const [p] = product.keys();
  if (at < 0 || product.size !== 1 || p === undefined || p >= state.r1cs.wireCount || state.status[p] !== OPEN) return null;
  if (openAtoms(state, sides[1 - at]!).length > 0) return null;
  const factor = sides[at]!.get(s)! * invert(mod(product.get(p)!, r), r);
  return { s, p, v: plusForm(new Map(), sides[1 - at]!, factor), row };
}

/** γ·Σp + u ∈ [least, most]. */
interface Ranged {
  readonly row: number;
  readonly gamma: bigint;
  readonly u: Form;
  readonly least: bigint;
  readonly most: bigint;
}

/** Those with the γ or −γ of the first. */
function relationsOf(state: AuditState, shapes: Shapes, choices: readonly Choice[]): Ranged[] {
  const found: Ranged[] = [];
  for (const row of state.rowsOf(choices[0]!.p)) {
    if (shapes.kind[row] === PRODUCT) continue;
    const u = relation(state, shapes, row, 'all');
    const gamma = u.get(choices[0]!.p);
    if (gamma === undefined || choices.some(({ p }) => u.get(p) !== gamma)) continue;
    if (found.length > 0 && gamma !== found[0]!.gamma && gamma !== -found[0]!.gamma) continue;
    for (const { p } of choices) u.delete(p);
    const range = takeRanged(state, u, shapes.gaps[row]!);
    if (range !== null) found.push({ row, gamma, u, ...range });
  }
  return found;
}

/** 1: the relation says |γ|·(Σp − v) ≥ 0; −1: that it is ≤ 0; 0: neither. */
function directionOf({ gamma, u, least, most }: Ranged, v: Form): bigint {
  const constant = onlyConstant(plusForm(new Map(u), v, gamma));
  if (constant === null) return 0n;
  const sign = gamma > 0n ? 1n : -1n;
  return least >= constant ? sign : most <= constant ? -sign : 0n;
}
