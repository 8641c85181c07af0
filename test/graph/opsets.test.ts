/**
 * One network through every operator set from 10 on: branches, a residual, shared weights, tensors with several readers, two inputs and five outputs. Each beside onnxruntime-web, and
 * the circuit beside the program.
 */
import { describe, test } from 'vitest';
import { newestOpset } from '../../src/graph/call.ts';
import { bias, type ModelParts, node, part, type Quantization, qdq, value, weights } from '../support/onnx-builder.ts';
import { expectCircuitAgrees, expectOrtsAnswer, randomInputs } from '../support/oracle.ts';

const data = (count: number, step: number) => Array.from({ length: count }, (_, i) => ((i * step + 11) % 201) - 100);

/** Readers of one int8 tensor are computed in floats, where ties are noise: uint8 unless told. */
function network(opset: number, type: 'uint8' | 'int8' = 'uint8'): ModelParts {
  const q = (scale: number, more: number): Quantization => ({ scale, zeroPoint: type === 'int8' ? more : 128 + more, dtype: type });
  // Per channel came with opset 13.
  const scales = opset >= 13 ? [0.011, 0.02, 0.007, 0.015] : [0.011];
  const w = weights('w', [4, 2, 3, 3], data(72, 37), { scales, dtype: 'int8' });
  const v = weights('v', [4, 4], data(16, 29), { scales: [2 ** -6], dtype: 'int8' });
  return {
    opset,
    parts: [
      qdq('x', q(0.05, 3)),
      qdq('b', q(0.04, -5)),
      w,
      v,
      // One DequantizeLinear for both readers of w.
      part(node('Conv', ['x_dq', 'w_dq'], ['c'], { auto_pad: 'SAME_UPPER', strides: [2, 2] })),
      qdq('c', q(0.1, 1)),
      part(node('Conv', ['x_dq', 'w_dq'], ['d'], { pads: [1, 1, 1, 1] })),
      qdq('d', q(0.1, -2)),
      part(node('MaxPool', ['d_dq'], ['p'], { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1 })),
      qdq('p', q(0.1, -2)),
      part(node('Add', ['c_dq', 'p_dq'], ['s'])),
      qdq('s', q(2 ** -3, 0)),
      // Three readers: a pool, a ConvTranspose with v's integers behind a DequantizeLinear of its own, and the output.
      part(node('AveragePool', ['s_dq'], ['a'], { kernel_shape: [2, 3], pads: [0, 1, 1, 1], count_include_pad: 1 })),
      qdq('a', q(0.09, 4), 'average'),
      part(
        node('DequantizeLinear', ['t_q', 'v_scale', 'v_zero_point'], ['t_dq']),
        node('ConvTranspose', ['s_dq', 't_dq'], ['u'], { strides: [2, 2] }),
        weights('t', [4, 1, 2, 2], data(16, 53), { scales: [1], dtype: 'int8' }).initializers.slice(0, 1),
      ),
      qdq('u', q(2 ** -4, 7), 'up'),
      part(node('GlobalAveragePool', ['s_dq'], ['g'])),
      qdq('g', q(0.03, 0)),
      bias('k', [30, -700, 5, 0], 0.03, [2 ** -6]),
      part(node('Flatten', ['g_dq'], ['f']), node('Gemm', ['f', 'v_dq', 'k_dq'], ['h'], { transB: 1 })),
      qdq('h', q(0.02, 0), 'logits'),
      // Scores of b's rows among each other, then a constant on the left.
      part(node('Transpose', ['b_dq'], ['bt'], { perm: [0, 2, 1] }), node('MatMul', ['b_dq', 'bt'], ['m'])),
      qdq('m', q(0.3, 0), 'scores'),
      part(node('MatMul', ['v_dq', 'bt'], ['l'])),
      qdq('l', q(0.05, 0), 'left'),
    ],
    inputs: [value('x', 'float32', [2, 2, 5, 6]), value('b', 'float32', [2, 3, 4])],
    outputs: ['average', 'up', 'logits', 'scores', 'left', 's_dq'].map((name) => value(name, 'float32', null)),
  };
}

describe('operator sets', () => {
  const all = Array.from({ length: newestOpset - 9 }, (_, i) => 10 + i);
  test.each(all)('%i', async (opset) => {
    const parts = network(opset);
    const feeds = randomInputs(parts, 0.05, opset);
    const program = await expectOrtsAnswer(parts, feeds);
    if (opset === 10 || opset === 13 || opset === newestOpset) expectCircuitAgrees(program, feeds);
  });
});
