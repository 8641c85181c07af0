/** All our networks become graphs, the QDQ and the QOperator form of one network the same sequence of operations. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { buildGraph } from '../../src/graph/build.ts';
import { decodeModel } from '../../src/onnx/decode.ts';
import { kindsOf } from '../support/graphs.ts';
import { sharedPath } from '../support/shared.ts';

const root = sharedPath('models/ours');
const models = root === null ? [] : readdirSync(root);

test.skipIf(root !== null)('skipped: ../shared/models is absent', () => {});

test.each(models)('%s (shared models)', (name) => {
  const files = readdirSync(`${root}/${name}`).filter((file) => /^q.*\.onnx$/.test(file));
  expect(files.length).toBeGreaterThan(0);
  const kinds = files.map((file) => {
    const model = decodeModel(readFileSync(`${root}/${name}/${file}`), { fileName: file });
    const graph = buildGraph(model, { name });
    expect(graph.modelName).toBe(name);
    expect(graph.inputs.map((i) => [i.name, i.dims])).toEqual(model.inputs.map((i) => [i.name, i.dims]));
    expect(graph.outputs.map((o) => [o.name, o.dims])).toEqual(model.outputs.map((o) => [o.name, o.dims]));
    return kindsOf(graph).join(' ');
  });
  expect(new Set(kinds).size).toBe(1);
});

test.each(models.filter((name) => name !== 'mlp-2m'))('%s, not quantized, gets advice (shared models)', (name) => {
  const model = decodeModel(readFileSync(`${root}/${name}/float.onnx`));
  expect(() => buildGraph(model)).toThrow(expect.objectContaining({ code: 'ZK3001', hint: expect.stringContaining('quantize_static') }));
});
