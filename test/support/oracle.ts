/** A model's answer held to onnxruntime-web's, and its circuit to its answer. */
import { expect } from 'vitest';
import { buildGraph } from '../../src/graph/build.ts';
import { decodeModel } from '../../src/onnx/decode.ts';
import { buildProgram } from '../../src/program/build.ts';
import type { Program } from '../../src/program/program.ts';
import { run } from '../../src/run.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { circuitOutcome } from './circuit-outputs.ts';
import { type ModelParts, model } from './onnx-builder.ts';
import { type OrtOptions, ortSession } from './ort.ts';

/** Float inputs over and beyond the range that 8 bits of that scale hold; integer inputs over their type's. */
export function randomInputs(parts: ModelParts, scale: number, seed = 7): Record<string, Tensor> {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state / 2 ** 32;
  };
  return Object.fromEntries(
    parts.inputs.map((info): [string, Tensor] => {
      const dims = info.type!.tensorType!.shape!.dim!.map((d) => Number(d.dimValue));
      const length = dims.reduce((a, b) => a * b, 1);
      const reals = { dtype: 'float32', dims, data: Float32Array.from({ length }, () => (next() * 300 - 150) * scale) } as const;
      return [info.name!, reals];
    }),
  );
}

/** `evaluate` gives what onnxruntime-web gives, every element of every output. Returns the program. */
export async function expectOrtsAnswer(parts: ModelParts, feeds: Record<string, Tensor>, options: OrtOptions = {}): Promise<Program> {
  const file = model(parts);
  const program = buildProgram(buildGraph(decodeModel(file)));
  const session = await ortSession(file, options);
  const expected = await session.run(feeds);
  await session.release();
  const mine = await run(program, feeds);
  expect(Object.keys(mine).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, { dims, data }] of Object.entries(expected)) {
    expect(mine[name]!.dims).toEqual(dims);
    const differing = Array.from(data.keys()).filter((i) => data[i] !== mine[name]!.data[i]);
    expect(differing.map((i) => ({ name, i, mine: mine[name]!.data[i], ort: data[i] }))).toEqual([]);
  }
  return program;
}

/** The circuit's witness satisfies all rows and puts out what `evaluate` does. Returns its count of rows. */
export function expectCircuitAgrees(program: Program, feeds: Record<string, Tensor>): number {
  const { constraints, violation, differing } = circuitOutcome(program, feeds);
  expect(violation).toBeNull();
  expect(differing).toEqual([]);
  return constraints;
}

/** How far a model whose float groups the profile has a formula of its own for is from onnxruntime-web: elements, how many differ, and by how many steps at most. */
export interface Deviation {
  readonly elements: number;
  readonly differing: number;
  readonly steps: number;
}

/** Compares what the program and onnxruntime-web answer, and holds the circuit to the program. */
export async function deviationFromOrt(
  parts: ModelParts,
  feeds: readonly Record<string, Tensor>[],
  options: OrtOptions = {},
): Promise<Deviation> {
  const file = model(parts);
  const program = buildProgram(buildGraph(decodeModel(file)));
  const session = await ortSession(file, options);
  let [elements, differing, steps] = [0, 0, 0];
  for (const [i, feed] of feeds.entries()) {
    const expected = await session.run(feed);
    const mine = await run(program, feed);
    for (const { name, tensor } of program.outputs) {
      const scale = program.tensors[tensor]!.scale!;
      expect(mine[name]!.dims).toEqual(expected[name]!.dims);
      elements += mine[name]!.data.length;
      for (const [at, value] of mine[name]!.data.entries()) {
        const apart = Math.abs(Number(value) - Number(expected[name]!.data[at])) / scale;
        if (apart !== 0) differing++;
        steps = Math.max(steps, Math.round(apart));
      }
    }
    if (i === 0) expectCircuitAgrees(program, feed);
  }
  await session.release();
  return { elements, differing, steps };
}
