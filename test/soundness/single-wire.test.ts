/** Figure F5: each wire of a network's witness altered alone, by all r − 1 differences: only wires that the audit lists as free survive, and the inputs that a commitment blinds (none). */
import { afterAll, expect, test } from 'vitest';
import { audit } from '../../src/audit/audit.ts';
import { singleWireSurvivors } from '../../src/audit/single-wire.ts';
import { compile } from '../../src/compile.ts';
import { inputWires } from '../../src/r1cs/circuit.ts';
import { freeWires } from '../../src/r1cs/free-wires.ts';
import { makeStatement } from '../../src/statement.ts';
import { digitsInputs, digitsModel } from '../support/digits.ts';

const totals = { wires: 0, altered: 0, free: 0, survivors: 0 };
afterAll(() => console.log(`F5: ${JSON.stringify(totals)}`));

test('the digits network', async () => {
  const compiled = await compile(await digitsModel());
  const { r1cs, inputs, plan } = compiled.circuit;
  const { verdicts } = audit(r1cs, { inputs: inputWires(inputs), documented: freeWires(plan) });
  const all = await digitsInputs();
  const [name, images] = Object.entries(all)[0]!;
  const size = images.data.length / images.dims[0]!;
  for (let k = 0; k < 3; k++) {
    const image = { ...images, dims: [1, ...images.dims.slice(1)], data: images.data.slice(k * size, (k + 1) * size) } as typeof images;
    const { witness } = makeStatement(compiled, { [name]: image }, {});
    const survivors = singleWireSurvivors(r1cs, witness);
    totals.wires += r1cs.wireCount - 1;
    totals.free += survivors.filter(({ wire }) => verdicts[wire] === 'free').length;
    const unexpected = survivors.filter(({ wire }) => verdicts[wire] !== 'free');
    totals.survivors += unexpected.length;
    expect(unexpected).toEqual([]);
  }
  totals.altered = totals.wires - totals.free;
});
