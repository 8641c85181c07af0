/** TopK: onnxruntime-web's answer, both outputs, and the circuit's. */
import { describe, expect, test } from 'vitest';
import { buildProgram } from '../../src/program/build.ts';
import { graphOf, reportOf } from '../support/graphs.ts';
import {
  type Attribute,
  type ModelParts,
  node,
  type Part,
  part,
  type Quantization,
  qdq,
  quantize,
  tensor,
  value,
} from '../support/onnx-builder.ts';
import { expectCircuitAgrees, expectOrtsAnswer, randomInputs } from '../support/oracle.ts';

type Attributes = Readonly<Record<string, Attribute>>;

const u8: Quantization = { scale: 0.07, zeroPoint: 9, dtype: 'uint8' };
const s8: Quantization = { scale: 0.07, zeroPoint: -3, dtype: 'int8' };

/** x → Q/DQ → TopK → Q/DQ of its values; its indices. */
function top(k: number, attributes: Attributes, dims: readonly number[], xq: Quantization, yq = xq, opset = 13): ModelParts {
  return {
    opset,
    parts: [qdq('x', xq), part(node('TopK', ['x_dq', 'k'], ['y', 'i'], attributes), [tensor('k', 'int64', [1], [k])]), qdq('y', yq)],
    inputs: [value('x', 'float32', dims)],
    outputs: [value('y_dq', 'float32', null), value('i', 'int64', null)],
  };
}

async function agrees(parts: ModelParts): Promise<number> {
  let rows = 0;
  // Narrow inputs have ties.
  for (const [seed, spread] of [1, 1 / 40, 1 / 400].entries()) {
    const feeds = randomInputs(parts, 0.07 * spread, seed + 2);
    rows = expectCircuitAgrees(await expectOrtsAnswer(parts, feeds), feeds);
  }
  return rows;
}

describe.each([
  ['uint8', u8],
  ['int8', s8],
] as const)('%s', (_, q) => {
  test.each<[string, number, Attributes, readonly number[], number]>([
    ['the largest 3 of the last axis', 3, {}, [2, 10], 13],
    ['the least 2, opset 11', 2, { largest: 0, sorted: 1 }, [2, 10], 11],
    ['a middle axis', 2, { axis: 1 }, [2, 5, 3], 21],
    ['a negative axis, all elements', 4, { axis: -2 }, [1, 4, 3], 13],
    ['one, opset 10', 1, { axis: 1 }, [1, 6], 10],
  ])('%s', async (_name, k, attributes, dims, opset) => {
    await agrees(top(k, attributes, dims, q, q, opset));
  });

  test('values in other parameters', () => agrees(top(3, {}, [2, 10], q, { ...q, scale: 0.031, zeroPoint: 5 })));
});

test('of integers; of one output alone', () => {
  const inner: Part = part(node('TopK', ['x_q', 'k'], ['y', 'i']), [tensor('k', 'int64', [1], [2])]);
  const base = { parts: [quantize('x', s8), inner], inputs: [value('x', 'float32', [1, 7])], opset: 11 };
  // onnxruntime-web has no TopK of 8 bits: the circuit is held to `evaluate` alone.
  for (const output of [value('y', 'int8', null), value('i', 'int64', null)]) {
    const parts = { ...base, outputs: [output] };
    expect(expectCircuitAgrees(buildProgram(graphOf(parts)), randomInputs(parts, 0.02))).toBeGreaterThan(100);
  }
});

test('refusals: an order that ONNX leaves open, a K that is computed or too large', () => {
  const why = (parts: ModelParts) => reportOf(parts).entries[0]!.why;
  expect(why(top(3, { sorted: 0 }, [2, 10], u8))).toMatch(/leaves the order open/);
  expect(why(top(11, {}, [2, 10], u8))).toMatch(/K is 11/);
  const computed = top(3, {}, [2, 10], u8);
  const inputs = [...computed.inputs, value('k', 'int64', [1])];
  expect(
    reportOf({
      ...computed,
      parts: computed.parts!.map((p) => ({ ...p, initializers: p.initializers.filter((t) => t.name !== 'k') })),
      inputs,
    }).entries.length,
  ).toBeGreaterThan(0);
});
