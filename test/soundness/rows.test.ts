/**
 * Figure F2: each row of each gadget deleted once, and weakened once in each of its terms (left out; doubled; of the other sign). Noticed by the audit, or by the tests: a gadget's honest witness breaks a
 * row, or the search finds another outcome than the gadget's own. Variants that change nothing are none: a factor of a product that is 0, or the factor of an inverse that nothing else reads.
 */
import { afterAll, describe, expect, test } from 'vitest';
import { audit } from '../../src/audit/audit.ts';
import { openSearch } from '../../src/audit/search.ts';
import { mod, scalarOrder } from '../../src/field/bn254.ts';
import { freeWires } from '../../src/r1cs/free-wires.ts';
import type { R1cs } from '../../src/r1cs/r1cs.ts';
import { rowHolds, type WireValues } from '../../src/witness/row.ts';
import { freeByDesign } from '../support/free-by-design.ts';
import type { Gadget } from '../support/gadget.ts';
import { gadgets, ranged } from '../support/samples.ts';
import { weakened } from '../support/weakened.ts';
import { withoutRow } from '../support/without-row.ts';

const seed = 20_261_126;
/** Honest witnesses of random inputs, besides those of the samples. */
const randomInputs = 60;
const totals = { deleted: 0, weakened: 0, equivalent: 0, byAudit: 0, byWitness: 0, bySearch: 0, unnoticed: 0 };
afterAll(() => console.log(`F2 (seed ${seed}): ${JSON.stringify(totals)}`));

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
        for (const how of ['left out', 'doubled', 'negated'] as const) {
          totals.weakened++;
          const variant = weakened(r1cs, side, at, how);
          if (variant === null) {
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
