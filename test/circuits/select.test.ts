/** Choices and logic: every input, every other value of every wire. */
import { expect, test } from 'vitest';
import type { Api, Wire } from '../../circuits/api.ts';
import { both, differ, either, select, selectCost } from '../../circuits/select.ts';
import { newSum, plusWire, reset, type Sum } from '../../circuits/sum.ts';
import { isolate, weaknesses } from '../support/gadget.ts';

function wireSum(wire: Wire): Sum {
  const sum = newSum();
  plusWire(reset(sum), wire, 1);
  return sum;
}

test('select: a where c = 1, b where c = 0, less an offset', () => {
  const gadget = isolate(3, (api, x) => [select(api, wireSum(x), wireSum(x + 1), wireSum(x + 2), -7)]);
  expect(gadget.counts()).toEqual(selectCost());
  for (const c of [0, 1]) {
    for (const [a, b] of [
      [3, 5],
      [-4, -4],
      [0, 255],
      [-(2 ** 40), 2 ** 40],
    ] as const)
      expect(weaknesses(gadget, [c, a, b], { expected: [(c === 1 ? a : b) + 7] })).toEqual([]);
  }
});

test.each<[string, (api: Api, a: Sum, b: Sum) => Wire, (a: number, b: number) => number]>([
  ['and', both, (a, b) => a & b],
  ['or', either, (a, b) => a | b],
  ['xor', differ, (a, b) => a ^ b],
])('%s', (_, gate, truth) => {
  const gadget = isolate(2, (api, x) => [gate(api, wireSum(x), wireSum(x + 1))]);
  expect(gadget.counts()).toEqual(selectCost());
  for (const a of [0, 1]) for (const b of [0, 1]) expect(weaknesses(gadget, [a, b], { expected: [truth(a, b)] })).toEqual([]);
});
