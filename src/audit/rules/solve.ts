/**
 * Solve: a row in which one wire is left, linearly, with a factor that cannot be zero, forces that wire.
 *
 * (k_a·w + a)(k_b·w + b) = k_c·w + c with a, b, c unique: two solutions w, w' with k_b = 0 differ by (w − w')·(k_a·b − k_c) = 0. So w is unique if k_a·b − k_c is a constant other than
 * zero, or an expression whose interval excludes zero; or, where k_c = 0 and k_a ≠ 0, if c cannot be zero, since then b cannot either. Of an unknown factor nothing is concluded.
 */
import type { SparseMatrix } from '../../r1cs/r1cs.ts';
import { type Form, plusSide, relation } from '../form.ts';
import { excludesZero, productInterval, sideInterval } from '../intervals.ts';
import { PRODUCT, type Shapes } from '../shape.ts';
import { type AuditState, BY_SOLVE, OPEN } from '../state.ts';

export function solve(state: AuditState, shapes: Shapes, row: number): void {
  if (shapes.kind[row] !== PRODUCT) {
    // An expression of two values does not force its wire.
    if (shapes.gaps[row] !== 0) return;
    const form = relation(state, shapes, row, 'open');
    if (form.size === 0) state.settled[row] = 1;
    else if (form.size === 1) state.setUnique(form.keys().next().value!, BY_SOLVE, row);
    return;
  }
  const { a, b, c } = state.r1cs;
  const side = (matrix: SparseMatrix): Form => plusSide(state, new Map(), matrix, row, 1n, 'open');
  const [fa, fb, fc] = [side(a), side(b), side(c)];
  const atoms = new Set([...fa.keys(), ...fb.keys(), ...fc.keys()]);
  if (atoms.size === 0) state.settled[row] = 1;
  if (atoms.size !== 1) return;
  const wire = atoms.values().next().value!;
  const [ka, kb, kc] = [fa.get(wire) ?? 0n, fb.get(wire) ?? 0n, fc.get(wire) ?? 0n];
  if (ka === 0n && kb === 0n) state.setUnique(wire, BY_SOLVE, row);
  else if (kb === 0n) solveFactor(state, row, wire, ka, b, kc);
  else if (ka === 0n) solveFactor(state, row, wire, kb, a, kc);
}

/** k·w stands on one side, k_c·w on C; `other` is the side without w. */
function solveFactor(state: AuditState, row: number, wire: number, k: bigint, other: SparseMatrix, kc: bigint): void {
  const interval = sideInterval(state, other, row);
  if (kc === 0n) {
    if (excludesZero(interval) || excludesZero(sideInterval(state, state.r1cs.c, row))) state.setUnique(wire, BY_SOLVE, row);
    return;
  }
  if (interval === null) return;
  const factor = productInterval(interval, { low: Number(k), high: Number(k) });
  if (factor !== null && excludesZero({ low: factor.low - Number(kc), high: factor.high - Number(kc) }))
    state.setUnique(wire, BY_SOLVE, row);
}

/** The same where no bits of blocks stand in the row and the factor is a constant, without an object: most rows by far. True if it was decided. */
export function solveLinear(state: AuditState, shapes: Shapes, row: number): boolean {
  const { a, b, c, pool } = state.r1cs;
  if (shapes.kind[row] !== PRODUCT && shapes.gaps[row] !== 0) return false;
  const inA = openAt(state, a, row);
  const inB = openAt(state, b, row);
  const inC = openAt(state, c, row);
  if (inA >= 0 || inB >= 0 || inC < 0 || Number.isNaN(pool.small[c.coefficients[inC]!]!)) return false;
  state.setUnique(c.wires[inC]!, BY_SOLVE, row);
  return true;
}

/** Position of the first open term of a side, or −1. */
function openAt(state: AuditState, { starts, wires }: SparseMatrix, row: number): number {
  for (let i = starts[row]!; i < starts[row + 1]!; i++) if (state.status[wires[i]!] === OPEN) return i;
  return -1;
}
