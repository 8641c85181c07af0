/**
 * Constraint counts are part of what we promise: test/snapshots/constraints.csv. With the shared models at hand the whole file is compared (`vitest -u` rewrites it); without them,
 * the lines of the models that stand in the repository.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { buildGraph } from '../../src/graph/build.ts';
import { decodeModel } from '../../src/onnx/decode.ts';
import { buildProgram } from '../../src/program/build.ts';
import { buildCircuit } from '../../src/r1cs/build.ts';
import { makeLayout } from '../../src/r1cs/layout.ts';
import { sharedPath } from '../support/shared.ts';

const shared = sharedPath('models/ours');
const snapshot = fileURLToPath(new URL('../snapshots/constraints.csv', import.meta.url));
const digits = fileURLToPath(new URL('../../examples/digits/digits.onnx', import.meta.url));
const header = 'model,constraints,wires,public signals,non-zeros A,non-zeros B,non-zeros C,requantized values,constraints of them each';

interface Counts {
  readonly line: string;
  readonly constraints: number;
  readonly each: number;
}

function count(name: string, file: string): Counts {
  const program = buildProgram(buildGraph(decodeModel(new Uint8Array(readFileSync(file)))));
  const { r1cs, labels } = buildCircuit(program, makeLayout(program), 1n);
  const gadget = labels.gadgets.indexOf('requantize');
  const rows = Array.from(labels.gadgetOf).filter((of) => of === gadget).length;
  const pooled = new Set(program.ops.flatMap((op) => (op.kind === 'max' && op.beforeRequantize ? [op.x] : [])));
  const values = program.ops
    .filter(
      (op) =>
        (op.kind === 'requantize' && !pooled.has(op.y)) ||
        op.kind === 'add' ||
        op.kind === 'average' ||
        (op.kind === 'max' && op.beforeRequantize),
    )
    .reduce((sum, op) => sum + program.tensors[op.y]!.count, 0);
  // One row more where the value has an accumulator of its own.
  const each = 1 + rows / values;
  const { a, b, c } = r1cs;
  const numbers = [
    r1cs.rowCount,
    r1cs.wireCount,
    r1cs.publicCount,
    a.wires.length,
    b.wires.length,
    c.wires.length,
    values,
    each.toFixed(2),
  ];
  return { line: `${name},${numbers.join(',')}`, constraints: r1cs.rowCount, each };
}

describe('constraint counts', () => {
  test('examples/digits', () => {
    expect(readFileSync(snapshot, 'utf8').split('\n')).toContain(count('examples/digits', digits).line);
  });

  test.skipIf(shared === null)(
    'of every model (shared models)',
    async () => {
      const models = readdirSync(shared!).flatMap((model) =>
        readdirSync(`${shared}/${model}`)
          .filter((file) => file.startsWith('q') && file.endsWith('.onnx') && existsSync(`${shared}/${model}/${file}`))
          .map((file) => `${model}/${file.replace('.onnx', '')}`),
      );
      const counts = new Map(models.sort().map((model) => [model, count(model, `${shared}/${model}.onnx`)]));
      const lines = [header, count('examples/digits', digits).line, ...[...counts.values()].map(({ line }) => line)];
      await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(snapshot);
      const lenet = counts.get('lenet5-mnist/qdq-int8')!;
      expect(lenet.constraints).toBeLessThanOrEqual(175_000);
      expect(lenet.each).toBeLessThanOrEqual(35);
    },
    120_000,
  );
});
