/** How far a float model is from what would be proven: counted by hand, and on a model that changes its answer when it is quantized. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileProgram } from '../src/compile.ts';
import { disagreement } from '../src/disagreement.ts';
import { run } from '../src/run.ts';
import { writeNpz } from '../src/tensor/npz.ts';
import type { Tensor } from '../src/tensor/tensor.ts';
import { zkonnxHere } from './support/cli.ts';
import { model, node, part, qdq, value, weights } from './support/onnx-builder.ts';
import { ortRun } from './support/ort.ts';

const float = (dims: number[], values: ArrayLike<number>): Tensor => ({ dtype: 'float32', dims, data: Float32Array.from(values) });

/** y = x·W of two features and two classes, logits in steps of 0.5: integers -128…127 hold -64…63.5. */
const step = { dtype: 'int8', scale: 0.5, zeroPoint: 0 } as const;
const classifier = model({
  parts: [
    qdq('x', { dtype: 'int8', scale: 1, zeroPoint: 0 }),
    weights('w', [2, 2], [1, 2, 3, 1], { scales: [1], dtype: 'int8' }),
    part(node('MatMul', ['x_dq', 'w_dq'], ['y'])),
    qdq('y', step),
  ],
  inputs: [value('x', 'float32', [1, 2])],
  outputs: [value('y_dq', 'float32', [1, 2])],
});
const { program } = await compileProgram(classifier);

describe('disagreement', () => {
  test('by hand: another class, an integer beside, a value that is no number', async () => {
    // Proven: [1, 2], [3, 1], [4, 3].
    const found = await disagreement(
      program,
      { x: float([3, 2], [1, 0, 0, 1, 1, 1]) },
      { y_dq: float([3, 2], [1.1, 2, 0.5, 2.75, 4, Number.NaN]) },
    );
    expect(found).toEqual({
      inferences: 3,
      outputs: [
        {
          name: 'y_dq',
          elements: 6,
          // 1.1 is the integer of 1; 0.5, 2.75 and NaN are others than those of 3, 1 and 3.
          differing: 3,
          notFinite: 1,
          meanAbs: expect.closeTo((Math.fround(1.1) - 1 + 2.5 + 1.75) / 5, 12),
          maxAbs: 2.5,
          scale: 0.5,
          top1: { rows: 3, classes: 2, differing: 1, mostCertain: { row: 1, float: 1, proven: 0, margin: 2.25 } },
        },
      ],
    });
  });

  test('the model against itself: none, whatever the inputs', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: -200, max: 200 }), fc.integer({ min: -200, max: 200 })), { minLength: 1 }),
        async (rows) => {
          const x = { x: float([rows.length, 2], rows.flat()) };
          const { outputs } = await disagreement(program, x, await run(program, x));
          expect(outputs[0]).toMatchObject({
            differing: 0,
            notFinite: 0,
            meanAbs: 0,
            maxAbs: 0,
            top1: { rows: rows.length, differing: 0 },
          });
        },
      ),
    );
  });

  test('outputs missing or of another shape are refused before anything is computed', async () => {
    const x = { x: float([3, 2], [1, 0, 0, 1, 1, 1]) };
    const events: string[] = [];
    const onEvent = ({ stage }: { stage: string }): unknown => events.push(stage);
    await expect(disagreement(program, x, {}, { onEvent })).rejects.toMatchObject({
      code: 'ZK4109',
      message: expect.stringContaining('"y_dq"'),
    });
    await expect(disagreement(program, x, { y_dq: float([2, 2], [1, 2, 3, 4]) }, { onEvent })).rejects.toMatchObject({
      code: 'ZK4109',
      message: expect.stringContaining('has shape [2, 2], 3 inferences give [3, 2]'),
    });
    await expect(
      disagreement(program, x, { y_dq: float([3, 2], [1, 2, 3, 4, 5, 6]) }, { signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({
      code: 'ZK1006',
    });
    expect(events).toEqual([]);
  });
});

describe('zkonnx check and compile --calibration', () => {
  /** In floats it gives both classes 0, so the first; once quantized, the second to whatever is not nothing. */
  const parts = (quantized: boolean) => {
    return quantized
      ? [
          qdq('x', { dtype: 'uint8', scale: 1, zeroPoint: 0 }),
          weights('w', [2, 2], [1, 2, 1, 2], { scales: [0.7], dtype: 'int8' }),
          part(node('MatMul', ['x_dq', 'w_dq'], ['y'])),
          qdq('y', { dtype: 'uint8', scale: 0.5, zeroPoint: 0 }),
        ]
      : [
          part(node('Sub', ['x', 'x'], ['zero'])),
          weights('w', [2, 2], [1, 2, 1, 2], { scales: [0.7], dtype: 'int8' }),
          part(node('MatMul', ['zero', 'w_dq'], ['y_dq'])),
        ];
  };
  const build = (quantized: boolean) =>
    model({ parts: parts(quantized), inputs: [value('x', 'float32', [1, 2])], outputs: [value('y_dq', 'float32', [1, 2])] });

  test('print what the float model answers otherwise; --json has it; wrong files are refused', async () => {
    const cwd = await mkdtemp(join(tmpdir(), 'zkonnx-calibration-'));
    const cli = (...args: string[]) => zkonnxHere(args, cwd);
    try {
      const [quantized, original] = [build(true), build(false)];
      const rows = [
        [1, 2],
        [0, 0],
        [20, 30],
      ];
      const answers = await Promise.all(
        rows.map(async (row) => (await ortRun(original, { x: float([1, 2], row) })).y_dq!.data as Float32Array),
      );
      await writeFile(join(cwd, 'net.onnx'), quantized);
      await writeFile(join(cwd, 'x.npz'), writeNpz(new Map([['x', float([3, 2], rows.flat())]])));
      await writeFile(join(cwd, 'float.ndjson'), answers.map((row) => JSON.stringify({ y_dq: [[...row]] })).join('\n'));
      await writeFile(join(cwd, 'short.npz'), writeNpz(new Map([['y_dq', float([2, 2], [1, 2, 3, 4])]])));

      const both = ['--calibration', 'x.npz', '--expected', 'float.ndjson'];
      const expected = {
        inferences: 3,
        outputs: [
          {
            name: 'y_dq',
            elements: 6,
            differing: 4,
            top1: { rows: 3, classes: 2, differing: 2, mostCertain: { row: 0, float: 0, proven: 1, margin: 0 } },
          },
        ],
      };
      const checked = await cli('check', 'net.onnx', '--json', ...both);
      expect(JSON.parse(checked.stdout)).toMatchObject({ supported: true, disagreement: expected });
      const compiled = await cli('compile', 'net.onnx', '--out', 'net', '--json', ...both);
      expect(JSON.parse(compiled.stdout)).toMatchObject({ folder: 'net', disagreement: expected });
      const text = await cli('compile', 'net.onnx', '--out', 'net', ...both);
      expect(text.stdout).toContain('y_dq: largest score elsewhere in 2 of 3 (66.67 %); another integer in 4 of 6 (66.67 %)');
      expect(JSON.parse((await cli('compile', 'net.onnx', '--out', 'net', '--json')).stdout)).toMatchObject({ disagreement: null });

      expect(await cli('compile', 'net.onnx', '--out', 'none', '--calibration', 'x.npz')).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('ZK1001'),
      });
      expect(await cli('check', 'net.onnx', '--calibration', 'x.npz', '--expected', 'short.npz')).toMatchObject({
        code: 4,
        stderr: expect.stringContaining('ZK4109 the expected output "y_dq" has shape [2, 2], 3 inferences give [3, 2] (x.npz, short.npz)'),
      });
      expect(await cli('check', 'net.onnx', '--calibration', 'gone.npz', '--expected', 'float.ndjson')).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('ZK1002'),
      });
    } finally {
      await rm(cwd, { recursive: true, force: true });
    }
  });
});
