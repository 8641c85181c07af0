/**
 * Figure F2: each row of each gadget deleted once, and weakened once in each of its terms (left out; doubled; of the other sign). Noticed by the audit, or by the tests: a gadget's honest witness breaks a
 * row, or the search finds another outcome than the gadget's own. Variants that change nothing are none: a factor of a product that is 0, or the factor of an inverse that nothing else reads.
 */
import { afterAll, describe, expect, test } from 'vitest';
import { audit } from '../../src/audit/audit.ts';
import { openSearch } from '../../src/audit/search.ts';
import { mod, scalarOrder } from '../../src/field/bn254.ts';
import { freeWires } from '../../src/r1cs/free-wires.ts';
import type { R1cs, SparseMatrix } from '../../src/r1cs/r1cs.ts';
import { rowHolds, type WireValues } from '../../src/witness/row.ts';
import { freeByDesign } from '../support/free-by-design.ts';
import type { Gadget } from '../support/gadget.ts';
import { gadgets, ranged } from '../support/samples.ts';
import { withoutRow } from '../support/without-row.ts';

const seed = 20_261_126;
/** Honest witnesses of random inputs, besides those of the samples. */
const randomInputs = 60;
const totals = { deleted: 0, weakened: 0, equivalent: 0, byAudit: 0, byWitness: 0, bySearch: 0, unnoticed: 0 };
afterAll(() => console.log(`F2 (seed ${seed}): ${JSON.stringify(totals)}`));

/** The coefficient of one term replaced. */
function altered(r1cs: R1cs, side: 'a' | 'b' | 'c', at: number, change: (k: bigint) => bigint): R1cs {
  const { pool } = r1cs;
  const value = mod(change(pool.field[r1cs[side].coefficients[at]!]!), scalarOrder);
  const small = value > scalarOrder / 2n ? Number(value - scalarOrder) : Number(value);
  const coefficients = r1cs[side].coefficients.slice();
  coefficients[at] = pool.field.length;
  const matrix: SparseMatrix = { ...r1cs[side], coefficients };
  return {
    ...r1cs,
    [side]: matrix,
    pool: { field: [...pool.field, value], small: Float64Array.of(...pool.small, Number.isSafeInteger(small) ? small : Number.NaN) },
  };
}

/** One term left out. */
function without(r1cs: R1cs, side: 'a' | 'b' | 'c', at: number): R1cs {
  const matrix = r1cs[side];
  const cut = (list: Uint32Array): Uint32Array => Uint32Array.from([...list.subarray(0, at), ...list.subarray(at + 1)]);
  const starts = matrix.starts.map((start) => (start > at ? start - 1 : start));
  return { ...r1cs, [side]: { starts, wires: cut(matrix.wires), coefficients: cut(matrix.coefficients) } };
}

type Notice = 'byAudit' | 'byWitness' | 'bySearch' | 'unnoticed';

/** Witnesses of the samples and of random inputs between them. */
function honestWitnesses(gadget: Gadget, inputs: number, on: readonly (readonly number[])[]): WireValues[] {
  let state = seed;
  const random = (low: number, high: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    // Small sizes as often as large ones.
    const span = Math.max(1, Math.round((high - low) ** (((state >>> 8) % 97) / 96)));
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return low + ((state >>> 4) % 2 === 0 ? (state >>> 5) % (span + 1) : high - low - ((state >>> 5) % (span + 1)));
  };
  const between = Array.from({ length: randomInputs }, () =>
    Array.from({ length: inputs }, (_, i) => random(Math.min(...on.map((v) => v[i]!)), Math.max(...on.map((v) => v[i]!)))),
  );
  return [...on, ...between].map((values) => gadget.solve(values)).flatMap(({ values, violation }) => (violation === null ? [values] : []));
}

/** Wires with a row w·w = w. */
function bitsOf({ a, b, c, rowCount }: R1cs): Set<number> {
  const bits = new Set<number>();
  for (let row = 0; row < rowCount; row++) {
    const [x, y, z] = [a, b, c].map(({ starts, wires }) => (starts[row + 1]! - starts[row]! === 1 ? wires[starts[row]!]! : -1));
    if (x! > 0 && x === y && x === z) bits.add(x!);
  }
  return bits;
}

/** Whether the two sides are 0 for the same values of their bits. */
function sameZeros(r1cs: R1cs, variant: R1cs, side: 'a' | 'b', row: number): boolean {
  const bits = bitsOf(r1cs);
  const { starts, wires } = r1cs[side];
  const [from, to] = [starts[row]!, starts[row + 1]!];
  const list = [...wires.subarray(from, to)];
  if (list.length > 6 || !list.every((wire) => wire === 0 || bits.has(wire))) return false;
  const isZero = ({ [side]: { coefficients }, pool }: R1cs, pattern: number): boolean =>
    list.reduce((sum, wire, i) => sum + (wire === 0 || (pattern >> i) & 1 ? pool.field[coefficients[from + i]!]! : 0n), 0n) %
      scalarOrder ===
    0n;
  return Array.from({ length: 1 << list.length }, (_, pattern) => pattern).every(
    (pattern) => isZero(r1cs, pattern) === isZero(variant, pattern),
  );
}

/** Whether scaling this term scales a whole factor of a product that is 0, or of one with an inverse that only this row has. */
function isScaleFree(r1cs: R1cs, variant: R1cs, side: 'a' | 'b' | 'c', at: number): boolean {
  if (side === 'c') return false;
  const row = r1cs[side].starts.findIndex((start, i) => start <= at && at < r1cs[side].starts[i + 1]!);
  const terms = ({ starts, wires }: SparseMatrix): Uint32Array => wires.subarray(starts[row], starts[row + 1]);
  if (terms(r1cs.c).length === 0 && sameZeros(r1cs, variant, side, row)) return true;
  if (terms(r1cs[side]).length !== 1) return false;
  if (terms(r1cs.c).length === 0) return true;
  const isLone = (wire: number): boolean =>
    [r1cs.a, r1cs.b, r1cs.c].reduce((sum, { wires }) => sum + wires.filter((w) => w === wire).length, 0) === 1;
  return [r1cs.a, r1cs.b].some((matrix) => terms(matrix).length === 1 && isLone(terms(matrix)[0]!));
}

function notice(gadget: Gadget, variant: R1cs, inputs: number, on: readonly (readonly number[])[], honest: readonly WireValues[]): Notice {
  for (const values of honest) for (let row = 0; row < variant.rowCount; row++) if (!rowHolds(variant, row, values)) return 'byWitness';
  const { counts } = audit(variant, {
    inputs: Array.from({ length: inputs }, (_, i) => 1 + i),
    documented: freeWires(gadget.plan),
    trials: 0,
  });
  if (counts.broken + counts.undecided > 0) return 'byAudit';
  // Unique, and right on the inputs tried: on others, are there witnesses where there should be none?
  const isFree = freeByDesign(gadget);
  const free = new Set(gadget.hintWires.filter(isFree).map(({ wire }) => wire));
  for (const values of [
    ...on,
    ...on.map((vector) => vector.map((value) => value + 1)),
    ...on.map((vector) => vector.map((value) => value - 1)),
  ]) {
    const fixed = new Map(values.map((value, i) => [1 + i, mod(BigInt(value), scalarOrder)]));
    const [mine, its] = [gadget.r1cs, variant].map((r1cs) => openSearch(r1cs, fixed, { looks: 200_000 }).witnesses(64));
    const text = (found: typeof mine): string =>
      [...new Set(found!.found.map(({ values: all }) => all.map((value, wire) => (free.has(wire) ? '' : value)).join()))].sort().join(';');
    if (text(mine) !== text(its)) return 'bySearch';
  }
  return 'unnoticed';
}

describe.each(Object.entries(gadgets))('%s', (name, { inputs, build, on }) => {
  const gadget = ranged(on, inputs, build);
  const { r1cs } = gadget;
  const honest = honestWitnesses(gadget, inputs, on);

  test('each row deleted', () => {
    const unnoticed: number[] = [];
    for (let row = 0; row < r1cs.rowCount; row++) {
      totals.deleted++;
      const by = notice(gadget, withoutRow(r1cs, row), inputs, on, honest);
      totals[by]++;
      if (by === 'unnoticed') unnoticed.push(row);
    }
    expect(unnoticed, name).toEqual([]);
  });

  test('each term weakened', () => {
    const unnoticed: string[] = [];
    for (const side of ['a', 'b', 'c'] as const) {
      for (let at = 0; at < r1cs[side].wires.length; at++) {
        for (const [how, variant] of [
          ['left out', without(r1cs, side, at)],
          ['doubled', altered(r1cs, side, at, (k) => 2n * k)],
          ['negated', altered(r1cs, side, at, (k) => -k)],
        ] as const) {
          totals.weakened++;
          if (how !== 'left out' && isScaleFree(r1cs, variant, side, at)) {
            totals.equivalent++;
            continue;
          }
          const by = notice(gadget, variant, inputs, on, honest);
          totals[by]++;
          if (by === 'unnoticed') unnoticed.push(`${side}[${at}] ${how}`);
        }
      }
    }
    expect(unnoticed, name).toEqual([]);
  });
});
