import { expect, test } from 'vitest';
import { Circuit } from '../support/hand-written.ts';
import { checkVerdicts } from '../support/random-circuits.ts';

test('what is called unique in random circuits has one value in all their witnesses', () => {
  const { unique, witnesses, wrong } = checkVerdicts(2_000, 20_261_126);
  expect(wrong).toEqual([]);
  expect(Math.min(unique, witnesses)).toBeGreaterThan(1_000);
});

test('a bit that varies, and that a row beside the window reads', () => {
  const circuit = new Circuit();
  const [x, z] = [circuit.input(), circuit.wire()];
  const [bit, y] = [circuit.bit(), circuit.wire()];
  // (7 + bit)·(8·y − 1) = 0 says nothing of the bit; z = x + 18·bit does vary.
  circuit.row({ 0: 7, [bit]: 1 }, { 0: -1, [y]: 8 }, {});
  circuit.zero({ [x]: 1, [bit]: 18, [z]: -1 });
  const { verdicts } = circuit.audit();
  expect(verdicts[y]).toBe('unique');
  expect(verdicts[z]).not.toBe('unique');
});

test('a bit that varies, and that an open wire of the window is computed from', () => {
  const circuit = new Circuit();
  const [, p] = [circuit.input(), circuit.wire()];
  const [s, t, f, u, v, w] = [circuit.bit(), circuit.wire(), circuit.bit(), circuit.wire(), circuit.wire(), circuit.wire()];
  circuit.row({ [f]: 1 }, { [f]: 1 }, { 0: 1, [w]: -1 });
  circuit.row({ 0: -3, [s]: 4, [w]: -3 }, { 0: 1 }, { [v]: 1 });
  circuit.row({ [w]: -8 }, { 0: 1, [t]: 1, [u]: 18 }, { 0: 2, [s]: 2 });
  circuit.row({ [t]: 2 }, { 0: -1, [t]: 2 }, {});
  circuit.row({ [w]: -3 }, { [f]: -1 }, { [t]: -1, [f]: -2 });
  const { verdicts } = circuit.audit();
  expect(verdicts[p]).not.toBe('unique');
  expect(verdicts[v]).not.toBe('unique');
});
