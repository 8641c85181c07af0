/** Each gadget in its forms, small, with inputs at its edges: for tests that hold all of them to something. */
import type { Api, Wire } from '../../circuits/api.ts';
import { emitArgmax, makeArgmax } from '../../circuits/argmax.ts';
import { emitRounding, makeRounding } from '../../circuits/float32.ts';
import { emitLine, type LineForm, makeLine } from '../../circuits/line.ts';
import { makeMaximum, maximum } from '../../circuits/maximum.ts';
import { makeRange, range } from '../../circuits/range.ts';
import { emitSoftmax, makeSoftmax } from '../../circuits/softmax.ts';
import { asWire, newSum, plus, plusWire, type Sum } from '../../circuits/sum.ts';
import { emitIndex, lookup, makeTable } from '../../circuits/table.ts';
import { emitThresholds, makeThresholds } from '../../circuits/thresholds.ts';
import { emitTopK, makeTopK } from '../../circuits/topk.ts';
import { isZero, noneOf } from '../../circuits/zero.ts';
import type { CircuitBuilder } from '../../src/r1cs/builder.ts';
import { type Gadget, isolate } from './gadget.ts';

export function wireSum(wire: Wire, factor = 1): Sum {
  const sum = newSum();
  plusWire(sum, wire, factor);
  return sum;
}

export const line = (form: Partial<LineForm>, low: number, high: number) => (api: Api, x: Wire) => [
  emitLine(api, makeLine({ m: 1, A: 1, b: 0, exceptions: [], tie: null, min: -128, max: 127, ...form }, low, high), wireSum(x), 0),
];

export const gadgets: Record<
  string,
  { inputs: number; build: (api: CircuitBuilder, x: Wire) => readonly Wire[]; on: readonly (readonly number[])[] }
> = {
  'range, A = 16': {
    inputs: 1,
    build: (api, x) => {
      range(api, makeRange(16), wireSum(x));
      return [];
    },
    on: [[0], [5], [15], [16], [-1]],
  },
  'line, both clamps': {
    inputs: 1,
    build: line({ A: 4, min: -4, max: 3 }, -90, 120),
    on: [[-90], [-17], [-16], [0], [3], [12], [15], [16], [120]],
  },
  'line, ties and both clamps': {
    inputs: 1,
    build: line({ A: 8, b: -4, min: -3, max: 4, tie: { parity: 0 } }, -90, 120),
    on: [[-90], [-28], [-20], [-4], [0], [4], [12], [20], [28], [36], [100], [120]],
  },
  'line, ties up and both clamps over an odd modulus': {
    inputs: 1,
    build: line({ A: 4, b: -2, min: -1, max: 3, tie: { parity: 0 } }, -24, 31),
    on: [[-24], [-6], [-2], [2], [6], [10], [14], [18], [31]],
  },
  'line, exceptions': {
    inputs: 1,
    build: line({ m: 1, A: 4, exceptions: [{ at: 8, delta: 1 }] }, -32, 31),
    on: [[-32], [7], [8], [9], [31]],
  },
  maximum: {
    inputs: 2,
    build: (api, x) => [maximum(api, makeMaximum(7), wireSum(x), wireSum(x + 1))],
    on: [
      [0, 0],
      [3, 1],
      [1, 3],
      [0, 7],
      [7, 0],
    ],
  },
  argmax: {
    inputs: 2,
    build: (api, x) => [
      emitArgmax(api, makeArgmax({ count: 2, low: 0, high: 7, selectLastIndex: false }), (i, into) => plus(into, wireSum(x + i))),
    ],
    on: [
      [0, 0],
      [3, 1],
      [1, 3],
      [0, 7],
      [7, 7],
    ],
  },
  isZero: { inputs: 1, build: (api, x) => [isZero(api, wireSum(x))], on: [[0], [5]] },
  'noneOf 2': { inputs: 1, build: none(2), on: [[0], [1], [2]] },
  'noneOf 5': { inputs: 1, build: none(5), on: [[0], [1], [5]] },
  table: {
    inputs: 1,
    build: (api, x) => {
      const table = makeTable(16);
      emitIndex(api, table, wireSum(x));
      return [
        lookup(
          api,
          table,
          Array.from({ length: 16 }, (_, i) => (i * 7) % 11),
        ),
      ];
    },
    on: [[0], [7], [15]],
  },
  thresholds: {
    inputs: 1,
    build: (api, x) => [
      emitThresholds(
        api,
        makeThresholds({ base: 0, thresholds: Array.from({ length: 31 }, (_, i) => 4 * i + 1 + (i % 2)) }, 0, 127),
        wireSum(x),
        0,
      ),
    ],
    on: [[0], [1], [5], [6], [64], [127]],
  },
  softmax: {
    inputs: 2,
    build: (api, x) => {
      const out: Wire[] = [];
      const tables = { weights: [40, 24, 15, 9], numerators: [140, 84, 52, 32] };
      const softmax = makeSoftmax({ count: 2, low: 0, high: 3, parts: 4, ...tables, values: [0, 1, 2, 3, 4, 5, 6, 7] });
      emitSoftmax(
        api,
        softmax,
        (i, into) => plusWire(into, x + i, 1),
        (i, wire) => {
          out[i] = wire;
        },
      );
      return out;
    },
    on: [0, 1, 2, 3].flatMap((a) => [0, 1, 2, 3].map((b) => [a, b])),
  },
  'top 2 of 3': {
    inputs: 3,
    build: (api, x) => {
      const out: Wire[] = [];
      emitTopK(
        api,
        makeTopK({ count: 3, k: 2, low: 0, high: 7, least: false }),
        (i, into) => plus(into, wireSum(x + i)),
        (_, value, index) => out.push(value, index),
      );
      return out;
    },
    on: [
      [0, 0, 0],
      [7, 7, 0],
      [1, 7, 7],
      [3, 5, 4],
      [7, 0, 7],
    ],
  },
  'rounding, signed': {
    inputs: 1,
    build: (api, x) => [emitRounding(api, makeRounding(-(2 ** 27) + 1, 2 ** 27 - 1), wireSum(x))],
    on: [[0], [5], [-5], [2 ** 24 + 1], [-(2 ** 24) - 3], [2 ** 26 + 12], [-(2 ** 25) - 2]],
  },
};

function none(count: number) {
  return (api: CircuitBuilder, x: Wire): readonly Wire[] => {
    const out = newSum();
    noneOf(api, wireSum(x), count, out);
    return [asWire(api, out)];
  };
}

/** Inputs range-checked first, as in a circuit: what gadgets assume of them. */
export function ranged(
  on: readonly (readonly number[])[],
  inputs: number,
  build: (api: CircuitBuilder, x: Wire) => readonly Wire[],
): Gadget {
  return isolate(inputs, (api, x) => {
    for (let i = 0; i < inputs; i++) {
      const values = on.map((vector) => vector[i]!);
      const low = Math.min(...values);
      const input = newSum();
      input.constant = -low;
      plusWire(input, x + i, 1);
      range(api, makeRange(2 ** Math.ceil(Math.log2(Math.max(...values) - low + 1))), input);
    }
    return build(api, x);
  });
}
