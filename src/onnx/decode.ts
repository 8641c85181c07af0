/**
 * ONNX bytes → `Model`: wire scan, then onnx-proto, then plain data with every name resolved.
 * In: the bytes of one ModelProto. Out: `Model`, or a typed error (ZK20xx); never a stack overflow or a half-read file.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import onnxProto from 'onnx-proto';
import { ZkonnxError } from '../errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { decodeAttribute } from './attribute.ts';
import type { Model, OnnxAttribute, OnnxNode, OnnxValueInfo, Opaque, ReadExternal } from './model.ts';
import { checkNames } from './names.ts';
import { scanModel } from './scan.ts';
import { decodeTensor, dtypeOf, type Int64, safeInteger } from './tensor.ts';

export interface DecodeOptions {
  /** What error messages call the file. */
  readonly fileName?: string | undefined;
  /** Reads what tensors keep in other files; without it they are reported where they are used. */
  readonly external?: ReadExternal | undefined;
}

const stringType = 8;

function bad(what: string): never {
  throw new ZkonnxError('ZK2005', { what });
}

/** "ai.onnx" is the default domain's other name. */
function foldDomain(domain: string | null | undefined): string {
  return domain === null || domain === undefined || domain === 'ai.onnx' ? '' : domain;
}

function decodeOpsets(protos: readonly onnxProto.onnx.IOperatorSetIdProto[]): Map<string, number> {
  const opsets = new Map<string, number>();
  for (const proto of protos) {
    const domain = foldDomain(proto.domain);
    const version = safeInteger((proto.version ?? 0) as Int64);
    if (version === null || version < 1) bad(`operator set "${domain}" has version ${version ?? 'beyond 2^53'}`);
    if (opsets.has(domain) && opsets.get(domain) !== version) bad(`operator set "${domain}" is imported in two versions`);
    opsets.set(domain, version);
  }
  if (opsets.size === 0) bad('the model imports no operator set');
  return opsets;
}

/** Inputs, or outputs, of one node. */
const nodeTensorLimit = 1_024;

function decodeNode(proto: onnxProto.onnx.INodeProto, index: number, external: ReadExternal | undefined): OnnxNode {
  const op = proto.opType ?? '';
  if (op === '') bad(`node ${index} has no op_type`);
  const name = proto.name || `${op}_${index}`;
  for (const [role, { length }] of [['inputs', proto.input ?? []] as const, ['outputs', proto.output ?? []] as const])
    if (length > nodeTensorLimit) bad(`node "${name}" (${op}) has ${length} ${role}, at most ${nodeTensorLimit} are taken`);
  const attributes = new Map<string, OnnxAttribute>();
  for (const attribute of proto.attribute ?? []) {
    const key = attribute.name ?? '';
    if (key === '') bad(`node "${name}" has an attribute without a name`);
    if (attributes.has(key)) bad(`node "${name}" has attribute "${key}" twice`);
    attributes.set(key, decodeAttribute(attribute, `node "${name}"`, external));
  }
  return {
    index,
    name,
    op,
    domain: foldDomain(proto.domain),
    inputs: [...(proto.input ?? [])],
    outputs: [...(proto.output ?? [])],
    attributes,
  };
}

function decodeDimension(proto: onnxProto.onnx.TensorShapeProto.IDimension): number | string | null {
  if (Object.hasOwn(proto, 'dimValue')) return safeInteger((proto.dimValue ?? 0) as Int64);
  return Object.hasOwn(proto, 'dimParam') ? proto.dimParam || null : null;
}

function decodeValueInfo(proto: onnxProto.onnx.IValueInfoProto): OnnxValueInfo {
  const name = proto.name ?? '';
  const type = proto.type?.tensorType;
  if (!type) return { name, dtype: 'unknown', dims: null };
  const number = type.elemType ?? 0;
  const dtype = number === stringType ? 'string' : (dtypeOf(number) ?? 'unknown');
  return { name, dtype, dims: type.shape ? (type.shape.dim ?? []).map(decodeDimension) : null };
}

function decodeInitializers(graph: onnxProto.onnx.IGraphProto, external: ReadExternal | undefined) {
  const initializers = new Map<string, Tensor>();
  const opaque = new Map<string, Opaque>();
  const checkName = (name: string): string => {
    if (name === '') bad('an initializer has no name');
    if (initializers.has(name) || opaque.has(name)) bad(`initializer "${name}" stands twice in the file`);
    return name;
  };
  for (const proto of graph.initializer ?? []) {
    const name = checkName(proto.name ?? '');
    const tensor = decodeTensor(proto, name, external);
    if ('why' in tensor) opaque.set(name, tensor);
    else initializers.set(name, tensor);
  }
  for (const proto of graph.sparseInitializer ?? []) opaque.set(checkName(proto.values?.name ?? ''), sparse);
  return { initializers, opaque };
}

const sparse: Opaque = { why: 'is a sparse initializer', whatToDo: 'store it densely: onnx.numpy_helper.from_array of the whole array' };

/** Names of the model's own functions, as nodes call them. */
function decodeFunctions(protos: readonly onnxProto.onnx.IFunctionProto[]): Set<string> {
  return new Set(protos.map(({ name, domain }) => `${foldDomain(domain)}:${name ?? ''}`));
}

/** Digest of the file, and of what it keeps in other files, in the order in which it was read. Reference: docs/signals.md. */
function modelDigest(bytes: Uint8Array, external: readonly Uint8Array[]): string {
  const file = sha256(bytes);
  if (external.length === 0) return bytesToHex(file);
  const hash = sha256.create().update(new TextEncoder().encode('zkonnx/external-data/v1')).update(file);
  for (const digest of external) hash.update(digest);
  return bytesToHex(hash.digest());
}

function parse(bytes: Uint8Array, file: string): onnxProto.onnx.ModelProto {
  try {
    return onnxProto.onnx.ModelProto.decode(bytes);
  } catch (cause) {
    throw new ZkonnxError('ZK2001', { file, what: 'a message that onnx-proto cannot decode', offset: 0 }, { cause });
  }
}

/** Decodes one ONNX file. The result shares no memory with `bytes`. */
export function decodeModel(bytes: Uint8Array, options: DecodeOptions = {}): Model {
  const file = options.fileName ?? 'the model';
  // A plain view: for a Node Buffer, protobufjs would hand out slices of a shared pool.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  scanModel(plain, file);
  const proto = parse(plain, file);
  const graph = proto.graph;
  if (!graph) throw new ZkonnxError('ZK2001', { file, what: 'no graph', offset: 0 });

  const digests: Uint8Array[] = [];
  const read = options.external;
  const external: ReadExternal | undefined =
    read &&
    ((where) => {
      const data = read(where);
      digests.push(sha256(data));
      return data;
    });
  const { initializers, opaque } = decodeInitializers(graph, external);
  const nodes = (graph.node ?? []).map((node, index) => decodeNode(node, index, external));
  const isConstant = (name: string) => initializers.has(name) || opaque.has(name);
  const model: Model = {
    sha256: modelDigest(plain, digests),
    irVersion: safeInteger((proto.irVersion ?? 0) as Int64) ?? 0,
    producer: proto.producerName ?? '',
    opsets: decodeOpsets(proto.opsetImport ?? []),
    graphName: graph.name ?? '',
    nodes,
    inputs: (graph.input ?? []).map(decodeValueInfo).filter((info) => !isConstant(info.name)),
    outputs: (graph.output ?? []).map(decodeValueInfo),
    valueInfos: new Map((graph.valueInfo ?? []).map(decodeValueInfo).map((info) => [info.name, info])),
    initializers,
    opaqueInitializers: opaque,
    functions: decodeFunctions(proto.functions ?? []),
  };
  checkNames(model);
  return model;
}
