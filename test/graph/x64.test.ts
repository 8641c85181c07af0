/**
 * The profile `ort-fused-x64` beside native ONNX Runtime on x86-64 with AVX2 and FMA, whose answers are kept in test/support/native/outputs.json
 * (`npm run fixtures:x64` asks it again).
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compile } from '../../src/compile.ts';
import { buildGraph } from '../../src/graph/build.ts';
import { decodeModel } from '../../src/onnx/decode.ts';
import { buildProgram } from '../../src/program/build.ts';
import type { Program, ProgramOp } from '../../src/program/program.ts';
import { verifyProgram } from '../../src/program/verify.ts';
import { answer, digestOf, floatAnswer, type Recorded } from '../support/native/answers.ts';
import { binaryCases, floatCases } from '../support/native/cases.ts';
import { type ModelParts, model, node, part, type Quantization, qdq, value } from '../support/onnx-builder.ts';
import { expectCircuitAgrees } from '../support/oracle.ts';
import { unaryCases } from '../support/unary-cases.ts';
import { everyInteger, unaryModel } from '../support/unary-oracle.ts';

const recorded = JSON.parse(readFileSync(new URL('../support/native/outputs.json', import.meta.url), 'utf8')) as Recorded;

describe('fused Add and Mul', () => {
  const cases = binaryCases();

  test.each(cases.map((given) => [given.name, given] as const))('%s', async (name, given) => {
    expect(digestOf(await answer(given, 'ort-fused-x64'))).toBe(recorded.binary[name]!.sha256);
  });

  test('the kept answers are of just these cases, and the other profile has others', async () => {
    expect(Object.keys(recorded.binary)).toEqual(cases.map(({ name }) => name));
    const different = cases.filter(({ name }) => recorded.binary[name]!.otherwise > 0);
    for (const op of ['Add QDQ', 'Add QOperator', 'Mul QDQ', 'Mul QOperator']) {
      const given = different.find(({ name }) => name.startsWith(op))!;
      expect(digestOf(await answer(given, 'ort-fused'))).not.toBe(recorded.binary[given.name]!.sha256);
    }
  });
});

describe('float functions', () => {
  test.each(floatCases().map((given) => [given.name, given] as const))('%s', (name, given) => {
    const native = recorded.floats[name]!;
    if ('sha256' in native) expect(digestOf(floatAnswer(given))).toBe(native.sha256);
    // The others are Eigen's vector functions: docs/onnx-semantics.md has these figures.
    else expect(native).toEqual({ differing: expect.any(Number), of: 4099, ulps: expect.any(Number) });
  });

  test('are those of the tables', async () => {
    const x: Quantization = { dtype: 'int8', scale: Math.fround(0.0371), zeroPoint: 5 };
    // One step is 2^-24: every float of Sigmoid that is large enough to differ is seen.
    const y: Quantization = { dtype: 'int8', scale: 2 ** -24, zeroPoint: 0 };
    const file = model(unaryModel(unaryCases.Sigmoid!, x, y));
    const tables = (['ort-fused', 'ort-fused-x64'] as const).map((profile) => {
      const node = buildGraph(decodeModel(file), { profile }).nodes.find(({ kind }) => kind === 'table');
      return (node as { readonly floats: Float32Array }).floats;
    });
    expect(tables[0]).not.toEqual(tables[1]);
    expect(everyInteger(x).x!.data.length).toBe(512);
  });
});

/** One Add of two inputs. */
function addOf(aDims: readonly number[], bDims: readonly number[]): ModelParts {
  const q = (scale: number): Quantization => ({ dtype: 'uint8', scale: Math.fround(scale), zeroPoint: 120 });
  return {
    parts: [qdq('a', q(0.05)), qdq('b', q(0.1)), part(node('Add', ['a_dq', 'b_dq'], ['y'])), qdq('y', q(0.15))],
    inputs: [value('a', 'float32', aDims), value('b', 'float32', bDims)],
    outputs: [value('y_dq', 'float32', null)],
  };
}

describe('in programs and circuits', () => {
  const build = (parts: ModelParts) => buildProgram(buildGraph(decodeModel(model(parts)), { profile: 'ort-fused-x64' }));

  test('the circuit gives what `evaluate` gives', () => {
    const feeds = Object.fromEntries(
      ['a', 'b'].map((name, k) => {
        const data = Float32Array.from({ length: 60 }, (_, i) => Math.fround(((i * 37 + k * 91) % 256) - 120) * 0.05);
        return [name, { dtype: 'float32' as const, dims: [60], data }];
      }),
    );
    expectCircuitAgrees(build(addOf([60], [60])), feeds);
  });

  test('a side that is spread along the innermost axis comes second', () => {
    const sides = (parts: ModelParts) => {
      const program = build(parts);
      const op = program.ops[0] as ProgramOp & { readonly kind: 'add' };
      return [op.a, op.b].map((id) => program.tensors[id]!.name);
    };
    expect(sides(addOf([4, 1], [4, 8]))).toEqual(['b_q', 'a_q']);
    expect(sides(addOf([4, 8], [4, 1]))).toEqual(['a_q', 'b_q']);
    expect(sides(addOf([8], [4, 8]))).toEqual(['a_q', 'b_q']);
  });

  test("a program with the other kernel's rule, or of the other profile, is refused", () => {
    const { file } = binaryCases().find(({ name }) => name.startsWith('Add') && recorded.binary[name]!.otherwise > 0)!;
    const program = buildProgram(buildGraph(decodeModel(file), { profile: 'ort-fused-x64' }));
    const op = program.ops[0] as ProgramOp & { readonly kind: 'add' };
    expect(op.rule.kernel).toBe('x64');
    const altered: Program = { ...program, ops: [{ ...op, rule: { ...op.rule, kernel: 'wasm' } }] };
    expect(() => verifyProgram(altered)).toThrow(/kernel of another profile/);
    expect(() => verifyProgram({ ...altered, profile: 'ort-fused' })).toThrow(/its form is not its rule/);
    expect(() => verifyProgram({ ...program, profile: 'ort-fused' })).toThrow(/kernel of another profile/);
  });

  test('the profile is in the layout digest, whatever the circuit', async () => {
    const file = model(
      unaryModel(unaryCases.Abs!, { dtype: 'int8', scale: 0.5, zeroPoint: 0 }, { dtype: 'int8', scale: 0.5, zeroPoint: 0 }),
    );
    const [one, other] = [await compile(file), await compile(file, { profile: 'ort-fused-x64' })];
    expect(one.circuit.layout.profile).toBe('ort-fused');
    expect(other.circuit.layout.profile).toBe('ort-fused-x64');
    expect(other.digests.layout).not.toBe(one.digests.layout);
    expect(other.digests.circuit).not.toBe(one.digests.circuit);
  });
});
