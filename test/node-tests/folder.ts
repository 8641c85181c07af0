/**
 * A folder of ONNX node tests as the ONNX package has them: `test_NAME/model.onnx` and `test_NAME/test_data_set_K/{input,output}_N.pb`.
 * In: its path. Out: the tests by name, tensors decoded; a test whose tensors are of a type that zkonnx does not read says so.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import onnxProto from 'onnx-proto';
import { decodeTensor } from '../../src/onnx/tensor.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { value } from '../support/onnx-builder.ts';

const { onnx } = onnxProto;

export type ModelProto = onnxProto.onnx.IModelProto;

export interface DataSet {
  /** In the order of the graph's inputs and outputs. */
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
}

export interface NodeTest {
  /** Without `test_`. */
  readonly name: string;
  readonly proto: ModelProto;
  readonly sets: readonly DataSet[];
}

/** A test that cannot be read at all, and why. */
export interface UnreadTest {
  readonly name: string;
  readonly why: string;
}

class Unreadable extends Error {}

function decoded(proto: onnxProto.onnx.ITensorProto, label: string): Tensor {
  let tensor: ReturnType<typeof decodeTensor>;
  try {
    tensor = decodeTensor(proto, label);
  } catch {
    // A SequenceProto or an OptionalProto has other fields under the same numbers.
    throw new Unreadable('a value that is no tensor (a sequence or an optional)');
  }
  if ('why' in tensor) throw new Unreadable(`a tensor that ${tensor.why}`);
  return tensor;
}

function tensorFile(path: string): Tensor {
  let proto: onnxProto.onnx.ITensorProto;
  try {
    proto = onnx.TensorProto.decode(new Uint8Array(readFileSync(path)));
  } catch {
    throw new Unreadable('a value that is no tensor (a sequence or an optional)');
  }
  return decoded(proto, path);
}

function tensorFiles(folder: string, prefix: 'input' | 'output'): Tensor[] {
  const tensors: Tensor[] = [];
  for (let i = 0; existsSync(join(folder, `${prefix}_${i}.pb`)); i++) tensors.push(tensorFile(join(folder, `${prefix}_${i}.pb`)));
  return tensors;
}

function readTest(root: string, folder: string): NodeTest | UnreadTest {
  const name = folder.slice('test_'.length);
  const path = join(root, folder);
  try {
    const proto = onnx.ModelProto.decode(new Uint8Array(readFileSync(join(path, 'model.onnx'))));
    for (const info of [...(proto.graph?.input ?? []), ...(proto.graph?.output ?? [])]) {
      if (!info.type?.tensorType) throw new Unreadable('a value that is no tensor (a sequence or an optional)');
    }
    const sets = readdirSync(path)
      .filter((entry) => entry.startsWith('test_data_set_'))
      .sort()
      .map((set) => ({ inputs: tensorFiles(join(path, set), 'input'), outputs: tensorFiles(join(path, set), 'output') }));
    const graph = proto.graph!;
    const constants = (graph.initializer ?? []).map((tensor) => decoded(tensor, tensor.name ?? ''));
    const names = new Set((graph.initializer ?? []).map((tensor) => tensor.name ?? ''));
    const open = (graph.input ?? []).filter((info) => !names.has(info.name ?? ''));
    for (const { inputs, outputs } of sets) {
      if (inputs.length !== open.length || outputs.length !== (graph.output ?? []).length)
        throw new Unreadable('no data for some input or output');
    }
    // A test's own constants are inputs like the others: which are to be constants is for the judge to say.
    const infos = [...names].map((constant, i) => onnx.ValueInfoProto.fromObject(value(constant, constants[i]!.dtype, constants[i]!.dims)));
    graph.input = [...open, ...infos];
    graph.initializer = [];
    return { name, proto, sets: sets.map(({ inputs, outputs }) => ({ inputs: [...inputs, ...constants], outputs })) };
  } catch (error) {
    if (error instanceof Unreadable) return { name, why: error.message };
    throw error;
  }
}

/** All tests of the folder whose name holds `filter`, sorted. */
export function* readNodeTests(root: string, filter = ''): Generator<NodeTest | UnreadTest> {
  const folders = readdirSync(root).filter((folder) => folder.startsWith('test_') && existsSync(join(root, folder, 'model.onnx')));
  for (const folder of folders.sort()) if (folder.includes(filter)) yield readTest(root, folder);
}
