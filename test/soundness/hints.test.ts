/** Figure F4: every hinted wire of every gadget set to other values and the rest repaired, on boundary and on random inputs: no outcome but the honest one is accepted. */
import { afterAll, expect, test } from 'vitest';
import { freeByDesign } from '../support/free-by-design.ts';
import { isolate } from '../support/gadget.ts';
import { gadgets } from '../support/samples.ts';

const seed = 20_261_126;
const randomInputs = 12;
const totals = { gadgets: 0, inputs: 0, tried: 0, survivors: 0, undecided: 0 };
afterAll(() => console.log(`F4 (seed ${seed}): ${JSON.stringify(totals)}`));

test.each(Object.entries(gadgets))('%s', (name, { inputs, build, on }) => {
  const gadget = isolate(inputs, build);
  const isFree = freeByDesign(gadget);
  const hints = new Map(gadget.hintWires.map((hint) => [hint.wire, hint]));
  let state = seed;
  const random = (low: number, high: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return low + ((state >>> 0) % (high - low + 1));
  };
  const between = Array.from({ length: randomInputs }, () =>
    Array.from({ length: inputs }, (_, i) => random(Math.min(...on.map((v) => v[i]!)), Math.max(...on.map((v) => v[i]!)))),
  );
  const survivors: string[] = [];
  totals.gadgets++;
  for (const values of [...on, ...between]) {
    const honest = gadget.solve(values);
    if (honest.violation !== null) continue;
    totals.inputs++;
    const { tried, accepted, undecided } = gadget.attack(values);
    totals.tried += tried;
    totals.undecided += undecided;
    for (const { wire, value, outputs } of accepted) {
      if (outputs.join() === honest.outputs.join() && isFree(hints.get(wire)!)) continue;
      totals.survivors++;
      survivors.push(`${values.join()}: wire ${wire} = ${value}, outputs ${outputs.join()}`);
    }
  }
  expect(survivors, name).toEqual([]);
});
