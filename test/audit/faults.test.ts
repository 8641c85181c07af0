/**
 * Circuits with the published faults, rebuilt, and the same circuits without: the audit flags every faulty one, and none that is right. Where values differ, it shows two witnesses.
 * References: docs/circuits.md, end; EZKL audit (Trail of Bits 2025) #5, #6, #11; zk-bug-tracker #8, #14, #20.
 */
import { describe, expect, test } from 'vitest';
import { type Api, ONE, type Wire } from '../../circuits/api.ts';
import { boolean } from '../../circuits/boolean.ts';
import { opcodes } from '../../circuits/hints.ts';
import { audit } from '../../src/audit/audit.ts';
import { scalarOrder } from '../../src/field/bn254.ts';
import { CircuitBuilder } from '../../src/r1cs/builder.ts';
import type { R1cs } from '../../src/r1cs/r1cs.ts';
import { rowHolds } from '../../src/witness/row.ts';
import { makeWitness } from '../../src/witness/witness.ts';

/** Builds a circuit on `inputs` private inputs 1, 2, …. */
function circuit(inputs: number, build: (api: CircuitBuilder, x: Wire) => void): R1cs {
  const builder = new CircuitBuilder();
  build(builder, builder.inputWires(inputs));
  return builder.finish().r1cs;
}

/** Σ factor·wire = 0 as a row. */
function zeroSum(api: Api, terms: readonly (readonly [Wire, number | bigint])[]): void {
  for (const [wire, factor] of terms) api.a(wire, factor);
  api.b(ONE, 1);
  api.constrain();
}

/** x as n bits, the last `unchecked` of them not held to be bits. */
function bits(api: Api, x: Wire, n: number, unchecked = 0): Wire {
  api.x(0, x, 1);
  const first = api.hint(opcodes.bits, [], n);
  for (let i = 0; i < n - unchecked; i++) boolean(api, first + i);
  zeroSum(api, [[x, -1], ...Array.from({ length: n }, (_, i) => [first + i, 1n << BigInt(i)] as const)]);
  return first;
}

/** q = ⌊x/16⌋ of x < 2^12, remainder of `width` bits, and a row that uses q. */
function divide(api: Api, x: Wire, width: number | null, quotientBits: number | null): Wire {
  bits(api, x, 12);
  api.x(0, x, 1);
  const q = api.hint(opcodes.quotient, [16], 1);
  api.c(x, -1);
  api.c(q, 16);
  const remainder = api.define();
  if (width !== null) bits(api, remainder, width);
  if (quotientBits !== null) bits(api, q, quotientBits);
  api.a(q, 1);
  api.b(q, 1);
  api.define();
  return q;
}

/** ReLU of x in [−2^11, 2^11) by the top bit of x + 2^11. */
function relu(api: Api, x: Wire, width: number, offset: bigint): void {
  api.c(x, -1);
  api.c(ONE, -offset);
  const shifted = api.define();
  const first = bits(api, shifted, width);
  api.a(x, 1);
  api.b(first + width - 1, 1);
  api.define();
}

function isZero(api: Api, x: Wire, second: boolean): void {
  api.x(0, x, 1);
  const inverse = api.hint(opcodes.inverse, [], 1);
  api.a(x, -1);
  api.b(inverse, 1);
  api.c(ONE, -1);
  const zero = api.define();
  if (second) {
    api.a(x, 1);
    api.b(zero, 1);
    api.constrain();
  }
}

/** The largest of two 8-bit numbers, and its index, by a selector. */
function argmax(api: Api, x: Wire, tieBreak: boolean): void {
  bits(api, x, 8);
  bits(api, x + 1, 8);
  const keys: Wire[] = [];
  for (const [i, wire] of [x, x + 1].entries()) {
    api.c(wire, tieBreak ? -2 : -1);
    if (tieBreak) api.c(ONE, i - 1);
    keys.push(api.define());
  }
  api.x(0, x, 1);
  const chosen = api.hint(opcodes.sign, [], 1);
  boolean(api, chosen);
  api.a(chosen, 1);
  api.b(keys[1]!, 1);
  api.b(keys[0]!, -1);
  const step = api.define();
  for (const key of keys) {
    // keys[0] + step − key ≥ 0.
    api.c(keys[0]!, -1);
    api.c(step, -1);
    api.c(key, 1);
    bits(api, api.define(), 10);
  }
}

const faults: Record<
  string,
  { inputs: number; right?: (api: CircuitBuilder, x: Wire) => void; wrong: (api: CircuitBuilder, x: Wire) => void }
> = {
  'a bit that is none': { inputs: 1, right: (api, x) => bits(api, x, 8), wrong: (api, x) => bits(api, x, 8, 1) },
  'a remainder without range': { inputs: 1, right: (api, x) => divide(api, x, 4, 8), wrong: (api, x) => divide(api, x, null, 8) },
  'a remainder one bit too wide': { inputs: 1, wrong: (api, x) => divide(api, x, 5, 8) },
  'a quotient without range': { inputs: 1, wrong: (api, x) => divide(api, x, 4, null) },
  'a decomposition into 254 bits': {
    inputs: 1,
    right: (api, x) => relu(api, x, 12, 2n ** 11n),
    wrong: (api, x) => relu(api, x, 254, 0n),
  },
  'a zero test with one row': { inputs: 1, right: (api, x) => isZero(api, x, true), wrong: (api, x) => isZero(api, x, false) },
  'an argmax without tie-break': { inputs: 2, right: (api, x) => argmax(api, x, true), wrong: (api, x) => argmax(api, x, false) },
  'a sign that is free at zero': {
    inputs: 1,
    wrong: (api, x) => {
      api.x(0, x, 1);
      const sign = api.hint(opcodes.sign, [], 1);
      boolean(api, sign);
      api.a(x, 1);
      api.b(ONE, 1);
      api.b(sign, -2);
      bits(api, api.define(), 8);
    },
  },
  'a quotient of any denominator': {
    inputs: 2,
    wrong: (api, x) => {
      const q = api.hint(opcodes.none, [1], 2);
      api.a(q, 1);
      api.b(x, 1);
      api.c(x + 1, 1);
      api.constrain();
      api.a(q, 1);
      api.b(q + 1, 1);
      api.c(ONE, 1);
      api.constrain();
    },
  },
  'a square root of either sign': {
    inputs: 1,
    wrong: (api, x) => {
      const root = api.hint(opcodes.none, [1], 2);
      api.a(root, 1);
      api.b(root, 1);
      api.c(x, 1);
      api.constrain();
      zeroSum(api, [
        [root, 1],
        [root + 1, -1],
      ]);
    },
  },
  'assigned, not constrained': {
    inputs: 1,
    wrong: (api, x) => {
      api.x(0, x, 1);
      const copy = api.hint(opcodes.sign, [], 1);
      api.a(copy, 1);
      api.b(copy, 1);
      api.define();
    },
  },
};

describe.each(Object.entries(faults))('%s', (name, { inputs, right, wrong }) => {
  const roots = Array.from({ length: inputs }, (_, i) => 1 + i);

  test('is flagged, with two witnesses', () => {
    const r1cs = circuit(inputs, wrong);
    const { counts, refutations, faults: found } = audit(r1cs, { inputs: roots });
    expect(counts.broken + counts.undecided, name).toBeGreaterThan(0);
    expect(counts.broken, `${name}: ${[...found.values()]}`).toBeGreaterThan(0);
    for (const { first, second, wires } of refutations) {
      for (const root of roots) expect(first[root]).toBe(second[root]);
      for (const wire of wires) expect(first[wire]).not.toBe(second[wire]);
      for (const values of [first, second]) {
        expect(values[0]).toBe(1n);
        for (let row = 0; row < r1cs.rowCount; row++) expect(rowHolds(r1cs, row, makeWitness(values)), `row ${row}`).toBe(true);
      }
    }
  });

  test.runIf(right !== undefined)('is not flagged where it is right', () => {
    const { counts } = audit(circuit(inputs, right!), { inputs: roots });
    expect(counts).toMatchObject({ broken: 0, undecided: 0 });
  });
});

test('the widest decomposition that is unique has 253 bits', () => {
  for (const [width, broken] of [
    [253, false],
    [254, true],
  ] as const) {
    const { counts } = audit(
      circuit(1, (api, x) => bits(api, x, width)),
      { inputs: [1] },
    );
    expect(counts.broken > 0, `${width} bits of r = ${scalarOrder}`).toBe(broken);
  }
});

test('a wire in no row is broken, an excused one is free', () => {
  const r1cs = circuit(1, (api, x) => bits(api, x, 4));
  const wider = { ...r1cs, wireCount: r1cs.wireCount + 1 };
  expect(audit(wider, { inputs: [1] }).faults).toEqual(new Map([[r1cs.wireCount, 'unconstrained']]));
  expect(audit(wider, { inputs: [1], free: [r1cs.wireCount] }).counts).toMatchObject({ broken: 0, undecided: 0, free: 1 });
});
