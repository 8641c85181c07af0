import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ONE } from '../../circuits/api.ts';
import { mod, scalarOrder } from '../../src/field/bn254.ts';
import { CircuitBuilder } from '../../src/r1cs/builder.ts';
import { walkSteps } from '../../src/r1cs/plan.ts';
import type { R1cs, SparseMatrix } from '../../src/r1cs/r1cs.ts';

function rowOf(r1cs: R1cs, side: SparseMatrix, row: number): [number, bigint][] {
  const terms: [number, bigint][] = [];
  for (let i = side.starts[row]; i < side.starts[row + 1]; i++) terms.push([side.wires[i], r1cs.pool.field[side.coefficients[i]]]);
  return terms;
}

const bug = expect.objectContaining({ code: 'ZK7001' });

test('wires come as ONE, public, private inputs, then defined ones', () => {
  const builder = new CircuitBuilder();
  expect(builder.publicWires(2)).toBe(1);
  expect(builder.inputWires(3)).toBe(3);
  expect(builder.inputWires(1)).toBe(6);
  builder.a(3, 1);
  builder.b(4, 1);
  expect(builder.define()).toBe(7);
  builder.x(0, 7, 1);
  expect(builder.hint(1, [], 4)).toBe(8);
  for (let wire = 8; wire < 12; wire++) builder.c(wire, 1);
  builder.constrain();
  const { r1cs, plan } = builder.finish();
  expect([r1cs.wireCount, r1cs.publicCount, r1cs.privateInputCount, r1cs.rowCount]).toEqual([12, 2, 4, 2]);
  const seen: unknown[] = [];
  walkSteps(
    plan.steps,
    (row, wire) => seen.push(['solve', row, wire]),
    (opcode, at) => seen.push(['hint', opcode, plan.steps[at + 2], plan.steps[at + 3]]),
  );
  expect(seen).toEqual([
    ['solve', 0, 7],
    ['hint', 1, 8, 4],
  ]);
});

test('a side equals the sum of its terms, sorted, each wire once, no zeros: any order, any repetition', () => {
  const coefficient = fc.oneof(
    fc.integer({ min: -3, max: 3 }),
    fc.maxSafeInteger(),
    fc.constantFrom(Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER),
    fc.bigInt(-scalarOrder * 2n, scalarOrder * 2n),
    fc.constantFrom(scalarOrder, scalarOrder - 1n, scalarOrder >> 1n, 2n ** 53n, -(2n ** 53n), 0n),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 12 }), coefficient), { minLength: 1, maxLength: 60 }), (terms) => {
      const builder = new CircuitBuilder();
      builder.inputWires(12);
      for (const [wire, value] of terms) builder.a(wire, value);
      builder.b(ONE, 1);
      builder.define();
      const { r1cs } = builder.finish();
      const sums = new Map<number, bigint>();
      for (const [wire, value] of terms) sums.set(wire, mod((sums.get(wire) ?? 0n) + BigInt(value), scalarOrder));
      expect(rowOf(r1cs, r1cs.a, 0)).toEqual([...sums].filter(([, value]) => value !== 0n).sort(([left], [right]) => left - right));
      expect(rowOf(r1cs, r1cs.c, 0)).toEqual([[13, 1n]]);
      // Pool: canonical, each value once, small exactly where it is safe.
      expect(new Set(r1cs.pool.field).size).toBe(r1cs.pool.field.length);
      r1cs.pool.field.forEach((value, id) => {
        const near = value > scalarOrder / 2n ? value - scalarOrder : value;
        const safe = Number.isSafeInteger(Number(near));
        expect(r1cs.pool.small[id]).toBe(safe ? Number(near) : Number.NaN);
      });
    }),
  );
});

test('one field value has one id, however it is written', () => {
  const builder = new CircuitBuilder();
  builder.inputWires(5);
  for (const [i, value] of [-1, -1n, scalarOrder - 1n, 2n * scalarOrder - 1n].entries()) builder.a(i + 1, value);
  builder.a(5, -(2n ** 60n));
  builder.b(ONE, scalarOrder - 2n ** 60n);
  builder.c(ONE, 5000);
  builder.c(1, 5000n - scalarOrder);
  builder.constrain();
  const { r1cs } = builder.finish();
  expect(r1cs.pool.field).toEqual([scalarOrder - 1n, scalarOrder - 2n ** 60n, 5000n]);
});

test('the same calls give the same bytes, and many rows and terms survive growing', () => {
  const build = () => {
    const builder = new CircuitBuilder();
    const first = builder.inputWires(3000);
    builder.layer('dense');
    for (let row = 0; row < 2500; row++) {
      builder.gadget(row % 2 === 0 ? 'even' : 'odd');
      builder.element(row);
      // Descending on A (to be sorted), ascending on C.
      for (let k = 9; k >= 0; k--) builder.a(first + ((row * 7 + k) % 3000), row - k);
      builder.b(ONE, 1);
      builder.x(0, first + row, row + 1);
      builder.c(builder.hint(1, [row % 5], 1), 1);
      builder.define();
    }
    return builder.finish();
  };
  const one = build();
  expect(build()).toEqual(one);
  const { r1cs, labels } = one;
  for (const row of [0, 1, 1023, 1024, 1025, 2499]) {
    const expected = Array.from({ length: 10 }, (_, k): [number, bigint] => [1 + ((row * 7 + k) % 3000), mod(BigInt(row - k), scalarOrder)])
      .filter(([, value]) => value !== 0n)
      .sort(([left], [right]) => left - right);
    expect(rowOf(r1cs, r1cs.a, row)).toEqual(expected);
    expect(labels.gadgets[labels.gadgetOf[row]]).toBe(row % 2 === 0 ? 'even' : 'odd');
    expect(labels.layers[labels.layerOf[row]]).toBe('dense');
    expect(labels.elementOf[row]).toBe(row);
  }
});

test.each<[string, (builder: CircuitBuilder) => void]>([
  ['a row that constrains nothing', (b) => b.constrain()],
  [
    'terms that cancel to nothing',
    (b) => {
      b.a(1, 1);
      b.a(1, -1);
      b.b(1, 0);
      b.constrain();
    },
  ],
  [
    'A without B',
    (b) => {
      b.a(1, 1);
      b.c(1, 1);
      b.constrain();
    },
  ],
  ['an unknown wire', (b) => b.a(99, 1)],
  ['a wire that is no integer', (b) => b.b(0.5, 1)],
  ['a negative wire', (b) => b.c(-1, 1)],
  ['an unknown wire in a hint', (b) => b.x(0, 99, 1)],
  ['an unsafe coefficient', (b) => b.a(1, 2 ** 53)],
  ['a fraction', (b) => b.a(1, 0.5)],
  ['an unsafe hint coefficient', (b) => b.x(0, 1, 2 ** 53)],
  ['an unsafe hint parameter', (b) => b.hint(0, [Number.NaN], 1)],
  ['public wires twice', (b) => b.publicWires(1)],
  [
    'private inputs after defined wires',
    (b) => {
      b.a(1, 1);
      b.b(0, 1);
      b.define();
      b.inputWires(1);
    },
  ],
  [
    'defineAs twice',
    (b) => {
      b.b(0, 1);
      b.defineAs(1);
      b.b(0, 1);
      b.defineAs(1);
    },
  ],
  [
    'defineAs of a private input',
    (b) => {
      b.b(0, 1);
      b.defineAs(3);
    },
  ],
  [
    'defineAs of ONE',
    (b) => {
      b.b(0, 1);
      b.defineAs(0);
    },
  ],
  [
    'defineAs of a wire in its own row',
    (b) => {
      b.a(1, 1);
      b.b(0, 1);
      b.defineAs(1);
    },
  ],
  [
    'hint inputs left at the end of a row',
    (b) => {
      b.x(0, 1, 1);
      b.a(1, 1);
      b.b(0, 1);
      b.constrain();
    },
  ],
  [
    'hint inputs out of order',
    (b) => {
      b.x(1, 1, 1);
      b.x(0, 1, 1);
    },
  ],
  [
    'hint inputs left at the end',
    (b) => {
      b.x(0, 1, 1);
      b.finish();
    },
  ],
  [
    'a hinted wire in no row',
    (b) => {
      const first = b.hint(1, [], 2);
      b.c(first + 1, 1);
      b.constrain();
      b.finish();
    },
  ],
  ['a hint of no wire', (b) => b.hint(0, [], 0)],
  [
    'a gadget within a row',
    (b) => {
      b.a(1, 1);
      b.gadget('next');
    },
  ],
  [
    'terms left at the end',
    (b) => {
      b.c(1, 1);
      b.finish();
    },
  ],
  [
    'finish twice',
    (b) => {
      b.finish();
      b.finish();
    },
  ],
  [
    'a row after finish',
    (b) => {
      b.finish();
      b.a(1, 1);
      b.b(0, 1);
      b.constrain();
    },
  ],
])('misuse throws ZK7001: %s', (_, misuse) => {
  const builder = new CircuitBuilder();
  builder.publicWires(2);
  builder.inputWires(2);
  expect(() => misuse(builder)).toThrow(bug);
});

test('a sum whose coefficients are all zero defines 0', () => {
  const builder = new CircuitBuilder();
  builder.inputWires(1);
  builder.a(1, 0);
  builder.b(ONE, 1);
  expect(builder.define()).toBe(2);
  builder.b(ONE, 1);
  expect(builder.define()).toBe(3);
  expect(builder.finish().r1cs.a.wires.length).toBe(0);
});
