/**
 * compare: the sign of a − t, or whether that is 0; t is b plus a constant, or looked up by b. logic and select: a row each (circuits/select.ts).
 *
 * Cost: a comparison's, or 2 for equality; a lookup where t is one; 1 where the outcome is negated.
 */
import { ONE } from '../../../circuits/api.ts';
import { atLeastZero, makeComparison } from '../../../circuits/compare.ts';
import { both, differ, either, select } from '../../../circuits/select.ts';
import { asWire, newSum, plus, reset, type Sum } from '../../../circuits/sum.ts';
import { isZero } from '../../../circuits/zero.ts';
import type { ProgramOp } from '../../program/program.ts';
import { applyLogic } from '../../program/steps/logic.ts';
import { type Elements, elementsOf, type Lowering, lowerElements, plusElement, tensorOf } from './lowering.ts';
import { largest, makeTerms, smallest } from './terms.ts';

type Compare = ProgramOp & { readonly kind: 'compare' };

/** Writes a − t of output o into a sum. */
function makeDifference(lowering: Lowering, op: Compare): (o: number, into: Sum) => void {
  const [as, bs] = [elementsOf(lowering, op.a), elementsOf(lowering, op.b)];
  const { low } = tensorOf(lowering, op.b);
  const { shift, table } = op;
  if (table === null) {
    return (o, into) => {
      plusElement(reset(into, -shift), as, op.aIndex?.[o] ?? o, 1);
      plusElement(into, bs, op.bIndex?.[o] ?? o, -1);
    };
  }
  const terms = makeTerms(lowering, bs, low, Float64Array.from(table));
  const term = newSum();
  return (o, into) => {
    terms(op.bIndex?.[o] ?? o, reset(term));
    plus(reset(into), term, -1);
    plusElement(into, as, op.aIndex?.[o] ?? o, 1);
  };
}

export function lowerCompare(lowering: Lowering, op: Compare): void {
  const { api } = lowering;
  const [a, b] = [tensorOf(lowering, op.a), tensorOf(lowering, op.b)];
  const bounds = Float64Array.from(op.table ?? [b.low + op.shift, b.high + op.shift]);
  const [lowest, highest] = [a.low - largest(bounds), a.high - smallest(bounds)];
  const difference = makeDifference(lowering, op);
  const comparison = !op.equal && lowest < 0 && highest >= 0 ? makeComparison(lowest, highest) : null;
  const [x, out] = [newSum(), newSum()];
  lowerElements(lowering, op.y, (o, y) => {
    difference(o, x);
    const known = knownOutcome(op, x, lowest, highest);
    if (known !== null) {
      y.offsets[o] = known === op.negated ? 0 : 1;
      return;
    }
    api.gadget('compare');
    if (comparison !== null) atLeastZero(api, comparison, x, out);
    const zero = comparison === null ? isZero(api, x) : null;
    if (!op.negated) {
      y.wires[o] = zero ?? (out.length === 1 && out.constant === 0 && out.coefficients[0] === 1 ? out.wires[0]! : asWire(api, out));
      return;
    }
    plus(reset(x, 1), zero === null ? out : wireSum(out, zero), -1);
    y.wires[o] = asWire(api, x);
  });
}

function wireSum(sum: Sum, wire: number): Sum {
  reset(sum);
  sum.wires[0] = wire;
  sum.coefficients[0] = 1;
  sum.length = 1;
  return sum;
}

/** The outcome where it is the same for all inputs, else null. */
function knownOutcome(op: Compare, x: Sum, lowest: number, highest: number): boolean | null {
  if (x.length === 0) return op.equal ? x.constant === 0 : x.constant >= 0;
  if (op.equal) return lowest > 0 || highest < 0 ? false : null;
  if (highest < 0) return false;
  return lowest >= 0 ? true : null;
}

/** The element of a known operand, or null. */
function known({ wires, offsets }: Elements, i: number): number | null {
  return wires[i] === ONE ? offsets[i]! : null;
}

export function lowerLogic(lowering: Lowering, op: ProgramOp & { readonly kind: 'logic' }): void {
  const { api } = lowering;
  const { operator } = op;
  const operands = op.xs.map((x) => elementsOf(lowering, x));
  const sums = operands.map(newSum);
  lowerElements(lowering, op.y, (o, y) => {
    const at = operands.map((_, i) => op.indices[i]?.[o] ?? o);
    const values = operands.map((elements, i) => known(elements, at[i]!));
    if (values.every((value) => value !== null)) {
      y.offsets[o] = applyLogic(operator, values[0]!, values[1] ?? 0);
      return;
    }
    operands.forEach((elements, i) => {
      plusElement(reset(sums[i]!), elements, at[i]!, 1);
    });
    const [a, b] = sums as [Sum, Sum];
    api.gadget('logic');
    if (operator === 'not') {
      for (let t = 0; t < a.length; t++) a.coefficients[t] = -a.coefficients[t]!;
      a.constant = 1 - a.constant;
      y.wires[o] = asWire(api, a);
    } else y.wires[o] = { and: both, or: either, xor: differ }[operator](api, a, b);
  });
}

export function lowerSelect(lowering: Lowering, op: ProgramOp & { readonly kind: 'select' }): void {
  const { api } = lowering;
  const [condition, a, b] = op.xs.map((x) => elementsOf(lowering, x)) as [Elements, Elements, Elements];
  const { low } = tensorOf(lowering, op.y);
  const [c, x, z] = [newSum(), newSum(), newSum()];
  lowerElements(lowering, op.y, (o, y) => {
    const [i, j, k] = [0, 1, 2].map((operand) => op.indices[operand]?.[o] ?? o) as [number, number, number];
    const chosen = known(condition, i);
    if (chosen !== null) {
      const [source, at] = chosen === 1 ? [a, j] : [b, k];
      y.wires[o] = source.wires[at]!;
      y.offsets[o] = source.offsets[at]!;
      return;
    }
    plusElement(reset(c), condition, i, 1);
    plusElement(reset(x), a, j, 1);
    plusElement(reset(z), b, k, 1);
    api.gadget('select');
    y.wires[o] = select(api, c, x, z, low);
    y.offsets[o] = low;
  });
}
