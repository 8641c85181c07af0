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
import type { Model, OnnxAttribute, OnnxNode, OnnxValueInfo } from './model.ts';
import { checkNames } from './names.ts';
import { scanModel } from './scan.ts';
import { decodeTensor, dtypeOf, type Int64, safeInteger } from './tensor.ts';

export interface DecodeOptions {
  /** What error messages call the file. */
  readonly fileName?: string | undefined;
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

function decodeNode(proto: onnxProto.onnx.INodeProto, index: number): OnnxNode {
  const op = proto.opType ?? '';
  if (op === '') bad(`node ${index} has no op_type`);
  const name = proto.name || `${op}_${index}`;
  const attributes = new Map<string, OnnxAttribute>();
  for (const attribute of proto.attribute ?? []) {
    const key = attribute.name ?? '';
    if (key === '') bad(`node "${name}" has an attribute without a name`);
    if (attributes.has(key)) bad(`node "${name}" has attribute "${key}" twice`);
    attributes.set(key, decodeAttribute(attribute, `node "${name}"`));
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

function decodeInitializers(protos: readonly onnxProto.onnx.ITensorProto[]) {
  const initializers = new Map<string, Tensor>();
  const opaque = new Map<string, string>();
  for (const proto of protos) {
    const name = proto.name ?? '';
    if (name === '') bad('an initializer has no name');
    if (initializers.has(name) || opaque.has(name)) bad(`initializer "${name}" stands twice in the file`);
    const tensor = decodeTensor(proto, name);
    if (typeof tensor === 'string') opaque.set(name, tensor);
    else initializers.set(name, tensor);
  }
  return { initializers, opaque };
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

  const { initializers, opaque } = decodeInitializers(graph.initializer ?? []);
  const isConstant = (name: string) => initializers.has(name) || opaque.has(name);
  const model: Model = {
    sha256: bytesToHex(sha256(plain)),
    irVersion: safeInteger((proto.irVersion ?? 0) as Int64) ?? 0,
    producer: proto.producerName ?? '',
    opsets: decodeOpsets(proto.opsetImport ?? []),
    graphName: graph.name ?? '',
    nodes: (graph.node ?? []).map(decodeNode),
    inputs: (graph.input ?? []).map(decodeValueInfo).filter((info) => !isConstant(info.name)),
    outputs: (graph.output ?? []).map(decodeValueInfo),
    valueInfos: new Map((graph.valueInfo ?? []).map(decodeValueInfo).map((info) => [info.name, info])),
    initializers,
    opaqueInitializers: opaque,
  };
  checkNames(model);
  return model;
}
