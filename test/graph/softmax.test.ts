/** Softmax between Q/DQ pairs and as com.microsoft QLinearSoftmax: onnxruntime-web's answer, and the circuit's. */
import { describe, expect, test } from 'vitest';
import { graphOf, reportOf } from '../support/graphs.ts';
import { dequantize, type ModelParts, node, parameters, part, type Quantization, qdq, quantize, value } from '../support/onnx-builder.ts';
import { expectCircuitAgrees, expectOrtsAnswer, randomInputs } from '../support/oracle.ts';

const u8 = (scale: number, zeroPoint = 0): Quantization => ({ scale, zeroPoint, dtype: 'uint8' });
const s8 = (scale: number, zeroPoint = 0): Quantization => ({ scale, zeroPoint, dtype: 'int8' });

interface Options {
  readonly dims?: readonly number[];
  readonly axis?: number;
  readonly opset?: number;
  /** A node behind Softmax. */
  readonly behind?: 'Relu';
  /** The quantized output is an output of the model, too. */
  readonly twice?: boolean;
}

function qdqModel(
  xq: Quantization,
  yq: Quantization,
  { dims = [1, 10], axis, opset = 17, behind, twice = false }: Options = {},
): ModelParts {
  const x = qdq('x', xq);
  const y = qdq(behind === undefined ? 'y' : 'z', yq);
  const softmax = node('Softmax', [x.dq], ['y'], axis === undefined ? {} : { axis });
  return {
    opset,
    parts: [x, part(softmax), ...(behind === undefined ? [] : [part(node(behind, ['y'], ['z']))]), y],
    inputs: [value('x', 'float32', dims)],
    outputs: [value(y.dq, 'float32', dims), ...(twice ? [value(y.q, yq.dtype, dims)] : [])],
  };
}

describe('between Q/DQ pairs', () => {
  test.each<[string, Quantization, Quantization, Options]>([
    ['uint8 at 1/256, as quantize_static has it', u8(0.1, 128), u8(1 / 256), {}],
    ['int8 at 1/256', s8(0.1), s8(1 / 256, -128), {}],
    ['int8, symmetric', s8(0.08), s8(1 / 127), {}],
    ['a scale whose inverse is no integer: the kernel takes its floor', u8(0.1, 128), u8(0.0061), {}],
    ['quotients above the type’s end', u8(0.1, 128), u8(0.003, 5), {}],
    ['a scale above 1: all zeros', u8(0.1, 128), u8(1.7, 9), {}],
    ['from int8 to uint8', s8(0.1), u8(1 / 256), {}],
    ['a middle axis', u8(0.1, 128), u8(1 / 256), { dims: [1, 6, 4], axis: 1 }],
    ['opset 11: from the axis on', u8(0.1, 128), u8(1 / 256), { dims: [2, 3, 4], axis: 1, opset: 11 }],
    ['opset 12, axis by default', u8(0.1, 128), u8(1 / 256), { dims: [2, 3, 4], opset: 12 }],
    ['opset 13, axis by default', u8(0.1, 128), u8(1 / 256), { dims: [2, 3, 4], opset: 13 }],
    ['opset 23', u8(0.1, 128), u8(1 / 256), { dims: [1, 5], opset: 23 }],
    ['a Relu that moves no clamp', u8(0.1, 128), u8(1 / 256), { behind: 'Relu' }],
    ['left in floats, where the scale’s inverse is not floored: int8 with two readers', s8(0.1), s8(0.0061, -128), { twice: true }],
    ['left in floats: a Relu that moves a clamp', u8(0.1, 128), u8(0.0061, 7), { behind: 'Relu' }],
  ])('%s', async (_, xq, yq, options) => {
    const parts = qdqModel(xq, yq, options);
    for (const [seed, spread] of [1 / 3, 1, 1 / 40].entries()) {
      const feeds = randomInputs(parts, xq.scale * spread, seed + 3);
      const program = await expectOrtsAnswer(parts, feeds);
      expectCircuitAgrees(program, feeds);
    }
  });
});

describe('com.microsoft QLinearSoftmax', () => {
  test.each<[string, Quantization, Quantization, Record<string, number>]>([
    ['uint8', u8(0.1, 7), u8(1 / 256), { axis: -1, opset: 13 }],
    ['int8', s8(0.1, 7), s8(1 / 256, -128), { opset: 17 }],
    ['opset 12', u8(0.1, 7), u8(1 / 200, 3), { axis: 1, opset: 12 }],
  ])('%s', async (_, xq, yq, attributes) => {
    const inputs = ['x_q', 'x_scale', 'x_zero_point', 'y_scale', 'y_zero_point'];
    const parts: ModelParts = {
      parts: [
        quantize('x', xq),
        part(parameters('y', yq), node('QLinearSoftmax', inputs, ['y_q'], attributes, { domain: 'com.microsoft' })),
        dequantize('y_q', 'out', yq),
      ],
      inputs: [value('x', 'float32', [1, 4, 3])],
      outputs: [value('out', 'float32', [1, 4, 3])],
    };
    const feeds = randomInputs(parts, xq.scale / 2);
    expectCircuitAgrees(await expectOrtsAnswer(parts, feeds), feeds);
  });
});

test('10 classes cost at most 130 constraints each', async () => {
  for (const scale of [1 / 256, 1 / 255, 1 / 127]) {
    const parts = qdqModel(u8(0.1, 128), u8(scale));
    const feeds = randomInputs(parts, 0.1);
    const [boundary, inputsAndOutputs] = [2, 10 * 8 + 10];
    expect(expectCircuitAgrees(await expectOrtsAnswer(parts, feeds), feeds) - boundary - inputsAndOutputs).toBeLessThanOrEqual(1300);
  }
});

test('a scale so small that the kernel’s floats overflow is refused', () => {
  const parts = (count: number) => qdqModel(u8(0.1), u8(1 / 333), { dims: [1, count] });
  expect(reportOf(parts(2)).entries[0]!.why).toMatch(/its output scale is .*rows of 2/);
  expect(graphOf(parts(3)).nodes.map(({ kind }) => kind)).toEqual(['softmax']);
});
