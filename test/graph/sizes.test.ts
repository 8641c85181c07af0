/** Dimensions that a model leaves open: the batch, symbolic ones by name, shapes by input; beside onnxruntime-web, and in the digests. */
import { describe, expect, test } from 'vitest';
import { compile, compileProgram } from '../../src/compile.ts';
import { ZkonnxError } from '../../src/errors.ts';
import type { Unsupported } from '../../src/graph/report.ts';
import { run } from '../../src/run.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { type ModelParts, model, node, part, type Quantization, qdq, tensor, value, weights } from '../support/onnx-builder.ts';
import { expectCircuitAgrees, randomInputs } from '../support/oracle.ts';
import { ortRun } from '../support/ort.ts';

const u8 = (scale: number, zeroPoint: number): Quantization => ({ scale, zeroPoint, dtype: 'uint8' });
const data = (count: number) => Array.from({ length: count }, (_, i) => ((i * 37) % 31) - 15);

/** Conv, MaxPool, Flatten, Gemm with an open batch, and a second input added at the end. */
function network(x: readonly (number | string)[], b: readonly (number | string)[] = ['N', 3]): ModelParts {
  return {
    parts: [
      qdq('x', u8(0.05, 128)),
      qdq('b', u8(0.05, 128)),
      weights('w', [2, 1, 3, 3], data(18), { scales: [0.02], dtype: 'int8' }),
      part(node('Conv', ['x_dq', 'w_dq'], ['c'], { pads: [1, 1, 1, 1] })),
      qdq('c', u8(0.1, 100)),
      part(node('MaxPool', ['c_dq'], ['p'], { kernel_shape: [2, 2], strides: [2, 2] }), node('Flatten', ['p'], ['f'])),
      weights('v', [8, 3], data(24), { scales: [0.02], dtype: 'int8' }),
      part(node('Gemm', ['f', 'v_dq'], ['g'])),
      qdq('g', u8(0.1, 128)),
      part(node('Add', ['g_dq', 'b_dq'], ['y'])),
      qdq('y', u8(0.1, 128), 'out'),
    ],
    inputs: [value('x', 'float32', x), value('b', 'float32', b)],
    outputs: [value('out', 'float32', ['N', 3])],
    valueInfos: [value('c', 'float32', ['N', 2, 4, 4])],
  };
}

function feedsOf(dims: Readonly<Record<string, readonly number[]>>): Record<string, Tensor> {
  return randomInputs({ inputs: Object.entries(dims).map(([name, shape]) => value(name, 'float32', shape)), outputs: [] }, 0.05);
}

describe('the batch', () => {
  const bytes = model(network(['N', 1, 4, 4]));

  test.each([1, 2, 5])('of %i, as ONNX Runtime answers it', async (batch) => {
    const { program } = await compileProgram(bytes, { batch });
    expect(program.inputs.map(({ dims }) => dims[0])).toEqual([batch, batch]);
    const feeds = feedsOf({ x: [batch, 1, 4, 4], b: [batch, 3] });
    const [mine, wanted] = [await run(program, feeds), await ortRun(bytes, feeds)];
    expect(mine.out).toEqual(wanted.out);
    expectCircuitAgrees(program, feeds);
  });

  test('is 1 unless told, and in every digest but the model’s', async () => {
    const [one, same, three] = [await compile(bytes), await compile(bytes, { batch: 1 }), await compile(bytes, { batch: 3 })];
    expect(same.digests).toEqual(one.digests);
    expect(three.digests.model).toBe(one.digests.model);
    for (const digest of ['layout', 'r1cs', 'circuit'] as const) expect(three.digests[digest]).not.toBe(one.digests[digest]);
  });

  test('N times the batch are N inferences, each as if alone', async () => {
    const { program } = await compileProgram(bytes, { batch: 2 });
    const feeds = feedsOf({ x: [6, 1, 4, 4], b: [6, 3] });
    expect((await run(program, feeds)).out).toEqual((await ortRun(bytes, feeds)).out);
    const odd = feedsOf({ x: [5, 1, 4, 4], b: [5, 3] });
    await expect(run(program, odd)).rejects.toMatchObject({ code: 'ZK4103' });
    const mixed = { ...feedsOf({ x: [4, 1, 4, 4] }), ...feedsOf({ b: [2, 3] }) };
    await expect(run(program, mixed)).rejects.toMatchObject({ code: 'ZK4103' });
  });

  test('of a vector', async () => {
    const vector = model({
      parts: [qdq('x', u8(0.05, 128)), part(node('Relu', ['x_dq'], ['y'])), qdq('y', u8(0.02, 0), 'out')],
      inputs: [value('x', 'float32', ['N'])],
      outputs: [value('out', 'float32', null)],
    });
    const { program } = await compileProgram(vector, { batch: 4 });
    expect(program.outputs[0]!.dims).toEqual([4]);
    await expect(compileProgram(vector)).rejects.toMatchObject({
      code: 'ZK3001',
      details: [expect.objectContaining({ why: 'dimension 0 (N) is not fixed', whatToDo: expect.stringContaining('--dim N=') })],
    });
  });

  test('that the file fixes is refused unless it is that', async () => {
    const fixed = model(network([2, 1, 4, 4], [2, 3]));
    expect((await compileProgram(fixed, { batch: 2 })).program.inputs[0]!.dims).toEqual([2, 1, 4, 4]);
    await expect(compileProgram(fixed, { batch: 3 })).rejects.toMatchObject({
      code: 'ZK1001',
      message: expect.stringContaining('"x" is [2, 1, 4, 4]'),
    });
    for (const batch of [0, -1, 1.5, 2 ** 27]) await expect(compileProgram(bytes, { batch })).rejects.toMatchObject({ code: 'ZK1001' });
  });

  test('in a Reshape that does not let it be', async () => {
    const reshaped = (shape: number[]) =>
      model({
        parts: [
          qdq('x', u8(0.05, 128)),
          part(node('Reshape', ['x_dq', 's'], ['r']), [tensor('s', 'int64', [shape.length], shape)]),
          weights('w', [4, 2], data(8), { scales: [0.1], dtype: 'int8' }),
          part(node('MatMul', ['r', 'w_dq'], ['y'])),
          qdq('y', u8(0.1, 128), 'out'),
        ],
        inputs: [value('x', 'float32', ['N', 2, 2])],
        outputs: [value('out', 'float32', null)],
      });
    for (const shape of [
      [0, 4],
      [-1, 4],
    ])
      expect((await compileProgram(reshaped(shape), { batch: 3 })).program.outputs[0]!.dims).toEqual([3, 2]);
    await expect(compileProgram(reshaped([1, 4]), { batch: 3 })).rejects.toMatchObject({ code: 'ZK3001' });
  });
});

describe('other open dimensions', () => {
  const bytes = model(network(['N', 1, 'height', 'width']));
  const why = async (options: Parameters<typeof compileProgram>[1]): Promise<Unsupported> => {
    const error = await compileProgram(bytes, options).then(
      () => null,
      (e: unknown) => e,
    );
    if (!(error instanceof ZkonnxError) || error.code !== 'ZK3001') throw error ?? new Error('it compiles');
    return (error.details as Unsupported[])[0]!;
  };

  test('by name', async () => {
    const { program } = await compileProgram(bytes, { batch: 2, dims: { height: 4, width: 4 } });
    const feeds = feedsOf({ x: [2, 1, 4, 4], b: [2, 3] });
    expect((await run(program, feeds)).out).toEqual((await ortRun(bytes, feeds)).out);
    expect((await compileProgram(bytes, { dims: { N: 3, height: 4, width: 4 } })).program.inputs[1]!.dims).toEqual([3, 3]);
  });

  test('by the shapes of inputs', async () => {
    const { program } = await compileProgram(bytes, { shapes: { x: [2, 1, 4, 4], b: [2, 3] } });
    expect(program.inputs.map(({ dims }) => dims)).toEqual([
      [2, 1, 4, 4],
      [2, 3],
    ]);
  });

  test('are asked for, by name and option', async () => {
    expect(await why({})).toMatchObject({
      node: 'x',
      op: 'input',
      why: 'dimension 2 (height) is not fixed',
      whatToDo: expect.stringContaining('--dim height=N'),
    });
    expect(await why({ dims: { height: 4 } })).toMatchObject({ why: 'dimension 3 (width) is not fixed' });
  });

  test('that no input has are refused, and sizes that are none', async () => {
    const dims = { height: 4, widht: 4 };
    await expect(compileProgram(bytes, { dims })).rejects.toMatchObject({
      code: 'ZK1001',
      hint: expect.stringContaining('N, height, width'),
    });
    await expect(compileProgram(bytes, { dims: { height: 0 } })).rejects.toMatchObject({ code: 'ZK1001' });
    // A name of every object is a dimension only where the model has it.
    await expect(compileProgram(bytes, { dims: JSON.parse('{"__proto__": 4}') })).rejects.toMatchObject({ code: 'ZK1001' });
  });
});
