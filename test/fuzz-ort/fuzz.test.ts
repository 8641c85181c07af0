/** A short run of `npm run fuzz:ort`, always the same, and the fuzzer itself: what it would miss. */
import { describe, expect, test } from 'vitest';
import { run } from '../../src/run.ts';
import { generators, withinOneStep } from './families.ts';
import { caseSeed, fuzzOp, isWithin, replay } from './fuzz.ts';
import { Random, Scales } from './random.ts';

test.each([...generators])('%s equals onnxruntime-web, and its circuit evaluate()', async (op, generate) => {
  const result = await fuzzOp(op, generate, { elements: 500, seed: 20_261_126, runs: 2, circuitEvery: 1000 });
  expect(isWithin(result, withinOneStep.has(op)), JSON.stringify(result)).toBe(true);
  expect(result.circuits).toBe(1);
  expect(result.refused).toBeLessThan(result.cases / 2);
});

describe('the fuzzer', () => {
  const generate = generators.get('Gemm')!;
  /** One step more in one element. */
  const wrong: typeof run = async (program, feeds) => {
    const outputs = await run(program, feeds);
    for (const { data } of Object.values(outputs)) data[data.length - 1] = Number(data.at(-1)) + program.tensors.at(-1)!.scale!;
    return outputs;
  };

  test('counts what differs, and a replay of the case differs again', async () => {
    const result = await fuzzOp('Gemm', generate, { elements: 300, seed: 5, runs: 1, circuitEvery: 1000, answer: wrong });
    expect(result.mismatches).toBe(result.cases);
    expect(result.largestDeviation).toBeCloseTo(1, 3);
    expect(result.replays[0]).toBe(`--case ${caseSeed('Gemm', 5, 0)} --small`);
    const again = await replay('Gemm', generate, caseSeed('Gemm', 5, 0), true, { runs: 1, answer: wrong });
    expect(again.mismatches).toBe(1);
    expect((await replay('Gemm', generate, caseSeed('Gemm', 5, 0), true, { runs: 1 })).mismatches).toBe(0);
  });

  test('is the same again for the same seed', async () => {
    const options = { elements: 200, seed: 9, runs: 1, circuitEvery: 1000 };
    expect(await fuzzOp('Add', generators.get('Add')!, options)).toEqual(await fuzzOp('Add', generators.get('Add')!, options));
    expect(caseSeed('Add', 9, 0)).not.toBe(caseSeed('Add', 9, 1));
  });

  test('ties and edges have their weight', () => {
    const random = new Random(1);
    const all = Array.from({ length: 2000 }, () => new Scales(random));
    expect(all.filter(({ powersOfTwo }) => powersOfTwo).length).toBeGreaterThan(600);
    expect(all.every((scales) => !scales.powersOfTwo || Number.isInteger(Math.log2(scales.any())))).toBe(true);
    const zeros = Array.from({ length: 2000 }, () => random.zeroPoint('int8'));
    for (const edge of [-128, 127, 0]) expect(zeros.filter((zero) => zero === edge).length).toBeGreaterThan(50);
  });
});
