/** Elements picked at constant positions, and constants that exporters compute them with, against onnxruntime-web and through the circuit. */
import { describe, expect, test } from 'vitest';
import { graphOf, kindsOf, only, reportOf } from '../support/graphs.ts';
import {
  type Attribute,
  type ModelParts,
  node,
  type Part,
  part,
  type Quantization,
  qdq,
  type TensorProto,
  tensor,
  value,
} from '../support/onnx-builder.ts';
import { expectCircuitAgrees, expectOrtsAnswer, randomInputs } from '../support/oracle.ts';

const q: Quantization = { dtype: 'int8', scale: 0.05, zeroPoint: -7 };
const dims = [2, 3, 4];

const ints = (name: string, values: readonly number[], shape: readonly number[] = [values.length]) => tensor(name, 'int64', shape, values);

function between(inner: readonly Part[], shape: readonly (number | string)[] = dims): ModelParts {
  return {
    parts: [qdq('x', q), ...inner, qdq('y', q)],
    inputs: [value('x', 'float32', shape)],
    outputs: [value('y_dq', 'float32', null)],
    opset: 18,
  };
}

const pick = (op: string, constants: readonly TensorProto[], attributes: Record<string, Attribute> = {}): ModelParts =>
  between([part(node(op, ['x_dq', ...constants.map((c) => c.name!)], ['y'], attributes), constants)]);

describe('picked elements', () => {
  const cases: Record<string, ModelParts> = {
    'GatherElements along the last axis': pick('GatherElements', [ints('i', [3, -1, 0, 1, 2, -4], [2, 3, 1])], { axis: 2 }),
    'GatherElements of fewer rows': pick('GatherElements', [ints('i', [1, 0, 1, 1], [1, 2, 2])]),
    'GatherND of elements': pick('GatherND', [ints('i', [0, 2, 3, -1, -3, 0], [2, 3])]),
    'GatherND of slices': pick('GatherND', [ints('i', [1, 2, 0, 0], [2, 1, 2])]),
    'GatherND by batch': pick('GatherND', [ints('i', [2, -3], [2, 1])], { batch_dims: 1 }),
    'Compress an axis': pick('Compress', [tensor('c', 'bool', [3], [0, 1, 1])], { axis: 1 }),
    'Compress all elements': pick('Compress', [tensor('c', 'bool', [5], [1, 0, 0, 1, 1])]),
    'ReverseSequence by batch': pick('ReverseSequence', [ints('l', [1, 3])], { batch_axis: 0, time_axis: 1 }),
    'ReverseSequence by time': pick('ReverseSequence', [ints('l', [2, 1, 2])], { batch_axis: 1, time_axis: 0 }),
    'Trilu, upper': pick('Trilu', [ints('k', [1], [])]),
    'Trilu, lower': pick('Trilu', [ints('k', [-1], [])], { upper: 0 }),
    'CenterCropPad of all axes': pick('CenterCropPad', [ints('s', [3, 2, 7])]),
    'CenterCropPad of one axis': pick('CenterCropPad', [ints('s', [1])], { axes: [-1] }),
  };
  /** x and updates u, both graph inputs, of one scale. */
  const scatter = (
    op: string,
    indices: TensorProto,
    updates: readonly number[],
    attributes: Record<string, Attribute> = {},
    opset = 18,
  ): ModelParts => {
    const one = between([qdq('u', q), part(node(op, ['x_dq', 'i', 'u_dq'], ['y'], attributes), [indices])]);
    return { ...one, inputs: [...one.inputs, value('u', 'float32', updates)], opset };
  };
  cases['ScatterElements along the last axis'] = scatter('ScatterElements', ints('i', [3, -4, 0], [1, 3, 1]), [1, 3, 1], { axis: -1 });
  cases['Scatter along the first axis'] = scatter('Scatter', ints('i', [1, 0, 1, 1], [1, 2, 2]), [1, 2, 2], {}, 10);
  cases['ScatterND of elements'] = scatter('ScatterND', ints('i', [0, 2, 3, -1, -3, 0], [2, 3]), [2]);
  cases['ScatterND of slices'] = scatter('ScatterND', ints('i', [1, 2, 0, 0], [2, 1, 2]), [2, 1, 4]);
  for (const policy of ['not_larger', 'not_smaller']) {
    cases[`Resize, ${policy}`] = between([
      part(node('Resize', ['x_dq', '', '', 's'], ['y'], { mode: 'nearest', keep_aspect_ratio_policy: policy, axes: [1, 2] }), [
        ints('s', [7, 6]),
      ]),
    ]);
  }

  test.each(Object.entries(cases))('%s', async (_, parts) => {
    const feeds = randomInputs(parts, q.scale);
    expectCircuitAgrees(await expectOrtsAnswer(parts, feeds), feeds);
  });

  test.each([
    ['GatherElements', pick('GatherElements', [ints('i', [4], [1, 1, 1])], { axis: 2 }), /index 4 of 4/],
    ['GatherElements of more rows', pick('GatherElements', [ints('i', [0, 0, 0], [3, 1, 1])], { axis: 2 }), /shape \[3, 1, 1\]/],
    ['GatherND', pick('GatherND', [ints('i', [2], [1, 1])]), /index 2 of 2/],
    ['GatherND too deep', pick('GatherND', [ints('i', [0, 0, 0, 0], [1, 4])]), /shape \[1, 4\]/],
    ['ScatterElements', scatter('ScatterElements', ints('i', [4], [1, 1, 1]), [1, 1, 1], { axis: 2 }), /index 4 of 4/],
    ['ScatterElements of other updates', scatter('ScatterElements', ints('i', [0], [1, 1, 1]), [1, 1, 2]), /updates of \[1, 1, 2\]/],
    ['ScatterElements that adds', scatter('ScatterElements', ints('i', [0], [1, 1, 1]), [1, 1, 1], { reduction: 'add' }), /reduction/],
    ['ScatterND', scatter('ScatterND', ints('i', [2], [1, 1]), [1, 3, 4]), /index 2 of 2/],
    ['Compress', pick('Compress', [tensor('c', 'bool', [4], [1, 1, 1, 1])], { axis: 1 }), /condition/],
    ['ReverseSequence', pick('ReverseSequence', [ints('l', [1, 4])], { batch_axis: 0, time_axis: 1 }), /lengths 1, 4/],
    ['CenterCropPad', pick('CenterCropPad', [ints('s', [1, 2])]), /3 axes/],
  ] as const)('%s refuses positions outside', (_, parts, why) => {
    expect(reportOf(parts).entries[0]!.why).toMatch(why);
  });
});

describe('constants', () => {
  test('an axis padded by computed amounts, as PyTorch exports it', async () => {
    // pads = reverse pairs of [1, 2, 0, 1, 0, 0], transposed and flattened.
    const parts = between([
      part(
        node('ConstantOfShape', ['n'], ['zeros'], { value: { tensor: tensor('', 'int64', [1], [0]) } }),
        node('Concat', ['given', 'zeros'], ['flat'], { axis: 0 }),
        node('Reshape', ['flat', 'pairs'], ['paired']),
        node('Slice', ['paired', 'minus1', 'least', 'axis', 'minus1'], ['turned']),
        node('Transpose', ['turned'], ['columns'], { perm: [1, 0] }),
        node('Reshape', ['columns', 'minus1'], ['pads']),
        node('Cast', ['pads'], ['cast'], { to: 7 }),
        node('Pad', ['x_dq', 'cast'], ['y']),
        [
          ints('n', [2]),
          ints('given', [1, 2, 0, 1]),
          ints('pairs', [-1, 2]),
          ints('minus1', [-1]),
          ints('least', [-(2 ** 40)]),
          ints('axis', [0]),
        ],
      ),
    ]);
    const feeds = randomInputs(parts, q.scale);
    const program = await expectOrtsAnswer(parts, feeds);
    expect(program.outputs[0]!.dims).toEqual([2, 4, 7]);
  });

  test('an empty constant is a constant: the region of a Resize', async () => {
    const parts = between(
      [
        part(
          node('Constant', [], ['roi'], { value: { tensor: tensor('', 'float32', [0], []) } }),
          node('Resize', ['x_dq', 'roi', 's'], ['y'], {
            mode: 'nearest',
            nearest_mode: 'floor',
            coordinate_transformation_mode: 'asymmetric',
          }),
          [tensor('s', 'float32', [3], [1, 2, 2])],
        ),
      ],
      dims,
    );
    await expectOrtsAnswer(parts, randomInputs(parts, q.scale));
  });

  test('positions counted by Range, a size, a remainder', async () => {
    const parts = between([
      part(
        node('Size', ['x_dq'], ['size']),
        node('Mod', ['size', 'ten'], ['last']),
        node('Range', ['one', 'last', 'two'], ['positions']),
        node('Gather', ['x_dq', 'positions'], ['y'], { axis: 2 }),
        [ints('ten', [10], []), ints('one', [1], []), ints('two', [2], [])],
      ),
    ]);
    const program = await expectOrtsAnswer(parts, randomInputs(parts, q.scale));
    // 24 mod 10 = 4: positions 1 and 3.
    expect(program.outputs[0]!.dims).toEqual([2, 3, 2]);
  });

  test('types on the way to a shape: half of a size, as a float and back', async () => {
    const parts = between([
      part(
        node('Shape', ['x_dq'], ['shape']),
        node('Cast', ['shape'], ['real'], { to: 1 }),
        node('Mul', ['real', 'factors'], ['scaled']),
        node('Max', ['scaled', 'least'], ['bounded']),
        node('CastLike', ['bounded', 'shape'], ['whole']),
        node('Cast', ['whole'], ['narrow'], { to: 6 }),
        node('Cast', ['narrow'], ['wide'], { to: 7 }),
        node('Slice', ['x_dq', 'zeros', 'wide'], ['y']),
        [tensor('factors', 'float32', [3], [1, 0.5, 0.75]), tensor('least', 'float32', [], [1]), ints('zeros', [0, 0, 0])],
      ),
    ]);
    const program = await expectOrtsAnswer(parts, randomInputs(parts, q.scale));
    expect(program.outputs[0]!.dims).toEqual([2, 1, 3]);
  });

  test('what is not constant is refused', () => {
    const entries = reportOf(between([part(node('Mod', ['x_dq', 'x_dq'], ['y']))])).entries;
    expect(entries[0]!.why).toMatch(/not constant/);
  });
});

describe('a Shape beside a QuantizeLinear', () => {
  const parts = (batch: number | string): ModelParts =>
    between(
      [
        qdq('b', q),
        part(
          node('Add', ['x_dq', 'b_dq'], ['sum']),
          node('Shape', ['sum'], ['shape']),
          node('QuantizeLinear', ['sum', 'x_scale', 'x_zero_point'], ['sum_q']),
          node('DequantizeLinear', ['sum_q', 'x_scale', 'x_zero_point'], ['sum_dq']),
          node('Reshape', ['sum_dq', 'shape'], ['y']),
        ),
      ],
      [batch, 3, 4],
    );
  const withB = (p: ModelParts): ModelParts => ({ ...p, inputs: [...p.inputs, value('b', 'float32', [2, 3, 4])] });

  test('does not keep ONNX Runtime from fusing where shapes are fixed', async () => {
    const fixed = withB(parts(2));
    expect(kindsOf(graphOf(fixed))).toContain('add');
    expect(only(graphOf(fixed), 'add').roundingZero).not.toBe(0);
    await expectOrtsAnswer(fixed, randomInputs(fixed, q.scale));
  });

  test('is a reader where the batch is open', () => {
    const open = withB(parts('N'));
    expect(reportOf({ ...open, inputs: [open.inputs[0]!, value('b', 'float32', [1, 3, 4])] }).entries[0]!.why).toMatch(
      /used more than once/,
    );
  });
});
