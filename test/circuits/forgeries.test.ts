/**
 * Two checks of the checks. The published forgeries (docs/circuits.md, end): each is impossible here, and the same search finds it in a gadget that has the published fault. And every
 * row of every gadget is needed: without it, some input has a second witness, or the search can no longer exclude one.
 */
import { describe, expect, test } from 'vitest';
import { ONE } from '../../circuits/api.ts';
import { emitArgmax, makeArgmax } from '../../circuits/argmax.ts';
import { boolean } from '../../circuits/boolean.ts';
import { atLeastZero, makeComparison } from '../../circuits/compare.ts';
import { emitRounding, makeRounding } from '../../circuits/float32.ts';
import { opcodes } from '../../circuits/hints.ts';
import { makeRange, range } from '../../circuits/range.ts';
import { asWire, newSum, plus, plusWire } from '../../circuits/sum.ts';
import { openSearch } from '../../src/audit/search.ts';
import { mod, scalarOrder } from '../../src/field/bn254.ts';
import { freeByDesign } from '../support/free-by-design.ts';
import { type Gadget, isolate } from '../support/gadget.ts';
import { gadgets, line, wireSum } from '../support/samples.ts';
import { withoutRow } from '../support/without-row.ts';

/** The one output there is, or all that there are. */
function provable(gadget: Gadget, inputs: readonly number[]): number[] {
  const { outputs, decided } = gadget.solutions(inputs);
  expect(decided).toBe(true);
  return outputs.map((vector) => Number(vector[0]!)).sort((a, b) => a - b);
}

describe('published forgeries', () => {
  test('ReLU of 5 is 5, not 0: no x + r', () => {
    const relu = isolate(1, line({ min: 0, max: 127 }, -100, 127));
    expect(provable(relu, [5])).toEqual([5]);
    expect(provable(relu, [-5])).toEqual([0]);
    expect(provable(relu, [0])).toEqual([0]);
    // The fault: a decomposition into 254 bits, in which x + r has the sign bit that x has not.
    const decompose = isolate(1, (api, x) => {
      api.x(0, x, 1);
      const bits = api.hint(opcodes.bits, [], 254);
      for (let i = 0; i < 254; i++) boolean(api, bits + i);
      for (let i = 0; i < 254; i++) api.c(bits + i, 1n << BigInt(i));
      api.c(x, -1);
      api.constrain();
      return [bits + 253];
    });
    expect(provable(decompose, [5])).toEqual([0, 1]);
  });

  test('a dense layer has one output: its remainder is ranged, and not one bit wider', () => {
    const dense = isolate(1, line({ A: 100 }, -5000, 5000));
    for (const [acc, y] of [
      [999, 9],
      [1000, 10],
      [1099, 10],
      [-1, -1],
      [-100, -1],
      [-101, -2],
    ] as const)
      expect(provable(dense, [acc])).toEqual([y]);
    // The faults: acc = A·y + R with R free, and with R in [0, 2A).
    const divide = (remainder: number | null) =>
      isolate(1, (api, x) => {
        api.x(0, x, 1);
        const y = api.hint(opcodes.quotient, [100], 1);
        range(api, makeRange(64), wireSum(y));
        const rest = wireSum(x);
        plusWire(rest, y, -100);
        if (remainder === null) asWire(api, rest);
        else range(api, makeRange(remainder), rest);
        return [y];
      });
    expect(provable(divide(100), [1099])).toEqual([10]);
    expect(provable(divide(200), [1099])).toEqual([9, 10]);
    expect(divide(null).solutions([1099]).outputs.length).toBeGreaterThan(60);
  });

  test('zero has one sign', () => {
    const sign = isolate(1, (api, x) => {
      const out = newSum();
      atLeastZero(api, makeComparison(-50, 50), wireSum(x), out);
      return [asWire(api, out)];
    });
    expect([-1, 0, 1].map((x) => provable(sign, [x]))).toEqual([[0], [1], [1]]);
    const rounding = isolate(1, (api, x) => [emitRounding(api, makeRounding(-(2 ** 25), 2 ** 25), wireSum(x))]);
    const free = freeByDesign(rounding);
    expect(rounding.solutions([0]).freeWires.filter((wire) => !free({ wire, opcode: 0, gadget: '' }))).toEqual([]);
    // The fault: sign and magnitude apart.
    const apart = isolate(1, (api, x) => {
      api.x(0, x, 1);
      const negative = api.hint(opcodes.sign, [], 1);
      boolean(api, negative);
      api.a(x, 1);
      api.b(ONE, 1);
      api.b(negative, -2);
      const magnitude = api.define();
      range(api, makeRange(51), wireSum(magnitude));
      return [negative];
    });
    expect([-1, 0, 1].map((x) => provable(apart, [x]))).toEqual([[1], [0, 1], [0]]);
  });

  test('argmax among ties: ONNX’s index alone', () => {
    const argmax = (selectLastIndex: boolean) =>
      isolate(4, (api, x) => [
        emitArgmax(api, makeArgmax({ count: 4, low: 0, high: 15, selectLastIndex }), (i, into) => plus(into, wireSum(x + i))),
      ]);
    for (const values of [
      [7, 7, 7, 7],
      [0, 0, 0, 0],
      [15, 15, 15, 15],
      [3, 9, 9, 1],
    ]) {
      const most = Math.max(...values);
      expect(provable(argmax(false), values)).toEqual([values.indexOf(most)]);
      expect(provable(argmax(true), values)).toEqual([values.lastIndexOf(most)]);
    }
    // The fault: a selected element that is no less than the others, whichever it is.
    const anyLargest = isolate(2, (api, x) => {
      api.x(0, x, 1);
      const chosen = api.hint(opcodes.sign, [], 1);
      boolean(api, chosen);
      api.a(chosen, 1);
      api.b(x + 1, 1);
      api.b(x, -1);
      const best = api.define();
      for (const other of [x, x + 1]) {
        const lead = wireSum(best);
        plusWire(lead, x, 1);
        plusWire(lead, other, -1);
        range(api, makeRange(16), lead);
      }
      return [chosen];
    });
    expect(provable(anyLargest, [7, 7])).toEqual([0, 1]);
  });
});

/** Rows without which every input given still provably has one witness at most (wires free by design aside). */
function needlessRows(gadget: Gadget, inputs: readonly (readonly number[])[]): number[] {
  const { r1cs } = gadget;
  const free = freeByDesign(gadget);
  const hinted = new Map(gadget.hintWires.map((hint) => [hint.wire, hint]));
  const found: number[] = [];
  for (let row = 0; row < r1cs.rowCount; row++) {
    const cut = withoutRow(r1cs, row);
    const weak = inputs.some((values) => {
      const fixed = new Map(values.map((value, i) => [1 + i, mod(BigInt(value), scalarOrder)]));
      const { found: witnesses, undecidedRows, complete } = openSearch(cut, fixed).witnesses(64);
      if (!complete || undecidedRows.length > 0) return true;
      const differing = Array.from({ length: r1cs.wireCount }, (_, wire) => wire).filter((wire) =>
        witnesses.some((witness) => witness.values[wire] === null || witness.values[wire] !== witnesses[0]!.values[wire]),
      );
      return differing.some((wire) => hinted.has(wire) && !free(hinted.get(wire)!)) || differing.some((wire) => !hinted.has(wire));
    });
    if (!weak) found.push(row);
  }
  return found;
}

describe('every row is needed', () => {
  test.each(Object.entries(gadgets))('%s', (_, { inputs, build, on }) => {
    const gadget = isolate(inputs, build);
    expect(needlessRows(gadget, on)).toEqual([]);
  });
});
