/** The audit of every gadget: each wire is unique, or free as the gadget's doc block says. Rows lost and weakened: test/soundness. */
import { describe, expect, test } from 'vitest';
import { audit } from '../../src/audit/audit.ts';
import { freeWires } from '../../src/r1cs/free-wires.ts';
import { freeByDesign } from '../support/free-by-design.ts';
import { gadgets, ranged } from '../support/samples.ts';

const rangeOf = (first: number, count: number): number[] => Array.from({ length: count }, (_, i) => first + i);

describe.each(Object.entries(gadgets))('%s', (_, { inputs, build, on }) => {
  const gadget = ranged(on, inputs, build);
  const roots = rangeOf(1, inputs);

  test('every wire is unique or free by design', () => {
    const { verdicts, counts } = audit(gadget.r1cs, { inputs: roots, documented: freeWires(gadget.plan) });
    expect(counts).toMatchObject({ undecided: 0, broken: 0 });
    const free = freeByDesign(gadget);
    const byDesign = gadget.hintWires.filter(free).map(({ wire }) => wire);
    for (const [wire, verdict] of verdicts.entries()) if (verdict === 'free') expect(byDesign).toContain(wire);
  });
});
