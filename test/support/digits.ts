/** The digits example's files, for tests that want a real network. */
import { readFile } from 'node:fs/promises';
import type { NamedTensors } from '../../src/inputs.ts';
import { readNpz } from '../../src/tensor/npz.ts';

const folder = new URL('../../examples/digits/', import.meta.url);

export async function digitsModel(): Promise<Uint8Array> {
  return new Uint8Array(await readFile(new URL('digits.onnx', folder)));
}

/** Float images [12, 1, 8, 8] by input name. */
export async function digitsInputs(): Promise<NamedTensors> {
  return Object.fromEntries(readNpz(new Uint8Array(await readFile(new URL('inputs.npz', folder)))));
}
