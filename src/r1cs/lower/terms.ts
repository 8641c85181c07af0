/** Elements looked up in a table of integers: the addends that float32 rules work with, on a common grid. */
import { ONE } from '../../../circuits/api.ts';
import { newSum, plus, reset, type Sum } from '../../../circuits/sum.ts';
import { emitIndex, makeTable, plusLookup } from '../../../circuits/table.ts';
import { type Elements, type Lowering, plusElement } from './lowering.ts';

/** Adds values[x_i − low] to a sum; an element looked up before is not looked up again. */
export function makeTerms({ api }: Lowering, x: Elements, low: number, values: Float64Array): (i: number, into: Sum) => void {
  /** Looked-up values: an expression of one wire, or of two where the entries are far apart. */
  const known = new Map<number, Sum>();
  const index = newSum();
  const table = values.length > 1 ? makeTable(values.length) : null;
  return (i, into) => {
    if (table === null || x.wires[i] === ONE) {
      into.constant += values[table === null ? 0 : x.offsets[i]! - low]!;
      return;
    }
    let term = known.get(i);
    if (term === undefined) {
      api.gadget('table');
      plusElement(reset(index, -low), x, i, 1);
      emitIndex(api, table, index);
      term = newSum();
      plusLookup(api, table, values, term);
      known.set(i, term);
    }
    plus(into, term);
  };
}

export function smallest(values: Float64Array): number {
  return values.reduce((least, value) => Math.min(least, value));
}

export function largest(values: Float64Array): number {
  return values.reduce((most, value) => Math.max(most, value));
}
