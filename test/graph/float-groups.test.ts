/** What `check` warns of: groups that the default runtime leaves in float32. */
import { describe, expect, test } from 'vitest';
import { floatGroups } from '../../src/graph/float-groups.ts';
import { decodeModel } from '../../src/onnx/decode.ts';
import { model, node, part, type Quantization, qdq, value, weights } from '../support/onnx-builder.ts';

/** x → Conv "first" → Conv "second", and, with `residual`, an Add of both. */
function network(dtype: 'int8' | 'uint8', residual: boolean, activation: 'Relu' | null = null, zeroPoint = dtype === 'int8' ? -128 : 0) {
  const q: Quantization = { dtype, scale: 0.1, zeroPoint };
  const w = (name: string) => weights(name, [1, 1, 1, 1], [3], { scales: [0.1], dtype: 'int8' });
  const second = activation === null ? node('Conv', ['a_dq', 'v_dq'], ['b'], {}, { name: 'second' }) : null;
  return decodeModel(
    model({
      parts: [
        qdq('x', q),
        w('w'),
        w('v'),
        part(node('Conv', ['x_dq', 'w_dq'], ['a'], {}, { name: 'first' })),
        qdq('a', q),
        part(
          ...(second !== null
            ? [second]
            : [node('Conv', ['a_dq', 'v_dq'], ['c'], {}, { name: 'second' }), node(activation!, ['c'], ['b'])]),
        ),
        qdq('b', q),
        ...(residual ? [part(node('Add', ['a_dq', 'b_dq'], ['y'])), qdq('y', q)] : []),
      ],
      inputs: [value('x', 'float32', [1, 1, 4, 4])],
      outputs: [value(residual ? 'y_dq' : 'b_dq', 'float32', null)],
    }),
  );
}

describe('groups that the default session computes in float32', () => {
  test('around an int8 tensor with several readers', () => {
    expect(floatGroups(network('int8', true))).toEqual([
      { node: 'first', op: 'Conv', cause: 'int8' },
      { node: 'second', op: 'Conv', cause: 'int8' },
    ]);
  });
  test('none where each int8 tensor has one reader, nor of uint8', () => {
    expect(floatGroups(network('int8', false))).toEqual([]);
    expect(floatGroups(network('uint8', true))).toEqual([]);
  });
  test('before a Relu that moves the clamp, and none where it does not', () => {
    expect(floatGroups(network('uint8', false, 'Relu', 30))).toEqual([{ node: 'second', op: 'Conv', cause: 'activation' }]);
    expect(floatGroups(network('uint8', false, 'Relu', 0))).toEqual([]);
  });

  test('of operators, and forms of them, that it has no integer kernel for', () => {
    const q: Quantization = { dtype: 'uint8', scale: 0.1, zeroPoint: 0 };
    const single = (op: string, attributes: Parameters<typeof node>[3], dims: readonly number[]) =>
      floatGroups(
        decodeModel(
          model({
            parts: [
              qdq('x', q),
              weights(
                'w',
                dims.map(() => 1),
                [3],
                { scales: [0.1], dtype: 'int8' },
              ),
              weights('c', [1], [3], { scales: [0.1 * 0.1], dtype: 'int32' }),
              part(node(op, ['x_dq', 'w_dq', 'c_dq'], ['y'], attributes, { name: 'it' })),
              qdq('y', q),
            ],
            inputs: [value('x', 'float32', dims)],
            outputs: [value('y_dq', 'float32', null)],
          }),
        ),
      );
    expect(single('ConvTranspose', {}, [1, 1, 4, 4])).toEqual([{ node: 'it', op: 'ConvTranspose', cause: 'operator' }]);
    expect(single('Gemm', { beta: { float: 2 } }, [3, 1])).toEqual([{ node: 'it', op: 'Gemm', cause: 'operator' }]);
    expect(single('Gemm', { beta: { float: 1 } }, [3, 1])).toEqual([]);
  });
});
