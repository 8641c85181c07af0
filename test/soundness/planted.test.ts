/**
 * Faults planted at random places of a whole network's circuit: rows deleted, terms weakened (left out, doubled, of the other sign). Noticed by the audit (two witnesses shown, or wires that may vary), or by
 * an honest witness that breaks a row. What an audit shows is checked: the witnesses have equal inputs and satisfy every row.
 */
import { afterAll, expect, test } from 'vitest';
import { audit } from '../../src/audit/audit.ts';
import { compile } from '../../src/compile.ts';
import { inputWires } from '../../src/r1cs/circuit.ts';
import { freeWires } from '../../src/r1cs/free-wires.ts';
import type { R1cs } from '../../src/r1cs/r1cs.ts';
import { makeStatement } from '../../src/statement.ts';
import { rowHolds } from '../../src/witness/row.ts';
import { makeWitness } from '../../src/witness/witness.ts';
import { digitsInputs, digitsModel } from '../support/digits.ts';
import { weakened } from '../support/weakened.ts';
import { withoutRow } from '../support/without-row.ts';

const seed = 20_261_126;
const faults = 40;
const totals = { deleted: 0, weakened: 0, equivalent: 0, byWitness: 0, refuted: 0, broken: 0, undecided: 0, unnoticed: 0 };
afterAll(() => console.log(`planted (seed ${seed}): ${JSON.stringify(totals)}`));

test('the digits network', async () => {
  const compiled = await compile(await digitsModel());
  const { r1cs, inputs: graphInputs, plan } = compiled.circuit;
  const inputs = inputWires(graphInputs);
  const documented = freeWires(plan);
  const [[name, images]] = Object.entries(await digitsInputs()) as [[string, Awaited<ReturnType<typeof digitsInputs>>[string]]];
  const size = images.data.length / images.dims[0]!;
  const honest = Array.from({ length: images.dims[0]! }, (_, k) => {
    const image = { ...images, dims: [1, ...images.dims.slice(1)], data: images.data.slice(k * size, (k + 1) * size) } as typeof images;
    return makeStatement(compiled, { [name]: image }, {}).witness;
  });
  let state = seed;
  const below = (n: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };

  function notice(variant: R1cs): keyof typeof totals {
    for (const witness of honest) for (let row = 0; row < variant.rowCount; row++) if (!rowHolds(variant, row, witness)) return 'byWitness';
    const { counts, refutations } = audit(variant, { inputs, documented });
    for (const { first, second } of refutations) {
      for (const wire of inputs) expect(first[wire]).toBe(second[wire]);
      for (const values of [first, second].map(makeWitness))
        for (let row = 0; row < variant.rowCount; row++) expect(rowHolds(variant, row, values), `row ${row}`).toBe(true);
    }
    return refutations.length > 0 ? 'refuted' : counts.broken > 0 ? 'broken' : counts.undecided > 0 ? 'undecided' : 'unnoticed';
  }

  const unnoticed: string[] = [];
  const plant = (what: string, variant: R1cs | null): void => {
    const by = variant === null ? 'equivalent' : notice(variant);
    totals[by]++;
    if (by === 'unnoticed') unnoticed.push(what);
  };
  for (let i = 0; i < faults; i++) {
    totals.deleted++;
    const row = below(r1cs.rowCount);
    plant(`without row ${row}`, withoutRow(r1cs, row));
  }
  for (let i = 0; i < faults; i++) {
    totals.weakened++;
    const side = (['a', 'b', 'c'] as const)[below(3)]!;
    const at = below(r1cs[side].wires.length);
    const how = (['left out', 'doubled', 'negated'] as const)[below(3)]!;
    plant(`${side}[${at}] ${how}`, weakened(r1cs, side, at, how));
  }
  expect(unnoticed).toEqual([]);
});
