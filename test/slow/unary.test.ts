/** Every function of one tensor beside onnxruntime-web: 200 pairs of parameters of x and y, all 256 integers of each, in two channels. Prints the counts. */
import { expect, test } from 'vitest';
import { unaryCases } from '../support/unary-cases.ts';
import { differences, randomFrom, randomPair } from '../support/unary-oracle.ts';

const pairs = 200;

test.each(Object.entries(unaryCases))('%s', async (name, unary) => {
  const next = randomFrom(1000 + name.length);
  let differing = 0;
  for (let k = 0; k < pairs; k++) {
    const { x, y } = randomPair(next, unary);
    differing += (await differences(unary, x, y)).length;
  }
  console.log(`${name}: ${pairs} pairs, ${pairs * 512} elements, ${differing} mismatches`);
  expect(differing).toBe(0);
});
