/** Elements looked up in a table of integers: the addends that float32 rules work with, on a common grid. */
import { ONE } from '../../../circuits/api.ts';
import { newSum, plusWire, reset, type Sum } from '../../../circuits/sum.ts';
import { emitIndex, lookup, makeTable } from '../../../circuits/table.ts';
import { type Elements, type Lowering, plusElement } from './lowering.ts';

/** Adds values[x_i − low] to a sum; an element looked up before is not looked up again. */
export function makeTerms({ api }: Lowering, x: Elements, low: number, values: Float64Array): (i: number, into: Sum) => void {
  const known = new Int32Array(x.wires.length);
  const index = newSum();
  const table = values.length > 1 ? makeTable(values.length) : null;
  const least = smallest(values);
  const entries = values.map((value) => value - least);
  return (i, into) => {
    if (table === null || x.wires[i] === ONE) {
      into.constant += values[table === null ? 0 : x.offsets[i]! - low]!;
      return;
    }
    if (known[i] === 0) {
      api.gadget('table');
      plusElement(reset(index, -low), x, i, 1);
      emitIndex(api, table, index);
      known[i] = lookup(api, table, entries);
    }
    plusWire(into, known[i]!, 1);
    into.constant += least;
  };
}

export function smallest(values: Float64Array): number {
  return values.reduce((least, value) => Math.min(least, value));
}

export function largest(values: Float64Array): number {
  return values.reduce((most, value) => Math.max(most, value));
}
