/** Fourth pass: values and nodes that no output needs are dropped, and values numbered anew. Inputs stay, used or not. */
import type { DraftValue } from '../draft.ts';
import type { Boundary, GraphNode, GraphValue, ValueId } from '../graph.ts';

/** Values that a node reads. */
export function readsOf(node: GraphNode): readonly ValueId[] {
  if ('a' in node) return [node.a, node.b];
  return 'xs' in node ? node.xs : [node.x];
}

function renumber(node: GraphNode, id: (old: ValueId) => ValueId): GraphNode {
  if ('a' in node) return { ...node, a: id(node.a), b: id(node.b), y: id(node.y) };
  if ('xs' in node) return { ...node, xs: node.xs.map(id), y: id(node.y) };
  return { ...node, x: id(node.x), y: id(node.y) };
}

export interface Parts {
  readonly values: readonly GraphValue[];
  readonly nodes: readonly GraphNode[];
  readonly inputs: readonly Boundary[];
  readonly outputs: readonly Boundary[];
}

export function prune(parts: Omit<Parts, 'values'> & { readonly values: readonly DraftValue[] }): Parts {
  const needed = new Set<ValueId>([...parts.inputs, ...parts.outputs].map((boundary) => boundary.value));
  const nodes: GraphNode[] = [];
  for (const node of parts.nodes.toReversed()) {
    if (!needed.has(node.y)) continue;
    nodes.push(node);
    for (const x of readsOf(node)) needed.add(x);
  }
  nodes.reverse();
  const kept = parts.values.filter((value) => needed.has(value.id));
  const ids = new Map(kept.map((value, i) => [value.id, i]));
  const id = (old: ValueId) => ids.get(old)!;
  const rebind = (boundary: Boundary) => ({ ...boundary, value: id(boundary.value) });
  return {
    values: kept.map(({ name, dtype, dims, quantization, constant }, i) => ({ id: i, name, dtype, dims, quantization, constant })),
    nodes: nodes.map((node) => renumber(node, id)),
    inputs: parts.inputs.map(rebind),
    outputs: parts.outputs.map(rebind),
  };
}
