/** Integer networks made by others (QuantLib, Deeploy): every golden activation and output, and a circuit that agrees. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { buildGraph } from '../../src/graph/build.ts';
import { decodeModel } from '../../src/onnx/decode.ts';
import { buildProgram } from '../../src/program/build.ts';
import { run } from '../../src/run.ts';
import { readNpz } from '../../src/tensor/npz.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { expectCircuitAgrees } from '../support/oracle.ts';
import { sharedPath } from '../support/shared.ts';

const models = ['mlperf-tiny/anomaly-detection', 'mlperf-tiny/keyword-spotting', 'integer/mini-mobilenet'];
const folders = models.flatMap((name) => {
  const folder = sharedPath(`models/${name}`);
  return folder === null ? [] : [{ name, folder }];
});

const npz = (path: string) => readNpz(new Uint8Array(readFileSync(path)), path);
const integers = ({ data }: Tensor) => Array.from(data as ArrayLike<number | bigint>, Number);

describe('golden activations (shared models)', () => {
  test.skipIf(folders.length > 0)('skipped: ../shared/models is absent', () => {});

  test.each(folders)('$name', async ({ name, folder }) => {
    const program = buildProgram(buildGraph(decodeModel(new Uint8Array(readFileSync(`${folder}/network.onnx`)))));
    const x = [...npz(`${folder}/inputs.npz`).values()][0]!;
    const outputs = await run(program, { input: x }, { activations: true });
    // In the network's order, which is that of the golden file; reshapes and flattened copies have no golden tensor of their own.
    const mine = program.ops.flatMap((op) => (op.kind === 'gather' ? [] : [program.tensors[op.y]!]));
    const golden = [...npz(`${folder}/activations.npz`).entries()];
    expect(golden.length).toBe(mine.length);
    golden.forEach(([title, tensor], i) => {
      expect(integers(outputs[mine[i]!.name]!), `${title} = ${mine[i]!.name}`).toEqual(integers(tensor));
    });
    expect(integers(outputs.output!)).toEqual(integers([...npz(`${folder}/outputs.npz`).values()][0]!));
    // A million rows take ten seconds to witness and check; the largest network is left to the bench.
    if (name !== 'mlperf-tiny/keyword-spotting') expectCircuitAgrees(program, { input: x });
  });
});
