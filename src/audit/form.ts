/**
 * Linear expressions of a row as the rules compare them: coefficient by atom, zero ones left out. An atom is a wire (0 is the constant) or, from `wireCount` on, the value of a
 * block: wherever the bits of a digit stand as the digit, its value takes their place, and what is left does not depend on which bits it has.
 */
import { centred, scalarOrder } from '../field/bn254.ts';
import type { SparseMatrix } from '../r1cs/r1cs.ts';
import { constantOf, LINEAR, type Shapes } from './shape.ts';
import { type AuditState, OPEN, UNIQUE } from './state.ts';

const r = scalarOrder;

export type Form = Map<number, bigint>;

/** Which atoms a form has: those that are not unique; all, blocks by their value; all, bits as they are. */
export type Atoms = 'open' | 'all' | 'wires';

export function plusTerm(form: Form, atom: number, coefficient: bigint): void {
  const sum = centred((form.get(atom) ?? 0n) + coefficient, r);
  if (sum === 0n) form.delete(atom);
  else form.set(atom, sum);
}

export function plusForm(form: Form, other: Form, factor: bigint): Form {
  for (const [atom, coefficient] of other) plusTerm(form, atom, factor * coefficient);
  return form;
}

/** The atom that stands for the value of a block. */
export function blockAtom(state: AuditState, block: number): number {
  return state.r1cs.wireCount + block;
}

/** form += factor·wire, by its block's value where the wire is a pivot. */
function plusWire(state: AuditState, form: Form, wire: number, coefficient: bigint): void {
  const index = state.pivotOf[wire]!;
  if (index < 0) {
    plusTerm(form, wire, coefficient);
    return;
  }
  const { members, weights } = state.blocks[index]!;
  const own = weights[members.indexOf(wire)]!;
  // value = Σ weight·member, own = ±1: wire = own·(value − the others).
  plusTerm(form, blockAtom(state, index), coefficient * own);
  for (const [i, member] of members.entries()) if (member !== wire) plusTerm(form, member, -coefficient * own * weights[i]!);
}

/** form += factor·side. */
export function plusSide(state: AuditState, form: Form, side: SparseMatrix, row: number, factor: bigint, atoms: Atoms): Form {
  const { field } = state.r1cs.pool;
  for (let i = side.starts[row]!; i < side.starts[row + 1]!; i++) {
    const wire = side.wires[i]!;
    if (atoms === 'open' && state.status[wire] === UNIQUE) continue;
    const k = factor * field[side.coefficients[i]!]!;
    if (atoms === 'wires') plusTerm(form, wire, k);
    else plusWire(state, form, wire, k);
  }
  if (atoms === 'open' && state.blocks.length > 0) for (const atom of form.keys()) if (atom >= state.r1cs.wireCount) form.delete(atom);
  return form;
}

/** The row's linear expression: LINEAR: it is 0; PAIR and TWO_VALUES: it is 0 or `gap`. */
export function relation(state: AuditState, { kind, lows }: Shapes, row: number, atoms: Atoms): Form {
  const { a, b, c, pool } = state.r1cs;
  const form: Form = new Map();
  if (kind[row] === LINEAR) {
    const [a0, b0] = [constantOf(a, row, pool.field), constantOf(b, row, pool.field)];
    const aIsConstant = isConstant(a, row);
    plusSide(state, form, aIsConstant ? b : a, row, aIsConstant ? a0 : b0, atoms);
    return plusSide(state, form, c, row, -1n, atoms);
  }
  plusSide(state, form, a, row, 1n, atoms);
  if (atoms !== 'open') plusTerm(form, 0, -constantOf(a, row, pool.field) - BigInt(lows[row]!));
  return form;
}

function isConstant({ starts, wires }: SparseMatrix, row: number): boolean {
  const count = starts[row + 1]! - starts[row]!;
  return count === 0 || (count === 1 && wires[starts[row]!] === 0);
}

/** Atoms that are not unique. */
export function openAtoms(state: AuditState, form: Form): number[] {
  return [...form.keys()].filter((atom) => atom < state.r1cs.wireCount && state.status[atom] !== UNIQUE);
}

/** f with right = f·left as polynomials, or null. */
export function proportion(left: Form, right: Form): readonly [bigint, bigint] | null {
  if (left.size !== right.size || left.size === 0) return null;
  const [atom, first] = left.entries().next().value!;
  const other = right.get(atom);
  if (other === undefined) return null;
  for (const [key, coefficient] of left) {
    const match = right.get(key);
    if (match === undefined || centred(match * first - coefficient * other, r) !== 0n) return null;
  }
  return [first, other];
}

/**
 * Takes the ranged open wires out of a relation's form, which is 0 or `gap`: what is left of it is a number of [least, most], modulo r. Null where an open wire that is not kept has no interval, or where
 * the ends are not far below r in size.
 */
export function takeRanged(
  state: AuditState,
  form: Form,
  gap: number,
  keep: readonly number[] = [],
): { readonly least: bigint; readonly most: bigint } | null {
  let [low, high] = [0n, 0n];
  for (const wire of openAtoms(state, form)) {
    if (keep.includes(wire)) continue;
    if (state.status[wire] !== OPEN || !state.isRanged(wire)) return null;
    const k = form.get(wire)!;
    const [x, y] = [k * BigInt(state.lows[wire]!), k * BigInt(state.highs[wire]!)];
    low += x < y ? x : y;
    high += x < y ? y : x;
    form.delete(wire);
  }
  const [least, most] = [-high, BigInt(gap) - low];
  return isFarBelow(least) && isFarBelow(most) ? { least, most } : null;
}

/** Sums of four such numbers are what they are modulo r. */
export function isFarBelow(value: bigint): boolean {
  return value < r >> 3n && value > -(r >> 3n);
}

/** The constant of a form, where it has nothing else than it and the given number of atoms, and is far below r; null otherwise. */
export function onlyConstant(form: Form, atoms = 0): bigint | null {
  const constant = form.get(0) ?? 0n;
  return form.size - (form.has(0) ? 1 : 0) === atoms && isFarBelow(constant) ? constant : null;
}
