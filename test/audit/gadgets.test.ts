/** The audit of every gadget: each wire is unique, or free as the gadget's doc block says; and a gadget that has lost any one row is noticed. */
import { describe, expect, test } from 'vitest';
import type { Wire } from '../../circuits/api.ts';
import { makeRange, range } from '../../circuits/range.ts';
import { newSum, plusWire } from '../../circuits/sum.ts';
import { audit } from '../../src/audit/audit.ts';
import type { CircuitBuilder } from '../../src/r1cs/builder.ts';
import { freeByDesign } from '../support/free-by-design.ts';
import { type Gadget, isolate } from '../support/gadget.ts';
import { gadgets } from '../support/samples.ts';
import { withoutRow } from '../support/without-row.ts';

const rangeOf = (first: number, count: number): number[] => Array.from({ length: count }, (_, i) => first + i);

/** Inputs range-checked first, as in a circuit: what gadgets assume of them. */
function ranged(on: readonly (readonly number[])[], inputs: number, build: (api: CircuitBuilder, x: Wire) => readonly Wire[]): Gadget {
  return isolate(inputs, (api, x) => {
    for (let i = 0; i < inputs; i++) {
      const values = on.map((vector) => vector[i]!);
      const low = Math.min(...values);
      const input = newSum();
      input.constant = -low;
      plusWire(input, x + i, 1);
      range(api, makeRange(2 ** Math.ceil(Math.log2(Math.max(...values) - low + 1))), input);
    }
    return build(api, x);
  });
}

describe.each(Object.entries(gadgets))('%s', (_, { inputs, build, on }) => {
  const gadget = ranged(on, inputs, build);
  const roots = rangeOf(1, inputs);

  test('every wire is unique or free by design', () => {
    const { verdicts, counts } = audit(gadget.r1cs, { inputs: roots });
    expect(counts).toMatchObject({ undecided: 0, broken: 0 });
    const free = freeByDesign(gadget);
    const byDesign = gadget.hintWires.filter(free).map(({ wire }) => wire);
    for (const [wire, verdict] of verdicts.entries()) if (verdict === 'free') expect(byDesign).toContain(wire);
  });

  test('no row can go unnoticed', () => {
    const unnoticed: number[] = [];
    for (let row = 0; row < gadget.r1cs.rowCount; row++) {
      const { counts } = audit(withoutRow(gadget.r1cs, row), { inputs: roots, trials: 0 });
      if (counts.broken + counts.undecided === 0) unnoticed.push(row);
    }
    expect(unnoticed).toEqual([]);
  });
});
