/**
 * How inputs.npz and labels.npz beside this file were made: the first image of each digit from a larger set, then the first two that the network gets wrong.
 *
 *   node examples/digits/select-inputs.ts FOLDER     FOLDER has inputs.npz (input), labels.npz (label) and qdq-int8.outputs.npz (logits)
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readNpz, writeNpz } from '../../src/tensor/npz.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';

const folder = process.argv[2];
if (folder === undefined) throw new Error('usage: node examples/digits/select-inputs.ts FOLDER');

async function array(file: string, name: string): Promise<Tensor> {
  return readNpz(await readFile(join(folder!, file)), file).get(name)!;
}

const inputs = await array('inputs.npz', 'input');
const labels = await array('labels.npz', 'label');
const logits = (await array('qdq-int8.outputs.npz', 'logits')).data as Float32Array;

const label = (index: number): number => Number(labels.data[index]);
const answer = (index: number): number => {
  const row = logits.subarray(index * 10, index * 10 + 10);
  return row.indexOf(Math.max(...row));
};
const all = Array.from({ length: inputs.dims[0]! }, (_, index) => index);
const chosen = [
  ...Array.from({ length: 10 }, (_, digit) => all.find((index) => label(index) === digit && answer(index) === digit)!),
  ...all.filter((index) => answer(index) !== label(index)).slice(0, 2),
];

const size = inputs.data.length / inputs.dims[0]!;
const images = new Float32Array(chosen.length * size);
chosen.forEach((index, i) => {
  images.set((inputs.data as Float32Array).subarray(index * size, (index + 1) * size), i * size);
});
const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const named = (name: string, tensor: Tensor): Uint8Array => writeNpz(new Map([[name, tensor]]));
await writeFile(here('inputs.npz'), named('input', { dtype: 'float32', dims: [chosen.length, ...inputs.dims.slice(1)], data: images }));
await writeFile(
  here('labels.npz'),
  named('label', { dtype: 'int64', dims: [chosen.length], data: BigInt64Array.from(chosen, (index) => BigInt(label(index))) }),
);
