/** Bound: a row with one wire that has no interval yet, standing alone with ±1, gives it one: from the intervals of the others. */
import { centred, invert, mod, scalarOrder } from '../../field/bn254.ts';
import type { SparseMatrix } from '../../r1cs/r1cs.ts';
import { type Form, plusForm, plusSide, relation } from '../form.ts';
import { type Interval, isSafe, productInterval, sideInterval } from '../intervals.ts';
import { LINEAR, PAIR, PRODUCT, type Shapes } from '../shape.ts';
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
    boundDefined(state, shapes, row);
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
/** Longer rows define no flag. */
const mostTerms = 200;

/** k·w on C, everything else in the row bits, one of which may be a relation's own expression: w is one of a few values. */
function boundDefined(state: AuditState, shapes: Shapes, row: number): void {
  const { a, b, c } = state.r1cs;
  const last = c.starts[row + 1]! - 1;
  const wire = last < c.starts[row]! ? 0 : c.wires[last]!;
  if (wire === 0 || state.isRanged(wire) || a.starts[row + 1]! - a.starts[row]! > mostTerms) return;
  const forms = [a, b, c].map((side) => plusSide(state, new Map(), side, row, 1n, 'wires')) as [Form, Form, Form];
  const k = forms[2].get(wire);
  if (k === undefined || forms[0].has(wire) || forms[1].has(wire)) return;
  forms[2].delete(wire);
  const gaps = takeExpression(state, shapes, forms);
  const bits = [...new Set(forms.flatMap((form) => [...form.keys()]))].filter((atom) => atom !== 0);
  if (bits.length > mostBits || bits.some((atom) => state.twoValued[atom] === 0)) return;
  const inverse = invert(mod(k, scalarOrder), scalarOrder);
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let pattern = 0; pattern < 2 << bits.length; pattern++) {
    const value = (i: 0 | 1 | 2): bigint => {
      let sum = pattern & 1 ? gaps[i] : 0n;
      for (const [atom, factor] of forms[i]) {
        const bit = bits.indexOf(atom);
        sum += factor * BigInt(bit < 0 ? 1 : (pattern >> (bit + 1)) & 1 ? state.highs[atom]! : state.lows[atom]!);
      }
      return sum;
    };
    const w = Number(centred((value(0) * value(1) - value(2)) * inverse, scalarOrder));
    low = Math.min(low, w);
    high = Math.max(high, w);
  }
  state.setRange(wire, low, high);
}

/** Where the forms hold the expression of a relation, 0 or its gap, it is taken out of them; returns what its gap counts in each. */
function takeExpression(state: AuditState, shapes: Shapes, forms: readonly [Form, Form, Form]): readonly [bigint, bigint, bigint] {
  if (forms[0].size > mostBits + 1) {
    for (const wire of [...forms[0].keys()].slice(0, 4)) {
      if (wire === 0) continue;
      for (const row of state.rowsOf(wire).subarray(0, 8)) {
        if (shapes.kind[row] !== PAIR) continue;
        const expression = relation(state, shapes, row, 'wires');
        const [have, unit] = [forms[0].get(wire)!, expression.get(wire)];
        if (unit === undefined || have % unit !== 0n) continue;
        if (plusForm(new Map(forms[0]), expression, -(have / unit)).size > mostBits + 1) continue;
        return forms.map((form) => {
          const factor = (form.get(wire) ?? 0n) / unit;
          plusForm(form, expression, -factor);
          return factor * BigInt(shapes.gaps[row]!);
        }) as unknown as [bigint, bigint, bigint];
      }
    }
  }
  return [0n, 0n, 0n];
}
