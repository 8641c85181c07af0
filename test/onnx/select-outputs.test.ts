/** The part of a model that leads to chosen tensors. */
import { expect, test } from 'vitest';
import { decodeModel } from '../../src/onnx/decode.ts';
import { selectOutputs } from '../../src/onnx/select-outputs.ts';
import { model, node, part, tensor, value } from '../support/onnx-builder.ts';

/** a → Neg → b, c → Neg → d; b·k → e; d and e → f. */
const whole = decodeModel(
  model({
    parts: [
      part(node('Neg', ['a'], ['b']), node('Neg', ['c'], ['d']), node('Mul', ['b', 'k'], ['e']), node('Add', ['d', 'e'], ['f']), [
        tensor('k', 'float32', [], [2]),
      ]),
    ],
    inputs: [value('a', 'float32', [2]), value('c', 'float32', [2])],
    outputs: [value('f', 'float32', [2]), value('b', 'float32', [2])],
    valueInfos: [value('e', 'float32', [2])],
  }),
);

test('its nodes, inputs and initializers are those that are needed, nodes numbered anew', () => {
  const part = selectOutputs(whole, ['e']);
  expect(part.nodes.map(({ op, index }) => `${index} ${op}`)).toEqual(['0 Neg', '1 Mul']);
  expect(part.inputs.map(({ name }) => name)).toEqual(['a']);
  expect([...part.initializers.keys()]).toEqual(['k']);
  expect(part.outputs).toEqual([{ name: 'e', dtype: 'float32', dims: [2] }]);
  expect(part.sha256).toBe(whole.sha256);
  const other = selectOutputs(whole, ['d', 'b']);
  expect(other.nodes.map(({ index }) => index)).toEqual([0, 1]);
  expect([...other.initializers.keys()]).toEqual([]);
  expect(other.outputs.map(({ name, dims }) => [name, dims])).toEqual([
    ['d', null],
    ['b', [2]],
  ]);
});

test("the model's own outputs are the model", () => {
  expect(selectOutputs(whole, ['f', 'b'])).toBe(whole);
});

test('inputs, constants and names of nothing cannot be outputs', () => {
  for (const name of ['a', 'k', 'nothing', '__proto__', '']) {
    expect(() => selectOutputs(whole, ['f', name])).toThrow(expect.objectContaining({ code: 'ZK1005' }));
  }
});
