/** A circuit of one large layer: an abort is heard within it. */
import { expect, test } from 'vitest';
import { assembleCircuit, compileProgram } from '../../src/compile.ts';
import { model, node, part, qdq, value } from '../support/onnx-builder.ts';

test('an abort is heard within one layer', async () => {
  const file = model({
    parts: [
      qdq('x', { dtype: 'uint8', scale: 0.05, zeroPoint: 120 }),
      part(node('Relu', ['x_dq'], ['y'])),
      qdq('y', { dtype: 'uint8', scale: 0.061, zeroPoint: 131 }),
    ],
    inputs: [value('x', 'float32', [1, 300_000])],
    outputs: [value('y_dq', 'float32', null)],
  });
  const { program, model: of } = await compileProgram(file);
  expect(program.ops.filter(({ kind }) => kind !== 'constant')).toHaveLength(1);
  const controller = new AbortController();
  let heard = 0;
  const onEvent = ({ stage, note }: { stage: string; note?: string }): void => {
    // The third turn of the event loop within the layer: it was not left in between.
    if (stage === 'circuit' && note !== undefined && ++heard === 3) controller.abort();
  };
  const visibility = { x: 'private', y_dq: 'private' } as const;
  await expect(assembleCircuit(program, of, { signal: controller.signal, onEvent, visibility })).rejects.toMatchObject({ code: 'ZK1006' });
  expect(heard).toBe(3);
});
