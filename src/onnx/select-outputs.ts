/**
 * The part of a model that leads to chosen tensors, which become its outputs: what onnx.utils.extract_model makes, with the whole file's digest. In: a `Model` and names of tensors that
 * its nodes make. Out: a `Model` whose other nodes, initializers and inputs are gone.
 */
import { ZkonnxError } from '../errors.ts';
import type { Model, OnnxNode } from './model.ts';

/** Names in a message about an unknown one. */
const mostNames = 12;

/** What can be chosen: the model's own outputs and, from the last, what its DequantizeLinears make. */
function candidates(model: Model): string {
  const dequantized = model.nodes.filter(({ op, inputs }) => op === 'DequantizeLinear' && !model.initializers.has(inputs[0] ?? ''));
  const names = [...model.outputs.map(({ name }) => name), ...dequantized.toReversed().flatMap(({ outputs }) => outputs)];
  return [...new Set(names)].slice(0, mostNames).join(', ');
}

/** @throws ZkonnxError ZK1005 for a name that no node makes. */
export function selectOutputs(model: Model, names: readonly string[]): Model {
  const own = model.outputs.map(({ name }) => name);
  if (names.length === own.length && names.every((name, i) => name === own[i])) return model;
  const makers = new Map(model.nodes.flatMap((node) => node.outputs.map((name): [string, OnnxNode] => [name, node])));
  const needed = new Set<string>();
  const kept = new Set<OnnxNode>();
  const pending = [...new Set(names)];
  for (const name of pending) {
    if (!makers.has(name)) throw new ZkonnxError('ZK1005', { role: 'output', tensor: name, known: candidates(model) });
  }
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (needed.has(name)) continue;
    needed.add(name);
    const maker = makers.get(name);
    if (maker === undefined || kept.has(maker)) continue;
    kept.add(maker);
    pending.push(...maker.inputs.filter((input) => input !== ''));
  }
  const wanted = <T>(entries: ReadonlyMap<string, T>) => new Map([...entries].filter(([name]) => needed.has(name)));
  const declared = (name: string) => model.outputs.find((output) => output.name === name) ?? model.valueInfos.get(name);
  return {
    ...model,
    nodes: model.nodes.filter((node) => kept.has(node)).map((node, index) => ({ ...node, index })),
    inputs: model.inputs.filter(({ name }) => needed.has(name)),
    outputs: [...new Set(names)].map((name) => declared(name) ?? { name, dtype: 'unknown', dims: null }),
    initializers: wanted(model.initializers),
    opaqueInitializers: wanted(model.opaqueInitializers),
  };
}
