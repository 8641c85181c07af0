import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ONE } from '../../circuits/api.ts';
import { invert, mod, scalarOrder } from '../../src/field/bn254.ts';
import { CircuitBuilder } from '../../src/r1cs/builder.ts';
import type { R1cs } from '../../src/r1cs/r1cs.ts';
import { checkWitness } from '../../src/witness/check.ts';
import { runPlan } from '../../src/witness/generate.ts';
import { emptyValues, getWire, rowHolds, setWire, solveRow } from '../../src/witness/row.ts';

const r = scalarOrder;
const edge = 2n ** 53n;

/** Integers where doubles stop being exact, where the field wraps, and everything between. */
const value = fc.oneof(
  { weight: 4, arbitrary: fc.bigInt(-300n, 300n) },
  { weight: 2, arbitrary: fc.bigInt(-(2n ** 27n), 2n ** 27n) },
  { weight: 3, arbitrary: fc.tuple(fc.constantFrom(1n, -1n), fc.bigInt(edge - 3n, edge + 3n)).map(([sign, v]) => sign * v) },
  { weight: 2, arbitrary: fc.constantFrom(0n, 1n, -1n, 2n ** 26n, 2n ** 52n, -(2n ** 52n), r >> 1n, (r >> 1n) + 1n) },
  { weight: 1, arbitrary: fc.bigInt(0n, r - 1n) },
);
const terms = fc.array(fc.tuple(value, value), { maxLength: 5 });
const dot = (side: readonly [bigint, bigint][]) => side.reduce((sum, [c, v]) => sum + c * v, 0n);

/** ⟨a⟩·⟨b⟩ = ⟨c⟩ + w with a private input per term. */
function rowCircuit(sides: Record<'a' | 'b' | 'c', readonly [bigint, bigint][]>) {
  const builder = new CircuitBuilder();
  let wire = builder.inputWires(sides.a.length + sides.b.length + sides.c.length);
  const values = emptyValues(64);
  for (const name of ['a', 'b', 'c'] as const) {
    for (const [c, v] of sides[name]) {
      builder[name](wire, c);
      setWire(values, wire++, v);
    }
  }
  if (sides.b.length === 0) builder.b(ONE, 0);
  const defined = builder.define();
  return { ...builder.finish(), values: { small: values.small.slice(0, defined + 1), wide: values.wide }, defined };
}

test('a solved row equals BigInt arithmetic, and its wire has one form: a safe integer wherever that is possible', () => {
  fc.assert(
    fc.property(terms, terms, terms, (a, b, c) => {
      const { r1cs, plan, labels, values, defined } = rowCircuit({ a, b, c });
      runPlan(r1cs, plan, values);
      const expected = mod(dot(a) * dot(b) - dot(c), r);
      expect(mod(getWire(values, defined), r)).toBe(expected);
      const near = expected > r / 2n ? expected - r : expected;
      expect(values.small[defined]).toBe(Number.isSafeInteger(Number(near)) ? Number(near) : Number.NaN);
      expect(checkWitness({ r1cs, labels }, values)).toBeNull();
    }),
    { numRuns: 3000 },
  );
});

test('no other value of the solved wire is accepted: ±1, ±2^53, complement, zero, + small multiples', () => {
  fc.assert(
    fc.property(terms, terms, terms, fc.oneof(value, fc.constantFrom(1n, -1n, edge, -edge)), (a, b, c, delta) => {
      const { r1cs, plan, labels, values, defined } = rowCircuit({ a, b, c });
      runPlan(r1cs, plan, values);
      const right = getWire(values, defined);
      for (const wrong of [right + delta, -right, delta, 0n]) {
        setWire(values, defined, wrong);
        expect(rowHolds(r1cs, 0, values)).toBe(mod(wrong - right, r) === 0n);
        expect(checkWitness({ r1cs, labels }, values)).toEqual(
          mod(wrong - right, r) === 0n ? null : { row: 0, layer: 'circuit', gadget: 'row', element: 0 },
        );
      }
    }),
    { numRuns: 1000 },
  );
});

test('sums that doubles would round are not rounded', () => {
  // 2^53 + 1 − 2^53 = 1: in doubles it is 0.
  const { r1cs, plan, values, defined } = rowCircuit({
    a: [
      [2n ** 27n, 2n ** 26n],
      [1n, 1n],
      [-(2n ** 27n), 2n ** 26n],
    ],
    b: [[1n, 1n]],
    c: [],
  });
  runPlan(r1cs, plan, values);
  expect(values.small[defined]).toBe(1);
});

function oneRow(write: (builder: CircuitBuilder) => void): R1cs {
  const builder = new CircuitBuilder();
  builder.inputWires(3);
  write(builder);
  builder.constrain();
  return builder.finish().r1cs;
}

test('solveRow finds a wire on any side where its cofactor is a non-zero constant', () => {
  const onA = oneRow((b) => {
    b.a(1, 3);
    b.a(2, 1);
    b.b(ONE, 7);
    b.c(1, 20);
    b.c(3, 1);
  });
  const values = emptyValues(4);
  setWire(values, 2, 5n);
  setWire(values, 3, 37n);
  solveRow(onA, 0, 1, values); // (3w + 5)·7 = 20w + 37
  expect(values.small[1]).toBe(2);
  const onB = oneRow((b) => {
    b.a(ONE, 5);
    b.b(1, 1);
    b.c(2, 1);
  });
  setWire(values, 2, 1n);
  solveRow(onB, 0, 1, values);
  expect(getWire(values, 1)).toBe(invert(5n, r));
});

test.each<[string, (builder: CircuitBuilder) => void]>([
  [
    'its square',
    (b) => {
      b.a(1, 1);
      b.b(1, 1);
      b.c(2, 1);
    },
  ],
  [
    'a product with another wire',
    (b) => {
      b.a(1, 1);
      b.b(2, 1);
      b.c(3, 1);
    },
  ],
  [
    'a product with a sum that holds a constant',
    (b) => {
      b.a(2, 1);
      b.a(ONE, 1);
      b.b(1, 1);
      b.c(1, 1);
    },
  ],
  [
    'a cofactor of 0',
    (b) => {
      b.a(1, 1);
      b.b(ONE, 1);
      b.c(1, 1);
      b.c(2, 1);
    },
  ],
  [
    'a row without it',
    (b) => {
      b.a(2, 1);
      b.b(ONE, 1);
      b.c(3, 1);
    },
  ],
  [
    'C, but A as well',
    (b) => {
      b.a(1, 1);
      b.b(2, 1);
      b.c(1, 1);
    },
  ],
])('solveRow refuses to guess: %s', (_, write) => {
  const r1cs = oneRow(write);
  const values = emptyValues(4);
  for (const wire of [1, 2, 3]) setWire(values, wire, 1n);
  expect(() => solveRow(r1cs, 0, 1, values)).toThrow(expect.objectContaining({ code: 'ZK7001' }));
});

test('a wire without a value is an error, not a NaN', () => {
  const { r1cs, plan, values } = rowCircuit({ a: [[1n, 1n]], b: [[1n, 1n]], c: [] });
  values.small[1] = Number.NaN;
  expect(() => runPlan(r1cs, plan, values)).toThrow(/wire 1 is read before it has a value/);
});

test('checkWitness refuses what is no witness of the circuit', () => {
  const { r1cs, plan, labels, values } = rowCircuit({ a: [[1n, 1n]], b: [[1n, 1n]], c: [] });
  runPlan(r1cs, plan, values);
  const altered = (wire: number, to: number) => ({ small: values.small.with(wire, to), wide: values.wide });
  for (const bad of [
    altered(0, 2),
    altered(1, 0.5),
    altered(1, Number.NaN),
    altered(2, Number.POSITIVE_INFINITY),
    { small: values.small.slice(1), wide: values.wide },
  ]) {
    expect(() => checkWitness({ r1cs, labels }, bad)).toThrow(expect.objectContaining({ code: 'ZK5004' }));
  }
});
