/**
 * One-hot by guards: rows κ_i·X_i = 0, the κ_i unique and no two of them equal to zero at once, and Σ c_i·X_i unique with all c_i ≠ 0. At most one κ_i is 0, and which one is unique; where κ_i ≠ 0, X_i is
 * 0; so the one that is left, if any, is what the sum says, and each X_i is unique. The sum is a linear row, or one of the X is written as it: (κ_n)·(1 − Σ X_i) = 0.
 */
import { invert, mod, scalarOrder } from '../../field/bn254.ts';
import { areApart } from '../apart.ts';
import { type Form, openAtoms, plusForm, plusSide, relation } from '../form.ts';
import { PRODUCT, type Shapes } from '../shape.ts';
import { type AuditState, BY_CASES, OPEN } from '../state.ts';

/** Keys are compared pair by pair. */
const mostKeys = 512;

/** @param row the sum. True if it decided its open wires. */
export function guard(state: AuditState, shapes: Shapes, row: number): boolean {
  if (shapes.kind[row] !== PRODUCT && shapes.gaps[row] !== 0) return false;
  const whole = shapes.kind[row] === PRODUCT ? guardedBy(state, row) : { key: null, guarded: relation(state, shapes, row, 'all') };
  if (whole === null) return false;
  const wires = openAtoms(state, whole.guarded);
  if (wires.length === 0 || wires.length > mostKeys || wires.some((wire) => state.status[wire] !== OPEN)) return false;
  const keys: Form[] = whole.key === null ? [] : [whole.key];
  const rows = [row];
  for (const wire of wires) {
    const found = guardOf(state, shapes, wire, row);
    if (found === null) return false;
    keys.push(found.key);
    rows.push(found.row);
  }
  if (keys.length < 2) return false;
  for (let i = 0; i < keys.length; i++) for (let j = 0; j < i; j++) if (!areApart(state, shapes, keys[i]!, keys[j]!)) return false;
  const region = state.regions.push({ wires, rows }) - 1;
  for (const wire of wires) state.setUnique(wire, BY_CASES, region);
  return true;
}

/** A row κ·X = 0 of which X has no open wire but the given one. */
function guardOf(state: AuditState, shapes: Shapes, wire: number, except: number): { readonly key: Form; readonly row: number } | null {
  for (const row of state.rowsOf(wire)) {
    if (row === except || shapes.kind[row] !== PRODUCT || state.openCount[row] !== 1) continue;
    const found = guardedBy(state, row);
    if (found !== null && openAtoms(state, found.guarded).length === 1) return { key: found.key, row };
  }
  return null;
}

/** κ and X of a row κ·X = 0, κ unique and divided by its first coefficient, so that 0 stays 0; null of other rows, and where κ is constant. */
function guardedBy(state: AuditState, row: number): { readonly key: Form; readonly guarded: Form } | null {
  const { a, b, c } = state.r1cs;
  if (c.starts[row] !== c.starts[row + 1]) return null;
  const sides = [a, b].map((side) => plusSide(state, new Map(), side, row, 1n, 'all')) as [Form, Form];
  const at = sides.findIndex(
    (side) => openAtoms(state, side).length === 0 && [...side.keys()].every((atom) => atom < state.r1cs.wireCount),
  );
  if (at < 0) return null;
  const first = [...sides[at]!].find(([atom]) => atom !== 0);
  if (first === undefined) return null;
  return { key: plusForm(new Map(), sides[at]!, invert(mod(first[1], scalarOrder), scalarOrder)), guarded: sides[1 - at]! };
}
