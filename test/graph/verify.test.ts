/** verifyGraph holds what it says: each rule, broken alone, is found. */
import { describe, expect, test } from 'vitest';
import { transposeOrder } from '../../src/graph/constants.ts';
import type { Graph, GraphNode, GraphValue } from '../../src/graph/graph.ts';
import { verifyGraph } from '../../src/graph/verify.ts';
import { graphOf } from '../support/graphs.ts';
import { bias, node, part, type Quantization, qdq, value, weights } from '../support/onnx-builder.ts';

const u8: Quantization = { scale: 0.5, zeroPoint: 3, dtype: 'uint8' };
const w = weights('w', [2, 1, 3, 3], new Array(18).fill(1), { scales: [0.1, 0.2], dtype: 'int8' });

const good = graphOf({
  parts: [
    qdq('x', u8),
    w,
    bias('b', [1, 2], u8.scale, [0.1, 0.2]),
    part(node('Conv', ['x_dq', 'w_dq', 'b_dq'], ['c'])),
    qdq('c', u8),
    part(node('Transpose', ['c_dq'], ['t'], { perm: [0, 2, 3, 1] })),
    qdq('t', u8),
    part(node('ArgMax', ['t_dq'], ['i'], { axis: 3 })),
  ],
  inputs: [value('x', 'float32', [1, 1, 5, 4])],
  outputs: [value('i', 'int64', []), value('t_dq', 'float32', [])],
});

function withNode(index: number, change: object): Graph {
  return { ...good, nodes: good.nodes.with(index, { ...good.nodes[index]!, ...change } as GraphNode) };
}

function withValue(index: number, change: Partial<GraphValue>): Graph {
  return { ...good, values: good.values.with(index, { ...good.values[index]!, ...change }) };
}

describe('verifyGraph', () => {
  test('accepts what buildGraph gives', () => {
    expect(good.nodes.map((n) => n.kind)).toEqual(['conv', 'transpose', 'argmax']);
    expect(() => verifyGraph(good)).not.toThrow();
  });

  const conv = good.nodes[0] as Extract<GraphNode, { kind: 'conv' }>;
  test.each<[string, Graph, RegExp]>([
    ['a wrong id', withValue(1, { id: 5 }), /has id 5/],
    ['a name used twice', withValue(1, { name: 'x_q' }), /two values are called "x_q"/],
    ['a shape with 0', withValue(0, { dims: [1, 0] }), /shape/],
    ['a scale that is no float32', withValue(0, { quantization: { scale: 0.1, zeroPoint: 0 } }), /scale 0.1/],
    ['a zero point outside the type', withValue(0, { quantization: { scale: 0.5, zeroPoint: -1 } }), /zero point -1/],
    ['indices with a scale', withValue(3, { quantization: { scale: 0.5, zeroPoint: 0 } }), /int64 with a scale/],
    ['a constant of the wrong length', withValue(0, { constant: Int32Array.of(1) }), /1 elements/],
    ['no quantization where one is needed', withValue(0, { quantization: null }), /without quantization/],
    ['weights of the wrong length', withNode(0, { weights: { ...conv.weights, data: new Int32Array(3) } }), /3 weights/],
    ['scales for other channels', withNode(0, { weights: { ...conv.weights, scales: new Float32Array(3) } }), /3 scales for 2/],
    ['biases for other channels', withNode(0, { bias: new Int32Array(3) }), /3 biases/],
    ['groups that do not fit', withNode(0, { group: 2 }), /groups/],
    ['a kernel unlike its weights', withNode(0, { window: { ...conv.window, kernel: [2, 3] } }), /kernel/],
    ['a permutation that does not give the shape', withNode(1, { perm: [0, 3, 2, 1] }), /transpose/],
    ['a requantizing transpose', withValue(2, { quantization: { scale: 1, zeroPoint: 0 } }), /changes the quantization/],
    ['another axis', withNode(2, { axis: 1 }), /argmax/],
    ['a value read before it is made', { ...good, nodes: good.nodes.toReversed() }, /before it is made/],
    ['a value made twice', { ...good, nodes: [...good.nodes, good.nodes[2]!] }, /made twice/],
    ['a value that nothing makes', { ...good, nodes: good.nodes.slice(0, 2) }, /made by nothing/],
    ['a boundary of another shape', { ...good, inputs: [{ ...good.inputs[0]!, dims: [20] }] }, /boundary "x" has shape/],
    ['a float boundary without a scale', { ...good, outputs: [{ ...good.outputs[0]!, modelDType: 'float32' }] }, /float without/],
  ])('finds %s', (_, graph, what) => {
    expect(() => verifyGraph(graph)).toThrow(what);
    expect(() => verifyGraph(graph)).toThrow(expect.objectContaining({ code: 'ZK7001' }));
  });
});

test('transposeOrder is numpy.transpose', () => {
  // np.arange(24).reshape(2, 3, 4).transpose(2, 0, 1).ravel()
  expect([...transposeOrder([2, 3, 4], [2, 0, 1])]).toEqual([
    0, 4, 8, 12, 16, 20, 1, 5, 9, 13, 17, 21, 2, 6, 10, 14, 18, 22, 3, 7, 11, 15, 19, 23,
  ]);
  expect([...transposeOrder([], [])]).toEqual([0]);
});
