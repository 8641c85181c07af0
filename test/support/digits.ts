/** The digits example compiled, set up (reproducibly) and proven once, for tests that need the whole path. */
import { readFile } from 'node:fs/promises';
import { type CompiledModel, compile } from '../../src/compile.ts';
import type { Keys } from '../../src/groth16/keys.ts';
import { inferenceAt, type NamedTensors } from '../../src/inputs.ts';
import { prove } from '../../src/prove.ts';
import type { Receipt } from '../../src/receipt/receipt.ts';
import { setup } from '../../src/setup.ts';
import { readNpz } from '../../src/tensor/npz.ts';

const folder = new URL('../../examples/digits/', import.meta.url);

export async function digitsModel(): Promise<Uint8Array> {
  return new Uint8Array(await readFile(new URL('digits.onnx', folder)));
}

/** Float images [12, 1, 8, 8] by input name. */
export async function digitsInputs(): Promise<NamedTensors> {
  return Object.fromEntries(readNpz(new Uint8Array(await readFile(new URL('inputs.npz', folder)))));
}

export interface ProvenDigits {
  readonly compiled: CompiledModel;
  readonly keys: Keys;
  readonly inputs: NamedTensors;
  readonly receipt: Receipt;
}

/** About ten seconds: one set-up and one proof. Call it once per test file. */
export async function digitsReceipt(): Promise<ProvenDigits> {
  const compiled = await compile(await digitsModel(), { name: 'digits' });
  const keys = await setup(compiled, { kind: 'dev', seed: 'digits in tests' });
  const inputs = await digitsInputs();
  return { compiled, keys, inputs, receipt: await prove(compiled, keys, inferenceAt(compiled.program, inputs, 0)) };
}
