import type { DType, Tensor } from '../tensor/tensor.ts';

/** A decoded, self-contained ONNX file: plain data, nothing inferred yet. Made by `decodeModel`, read by `graph/`. */
export interface Model {
  /** SHA-256 of the file's bytes (and of its external data, if any), lower-case hex: the modelDigest of docs/signals.md. */
  readonly sha256: string;
  readonly irVersion: number;
  readonly producer: string;
  /** Operator-set version by domain; the default domain is "" ("ai.onnx" is folded into it). */
  readonly opsets: ReadonlyMap<string, number>;
  readonly graphName: string;
  /** In file order, which ONNX demands to be topological. */
  readonly nodes: readonly OnnxNode[];
  /** Graph inputs without the initializers that IR < 4 lists among them. */
  readonly inputs: readonly OnnxValueInfo[];
  readonly outputs: readonly OnnxValueInfo[];
  readonly valueInfos: ReadonlyMap<string, OnnxValueInfo>;
  readonly initializers: ReadonlyMap<string, Tensor>;
  /** Initializers that zkonnx does not read (4-bit, sparse, in another file …). Nodes that use one are unsupported. */
  readonly opaqueInitializers: ReadonlyMap<string, Opaque>;
  /** Model-local functions, as "<domain>:<op>". Nodes that call one are unsupported. */
  readonly functions: ReadonlySet<string>;
}

/** Why a tensor's elements are not known: completes "its input "w" …"; and what its owner can do. */
export interface Opaque {
  readonly why: string;
  readonly whatToDo: string;
}

/** Where the file says that a tensor's elements are: bytes of another file. */
export interface ExternalLocation {
  readonly tensor: string;
  /** As the file has it: relative to the model's folder, if it is honest. */
  readonly location: string;
  readonly offset: number;
  /** What the tensor's shape and type need. */
  readonly byteCount: number;
  /** What the file says, or null. */
  readonly length: number | null;
}

/** Answers exactly `byteCount` bytes, or throws ZK2003. */
export type ReadExternal = (where: ExternalLocation) => Uint8Array;

export interface OnnxNode {
  /** Position in the file, from 0. */
  readonly index: number;
  /** The file's name for it; "" is replaced by "<op>_<index>". */
  readonly name: string;
  readonly op: string;
  readonly domain: string;
  /** "" is an absent optional input. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, OnnxAttribute>;
}

export type OnnxAttribute =
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'tensor'; readonly value: Tensor }
  | { readonly kind: 'ints'; readonly value: readonly number[] }
  | { readonly kind: 'floats'; readonly value: readonly number[] }
  | { readonly kind: 'strings'; readonly value: readonly string[] }
  /** Subgraphs, sparse tensors, type protos: decoded no further; ops that meet one are unsupported. */
  | { readonly kind: 'other'; readonly value: string };

export interface OnnxValueInfo {
  readonly name: string;
  readonly dtype: DType | 'string' | 'unknown';
  /** A number, a symbolic name, or null where the file says nothing. */
  readonly dims: readonly (number | string | null)[] | null;
}
