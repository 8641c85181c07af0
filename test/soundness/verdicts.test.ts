/** Wires that the audit's rules call unique, in random small circuits, against a search for witnesses: none has two values. */
import { expect, test } from 'vitest';
import { checkVerdicts } from '../support/random-circuits.ts';

test('100,000 circuits', () => {
  const seed = 20_261_127;
  const { wrong, ...counts } = checkVerdicts(100_000, seed);
  console.log(`verdicts (seed ${seed}): ${JSON.stringify({ ...counts, wrong: wrong.length })}`);
  expect(wrong).toEqual([]);
});
