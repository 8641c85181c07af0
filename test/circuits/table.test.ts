/** Table lookups and threshold steps: every index, every other value of every hint, costs. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asWire, newSum, plusWire, type Sum } from '../../circuits/sum.ts';
import { emitIndex, indexCost, lookup, lookupCost, makeTable, plusLookup, plusLookupCost } from '../../circuits/table.ts';
import { emitThresholds, makeThresholds, type ThresholdsForm, thresholdsCost } from '../../circuits/thresholds.ts';
import { applyForm } from '../../src/program/steps/form.ts';
import { freeByDesign } from '../support/free-by-design.ts';
import { isolate, weaknesses } from '../support/gadget.ts';

function wireSum(wire: number): Sum {
  const sum = newSum();
  plusWire(sum, wire, 1);
  return sum;
}

const isolateTable = (tables: readonly (readonly number[])[]) =>
  isolate(1, (api, x) => {
    const table = makeTable(tables[0]!.length);
    emitIndex(api, table, wireSum(x));
    return tables.map((values) => lookup(api, table, values));
  });

describe('table', () => {
  test.each([2, 3, 4, 5, 8, 13, 16, 100, 255, 256])('%i entries, two tables of one index', (size) => {
    const tables = [
      Array.from({ length: size }, (_, i) => ((i * 7919) % 1009) - 500),
      Array.from({ length: size }, (_, i) => (i * i * 2 ** 35) % 2 ** 48),
    ];
    const gadget = isolateTable(tables);
    const [index, each] = [indexCost(size), lookupCost(size)];
    expect(gadget.counts()).toEqual({ constraints: index.constraints + 2 * each.constraints, wires: index.wires + 2 * each.wires });
    for (let i = 0; i < size; i++) {
      const { outputs, violation } = gadget.solve([i]);
      expect([violation, outputs.map(Number)], `${i}`).toEqual([null, tables.map((values) => values[i])]);
    }
    for (const i of new Set([0, 1, size >> 1, size - 1]))
      expect(weaknesses(gadget, [i], { expected: tables.map((values) => values[i]!) }), `${i}`).toEqual([]);
    const end = 2 ** Math.ceil(Math.log2(size));
    for (const i of [-1, end, end + 1]) expect(gadget.solutions([i])).toMatchObject({ count: 0, decided: true });
  });

  test('256 entries cost 8 + 11 for the index and 15 for each table', () => {
    expect([indexCost(256).constraints, lookupCost(256).constraints]).toEqual([19, 15]);
  });

  test('constant and linear tables', () => {
    const tables = [new Array<number>(32).fill(0), new Array<number>(32).fill(-9), Array.from({ length: 32 }, (_, i) => 3 * i - 5)];
    const gadget = isolateTable(tables);
    for (let i = 0; i < 32; i++) expect(gadget.solve([i])).toMatchObject({ violation: null, outputs: [0n, -9n, BigInt(3 * i - 5)] });
  });

  test('entries too far apart for one table', () => {
    const values = Array.from({ length: 20 }, (_, i) => (i % 3 === 0 ? -(2 ** 51) + i : i * 2 ** 47 + 1));
    const gadget = isolate(1, (api, x) => {
      const table = makeTable(values.length);
      emitIndex(api, table, wireSum(x));
      const out = newSum();
      plusLookup(api, table, values, out);
      return [asWire(api, out)];
    });
    const rows = indexCost(20).constraints + plusLookupCost(values).constraints + 1;
    expect([gadget.counts().constraints, plusLookupCost(values).constraints]).toEqual([rows, 2 * lookupCost(20).constraints]);
    values.forEach((value, i) => {
      expect(weaknesses(gadget, [i], { expected: [value] })).toEqual([]);
    });
    expect(() => plusLookupCost([-(2 ** 52), 2 ** 52])).toThrow(RangeError);
  });

  test('refuses entries beyond its range', () => {
    expect(() => isolateTable([[0, 2 ** 48 + 1]])).toThrow(RangeError);
    expect(() => isolateTable([[0, 0.5]])).toThrow(RangeError);
    expect(() => makeTable(1)).toThrow(RangeError);
  });
});

describe('thresholds', () => {
  const isolateSteps = (form: ThresholdsForm, low: number, high: number) => {
    const thresholds = makeThresholds(form, low, high);
    const gadget = isolate(1, (api, x) => [emitThresholds(api, thresholds, wireSum(x), form.base)]);
    expect(gadget.counts()).toEqual(thresholdsCost(thresholds));
    return { thresholds, gadget };
  };
  const truth = (form: ThresholdsForm, acc: number) => applyForm({ kind: 'thresholds', ...form }, acc) - form.base;

  test.each([
    ['one', { base: -3, thresholds: [4] }, -20, 20, 'compare'],
    ['two, one jump', { base: 0, thresholds: [-5, -5, 9] }, -20, 20, 'compare'],
    ['at both ends', { base: 0, thresholds: [-19, 20] }, -20, 20, 'compare'],
    ['a staircase', { base: -10, thresholds: Array.from({ length: 30 }, (_, i) => -140 + 9 * i + (i % 3)) }, -150, 150, 'table'],
    ['a staircase with jumps', { base: 5, thresholds: Array.from({ length: 40 }, (_, i) => -140 + 12 * (i >> 1)) }, -150, 150, 'table'],
    ['far apart', { base: 0, thresholds: [-(2 ** 48), 2 ** 40, 2 ** 48, 2 ** 49, 2 ** 49 + 3] }, -(2 ** 49), 2 ** 49 + 9, 'table'],
    ['steps of 1', { base: 0, thresholds: Array.from({ length: 63 }, (_, i) => i + 1) }, 0, 63, 'table'],
  ] as const)('%s', (_, form, low, high, kind) => {
    const { thresholds, gadget } = isolateSteps(form, low, high);
    expect(thresholds.form).toBe(kind);
    const stride = Math.ceil((high - low) / 1000);
    for (let acc = low; acc <= high; acc += stride) {
      const { outputs, violation } = gadget.solve([acc]);
      expect([violation, Number(outputs[0]!)], `${acc}`).toEqual([null, truth(form, acc)]);
    }
    for (const acc of new Set([
      low,
      high,
      form.thresholds[0]!,
      form.thresholds[0]! - 1,
      form.thresholds.at(-1)!,
      form.thresholds.at(-1)! - 1,
    ])) {
      expect(
        weaknesses(gadget, [acc], { free: freeByDesign(gadget), expected: [truth(form, acc)], attack: high - low < 1000 && acc % 2 === 0 }),
        `${acc}`,
      ).toEqual([]);
    }
    expect(gadget.solutions([high + 1 + high - low])).toMatchObject({ count: 0, decided: true });
  });

  test('255 thresholds of a real layer cost less than 110', () => {
    const form = { base: -128, thresholds: Array.from({ length: 255 }, (_, i) => Math.round((i - 127.3) * 301.77 + Math.sin(i))) };
    const { gadget, thresholds } = isolateSteps(form, -100_000, 100_000);
    expect(thresholdsCost(thresholds).constraints).toBeLessThan(110);
    fc.assert(
      fc.property(
        fc.oneof(
          fc.integer({ min: -100_000, max: 100_000 }),
          fc.nat(254).map((i) => form.thresholds[i]!),
          fc.nat(254).map((i) => form.thresholds[i]! - 1),
        ),
        (acc) => {
          const { outputs, violation } = gadget.solve([acc]);
          expect([violation, Number(outputs[0]!)]).toEqual([null, truth(form, acc)]);
        },
      ),
    );
  });

  test('refuses thresholds that are none', () => {
    expect(() => makeThresholds({ base: 0, thresholds: [] }, 0, 9)).toThrow(RangeError);
    expect(() => makeThresholds({ base: 0, thresholds: [0] }, 0, 9)).toThrow(RangeError);
    expect(() => makeThresholds({ base: 0, thresholds: [10] }, 0, 9)).toThrow(RangeError);
  });
});
