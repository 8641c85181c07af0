/** A node test's model written anew: inputs become constants, quantized constants or activations behind Q/DQ pairs, or ranks of their elements. */
import onnxProto from 'onnx-proto';
import { quantizeElement, rangeOf, roundHalfEven } from '../../src/graph/quantization.ts';
import type { DType, Tensor, TensorData } from '../../src/tensor/tensor.ts';
import { type NodeProto, part, type Quantization, qdq, tensor, value, weights } from '../support/onnx-builder.ts';
import type { ModelProto, NodeTest } from './folder.ts';
import { type Role, roleOf } from './roles.ts';

const { onnx } = onnxProto;
const fl = Math.fround;

export interface NamedTensor {
  readonly name: string;
  readonly tensor: Tensor;
}

/** An input of the test and what its nodes use it for. */
export interface TestInput extends NamedTensor {
  readonly role: Role;
  /** The first node that reads it, and as which of its inputs. */
  readonly op: string;
  readonly position: number;
}

export function testInputs(test: NodeTest, inputs: readonly Tensor[], constants: boolean): TestInput[] {
  return (test.proto.graph?.input ?? []).map((info, i) => {
    const name = info.name ?? '';
    const uses = (test.proto.graph?.node ?? []).flatMap((node) =>
      (node.input ?? []).flatMap((input, position) => (input === name ? [{ op: node.opType ?? '', position }] : [])),
    );
    const { op, position } = uses[0] ?? { op: '', position: 0 };
    return { name, tensor: inputs[i]!, role: roleOf(op, position, constants), op, position };
  });
}

/** Parameters of a Q/DQ pair that holds all of `data`. */
export function quantizationOf(data: ArrayLike<number>, dtype: 'uint8' | 'int8', symmetric = false): Quantization {
  let [low, high] = [0, 0];
  for (let i = 0; i < data.length; i++) [low, high] = [Math.min(low, data[i]!), Math.max(high, data[i]!)];
  if (symmetric) [low, high] = [-Math.max(-low, high), Math.max(-low, high)];
  const [least, most] = rangeOf(dtype);
  // Shapes and attributes are tested, not extremes: a tensor of zeros gets a scale all the same.
  const scale = high > low ? fl((high - low) / (symmetric ? 254 : most - least)) : 0.5;
  return { dtype, scale, zeroPoint: symmetric ? 0 : Math.min(Math.max(roundHalfEven(least - low / scale), least), most) };
}

/** fl((q − zp)·s) of what QuantizeLinear makes of each element. */
export function throughPair(data: ArrayLike<number>, q: Quantization): Float32Array {
  const range = rangeOf(q.dtype);
  const scale = fl(q.scale);
  return Float32Array.from(data, (x) => fl((quantizeElement(x, { scale, zeroPoint: q.zeroPoint }, range) - q.zeroPoint) * scale));
}

export interface GraphEdits {
  readonly inputs: readonly ReturnType<typeof value>[];
  readonly outputs: readonly ReturnType<typeof value>[];
  readonly initializers?: readonly onnxProto.onnx.ITensorProto[];
  readonly before?: readonly NodeProto[];
  readonly after?: readonly NodeProto[];
  /** New names of tensors that nodes read. */
  readonly renamed?: ReadonlyMap<string, string>;
  /** For Q/DQ pairs, which are no older than opset 10: an operator that means something else there is refused, or differs from the float test. */
  readonly leastOpset?: number;
}

/** The test's model with another boundary. */
export function rewritten(test: NodeTest, edits: GraphEdits): Uint8Array {
  const graph = test.proto.graph!;
  const rename = (name: string) => edits.renamed?.get(name) ?? name;
  const proto: ModelProto = {
    irVersion: test.proto.irVersion ?? 8,
    opsetImport: (test.proto.opsetImport ?? []).map(({ domain, version }) => ({
      domain: domain ?? '',
      version: (domain ?? '') === '' ? Math.max(Number(version), edits.leastOpset ?? 1) : Number(version),
    })),
    graph: {
      name: test.name,
      node: [
        ...(edits.before ?? []),
        ...(graph.node ?? []).map((node) => ({ ...node, input: (node.input ?? []).map(rename) })),
        ...(edits.after ?? []),
      ],
      initializer: [...(graph.initializer ?? []), ...(edits.initializers ?? [])],
      input: [...edits.inputs],
      output: [...edits.outputs],
    },
  };
  return new Uint8Array(onnx.ModelProto.encode(onnx.ModelProto.fromObject(proto)).finish());
}

export function initializer({ name, tensor: t }: NamedTensor): onnxProto.onnx.ITensorProto {
  return tensor(name, t.dtype, t.dims, t.data);
}

export function inputInfo({ name, tensor: t }: NamedTensor, dtype: DType = t.dtype) {
  return value(name, dtype, t.dims);
}

/** Inputs that are data stay inputs, the others become initializers. */
export function withParametersConstant(test: NodeTest, inputs: readonly TestInput[], outputs: readonly NamedTensor[]): Uint8Array {
  return rewritten(test, {
    inputs: inputs.filter((input) => input.role === 'data').map((input) => inputInfo(input)),
    outputs: outputs.map((output) => inputInfo(output)),
    initializers: inputs.filter((input) => input.role !== 'data').map(initializer),
  });
}

/** `model` computes on integers; `reference` is the float computation on the same numbers, for onnxruntime-web. */
export interface Wrapped {
  readonly model: Uint8Array;
  /** Without quantization, its inputs constants. */
  readonly reference: Uint8Array;
  readonly feeds: Readonly<Record<string, Tensor>>;
  /** By output name: the name in `model`, and the step of its quantization. */
  readonly outputs: ReadonlyMap<string, { readonly name: string; readonly scale: number; readonly low: number; readonly high: number }>;
}

/** Weights per tensor, int8 symmetric; a bias as int32 in units of the accumulator. */
function weightPart(input: TestInput, inputs: readonly TestInput[], scales: ReadonlyMap<string, number>) {
  const data = Array.from(input.tensor.data as Float32Array);
  if (input.position !== 2) {
    const q = quantizationOf(data, 'int8', true);
    const dequantized = throughPair(data, q);
    const integers = Array.from(dequantized, (v) => Math.round(v / fl(q.scale)));
    return { part: weights(input.name, input.tensor.dims, integers, { scales: [q.scale], dtype: 'int8' }), dequantized, scale: q.scale };
  }
  const of = (position: number) => scales.get(inputs.find((i) => i.op === input.op && i.position === position)?.name ?? '') ?? 1;
  const scale = fl(fl(of(0)) * fl(of(1)));
  const integers = data.map((b) => roundHalfEven(b / scale));
  const dequantized = Float32Array.from(integers, (q) => fl(q * scale));
  return { part: weights(input.name, input.tensor.dims, integers, { scales: [scale], dtype: 'int32' }), dequantized, scale };
}

/** Q/DQ pairs on every float input that is data and on every output. */
export function wrapped(test: NodeTest, inputs: readonly TestInput[], outputs: readonly NamedTensor[], dtype: 'uint8' | 'int8'): Wrapped {
  const parts = [];
  const renamed = new Map<string, string>();
  const reference: NamedTensor[] = [];
  const constants: NamedTensor[] = [];
  const scales = new Map<string, number>();
  const feeds: Record<string, Tensor> = {};
  for (const input of inputs) {
    const { name, tensor: t, role } = input;
    if (t.dtype !== 'float32' || role === 'parameter') {
      constants.push(input);
      reference.push(input);
      continue;
    }
    const data = t.data as Float32Array;
    if (role === 'data') {
      const q = quantizationOf(data, dtype);
      scales.set(name, q.scale);
      feeds[name] = t;
      parts.push(qdq(name, q));
      reference.push({ name, tensor: { ...t, data: throughPair(data, q) } });
    } else {
      const { part: made, dequantized, scale } = weightPart(input, inputs, scales);
      scales.set(name, scale);
      parts.push(made);
      reference.push({ name, tensor: { ...t, data: dequantized } });
    }
    renamed.set(name, `${name}_dq`);
  }
  const quantizedOutputs = outputs.map(({ name, tensor: t }) => {
    if (t.dtype !== 'float32') return { name, after: part(), info: value(name, t.dtype, t.dims), scale: 0, low: 0, high: 0 };
    const q = quantizationOf(t.data as Float32Array, dtype);
    const [least, most] = rangeOf(dtype).map((bound) => fl((bound - q.zeroPoint) * fl(q.scale))) as [number, number];
    return { name, after: qdq(name, q), info: value(`${name}_dq`, 'float32', t.dims), scale: q.scale, low: least, high: most };
  });
  const model = rewritten(test, {
    inputs: inputs.filter(({ name }) => feeds[name] !== undefined).map((input) => inputInfo(input)),
    outputs: quantizedOutputs.map(({ info }) => info),
    initializers: [
      ...constants.map(initializer),
      ...parts.flatMap((p) => p.initializers),
      ...quantizedOutputs.flatMap((o) => o.after.initializers),
    ],
    before: parts.flatMap((p) => p.nodes),
    after: quantizedOutputs.flatMap((o) => o.after.nodes),
    renamed,
    leastOpset: 10,
  });
  return {
    model,
    reference: rewritten(test, { inputs: [], outputs: outputs.map((o) => inputInfo(o)), initializers: reference.map(initializer) }),
    feeds,
    outputs: new Map(quantizedOutputs.map(({ name, info, scale, low, high }) => [name, { name: info.name!, scale, low, high }])),
  };
}

/** Ranks of the elements among `values`, digit `digit` of them in base 256. */
export function rankTensor(t: Tensor, ranks: ReadonlyMap<number | bigint, number>, digit: number): Tensor {
  const data: TensorData = Uint8Array.from(t.data as ArrayLike<number | bigint>, (v) => (ranks.get(v)! >>> (8 * digit)) & 255);
  return { dtype: 'uint8', dims: t.dims, data };
}
