/** Rules for shapes that other compilers write: each concludes where it may, and nothing once a premise is gone. Rows are written by hand. */
import { describe, expect, test } from 'vitest';
import { invert, scalarOrder } from '../../src/field/bn254.ts';
import { Circuit } from '../support/hand-written.ts';

describe('bits whose last was eliminated: rows divided by a power of two', () => {
  /** x = Σ 2^i·b_i, the last bit solved for and put into its own row. */
  function decomposition(n: number): Circuit {
    const circuit = new Circuit();
    const x = circuit.input();
    const scale = invert(1n << BigInt(n - 1), scalarOrder);
    const last: Record<number, bigint> = { [x]: scale };
    for (let i = 0; i < n - 1; i++) last[circuit.bit()] = -(scale << BigInt(i));
    circuit.row(last, { 0: -1, ...last }, {});
    return circuit;
  }
  test.each([2, 8, 100, 253])('%i bits are unique', (n) => decomposition(n).expectUnique());
  test('254 bits are not', () => decomposition(254).expectFault());
});

describe('one-hot by guards', () => {
  /** (x − i)·s_i = 0, Σ s_i = 1, `values` for the keys. */
  function decoder(keys: readonly number[], { sum = true, guards = keys.length, weights = keys.map(() => 1) } = {}): Circuit {
    const circuit = new Circuit();
    const x = circuit.input();
    const selector = keys.map(() => circuit.wire());
    for (let i = 0; i < guards; i++) circuit.row({ 0: -keys[i]!, [x]: 1 }, { [selector[i]!]: 1 }, {});
    if (sum) circuit.zero({ 0: -1, ...Object.fromEntries(selector.map((wire, i) => [wire, weights[i]!])) });
    return circuit;
  }
  test('is unique', () => {
    decoder([0, 1, 2, 3, 4]).expectUnique();
    decoder([7, -3, 1000], { weights: [1, -5, 2] }).expectUnique();
  });
  test('also with its sum written as the last guard’s factor', () => {
    const circuit = new Circuit();
    const x = circuit.input();
    const selector = [0, 1, 2].map((key) => {
      const wire = circuit.wire();
      circuit.row({ 0: -key, [x]: 1 }, { [wire]: 1 }, {});
      return wire;
    });
    circuit.row({ 0: -3, [x]: 1 }, { 0: 1, ...Object.fromEntries(selector.map((wire) => [wire, -1])) }, {});
    circuit.expectUnique();
  });
  test('is not without the sum, without a guard, or with two equal keys', () => {
    decoder([0, 1, 2, 3, 4], { sum: false }).expectFault();
    decoder([0, 1, 2, 3, 4], { guards: 4 }).expectFault();
    decoder([0, 1, 2, 1]).expectFault();
  });
  test('keys that differ by what is not known to be other than zero are no guards', () => {
    const circuit = new Circuit();
    const [x, y, z] = [circuit.input(), circuit.input(), circuit.input()];
    const selector = [y, z].map((key) => {
      const wire = circuit.wire();
      circuit.row({ [x]: 1, [key]: -1 }, { [wire]: 1 }, {});
      return wire;
    });
    circuit.zero({ 0: -1, [selector[0]!]: 1, [selector[1]!]: 1 });
    circuit.expectFault();
  });
});

describe('argmax by a selector', () => {
  interface Parts {
    readonly tieBreak?: boolean;
    readonly sum?: boolean;
    readonly bits?: boolean;
    /** Relations T ≥ v_j left out. */
    readonly relations?: number;
    /** −1: the least. */
    readonly direction?: 1 | -1;
  }
  /** v_i = n·x_i − i of 4-bit x_i; p_i = s_i·v_i; Σ p − v_j ≥ 0. */
  function argmax(n: number, { tieBreak = true, sum = true, bits = true, relations = n, direction = 1 }: Parts = {}): Circuit {
    const circuit = new Circuit();
    const x = Array.from({ length: n }, () => circuit.input());
    for (const wire of x) circuit.range({ [wire]: 1 }, 4);
    const v = x.map((wire, i): Record<number, number> => (tieBreak ? { 0: -i, [wire]: n } : { [wire]: 1 }));
    const s = x.map(() => (bits ? circuit.bit() : circuit.wire()));
    const p = x.map((_, i) => {
      const wire = circuit.wire();
      circuit.row({ [s[i]!]: 1 }, v[i]!, { [wire]: 1 });
      return wire;
    });
    if (sum) circuit.zero({ 0: -1, ...Object.fromEntries(s.map((wire) => [wire, 1])) });
    for (const of of v.slice(0, relations)) {
      const relation: Record<number, number> = Object.fromEntries(p.map((wire) => [wire, direction]));
      for (const [wire, k] of Object.entries(of)) relation[Number(wire)] = -direction * k;
      circuit.range(relation, 8);
    }
    return circuit;
  }
  test('is unique with a tie-break, the largest and the least', () => {
    argmax(2).expectUnique();
    argmax(6).expectUnique();
    argmax(4, { direction: -1 }).expectUnique();
  });
  test.each<[string, Parts]>([
    ['a tie-break', { tieBreak: false }],
    ['the sum', { sum: false }],
    ['the bits', { bits: false }],
    ['one of the relations', { relations: 3 }],
  ])('is not without %s', (_, parts) => argmax(4, parts).expectFault());
});

describe('linear blocks', () => {
  /** y = M·z with y = x² products on the left: z is open in every row, and decided by all of them. */
  function block(matrix: readonly (readonly number[])[]): Circuit {
    const circuit = new Circuit();
    const x = matrix.map(() => circuit.input());
    const z = matrix[0]!.map(() => circuit.wire());
    for (const [i, row] of matrix.entries())
      circuit.row({ [x[i]!]: 1 }, { 0: 3, [x[i]!]: 1 }, Object.fromEntries(row.map((k, j) => [z[j]!, k]).filter(([, k]) => k !== 0)));
    return circuit;
  }
  test('of full rank are unique', () => {
    block([
      [2, 3],
      [1, 1],
    ]).expectUnique();
    block([
      [1, 2, 0, 4],
      [0, 1, 5, 1],
      [3, 0, 1, 1],
      [1, 1, 1, 2],
    ]).expectUnique();
  });
  test('that are singular, or have more wires than rows, are not', () => {
    block([
      [1, 2],
      [2, 4],
    ]).expectFault();
    block([
      [1, 2, 3],
      [3, 1, 2],
    ]).expectFault();
  });
  test('a wire that the equations determine is unique beside others that they do not', () => {
    // z1 + z2 − z3 and z1 − z2 + z3 and z2 − z3 + …: z1 alone follows.
    const { verdicts } = block([
      [1, 1, -1],
      [1, -1, 1],
    ]).audit();
    expect(verdicts.slice(3)).toEqual(['unique', expect.not.stringMatching('unique'), expect.not.stringMatching('unique')]);
  });
});

describe('254 bits, and a comparison with a constant', () => {
  interface Parts {
    /** The largest number that is let through. */
    readonly most?: bigint;
    /** A bit that the sum's digits have although it is to be 0. */
    readonly sign?: boolean;
    readonly pairs?: number;
  }
  /** x = Σ 2^i·b_i; of each pair of bits 2^i if it is less than the constant's, −2^i modulo 2^128 if it is greater; bit 127 of the sum is 0. As circomlib's AliasCheck. */
  function strict({ most = scalarOrder - 1n, sign = false, pairs = 127 }: Parts = {}): Circuit {
    const circuit = new Circuit();
    const x = circuit.input();
    const bits = Array.from({ length: 254 }, () => circuit.bit());
    circuit.zero({ [x]: -1, ...Object.fromEntries(bits.map((bit, i) => [bit, 1n << BigInt(i)])) });
    const sum: Record<number, bigint> = {};
    for (let i = 127 - pairs; i < 127; i++) {
      const [less, greater] = [1n << BigInt(i), (1n << 128n) - (1n << BigInt(i))];
      const pair = (most >> BigInt(2 * i)) & 3n;
      const [f00, f01, f10, f11] = [0n, 1n, 2n, 3n].map((value) => (value < pair ? less : value > pair ? greater : 0n)) as [
        bigint,
        bigint,
        bigint,
        bigint,
      ];
      const [low, high, part] = [bits[2 * i]!, bits[2 * i + 1]!, circuit.wire()];
      circuit.row({ [high]: f11 - f10 - f01 + f00 }, { [low]: 1 }, { 0: -f00, [low]: f00 - f01, [high]: f00 - f10, [part]: 1 });
      sum[part] = 1n;
    }
    for (let t = 0; t < 135; t++) if (t !== 127 || sign) sum[circuit.bit()] = -(1n << BigInt(t));
    circuit.zero(sum);
    return circuit;
  }
  test('are unique', () => {
    strict().expectUnique();
    strict({ most: scalarOrder - 12_345n }).expectUnique();
  });
  test.each<[string, Parts]>([
    ['that lets r through', { most: scalarOrder }],
    ['that lets more through', { most: scalarOrder + (1n << 200n) }],
    ['whose outcome nothing holds', { sign: true }],
    ['without its lowest pair', { pairs: 126 }],
  ])('are not by one %s', (_, parts) => strict(parts).expectFault());
  // Two bits, the number, two pairs, two digits of the sum, the sum.
  test.each([0, 253, 254, 255, 381, 382, 515, 516])('are not without row %i', (row) => {
    const circuit = strict();
    expect(circuit.rows.length).toBe(517);
    const { undecided, broken } = circuit.audit(row, 0).counts;
    expect(undecided + broken).toBeGreaterThan(0);
  });
});
