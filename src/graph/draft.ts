/** The graph under construction: values and nodes so far, what each ONNX name means, who reads it. */
import type { Model, OnnxNode } from '../onnx/model.ts';
import type { GraphNode, GraphValue, QDType, Quantization, ValueId } from './graph.ts';
import { isIntegerNetwork } from './integer-network.ts';
import type { Meaning, Move, Parameters } from './meaning.ts';
import { defaultProfile, type Profile } from './profile.ts';
import type { OpenSizes } from './sizes.ts';

export interface DraftValue {
  id: ValueId;
  name: string;
  dtype: QDType;
  dims: readonly number[];
  quantization: Quantization | null;
  constant: Int32Array | null;
  /** Named after a float tensor, for want of better: the QuantizeLinear that follows with the same parameters gives its name. */
  provisional: boolean;
}

/** How a graph input came to be integers; null until its QuantizeLinear is met. */
export interface DraftInput {
  readonly name: string;
  readonly dims: readonly number[];
  readonly modelDType: 'float32' | QDType;
  value: ValueId | null;
}

/** What the caller says of a model that its file leaves open. */
export interface DraftOptions extends OpenSizes {
  readonly profile?: Profile | undefined;
  /** Of an integer network, whose file does not say which 8-bit integers its float32 inputs hold: uint8 unless told. */
  readonly inputTypes?: Readonly<Record<string, 'uint8' | 'int8'>> | undefined;
}

export interface Draft {
  readonly profile: Profile;
  readonly model: Model;
  /** Of all tensors made so far. */
  elements: number;
  /** Float32 tensors hold integers (graph/integer.ts). */
  readonly integerNetwork: boolean;
  /** Types of an integer network's float32 inputs, by name; uint8 unless told. */
  readonly inputTypes: Readonly<Record<string, 'uint8' | 'int8'>>;
  /** Of dimensions that the model leaves open. */
  readonly sizes: OpenSizes;
  readonly values: DraftValue[];
  readonly nodes: GraphNode[];
  readonly inputs: DraftInput[];
  /** By ONNX tensor name. */
  readonly meanings: Map<string, Meaning>;
  /** Nodes that read a tensor's elements, by index (a node that reads it twice stands twice), plus -1 where it is a graph output. */
  readonly readers: Map<string, number[]>;
  /** Index of the node that makes a tensor. */
  readonly makers: Map<string, number>;
  /** Constants that became values of the graph, by name. */
  readonly constants: Map<string, ValueId>;
  /** What a computation became at its first QuantizeLinear, by the name of the float tensor there. */
  readonly settled: Map<string, { readonly value: ValueId; readonly parameters: Parameters }>;
}

export function newDraft(model: Model, options: DraftOptions = {}): Draft {
  const readers = new Map<string, number[]>();
  const makers = new Map<string, number>();
  const read = (name: string, by: number) => {
    const list = readers.get(name);
    if (list === undefined) readers.set(name, [by]);
    else list.push(by);
  };
  // Where all shapes are known, ONNX Runtime folds shapes away before it fuses anything.
  const isStatic = model.inputs.every(({ dims }) => dims?.every((dim) => typeof dim === 'number' && dim > 0));
  const isFolded = ({ op, domain }: OnnxNode) => isStatic && domain === '' && (op === 'Shape' || op === 'Size');
  for (const node of model.nodes) {
    for (const name of isFolded(node) ? [] : node.inputs) if (name !== '') read(name, node.index);
    for (const name of node.outputs) if (name !== '') makers.set(name, node.index);
  }
  for (const output of model.outputs) read(output.name, -1);
  return {
    profile: options.profile ?? defaultProfile,
    model,
    elements: 0,
    integerNetwork: isIntegerNetwork(model),
    inputTypes: options.inputTypes ?? {},
    sizes: options,
    values: [],
    nodes: [],
    inputs: [],
    meanings: new Map(),
    readers,
    makers,
    constants: new Map(),
    settled: new Map(),
  };
}

export function readersOf(draft: Draft, name: string): readonly number[] {
  return draft.readers.get(name) ?? [];
}

export function addValue(
  draft: Draft,
  value: Pick<DraftValue, 'name' | 'dtype' | 'dims' | 'quantization'> & { readonly constant?: Int32Array; readonly provisional?: boolean },
): ValueId {
  const id = draft.values.length;
  draft.values.push({
    id,
    name: value.name,
    dtype: value.dtype,
    dims: [...value.dims],
    quantization: value.quantization,
    constant: value.constant ?? null,
    provisional: value.provisional ?? false,
  });
  return id;
}

export function draftValue(draft: Draft, id: ValueId): DraftValue {
  return draft.values[id]!;
}

export function sameQuantization(a: Quantization | null, b: Quantization | null): boolean {
  return a === b || (a !== null && b !== null && a.scale === b.scale && a.zeroPoint === b.zeroPoint);
}

/** The 8-bit value's own parameters. */
export function parametersOf(value: Pick<GraphValue, 'dtype' | 'quantization'>): Parameters | null {
  if (value.quantization === null || (value.dtype !== 'uint8' && value.dtype !== 'int8')) return null;
  return { ...value.quantization, dtype: value.dtype };
}

export function sameParameters(a: Parameters | null, b: Parameters | null): boolean {
  return sameQuantization(a, b) && a?.dtype === b?.dtype;
}

/** Same elements under another name or quantization. */
export function addAlias(draft: Draft, x: ValueId, name: string, layer: { name: string; op: string }, q: Quantization | null): ValueId {
  const { dtype, dims } = draftValue(draft, x);
  const y = addValue(draft, { name, dtype, dims, quantization: q });
  draft.nodes.push({ kind: 'reshape', name: layer.name, op: layer.op, x, y });
  return y;
}

/** `x`, read by `q`: itself where that is its quantization (or it has none yet), else the same integers with the other one. */
export function reinterpret(draft: Draft, x: ValueId, q: Quantization, name: string, layer: { name: string; op: string }): ValueId {
  const value = draftValue(draft, x);
  if (value.quantization === null) value.quantization = { scale: q.scale, zeroPoint: q.zeroPoint };
  return sameQuantization(value.quantization, q) ? x : addAlias(draft, x, name, layer, { scale: q.scale, zeroPoint: q.zeroPoint });
}

/** Applies `moves` to the value `x` in turn; the last result is called `lastName`. */
export function applyMoves(draft: Draft, x: ValueId, moves: readonly Move[], lastName: string): ValueId {
  let current = x;
  moves.forEach((move, i) => {
    const { dtype, quantization } = draftValue(draft, current);
    const name = i === moves.length - 1 ? lastName : move.output;
    const y = addValue(draft, { name, dtype, dims: move.dims, quantization });
    draft.nodes.push(move.node(current, y));
    current = y;
  });
  return current;
}
