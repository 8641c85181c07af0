/** Graphs and reports of models built in tests. */
import { ZkonnxError } from '../../src/errors.ts';
import { buildGraph } from '../../src/graph/build.ts';
import type { Graph, GraphNode, GraphValue } from '../../src/graph/graph.ts';
import type { Unsupported } from '../../src/graph/report.ts';
import { decodeModel } from '../../src/onnx/decode.ts';
import { type ModelParts, model } from './onnx-builder.ts';

export function graphOf(parts: ModelParts): Graph {
  return buildGraph(decodeModel(model(parts)));
}

/** The entries of the ZK3001 that the model gets. */
export function reportOf(parts: ModelParts): { readonly entries: readonly Unsupported[]; readonly error: ZkonnxError } {
  try {
    graphOf(parts);
  } catch (error) {
    if (error instanceof ZkonnxError && error.code === 'ZK3001') return { entries: error.details as Unsupported[], error };
    throw error;
  }
  throw new Error('the model is supported');
}

/** The only node of that kind. */
export function only<K extends GraphNode['kind']>(graph: Graph, kind: K): Extract<GraphNode, { kind: K }> {
  const found = graph.nodes.filter((n) => n.kind === kind);
  if (found.length !== 1) throw new Error(`${found.length} nodes of kind ${kind}: ${kindsOf(graph).join(' ')}`);
  return found[0] as Extract<GraphNode, { kind: K }>;
}

export function kindsOf(graph: Graph): string[] {
  return graph.nodes.map((n) => n.kind);
}

export function valueNamed(graph: Graph, name: string): GraphValue {
  const found = graph.values.find((v) => v.name === name);
  if (found === undefined) throw new Error(`no value "${name}" among ${graph.values.map((v) => v.name).join(', ')}`);
  return found;
}
