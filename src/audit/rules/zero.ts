/**
 * IsZero: x·i = C(z) and x·Z(z) = 0, with z the only open wire of C and of Z, linearly, and i the only wire of its factor. Where x = 0 the first row forces z, where x ≠ 0 the second does; so z is unique
 * as soon as it is settled whether x is 0. That is so if x is unique, and also if x counts, each with a factor of one sign, all bits of digits that may vary: then x = 0 says that each digit is 0 (or the
 * largest), whatever its bits. i is loose if no other row has it; without the first row nothing is concluded.
 */
import { centred, invert, mod, scalarOrder } from '../../field/bn254.ts';
import type { SparseMatrix } from '../../r1cs/r1cs.ts';
import { blockAtom, type Form, openAtoms, plusForm, plusSide, proportion, relation } from '../form.ts';
import { sideInterval } from '../intervals.ts';
import { PRODUCT, type Shapes } from '../shape.ts';
import { type AuditState, BLOCK, BY_ZERO, OPEN, wireTerms } from '../state.ts';

/** Looks at a row x·Z(z) = 0. */
export function isZero(state: AuditState, shapes: Shapes, row: number): void {
  const { a, b, c } = state.r1cs;
  if (shapes.kind[row] !== PRODUCT || c.starts[row] !== c.starts[row + 1]) return;
  for (const [test, flag] of [
    [a, b],
    [b, a],
  ] as const) {
    const z = soleOpenWire(state, flag, row);
    if (z >= 0 && sideHas(test, row, z) < 0) fromFlag(state, shapes, row, test, flag, z);
  }
}

function fromFlag(state: AuditState, shapes: Shapes, row: number, test: SparseMatrix, flag: SparseMatrix, z: number): void {
  const { a, b, c } = state.r1cs;
  const x = plusSide(state, new Map(), test, row, 1n, 'all');
  if (openAtoms(state, x).some((wire) => state.status[wire] !== BLOCK)) return;
  for (const other of state.rowsOf(z)) {
    if (other === row || shapes.kind[other] !== PRODUCT || soleOpenWire(state, c, other) !== z) continue;
    for (const [again, inverse] of [
      [a, b],
      [b, a],
    ] as const) {
      if (wireTerms(inverse, other) !== 1 || inverse.starts[other + 1]! - inverse.starts[other]! !== 1) continue;
      if (sideHas(again, other, z) >= 0 || proportion(x, plusSide(state, new Map(), again, other, 1n, 'all')) === null) continue;
      if (!zeroIsSettled(state, shapes, x)) continue;
      const i = inverse.wires[inverse.starts[other]!]!;
      boundFlag(state, z, [plusSide(state, new Map(), c, other, 1n, 'all'), plusSide(state, new Map(), flag, row, 1n, 'all')]);
      state.setUnique(z, BY_ZERO, row);
      for (const shown of [row, other]) state.settled[shown] = 1;
      if (state.status[i] === OPEN && state.rowsOf(i).length === 1) state.setLoose(i, other);
      return;
    }
  }
}

/** z is a root of one of two linear expressions: where they have no other wire, one of two constants. */
function boundFlag(state: AuditState, z: number, forms: readonly Form[]): void {
  const roots: number[] = [];
  for (const form of forms) {
    const k = form.get(z);
    if (k === undefined || form.size > (form.has(0) ? 2 : 1)) return;
    roots.push(Number(centred(-(form.get(0) ?? 0n) * invert(mod(k, scalarOrder), scalarOrder), scalarOrder)));
  }
  state.setTwoValues(z, roots[0]!, roots[1]!);
}

/** The only wire of a side that is open, its others being unique; −1 if there is none such. */
function soleOpenWire(state: AuditState, { starts, wires }: SparseMatrix, row: number): number {
  let found = -1;
  for (let i = starts[row]!; i < starts[row + 1]!; i++) {
    const status = state.status[wires[i]!];
    if (status === BLOCK || (status === OPEN && found >= 0)) return -1;
    if (status === OPEN) found = wires[i]!;
  }
  return found;
}

function sideHas({ starts, wires }: SparseMatrix, row: number, wire: number): number {
  for (let i = starts[row]!; i < starts[row + 1]!; i++) if (wires[i] === wire) return i;
  return -1;
}

/** Whether x = 0 is decided by what is unique. */
function zeroIsSettled(state: AuditState, shapes: Shapes, x: Form): boolean {
  if (openAtoms(state, x).length === 0) return true;
  const rest: Form = new Map(x);
  const relations = new Set(blocksIn(state, rest).map((index) => state.blocks[index]!.row));
  // The bits that are expressions, one a relation: how often x holds each.
  const virtual = new Map([...relations].map((row) => [row, takeExpression(state, shapes, rest, row)]));
  let [negative, positive] = [0n, 0n];
  for (const index of blocksIn(state, rest)) {
    const { row, members, weights, virtual: weight } = state.blocks[index]!;
    const value = rest.get(blockAtom(state, index)) ?? 0n;
    rest.delete(blockAtom(state, index));
    const counts = members.map((wire, i) => (rest.get(wire) ?? 0n) + value * weights[i]!);
    for (const wire of members) rest.delete(wire);
    const directions = [...weights];
    if (weight !== null) {
      counts.push(virtual.get(row)!);
      directions.push(weight);
      virtual.delete(row);
    }
    // Every bit of the digit counts, in the direction of its weight, or every one against it.
    const along = counts.map((k, i) => k > 0n === directions[i]! > 0n);
    if (counts.some((k) => k === 0n) || along.some((same) => same !== along[0])) return false;
    for (const k of counts) {
      if (k < 0n) negative += k;
      else positive += k;
    }
  }
  if (openAtoms(state, rest).length > 0) return false;
  const interval = formInterval(state, rest);
  if (interval === null) return false;
  // An expression that is a digit by itself: 0 or its gap.
  let { low, high } = interval;
  for (const [row, k] of virtual) {
    if (k !== 0n && state.expressionUnique[row] === 0) return false;
    if (k < 0n) low += k;
    else high += k;
  }
  // x = (rest + negative) + Σ of terms ≥ 0, or (rest + positive) − Σ of terms ≥ 0.
  return low + negative >= 0n || high + positive <= 0n;
}

function blocksIn(state: AuditState, form: Form): number[] {
  return [...new Set(openAtoms(state, form).map((wire) => state.memberOf[wire]!))];
}

/** Takes the row's own expression out of the form as often as it is in it; returns that times its gap. */
function takeExpression(state: AuditState, shapes: Shapes, form: Form, row: number): bigint {
  if (shapes.gaps[row] === 0) return 0n;
  const expression = relation(state, shapes, row, 'all');
  const anchor = [...expression.keys()].find((atom) => atom !== 0 && (atom >= blockAtom(state, 0) || state.status[atom] !== BLOCK));
  if (anchor === undefined) return 0n;
  const [have, unit] = [form.get(anchor) ?? 0n, expression.get(anchor)!];
  if (have % unit !== 0n) return 0n;
  plusForm(form, expression, -(have / unit));
  return (have / unit) * BigInt(shapes.gaps[row]!);
}

/** With p = X·Y, both in [0, 1], Y − p is in [0, 1] as well: tighter than p and Y by themselves. */
function formInterval(state: AuditState, form: Form): { low: bigint; high: bigint } | null {
  let rest = form;
  let [low, high] = [0n, 0n];
  for (const [p, k] of form) {
    const factor = p < blockAtom(state, 0) ? factorWithout(state, p, rest, k) : null;
    if (factor === null) continue;
    rest = factor;
    if (k < 0n) high -= k;
    else low -= k;
  }
  for (const [atom, k] of rest) {
    if (atom >= blockAtom(state, 0) || !state.isRanged(atom)) return null;
    const [x, y] = [k * BigInt(state.lows[atom]!), k * BigInt(state.highs[atom]!)];
    low += x < y ? x : y;
    high += x < y ? y : x;
  }
  return { low, high };
}

/** The form without −k·(Y − p), where p = X·Y and that makes it shorter; else null. */
function factorWithout(state: AuditState, p: number, form: Form, k: bigint): Form | null {
  if (p === 0 || state.lows[p] !== 0 || state.highs[p] !== 1) return null;
  const { a, b, c } = state.r1cs;
  for (const row of state.rowsOf(p)) {
    const product = plusSide(state, new Map(), c, row, 1n, 'all');
    if (product.size !== 1 || product.get(p) !== 1n) continue;
    const inUnit = (side: SparseMatrix): boolean => {
      const interval = sideInterval(state, side, row);
      return interval !== null && interval.low >= 0 && interval.high <= 1;
    };
    if (!inUnit(a) || !inUnit(b)) continue;
    for (const side of [a, b]) {
      const rest = new Map(form);
      rest.delete(p);
      if (plusForm(rest, plusSide(state, new Map(), side, row, 1n, 'all'), k).size < form.size - 1) return rest;
    }
  }
  return null;
}
