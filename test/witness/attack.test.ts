/** The harness that attacks gadgets is itself held to account: sound gadgets pass, each classical fault is caught, and its search equals brute force. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Api, ONE, type Wire } from '../../circuits/api.ts';
import { opcodes } from '../../circuits/hints.ts';
import { quadraticRoots, squareRoot } from '../../src/audit/quadratic.ts';
import { openSearch } from '../../src/audit/search.ts';
import { mod, scalarOrder } from '../../src/field/bn254.ts';
import { CircuitBuilder } from '../../src/r1cs/builder.ts';
import { emptyValues, rowHolds, setWire } from '../../src/witness/row.ts';
import { isolate, weaknesses } from '../support/gadget.ts';

const r = scalarOrder;

function booleanRow(api: Api, bit: Wire): void {
  api.a(bit, 1);
  api.b(bit, 1);
  api.c(bit, 1);
  api.constrain();
}

/** The n bits of x. Faults: leave one bit without its boolean row; add a bit of weight 2^n. */
function decompose(api: Api, x: Wire, n: number, fault?: 'boolean' | 'wide'): Wire {
  api.gadget('bits');
  api.x(0, x, 1);
  const count = fault === 'wide' ? n + 1 : n;
  const bit = api.hint(opcodes.bits, [], count);
  for (let i = 0; i < count; i++) if (!(fault === 'boolean' && i === 1)) booleanRow(api, bit + i);
  for (let i = 0; i < count; i++) api.a(bit + i, 2n ** BigInt(i));
  api.a(x, -1);
  api.b(ONE, 1);
  api.constrain();
  return bit;
}

/** ⌊x/d⌋ with d = 2^k, x < 2^16. Faults: the remainder is not ranged, or a bit too wide, or the quotient is not ranged. */
function divide(api: Api, x: Wire, k: number, fault?: 'no remainder range' | 'wide remainder' | 'no quotient range'): Wire {
  api.gadget('divide');
  api.x(0, x, 1);
  const q = api.hint(opcodes.quotient, [2 ** k], 1);
  api.a(x, 1);
  api.a(q, -(2 ** k));
  api.b(ONE, 1);
  const remainder = api.define();
  if (fault !== 'no remainder range') decompose(api, remainder, k, fault === 'wide remainder' ? 'wide' : undefined);
  if (fault !== 'no quotient range') decompose(api, q, 16 - k);
  return q;
}

function isZero(api: Api, x: Wire, fault?: 'second row'): Wire {
  api.gadget('isZero');
  api.x(0, x, 1);
  const inverse = api.hint(opcodes.inverse, [], 1);
  api.a(x, -1);
  api.b(inverse, 1);
  api.c(ONE, -1);
  const zero = api.define();
  if (fault === undefined) {
    api.a(x, 1);
    api.b(zero, 1);
    api.constrain();
  }
  return zero;
}

describe('sound gadgets have no weakness', () => {
  test.each([0, 1, 100, 254, 255])('8 bits of %i', (x) => {
    const bits = isolate(1, (api, first) => Array.from({ length: 8 }, (_, i) => decompose8(api, first, i)));
    function decompose8(api: Api, first: Wire, i: number): Wire {
      return i === 0 ? decompose(api, first, 8) : first + 1 + i;
    }
    expect(bits.counts()).toEqual({ constraints: 9, wires: 8 });
    expect(weaknesses(bits, [x], { expected: Array.from({ length: 8 }, (_, i) => (x >> i) & 1) })).toEqual([]);
    expect(bits.solutions([x])).toMatchObject({ count: 1, freeWires: [], decided: true });
  });

  test.each([-1, 256, r - 1n, 2n ** 128n, r >> 1n])('no witness for 8 bits of %s', (x) => {
    const bits = isolate(1, (api, first) => [decompose(api, first, 8)]);
    expect(bits.solutions([x])).toEqual({ outputs: [], count: 0, freeWires: [], decided: true });
  });

  test.each([0, 1, 15, 16, 17, 12_345, 65_535])('division of %i by 16', (x) => {
    const gadget = isolate(1, (api, first) => [divide(api, first, 4)]);
    expect(weaknesses(gadget, [x], { expected: [x >> 4] })).toEqual([]);
    const attack = gadget.attack([x]);
    // The quotient's 4096 values were all tried, every bit's domain is known: nothing is sampled.
    expect(attack.sampled).toEqual([]);
    expect(attack.tried).toBeGreaterThan(4095);
  });

  test('zero test: its inverse is free at 0 and nowhere else', () => {
    const gadget = isolate(1, (api, first) => [isZero(api, first)]);
    for (const x of [1, -1, 77, r >> 1n]) expect(weaknesses(gadget, [x], { expected: [0] })).toEqual([]);
    expect(weaknesses(gadget, [0], { expected: [1] })).not.toEqual([]);
    expect(weaknesses(gadget, [0], { expected: [1], free: ({ opcode }) => opcode === opcodes.inverse })).toEqual([]);
  });
});

describe('each fault is caught', () => {
  test.each<[string, (api: CircuitBuilder, x: Wire) => Wire, number]>([
    ['a missing boolean row', (api, x) => decompose(api, x, 8, 'boolean') + 1, 2],
    ['a remainder without range', (api, x) => divide(api, x, 4, 'no remainder range'), 100],
    ['a remainder one bit too wide', (api, x) => divide(api, x, 4, 'wide remainder'), 100],
    ['a quotient without range', (api, x) => divide(api, x, 4, 'no quotient range'), 100],
    ['a zero test without its second row', (api, x) => isZero(api, x, 'second row'), 5],
    ['254 bits: x + r fits, too', (api, x) => decompose(api, x, 254), 3],
    ['a hint without any row', (api, x) => hintAlone(api, x), 3],
  ])('%s', (_, build, x) => {
    const gadget = isolate(1, (api, first) => [build(api, first)]);
    expect(weaknesses(gadget, [x], { free: () => true, attack: gadget.counts().wires < 100 })).not.toEqual([]);
  });

  function hintAlone(api: CircuitBuilder, x: Wire): Wire {
    api.x(0, x, 1);
    const q = api.hint(opcodes.quotient, [2], 1);
    // A row that mentions it without holding it.
    api.a(q, 1);
    api.b(q, 1);
    api.define();
    return q;
  }

  test('one row dropped at a time from the division: each is seen on some input', () => {
    const whole = isolate(1, (api, first) => [divide(api, first, 3)]);
    const rows = whole.counts().constraints;
    for (let dropped = 1; dropped < rows; dropped++) {
      const gadget = isolate(1, (api, first) => {
        let row = 0;
        // Rows of `constrain` only: a dropped `define` would have no wire.
        const constrain = api.constrain.bind(api);
        const define = api.define.bind(api);
        api.define = () => {
          row++;
          return define();
        };
        api.constrain = () => {
          if (row++ === dropped) {
            // 0 = 0 in the row's place.
            api.b(ONE, 0);
            api.define();
          } else constrain();
        };
        const out = cleared(
          api,
          dropped,
          () => row,
          () => divide(api, first, 3),
        );
        return [out];
      });
      const seen = [0, 7, 8, 100, 65_535].some((x) => weaknesses(gadget, [x], { free: () => true, attack: false }).length > 0);
      expect(seen, `row ${dropped}`).toBe(true);
    }
  });

  /** Keeps the dropped row's terms from being written. */
  function cleared(api: CircuitBuilder, dropped: number, row: () => number, build: () => Wire): Wire {
    for (const side of ['a', 'b', 'c'] as const) {
      const write = api[side].bind(api);
      api[side] = (wire, coefficient) => write(wire, row() === dropped ? 0 : coefficient);
    }
    return build();
  }
});

describe('the search equals brute force', () => {
  const term = fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: -3, max: 3 }));
  const side = fc.array(term, { maxLength: 3 });

  test('on random systems over six boolean wires', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(side, side, side), { minLength: 1, maxLength: 4 }), (systems) => {
        const builder = new CircuitBuilder();
        const first = builder.inputWires(6);
        for (let i = 0; i < 6; i++) booleanRow(builder, first + i);
        for (const [a, b, c] of systems) {
          for (const [wire, k] of a) builder.a(wire, k);
          for (const [wire, k] of b) builder.b(wire, k);
          for (const [wire, k] of c) builder.c(wire, k);
          builder.b(ONE, 0);
          builder.define();
        }
        // Each defined wire is to be 0: the random row holds.
        for (let i = 0; i < systems.length; i++) {
          builder.c(first + 6 + i, 1);
          builder.constrain();
        }
        const { r1cs } = builder.finish();
        const expected: string[] = [];
        for (let bits = 0; bits < 64; bits++) {
          const values = emptyValues(r1cs.wireCount);
          values.small.fill(0, 1);
          for (let i = 0; i < 6; i++) setWire(values, first + i, BigInt((bits >> i) & 1));
          if (Array.from({ length: r1cs.rowCount }, (_, row) => row).every((row) => rowHolds(r1cs, row, values)))
            expected.push(bits.toString(2).padStart(6, '0'));
        }
        const result = openSearch(r1cs, new Map()).witnesses(256);
        expect(result).toMatchObject({ complete: true, undecidedRows: [] });
        const found = result.found.map(({ values }) =>
          values
            .slice(first, first + 6)
            .reverse()
            .join(''),
        );
        expect(found.sort()).toEqual(expected.sort());
      }),
      { numRuns: 400 },
    );
  });

  test('roots are all roots, square roots are exact', () => {
    const element = fc.oneof(fc.constantFrom(0n, 1n, r - 1n, 4n), fc.bigInt(0n, r - 1n));
    fc.assert(
      fc.property(element, element, element, (alpha, x, y) => {
        expect(mod(squareRoot((x * x) % r)! ** 2n, r)).toBe((x * x) % r);
        const roots = quadraticRoots(alpha, -alpha * (x + y), alpha * x * y);
        if (alpha === 0n) expect(roots).toBeNull();
        else expect([...roots!].sort()).toEqual([...new Set([x, y])].sort());
      }),
      { numRuns: 60 },
    );
    expect(squareRoot(5n)).toBeNull();
    expect(quadraticRoots(1n, 0n, -5n)).toEqual([]);
    expect(quadraticRoots(0n, 0n, 1n)).toEqual([]);
    expect(quadraticRoots(0n, 2n, -6n)).toEqual([3n]);
  });

  test('what cannot be decided is said, not guessed', () => {
    const builder = new CircuitBuilder();
    const first = builder.inputWires(3);
    builder.a(first, 1);
    builder.b(first + 1, 1);
    builder.c(first + 2, 1);
    builder.constrain();
    const { r1cs } = builder.finish();
    const one = openSearch(r1cs, new Map([[first + 2, 6n]]));
    expect(one.witnesses(4).undecidedRows).toEqual([0]);
    expect(one.witnesses(4, { wire: first, value: 3n }).found[0].values[first + 1]).toBe(2n);
    expect(one.domain(first)).toBeNull();
    const two = new Map([
      [first + 2, 6n],
      [first, 3n],
    ]);
    expect(openSearch(r1cs, two).domain(first + 1)).toEqual([2n]);
    expect(openSearch(r1cs, two).witnesses(4, { wire: first + 1, value: 3n }).found).toEqual([]);
  });
});
