/** One missing row in a chain that is too long to search: two witnesses are found all the same, wherever the row was. */
import { describe, expect, test } from 'vitest';
import { Circuit } from '../support/hand-written.ts';

/** x ← (x + k)³, as MiMC. */
function cubes(rounds: number): Circuit {
  const circuit = new Circuit();
  let x = circuit.input();
  for (let k = 1; k <= rounds; k++) {
    const [square, cube] = [circuit.wire(), circuit.wire()];
    const sum = { 0: k, [x]: 1 };
    circuit.row(sum, sum, { [square]: 1 });
    circuit.row({ [square]: 1 }, sum, { [cube]: 1 });
    x = cube;
  }
  return circuit;
}

/** (x, y) ← M·(x⁵, y), the wires of a round in no useful order, as Poseidon. */
function mixed(rounds: number): Circuit {
  const circuit = new Circuit();
  let [x, y] = [circuit.input(), circuit.input()];
  for (let k = 0; k < rounds; k++) {
    const [nextX, nextY, fifth, fourth, square] = Array.from({ length: 5 }, () => circuit.wire()) as [
      number,
      number,
      number,
      number,
      number,
    ];
    circuit.row({ [x]: 1 }, { [x]: 1 }, { [square]: 1 });
    circuit.row({ [square]: 1 }, { [square]: 1 }, { [fourth]: 1 });
    circuit.row({ [fourth]: 1 }, { [x]: 1 }, { [fifth]: 1 });
    circuit.zero({ [fifth]: 2, [y]: 1, [nextX]: -1, 0: k });
    circuit.zero({ [fifth]: 1, [y]: 3, [nextY]: -1 });
    [x, y] = [nextX, nextY];
  }
  return circuit;
}

/** A chain of sums, each cut to 8 bits: x ← (5·x + k) mod 256. */
function cut(rounds: number): Circuit {
  const circuit = new Circuit();
  let x = circuit.input();
  circuit.range({ [x]: 1 }, 8);
  for (let k = 0; k < rounds; k++) {
    const next = circuit.wire();
    const bits = Array.from({ length: 11 }, (_, i) => [circuit.bit(), -(1n << BigInt(i))] as const);
    circuit.zero({ 0: k, [x]: 5, ...Object.fromEntries(bits) });
    circuit.zero({ [next]: 1, ...Object.fromEntries(bits.slice(0, 8)) });
    x = next;
  }
  return circuit;
}

describe.each([
  ['cubes', cubes(400), [0, 1, 202, 403, 606, 799]],
  ['fifth powers, mixed', mixed(160), [0, 161, 302, 443, 554, 795, 798]],
  // A bit, a sum, a bit of the last sum.
  ['sums cut to bits', cut(52), [9, 20, 665]],
] as const)('%s', (_, circuit, missing) => {
  test('is unique', () => circuit.expectUnique());
  test.each(missing)('without row %i it is broken, with two witnesses or a wire in no row', (row) => {
    const faults = new Set(circuit.audit(row).faults.values());
    expect(faults.has('refuted') || faults.has('unconstrained')).toBe(true);
  });
});

test('a wire that nothing is computed from is refuted at the end of a chain as well', () => {
  const circuit = cubes(400);
  const last = circuit.wire();
  circuit.row({ [last]: 1 }, { [circuit.wires - 3]: 1 }, { [circuit.wire()]: 1 });
  expect(circuit.audit().refutations.length).toBeGreaterThan(0);
});
