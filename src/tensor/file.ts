/**
 * Input files of every kind by their name's extension, and their arrays under the names that a model gives its inputs. Pure and browser-safe: bytes
 * in, tensors out; who reads the file from where is the caller's business.
 *
 *   const file = parseTensorFile('inputs.npz', bytes);
 *   const inputs = namedTensors(file, program.inputs, 'inputs.npz');      // { image: Tensor [N, 1, 8, 8] }
 */
import { ZkonnxError } from '../errors.ts';
import { joinTensors } from './join.ts';
import { type JsonTensors, readJson, readNdjson } from './json.ts';
import { readNpy } from './npy.ts';
import { readNpz } from './npz.ts';
import type { Tensor } from './tensor.ts';

/** What a file holds: arrays by name (.npz, .json), one array without a name (.npy, .json), or a list of such, one input each (.ndjson, .jsonl). */
export type TensorFile = JsonTensors | { readonly kind: 'rows'; readonly rows: readonly JsonTensors[] };

/** A model's input as far as naming needs it. */
export interface WantedTensor {
  readonly name: string;
  readonly dims: readonly number[];
}

/**
 * Reads a file by its extension: .npy, .npz, .json, .ndjson or .jsonl, in any case.
 * @param fileName decides the kind and stands in messages
 * @throws ZkonnxError ZK4106
 */
export function parseTensorFile(fileName: string, bytes: Uint8Array): TensorFile {
  const extension = /\.([^./\\]*)$/.exec(fileName)?.[1]?.toLowerCase();
  switch (extension) {
    case 'npy':
      return { kind: 'unnamed', tensor: readNpy(bytes, fileName) };
    case 'npz':
      return { kind: 'named', tensors: readNpz(bytes, fileName) };
    case 'json':
      return readJson(bytes, fileName);
    case 'ndjson':
    case 'jsonl':
      return { kind: 'rows', rows: readNdjson(bytes, fileName) };
    default:
      throw new ZkonnxError('ZK4106', { file: fileName, what: 'is of no known kind (the name has none of the extensions below)' });
  }
}

/** With the model's leading axis of 1 where only that is missing: [64] for a model that takes [1, 64]. */
function withBatchAxis(tensor: Tensor, wanted: WantedTensor): Tensor {
  const missing =
    wanted.dims[0] === 1 &&
    wanted.dims.length === tensor.dims.length + 1 &&
    tensor.dims.every((dim, axis) => dim === wanted.dims[axis + 1]);
  return missing ? { ...tensor, dims: wanted.dims } : tensor;
}

/** Arrays of one file or one line by name. An array without a name (also the placeholders `arr_0` of numpy and `input_0` of Deeploy) is the model's only input. */
function byName(value: JsonTensors, wanted: readonly WantedTensor[]): Map<string, Tensor> {
  const only = wanted.length === 1 ? wanted[0]! : null;
  let named: ReadonlyMap<string, Tensor>;
  if (value.kind === 'named') {
    const placeholder = value.tensors.size === 1 ? (value.tensors.get('arr_0') ?? value.tensors.get('input_0')) : undefined;
    named = only !== null && placeholder !== undefined ? new Map([[only.name, placeholder]]) : value.tensors;
  } else {
    if (only === null) throw new ZkonnxError('ZK4101', { tensor: wanted[0]?.name ?? '', given: 'one array without a name' });
    named = new Map([[only.name, value.tensor]]);
  }
  return new Map(
    [...named].map(([name, tensor]) => {
      const input = wanted.find((candidate) => candidate.name === name);
      return [name, input === undefined ? tensor : withBatchAxis(tensor, input)];
    }),
  );
}

/** JSON writes 1.0 as 1, so a line of integers may stand beside lines of fractions: integers below 2^53 are exact in float64. */
function asFloat64(tensor: Tensor): Tensor {
  return tensor.dtype === 'int64' ? { ...tensor, dtype: 'float64', data: Float64Array.from(tensor.data as BigInt64Array, Number) } : tensor;
}

function joinLines(lines: readonly Tensor[], name: string, fileName: string): Tensor {
  const mixed = lines.some(({ dtype }) => dtype === 'float64');
  const tensors = mixed ? lines.map(asFloat64) : lines;
  const odd = tensors.findIndex(({ dtype, dims }) => dtype !== tensors[0]!.dtype || dims.join() !== tensors[0]!.dims.join());
  if (odd >= 0) {
    const describe = (tensor: Tensor): string => `${tensor.dtype} [${tensor.dims.join(', ')}]`;
    throw new ZkonnxError('ZK4106', {
      file: fileName,
      what: `input ${odd} has ${describe(tensors[odd]!)} for "${name}", input 0 has ${describe(tensors[0]!)}`,
    });
  }
  return joinTensors(tensors);
}

/**
 * The file's arrays under the model's input names; what the model does not know is handed through. Arrays that lack only the model's leading axis of 1
 * get it. Lines of an .ndjson file are joined along axis 0. Shapes, missing names and dtypes are judged by who runs the model.
 * @param wanted the model's inputs (`program.inputs`)
 * @throws ZkonnxError ZK4101 (an array without a name where the model has several inputs), ZK4106 (no lines, or lines that differ)
 */
export function namedTensors(file: TensorFile, wanted: readonly WantedTensor[], fileName: string): Readonly<Record<string, Tensor>> {
  if (file.kind !== 'rows') return Object.fromEntries(byName(file, wanted));
  const rows = file.rows.map((row) => byName(row, wanted));
  const first = rows[0];
  if (first === undefined) throw new ZkonnxError('ZK4106', { file: fileName, what: 'holds no input' });
  const names = [...first.keys()];
  rows.forEach((row, i) => {
    if (row.size !== names.length || names.some((name) => !row.has(name))) {
      throw new ZkonnxError('ZK4106', { file: fileName, what: `input ${i} names other arrays than input 0` });
    }
  });
  const joined = names.map((name) => [
    name,
    joinLines(
      rows.map((row) => row.get(name)!),
      name,
      fileName,
    ),
  ]);
  return Object.fromEntries(joined) as Record<string, Tensor>;
}
