/** A whole integer network made by others, proven: MLPerf Tiny's anomaly detection (shared models). */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compile } from '../../src/compile.ts';
import { prove } from '../../src/prove.ts';
import { setup } from '../../src/setup.ts';
import { readNpz } from '../../src/tensor/npz.ts';
import { verify } from '../../src/verify.ts';
import { sharedPath } from '../support/shared.ts';

const folder = sharedPath('models/mlperf-tiny/anomaly-detection');
const only = (file: string) => [...readNpz(new Uint8Array(readFileSync(`${folder}/${file}.npz`)), file).values()][0]!;

test.skipIf(folder === null)('anomaly detection of MLPerf Tiny (shared models) is proven, with the golden output', async () => {
  const circuit = await compile(new Uint8Array(readFileSync(`${folder}/network.onnx`)), { visibility: { output: 'packed' } });
  const keys = await setup(circuit, { kind: 'dev' });
  const receipt = await prove(circuit, keys, { input: only('inputs') });
  const verdict = await verify(receipt, { model: { sha256: circuit.model.sha256 }, vkeyHash: keys.vkeyHash });
  expect(verdict.valid).toBe(true);
  const shown = receipt.layout.outputs[0]!;
  expect(shown).toMatchObject({ name: 'output', dtype: 'int8', modelDType: 'int8', dims: [1, 640] });
  expect(receipt.outputs[0]!.values).toEqual(Array.from(only('outputs').data as BigInt64Array, Number));
});
