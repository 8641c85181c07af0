/** A model with one number in it at an extreme: attributes, shapes, axes, pads, scales, zero points, dimensions, names; as files, one after the other. */
import onnxProto from 'onnx-proto';
import { type ModelParts, modelProto, type TensorProto } from '../support/onnx-builder.ts';

const { onnx } = onnxProto;
type ModelProto = onnxProto.onnx.IModelProto;

const integers = [0n, -1n, 1n, 3n, 2n ** 31n - 1n, 2n ** 31n, -(2n ** 31n), 2n ** 40n, 2n ** 53n - 1n, 2n ** 63n - 1n, -(2n ** 63n)];
const floats = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0, -1, 1e-45, 1.1754942e-38, 3.4e38, -3.4e38];

interface Change {
  readonly what: string;
  readonly apply: () => void;
  readonly undo: () => void;
}

/** Longs, as the encoder takes them. */
function long(value: bigint): { low: number; high: number; unsigned: boolean } {
  return { low: Number(BigInt.asIntN(32, value)), high: Number(BigInt.asIntN(32, value >> 32n)), unsigned: false };
}

function set<T extends object, K extends keyof T>(what: string, holder: T, key: K, value: T[K]): Change {
  const old = holder[key];
  const put = (given: T[K]) => () => {
    holder[key] = given;
  };
  return { what, apply: put(value), undo: put(old) };
}

function* attributeChanges({ graph }: ModelProto): Generator<Change> {
  for (const node of graph!.node!) {
    for (const attribute of node.attribute ?? []) {
      const at = `${node.opType}.${attribute.name}`;
      for (const value of integers) {
        if (attribute.i !== undefined && attribute.i !== null) yield set(`${at} = ${value}`, attribute, 'i', long(value) as never);
        for (const i of attribute.ints?.keys() ?? []) {
          const changed = (attribute.ints as unknown[]).with(i, long(value));
          yield set(`${at}[${i}] = ${value}`, attribute, 'ints', changed as never);
        }
      }
      if ((attribute.ints?.length ?? 0) > 0) {
        yield set(`${at} = []`, attribute, 'ints', []);
        yield set(`${at} of 100,000`, attribute, 'ints', new Array(100_000).fill(1));
      }
      if (attribute.f !== undefined && attribute.f !== null)
        for (const value of floats) yield set(`${at} = ${value}`, attribute, 'f', value);
    }
  }
}

function rawOf(count: number, write: (view: DataView, at: number) => void, raw: Uint8Array, i: number): Uint8Array {
  const out = raw.slice();
  write(new DataView(out.buffer), (raw.length / count) * i);
  return out;
}

function* tensorChanges(tensors: readonly TensorProto[]): Generator<Change> {
  for (const tensor of tensors) {
    const raw = tensor.rawData!;
    const count = (tensor.dims as number[]).reduce((product, dim) => product * Number(dim), 1);
    const indices = count > 4 ? [0, count - 1] : Array.from({ length: count }, (_, i) => i);
    for (const i of indices) {
      const at = `${tensor.name}[${i}]`;
      const change = (value: number | bigint, write: (view: DataView, at: number) => void) =>
        set(`${at} = ${value}`, tensor, 'rawData', rawOf(count, write, raw, i));
      if (tensor.dataType === 7)
        for (const value of integers) yield change(value, (view, at) => view.setBigInt64(at, BigInt.asIntN(64, value), true));
      if (tensor.dataType === 1) for (const value of floats) yield change(value, (view, at) => view.setFloat32(at, value, true));
      if (tensor.dataType === 2 || tensor.dataType === 3)
        for (const value of [-128, -1, 0, 127, 255]) yield change(value, (view, at) => view.setInt8(at, value));
    }
    yield set(`${tensor.name} without elements`, tensor, 'dims', [0]);
    for (const dims of [[], [count, 1], [1, 1, 1, count], [-1], [2 ** 31, 2 ** 31, 2 ** 31]])
      yield set(`${tensor.name} of shape [${dims}]`, tensor, 'dims', dims);
    for (const type of [1, 2, 3, 6, 7, 10, 16, 22]) yield set(`${tensor.name} as type ${type}`, tensor, 'dataType', type);
  }
}

function* inputChanges({ graph }: ModelProto): Generator<Change> {
  for (const info of graph!.input!) {
    const { shape } = info.type!.tensorType!;
    for (const [i, dim] of shape!.dim!.entries()) {
      for (const value of integers) yield set(`${info.name}'s dimension ${i} = ${value}`, dim, 'dimValue', long(value) as never);
    }
    yield set(`${info.name} of rank 0`, shape!, 'dim', []);
    yield set(`${info.name} of rank 33`, shape!, 'dim', new Array(33).fill({ dimValue: 1 }));
    for (const type of [0, 2, 3, 7, 10, 99]) yield set(`${info.name} as type ${type}`, info.type!.tensorType!, 'elemType', type);
  }
}

function* wiringChanges({ graph, opsetImport }: ModelProto): Generator<Change> {
  for (const node of graph!.node!) {
    for (const i of node.input?.keys() ?? []) {
      yield set(`${node.name} without input ${i}`, node, 'input', node.input!.with(i, ''));
      for (const name of [node.input![0]!, graph!.input![0]!.name!, graph!.initializer![0]?.name ?? ''])
        yield set(`${node.name} reads "${name}" at ${i}`, node, 'input', node.input!.with(i, name));
    }
    yield set(`${node.name} with 200,000 inputs`, node, 'input', new Array(200_000).fill(node.input?.[0] ?? 'x'));
    yield set(`${node.name} without outputs`, node, 'output', []);
  }
  for (const value of [0n, 1n, 6n, 2n ** 40n, 2n ** 63n - 1n])
    yield set(`opset ${value}`, opsetImport![0]!, 'version', long(value) as never);
}

/** Every `stride`-th of the files, from the `start`-th on. */
export function* extremeFiles(
  parts: ModelParts,
  stride: number,
  start: number,
): Generator<{ readonly what: string; readonly bytes: Uint8Array }> {
  const proto = modelProto(parts);
  const changes = [
    ...attributeChanges(proto),
    ...tensorChanges(proto.graph!.initializer!),
    ...inputChanges(proto),
    ...wiringChanges(proto),
  ];
  for (let i = start % stride; i < changes.length; i += stride) {
    const { what, apply, undo } = changes[i]!;
    apply();
    const bytes = new Uint8Array(onnx.ModelProto.encode(proto as never).finish());
    undo();
    yield { what, bytes };
  }
}
