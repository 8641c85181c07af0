/** Figure F1: circuits of every operator, as the fuzzer makes them: each wire is unique, or free by design. */
import { expect, test } from 'vitest';
import { audit } from '../../src/audit/audit.ts';
import { compile } from '../../src/compile.ts';
import { ZkonnxError } from '../../src/errors.ts';
import { inputWires } from '../../src/r1cs/circuit.ts';
import { freeWires } from '../../src/r1cs/free-wires.ts';
import { generators } from '../fuzz-ort/families.ts';
import { caseModel, caseSeed } from '../fuzz-ort/fuzz.ts';

const casesPerOp = 3;
const seed = 20_261_126;

test.each([...generators])('%s', async (op, generate) => {
  let wires = 0;
  for (let index = 0, done = 0; done < casesPerOp && index < 40; index++) {
    const circuit = await compiled(caseModel(generate, caseSeed(op, seed, index), true));
    if (circuit === null) continue;
    done++;
    const { counts } = audit(circuit.r1cs, { inputs: inputWires(circuit.inputs), documented: freeWires(circuit.plan) });
    expect(counts, `case ${caseSeed(op, seed, index)}`).toMatchObject({ undecided: 0, broken: 0 });
    wires += counts.unique + counts.free;
  }
  expect(wires).toBeGreaterThan(0);
});

async function compiled(file: Uint8Array) {
  try {
    return (await compile(file)).circuit;
  } catch (error) {
    if (error instanceof ZkonnxError && error.code.startsWith('ZK3')) return null;
    throw error;
  }
}
