/** The circuit of a function of one tensor: looked up or a step, no other output can be proven, and an input outside its type has no witness. */
import { expect, test } from 'vitest';
import { buildGraph } from '../../src/graph/build.ts';
import { decodeModel } from '../../src/onnx/decode.ts';
import { buildProgram } from '../../src/program/build.ts';
import type { Program, ProgramOp } from '../../src/program/program.ts';
import { expectOnlyTrueOutput } from '../support/only-output.ts';
import { model, node, part, type Quantization, qdq, value } from '../support/onnx-builder.ts';

function programOf(op: string): Program {
  const x: Quantization = { dtype: 'int8', scale: 0.05, zeroPoint: 0 };
  const parts = [qdq('x', x), part(node(op, ['x_dq'], ['y'])), qdq('y', { ...x, scale: 0.0413, zeroPoint: 9 })];
  return buildProgram(
    buildGraph(decodeModel(model({ parts, inputs: [value('x', 'float32', [1])], outputs: [value('y_dq', 'float32', null)] }))),
  );
}

const formOf = (program: Program) => (program.ops[0] as ProgramOp & { kind: 'table' }).tables[0]!.step?.kind ?? 'lookup';

test.each(['Neg', 'HardSwish', 'LeakyRelu'])('%s: one output only', (op) => {
  const program = programOf(op);
  if (op === 'Neg') expect(formOf(program)).toBe('lookup');
  for (const x of [-128, -127, -1, 0, 1, 63, 64, 126, 127]) expectOnlyTrueOutput(program, new Map([['x', Int32Array.of(x)]]));
});

test.each([128, -129, 300])('%d, which is no int8, has no witness', (x) => {
  expect(() => expectOnlyTrueOutput(programOf('Neg'), new Map([['x', Int32Array.of(x)]]))).toThrow(/greater than 0/);
});
