/** Where, comparisons and logic: onnxruntime-web's answer, and the circuit's. */
import { describe, expect, test } from 'vitest';
import { graphOf, reportOf } from '../support/graphs.ts';
import {
  dequantize,
  type ModelParts,
  type NodeProto,
  node,
  type Part,
  parameters,
  part,
  type Quantization,
  qdq,
  quantize,
  type TensorProto,
  tensor,
  value,
  weights,
} from '../support/onnx-builder.ts';
import { expectCircuitAgrees, expectOrtsAnswer, randomInputs } from '../support/oracle.ts';

const u8 = (scale: number, zeroPoint = 0): Quantization => ({ scale, zeroPoint, dtype: 'uint8' });
const s8 = (scale: number, zeroPoint = 0): Quantization => ({ scale, zeroPoint, dtype: 'int8' });
const dims = [1, 3, 8];

/** x and b → Q/DQ → nodes that make y of x_dq and b_dq → Q/DQ. */
function model2(
  nodes: readonly (NodeProto | Part | readonly TensorProto[])[],
  xq: Quantization,
  bq: Quantization,
  yq: Quantization,
  opset = 17,
): ModelParts {
  return {
    opset,
    parts: [
      qdq('x', xq),
      qdq('b', bq),
      ...nodes.map((n) => (typeof n === 'object' && 'nodes' in n ? (n as Part) : part(n as NodeProto))),
      qdq('y', yq),
    ],
    inputs: [value('x', 'float32', dims), value('b', 'float32', [1, 3, 1])],
    outputs: [value('y_dq', 'float32', null)],
  };
}

async function agrees(parts: ModelParts, scale = 0.07): Promise<void> {
  for (const [seed, spread] of [1, 1 / 30].entries()) {
    const feeds = randomInputs(parts, scale * spread, seed + 5);
    expectCircuitAgrees(await expectOrtsAnswer(parts, feeds), feeds);
  }
}

const where = node('Where', ['c', 'x_dq', 'b_dq'], ['y']);

describe.each([
  ['uint8', u8],
  ['int8', s8],
] as const)('%s', (_, q) => {
  test.each(['Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual'])(
    '%s of two tensors of other scales, and of equal ones',
    async (op) => {
      const compare = node(op, ['x_dq', 'b_dq'], ['c']);
      await agrees(model2([compare, where], q(0.07, 9), q(0.035, 3), q(0.05, 7)));
      await agrees(model2([compare, where], q(0.07, 9), q(0.07, 9), q(0.07, 9)));
      await agrees(model2([node(op, ['b_dq', 'x_dq'], ['c']), where], q(0.0625, 2), q(0.125, 5), q(0.0625, 2), 13));
    },
  );

  test.each(['Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual'])('%s beside a constant, on either side', async (op) => {
    const bounds = part([tensor('k', 'float32', [8], [0, 0.07, -0.07, 0.034, 3, -3, 100, -0.001])]);
    await agrees(model2([bounds, node(op, ['x_dq', 'k'], ['c']), where], q(0.07, 9), q(0.035, 3), q(0.05, 7)));
    const scalarBound = part([tensor('k', 'float32', [], [Math.fround(0.07) * 2])]);
    await agrees(model2([scalarBound, node(op, ['k', 'x_dq'], ['c']), where], q(0.07, 9), q(0.035, 3), q(0.05, 7)));
  });

  test.each(['And', 'Or', 'Xor'])('%s, and Not', async (op) => {
    const nodes = [
      part([tensor('k', 'float32', [], [0.3])]),
      node('Greater', ['x_dq', 'k'], ['g']),
      node('Less', ['x_dq', 'b_dq'], ['l']),
      node(op, ['g', 'l'], ['o']),
      node('Not', ['o'], ['c']),
      where,
    ];
    await agrees(model2(nodes, q(0.07, 9), q(0.035, 3), q(0.05, 7)));
    const mask = part([tensor('m', 'bool', [3, 1], [1, 0, 1])]);
    await agrees(
      model2([mask, node('Less', ['x_dq', 'b_dq'], ['l']), node(op, ['l', 'm'], ['c']), where], q(0.07, 9), q(0.035, 3), q(0.05, 7)),
    );
  });

  test('a constant condition, and float constants as sides', async () => {
    const mask = part([
      tensor(
        'c',
        'bool',
        [3, 8],
        Array.from({ length: 24 }, (_unused, i) => ((i * 5) % 3 === 0 ? 1 : 0)),
      ),
    ]);
    await agrees(model2([mask, where], q(0.07, 9), q(0.035, 3), q(0.05, 7)));
    const constant = part([tensor('f', 'float32', [], [-1.03])]);
    const chosen = node('Where', ['c', 'x_dq', 'f'], ['y']);
    await agrees(model2([mask, constant, chosen], q(0.07, 9), q(0.035, 3), q(0.05, 7)));
    await agrees(model2([constant, node('Greater', ['x_dq', 'b_dq'], ['c']), chosen], q(0.07, 9), q(0.035, 3), q(0.05, 7)));
    const w = weights('w', [8], [1, 2, 3, 4, 5, 6, 7, 8], { scales: [0.11], dtype: q(1).dtype });
    await agrees(model2([mask, w, node('Where', ['c', 'w_dq', 'x_dq'], ['y'])], q(0.07, 9), q(0.035, 3), q(0.05, 7)));
  });

  test('truth values are moved, and cast to float', async () => {
    const nodes = [
      node('Greater', ['x_dq', 'b_dq'], ['g']),
      node('Transpose', ['g'], ['t'], { perm: [0, 2, 1] }),
      node('Transpose', ['t'], ['c'], { perm: [0, 2, 1] }),
      where,
    ];
    await agrees(model2(nodes, q(0.07, 9), q(0.035, 3), q(0.05, 7)));
    const sum = [
      node('Greater', ['x_dq', 'b_dq'], ['g']),
      node('Cast', ['g'], ['f'], { to: 1 }),
      node('ReduceMean', ['f'], ['y'], { axes: [2] }),
    ];
    await agrees(model2(sum, q(0.07, 9), q(0.035, 3), q(0.013, 7)));
  });

  test('com.microsoft QLinearWhere', async () => {
    const triple = (name: string) => [`${name}_q`, `${name}_scale`, `${name}_zero_point`];
    const inputs = ['c', ...triple('x'), ...triple('b'), 'y_scale', 'y_zero_point'];
    const mask = tensor(
      'c',
      'bool',
      [1, 3, 8],
      Array.from({ length: 24 }, (_unused, i) => i & 1),
    );
    const parts: ModelParts = {
      parts: [
        quantize('x', q(0.07, 9)),
        quantize('b', q(0.035, 3)),
        part(node('QLinearWhere', inputs, ['y_q'], {}, { domain: 'com.microsoft' }), parameters('y', q(0.05, 7)), [mask]),
        dequantize('y_q', 'out', q(0.05, 7)),
      ],
      inputs: [value('x', 'float32', dims), value('b', 'float32', [1, 3, 1])],
      outputs: [value('out', 'float32', null)],
    };
    await agrees(parts);
  });
});

test('indices are compared as integers', async () => {
  const constants = part([tensor('two', 'int64', [], [2])]);
  const nodes = [constants, node('ArgMax', ['x_dq'], ['i'], { axis: 2 }), node('Greater', ['i', 'two'], ['c']), where];
  await agrees(model2(nodes, u8(0.07, 9), u8(0.035, 3), u8(0.05, 7)));
  const both = [
    node('ArgMax', ['x_dq'], ['i'], { axis: 2 }),
    node('ArgMin', ['x_dq'], ['j'], { axis: 2 }),
    node('LessOrEqual', ['i', 'j'], ['c']),
    where,
  ];
  await agrees(model2(both, u8(0.07, 9), u8(0.035, 3), u8(0.05, 7)));
});

test('refusals: truth values as an output or an operand of arithmetic, NaN, mixed types', () => {
  const q = u8(0.07, 9);
  const less = node('Less', ['x_dq', 'b_dq'], ['y']);
  const base = model2([less], q, q, q);
  expect(reportOf({ ...base, parts: base.parts!.slice(0, -1), outputs: [value('y', 'bool', null)] }).entries[0]!.why).toMatch(
    /truth values/,
  );
  expect(reportOf(base).entries[0]!.why).toMatch(/truth values/);
  const nan = part([tensor('k', 'float32', [], [Number.NaN])]);
  expect(reportOf(model2([nan, node('Less', ['x_dq', 'k'], ['c']), where], q, q, q)).entries[0]!.why).toMatch(/NaN/);
  const int = part([tensor('k', 'int64', [], [3])]);
  expect(reportOf(model2([int, node('Less', ['x_dq', 'k'], ['c']), where], q, q, q)).entries[0]!.why).toMatch(/another type/);
  const condition = part([tensor('c', 'float32', [], [1])]);
  expect(reportOf(model2([condition, where], q, q, q)).entries[0]!.why).toMatch(/not bool/);
  expect(graphOf(model2([node('Less', ['x_dq', 'b_dq'], ['c']), where], q, q, q)).nodes.map(({ kind }) => kind)).toEqual([
    'compare',
    'where',
  ]);
});
