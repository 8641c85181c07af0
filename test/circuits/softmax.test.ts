/** The softmax gadget: counted against its cost, its outputs against plain integers, and every other witness excluded. */
import { describe, expect, test } from 'vitest';
import { ONE } from '../../circuits/api.ts';
import { emitSoftmax, makeSoftmax, type SoftmaxForm, softmaxCost } from '../../circuits/softmax.ts';
import { plusWire } from '../../circuits/sum.ts';
import { softmaxQuotient, softmaxSum } from '../../src/program/steps/softmax.ts';
import { freeByDesign } from '../support/free-by-design.ts';
import { isolate, weaknesses } from '../support/gadget.ts';

/** Small tables: the entries of e^(−d/2) of 11 bits, quotients up to `factor`. */
function formOf(count: number, low: number, high: number, factor: number, map: (q: number) => number): SoftmaxForm {
  const entry = (d: number) => [1024, 621, 377, 228, 139, 84, 51, 31][d]!;
  const distances = Array.from({ length: high - low + 1 }, (_, d) => d);
  const weights = distances.map((d) => entry(d) * 4);
  const numerators = distances.map((d) => 2 * factor * entry(d) + (factor % 2));
  const most = softmaxQuotient(numerators[0]!, Math.floor((weights[0]! + 2) / 4));
  return { count, low, high, parts: 4, weights, numerators, values: Array.from({ length: most + 1 }, (_, q) => map(q)) };
}

function isolateSoftmax(form: SoftmaxForm) {
  const softmax = makeSoftmax(form);
  const gadget = isolate(form.count, (api, x) => {
    const out: number[] = [];
    emitSoftmax(
      api,
      softmax,
      (i, into) => plusWire(into, x + i, 1),
      (i, wire) => {
        out[i] = wire;
      },
    );
    expect(out).not.toContain(ONE);
    return out;
  });
  expect(gadget.counts()).toEqual(softmaxCost(softmax));
  const expected = (xs: readonly number[]) => {
    const most = Math.max(...xs);
    const sum = Math.floor((xs.reduce((w, x) => w + form.weights[most - x]!, 0) + 2) / 4);
    return xs.map((x) => form.values[softmaxQuotient(form.numerators[most - x]!, sum)]! - softmax.outcome.offset);
  };
  return { gadget, expected, free: freeByDesign(gadget) };
}

/** Values by number. */
const rowOf = (code: number, count: number, low: number, size: number) =>
  Array.from({ length: count }, (_, i) => low + (Math.floor(code / size ** i) % size));

describe('every row of small integers has one answer', () => {
  test.each([
    ['2 elements of 2 values, quotients to 7', formOf(2, 0, 1, 7, (q) => q)],
    ['2 of 3 values: distances beyond the interval are no way out', formOf(2, -2, 0, 15, (q) => q - 128)],
    ['2 of 5 values, the largest quotient a power of two that is clamped', formOf(2, 0, 4, 8, (q) => Math.min(q, 7))],
    ['2 of 4 values, a table of quotients', formOf(2, 0, 3, 10, (q) => Math.min(q, 6))],
    ['3 of 2 values', formOf(3, 3, 4, 4, (q) => q)],
  ])('%s', (_, form) => {
    const { gadget, expected, free } = isolateSoftmax(form);
    const size = form.high - form.low + 1;
    for (let code = 0; code < size ** form.count; code++) {
      const xs = rowOf(code, form.count, form.low, size);
      // Two rows of each are attacked wire by wire; all of them have one answer by search.
      const attack = form.count === 2 && code % (size * size) < 2 && size < 5;
      expect(weaknesses(gadget, xs, { free, expected: expected(xs), attack }), xs.join()).toEqual([]);
    }
  });
});

test('halves go to the even quotient', () => {
  // Two equal elements: N/(2V) = factor/2, a half for odd factors where the numerators are whole.
  for (const factor of [5, 7, 9, 11]) {
    const form = formOf(2, 0, 1, factor, (q) => q);
    const halves = { ...form, numerators: Array.from(form.numerators, (n) => n - 1) };
    const { gadget, free } = isolateSoftmax(halves);
    const even = factor % 4 === 1 ? (factor - 1) / 2 : (factor + 1) / 2;
    expect(weaknesses(gadget, [1, 1], { free, expected: [even, even] })).toEqual([]);
  }
});

test('no other maximum: neither a larger integer, nor one below an element', () => {
  const { gadget } = isolateSoftmax(formOf(2, 0, 2, 7, (q) => q));
  for (const xs of [
    [0, 2],
    [2, 0],
    [1, 2],
  ]) {
    const { decided, outputs } = gadget.solutions(xs);
    expect(decided).toBe(true);
    expect(outputs).toHaveLength(1);
  }
});

test('10 classes of 8 bits: at most 130 constraints for each', () => {
  const unit = 2 ** 24 - 77;
  const falling = (top: number) => Array.from({ length: 256 }, (_, d) => Math.max(0, Math.floor(top * 0.9 ** d)));
  const form = { low: 0, high: 255, parts: 512, values: Array.from({ length: 257 }, (_, q) => Math.min(q, 255)) };
  const shared = falling(512 * unit);
  for (const count of [2, 10, 1000]) {
    const one = softmaxCost(makeSoftmax({ ...form, count, weights: shared, numerators: shared })).constraints;
    const other = { ...form, values: form.values.slice(0, 256), numerators: shared.map((n) => n - (n % 2)) };
    const two = softmaxCost(makeSoftmax({ ...other, count, weights: shared })).constraints;
    expect(one).toBeLessThanOrEqual(117 * count);
    expect(two).toBeLessThanOrEqual(130 * count);
  }
  const { gadget } = isolateSoftmax({ ...form, count: 10, weights: shared, numerators: shared });
  for (const xs of [
    [0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    [255, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    [7, 9, 200, 200, 199, 3, 255, 251, 90, 254],
  ]) {
    const { outputs, violation } = gadget.solve(xs);
    const sum = softmaxSum(xs.reduce((w, x) => w + shared[Math.max(...xs) - x]!, 0));
    expect([violation, outputs.map(Number)]).toEqual([
      null,
      xs.map((x) => Math.min(255, softmaxQuotient(shared[Math.max(...xs) - x]!, sum))),
    ]);
  }
});

test('what is no softmax is refused', () => {
  const form = formOf(2, 0, 3, 7, (q) => q);
  expect(() => makeSoftmax({ ...form, count: 1 })).toThrow(RangeError);
  expect(() => makeSoftmax({ ...form, high: 0 })).toThrow(RangeError);
  expect(() => makeSoftmax({ ...form, count: 2 ** 45 })).toThrow(RangeError);
});
