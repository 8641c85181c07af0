/** The circuit of a product: no other output can be proven, at pairs that are set right one by one neither. */
import { expect, test } from 'vitest';
import { buildGraph } from '../../src/graph/build.ts';
import { decodeModel } from '../../src/onnx/decode.ts';
import { buildProgram } from '../../src/program/build.ts';
import type { Program, ProgramOp } from '../../src/program/program.ts';
import { expectOnlyTrueOutput } from '../support/only-output.ts';
import { model, node, part, type Quantization, qdq, value } from '../support/onnx-builder.ts';

function programOf(op: string, a: number, b: number, y: number): Program {
  const q = (scale: number, zeroPoint: number): Quantization => ({ dtype: 'uint8', scale: Math.fround(scale), zeroPoint });
  const parts = [qdq('a', q(a, 117)), qdq('b', q(b, 138)), part(node(op, ['a_dq', 'b_dq'], ['y'])), qdq('y', q(y, 128))];
  const inputs = [value('a', 'float32', [1]), value('b', 'float32', [1])];
  return buildProgram(buildGraph(decodeModel(model({ parts, inputs, outputs: [value('y_dq', 'float32', null)] }))));
}

const pairs = [0, 116, 117, 118, 255].flatMap((a) => [0, 137, 138, 139, 255].map((b) => [a, b] as const));
const given = (a: number, b: number) =>
  new Map([
    ['a', Int32Array.of(a)],
    ['b', Int32Array.of(b)],
  ]);

test.each([
  ['Mul', 0.05123, 0.0718, 0.3022],
  ['Mul', 0.5, 0.25, 1],
  ['Sub', 0.05123, 0.0718, 0.3022],
  ['Sub', 0.5, 0.25, 1],
] as const)('%s, scales %d, %d to %d: one output only', (op, a, b, y) => {
  const program = programOf(op, a, b, y);
  for (const pair of pairs) expectOnlyTrueOutput(program, given(...pair));
});

test('pairs that float32 rounds otherwise than their product', () => {
  for (const [a, b, y] of [
    [0.05, 0.05, 0.07],
    [0.02, 0.03, 0.07],
    [0.1, 0.1, 0.1],
    [0.01, 0.03, 0.003],
  ] as const) {
    const { form } = programOf('Mul', 0.05123, 0.0718, 0.3022).ops[0] as ProgramOp & { kind: 'multiply' };
    expect(form.exceptions).toEqual([]);
    let program: Program;
    try {
      program = programOf('Mul', a, b, y);
    } catch {
      continue;
    }
    const [first] = (program.ops[0] as ProgramOp & { kind: 'multiply' }).form.exceptions;
    if (first === undefined) continue;
    expectOnlyTrueOutput(program, given(first.a, first.b));
    expectOnlyTrueOutput(program, given(first.a, first.b === 255 ? 254 : first.b + 1));
    return;
  }
  throw new Error('no scales gave an exception');
});
