/**
 * Figure F6: gadgets over the field of 257 elements, with moduli small enough for their argument to hold there: every witness there is, for every input. The outputs are those of the specification, written
 * here in plain arithmetic, and there are no others; inputs outside the range have none.
 */
import { afterAll, describe, expect, test } from 'vitest';
import type { Api, Wire } from '../../circuits/api.ts';
import { emitArgmax, makeArgmax } from '../../circuits/argmax.ts';
import { atLeastZero, makeComparison } from '../../circuits/compare.ts';
import { makeMaximum, maximum } from '../../circuits/maximum.ts';
import { makeRange, range } from '../../circuits/range.ts';
import { asWire, newSum, plus } from '../../circuits/sum.ts';
import { emitIndex, lookup, makeTable } from '../../circuits/table.ts';
import { isZero, noneOf } from '../../circuits/zero.ts';
import { CircuitBuilder } from '../../src/r1cs/builder.ts';
import type { R1cs, SparseMatrix } from '../../src/r1cs/r1cs.ts';
import { line, wireSum } from '../support/samples.ts';

const p = 257;
const totals = { gadgets: 0, inputs: 0, witnesses: 0, wrong: 0 };
afterAll(() => console.log(`F6 (p = ${p}): ${JSON.stringify(totals)}`));

interface Row {
  readonly sides: readonly (readonly { readonly wire: number; readonly k: number }[])[];
  readonly wires: readonly number[];
}

function rowsOf({ a, b, c, pool, rowCount }: R1cs): Row[] {
  return Array.from({ length: rowCount }, (_, row) => {
    const sides = [a, b, c].map(({ starts, wires, coefficients }: SparseMatrix) =>
      Array.from(wires.subarray(starts[row], starts[row + 1]), (wire, i) => ({
        wire,
        k: (((pool.small[coefficients[starts[row]! + i]!]! % p) + p) % p) as number,
      })),
    );
    return { sides, wires: [...new Set(sides.flat().map(({ wire }) => wire))].filter((wire) => wire !== 0) };
  });
}

const holds = ({ sides }: Row, values: Int16Array): boolean => {
  const [a, b, c] = sides.map((side) => side.reduce((sum, { wire, k }) => sum + k * values[wire]!, 0) % p) as [number, number, number];
  return (a * b - c) % p === 0;
};

/** All vectors of output values, over all witnesses with these inputs; wires without a value are −1. */
function outcomes(r1cs: R1cs, rows: readonly Row[], inputs: readonly number[], outputs: readonly Wire[]): Set<string> {
  const values = new Int16Array(r1cs.wireCount).fill(-1);
  values[0] = 1;
  inputs.forEach((value, i) => {
    values[1 + i] = ((value % p) + p) % p;
  });
  const found = new Set<string>();
  const solve = (): void => {
    // The row with the fewest wires left; none left: it must hold.
    let best: { row: Row; left: number[] } | null = null;
    for (const row of rows) {
      const left = row.wires.filter((wire) => values[wire] === -1);
      if (left.length === 0) {
        if (!holds(row, values)) return;
      } else if (best === null || left.length < best.left.length) best = { row, left };
    }
    if (best === null) {
      totals.witnesses++;
      found.add(outputs.map((wire) => values[wire]).join());
      return;
    }
    const wire = best.left[0]!;
    for (let value = 0; value < p; value++) {
      values[wire] = value;
      if (best.left.length > 1 || holds(best.row, values)) solve();
    }
    values[wire] = -1;
  };
  solve();
  return found;
}

interface Case {
  readonly inputs: number;
  readonly build: (api: Api, x: Wire) => readonly Wire[];
  /** Outputs mod p, or null where there is no witness. */
  readonly spec: (...x: number[]) => readonly number[] | null;
  /** Integers that the gadget assumes of its inputs; all field elements where it assumes nothing. */
  readonly low: number;
  readonly high: number;
}

const clamp = (v: number, low: number, high: number): number => Math.max(low, Math.min(high, v));

const cases: Record<string, Case> = {
  'range, A = 7': {
    inputs: 1,
    build: (api, x) => {
      range(api, makeRange(7), wireSum(x));
      return [];
    },
    spec: (x) => (x >= 0 && x < 7 ? [] : null),
    low: 0,
    high: p - 1,
  },
  'range, A = 5': {
    inputs: 1,
    build: (api, x) => {
      range(api, makeRange(5), wireSum(x));
      return [];
    },
    spec: (x) => (x >= 0 && x < 5 ? [] : null),
    low: 0,
    high: p - 1,
  },
  'line, A = 5, both clamps': {
    inputs: 1,
    build: line({ A: 5, b: 1, min: -1, max: 2 }, -20, 20),
    spec: (x) => [clamp(Math.floor((x - 1) / 5), -1, 2)],
    low: -20,
    high: 20,
  },
  'line, A = 7, lower clamp': {
    inputs: 1,
    build: line({ A: 7, b: 0, min: 0, max: 7 }, -25, 25),
    spec: (x) => [clamp(Math.floor(x / 7), 0, 7)],
    low: -25,
    high: 25,
  },
  'line, m = 2, A = 3, no clamp': {
    inputs: 1,
    build: line({ m: 2, A: 3, b: 1, min: -100, max: 100 }, -10, 10),
    spec: (x) => [Math.floor((2 * x - 1) / 3)],
    low: -10,
    high: 10,
  },
  'line, A = 4, halves to even': {
    inputs: 1,
    build: line({ A: 4, b: -2, min: -2, max: 1, tie: { parity: 0 } }, -16, 16),
    spec: (x) => {
      const floor = Math.floor((x + 2) / 4);
      return [clamp((x + 2) % 4 === 0 && floor % 2 !== 0 ? floor - 1 : floor, -2, 1)];
    },
    low: -16,
    high: 16,
  },
  'line, an exception': {
    inputs: 1,
    build: line({ A: 4, exceptions: [{ at: 5, delta: 1 }], min: -2, max: 3 }, -10, 14),
    spec: (x) => [clamp(Math.floor(x / 4) + (x === 5 ? 1 : 0), -2, 3)],
    low: -10,
    high: 14,
  },
  maximum: {
    inputs: 2,
    build: (api, x) => [maximum(api, makeMaximum(7), wireSum(x), wireSum(x + 1))],
    spec: (x, y) => [Math.max(x, y)],
    low: 0,
    high: 7,
  },
  'argmax, first of ties': {
    inputs: 2,
    build: (api, x) => [
      emitArgmax(api, makeArgmax({ count: 2, low: 0, high: 7, selectLastIndex: false }), (i, into) => plus(into, wireSum(x + i))),
    ],
    spec: (x, y) => [y > x ? 1 : 0],
    low: 0,
    high: 7,
  },
  'argmax, last of ties': {
    inputs: 2,
    build: (api, x) => [
      emitArgmax(api, makeArgmax({ count: 2, low: 0, high: 7, selectLastIndex: true }), (i, into) => plus(into, wireSum(x + i))),
    ],
    spec: (x, y) => [y >= x ? 1 : 0],
    low: 0,
    high: 7,
  },
  'at least zero': {
    inputs: 1,
    build: (api, x) => {
      const out = newSum();
      atLeastZero(api, makeComparison(-6, 6), wireSum(x), out);
      return [asWire(api, out)];
    },
    spec: (x) => [x >= 0 ? 1 : 0],
    low: -6,
    high: 6,
  },
  isZero: { inputs: 1, build: (api, x) => [isZero(api, wireSum(x))], spec: (x) => [x === 0 ? 1 : 0], low: 0, high: p - 1 },
  'none of three': {
    inputs: 1,
    build: (api, x) => {
      const out = newSum();
      noneOf(api, wireSum(x), 3, out);
      return [asWire(api, out)];
    },
    spec: (x) => [x === 0 ? 1 : 0],
    low: 0,
    high: 3,
  },
  'table of 8': {
    inputs: 1,
    build: (api, x) => {
      const table = makeTable(8);
      emitIndex(api, table, wireSum(x));
      return [lookup(api, table, [3, 1, 4, 1, 5, 9, 2, 6])];
    },
    spec: (x) => (x >= 0 && x < 8 ? [[3, 1, 4, 1, 5, 9, 2, 6][x]!] : null),
    low: 0,
    high: p - 1,
  },
};

describe.each(Object.entries(cases))('%s', (_, { inputs, build, spec, low, high }) => {
  test('has the outputs of the specification, and no others', () => {
    const builder = new CircuitBuilder();
    const outputs = build(builder, builder.inputWires(inputs));
    const { r1cs } = builder.finish();
    const rows = rowsOf(r1cs);
    totals.gadgets++;
    const width = high - low + 1;
    for (let index = 0; index < width ** inputs; index++) {
      const x = Array.from({ length: inputs }, (_, i) => low + (Math.floor(index / width ** i) % width));
      const wanted = spec(...x);
      const expected = wanted === null ? [] : [wanted.map((y) => ((y % p) + p) % p).join()];
      const found = [...outcomes(r1cs, rows, x, outputs)];
      totals.inputs++;
      if (found.join(';') !== expected.join(';')) totals.wrong++;
      expect(found, x.join()).toEqual(expected);
    }
  });
});
