/**
 * Checks that a model's names make a directed acyclic graph in file order: every name defined once, before its uses.
 * In: `Model`. Out: nothing, or ZK2005.
 */
import { ZkonnxError } from '../errors.ts';
import type { Model } from './model.ts';

function bad(what: string): never {
  throw new ZkonnxError('ZK2005', { what });
}

export function checkNames(model: Model): void {
  const defined = new Map<string, string>();
  const define = (name: string, by: string) => {
    const before = defined.get(name);
    if (before !== undefined) bad(`"${name}" is defined twice: by ${before} and by ${by}`);
    defined.set(name, by);
  };
  for (const name of model.initializers.keys()) define(name, 'an initializer');
  for (const name of model.opaqueInitializers.keys()) define(name, 'an initializer');
  for (const input of model.inputs) {
    if (input.name === '') bad('a graph input has no name');
    define(input.name, 'a graph input');
  }
  const producers = new Map<string, string>();
  for (const node of model.nodes) for (const output of node.outputs) producers.set(output, node.name);

  for (const node of model.nodes) {
    for (const name of node.inputs) {
      if (name === '' || defined.has(name)) continue;
      const producer = producers.get(name);
      if (producer === undefined) bad(`node "${node.name}" (${node.op}) reads "${name}", which nothing defines`);
      bad(`node "${node.name}" (${node.op}) reads "${name}" before node "${producer}" makes it: a cycle, or not topological order`);
    }
    for (const name of node.outputs) if (name !== '') define(name, `node "${node.name}"`);
  }

  if (model.outputs.length === 0) bad('the graph has no outputs');
  const outputs = new Set<string>();
  for (const { name } of model.outputs) {
    if (!defined.has(name)) bad(`graph output "${name}" is made by no node`);
    if (outputs.has(name)) bad(`graph output "${name}" is listed twice`);
    outputs.add(name);
  }
}
