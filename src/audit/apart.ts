/** Expressions of unique wires that cannot be equal. */
import { scalarOrder } from '../field/bn254.ts';
import { type Form, plusForm, plusTerm, relation } from './form.ts';
import { LINEAR, type Shapes } from './shape.ts';
import type { AuditState } from './state.ts';

const r = scalarOrder;

/** Wires are replaced by the sums that define them, this often: a key n·x + c has a wire of its own in many circuits. */
const mostSteps = 3;

/** Whether two unique expressions cannot be equal: their difference is small, and not 0 modulo its coefficients' common divisor. */
export function areApart(state: AuditState, shapes: Shapes, x: Form, y: Form): boolean {
  let difference: Form | null = plusForm(new Map(x), y, -1n);
  for (let step = 0; difference !== null && step <= mostSteps; step++) {
    if (isNeverZero(state, difference)) return true;
    difference = spelledOut(state, shapes, difference);
  }
  return false;
}

function isNeverZero(state: AuditState, form: Form): boolean {
  let divisor = 0n;
  let reach = 0n;
  for (const [atom, k] of form) {
    if (atom === 0) continue;
    if (atom >= state.r1cs.wireCount || !state.isRanged(atom)) return false;
    const size = k < 0n ? -k : k;
    let [p, q] = [divisor, size];
    while (q !== 0n) [p, q] = [q, p % q];
    divisor = p;
    reach += size * BigInt(Math.max(Math.abs(state.lows[atom]!), Math.abs(state.highs[atom]!)));
  }
  const constant = form.get(0) ?? 0n;
  return reach < r >> 3n && (divisor === 0n ? constant !== 0n : constant % divisor !== 0n);
}

/** With each wire that a linear row defined replaced by what it is defined as; null if there is none. */
function spelledOut(state: AuditState, shapes: Shapes, form: Form): Form | null {
  const result: Form = new Map();
  let any = false;
  for (const [atom, k] of form) {
    const row = atom > 0 && atom < state.r1cs.wireCount ? state.solvedBy[atom]! : -1;
    const sum = row >= 0 && shapes.kind[row] === LINEAR ? relation(state, shapes, row, 'all') : null;
    const own = sum?.get(atom);
    if (sum === null || (own !== 1n && own !== -1n)) plusTerm(result, atom, k);
    else {
      // own·atom + rest = 0.
      sum.delete(atom);
      plusForm(result, sum, -k * own);
      any = true;
    }
  }
  return any ? result : null;
}
