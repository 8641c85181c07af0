/**
 * What the public signals are and in which order: docs/signals.md, version 1. Owns the layout's shape and how it follows from a program and the
 * visibilities asked for. Browser-safe; read by the circuit, the receipt and the verifier. The encodings of the signals are in `signals.ts`.
 */
import { ZkonnxError } from '../errors.ts';
import type { QDType } from '../graph/graph.ts';
import type { Profile } from '../graph/profile.ts';
import type { Program, ProgramBoundary } from '../program/program.ts';
import { elementCount } from '../tensor/tensor.ts';

export const visibilities = ['public', 'packed', 'hashed', 'private'] as const;
export type Visibility = (typeof visibilities)[number];

/** More than this no verifier takes: each public signal is a curve point in the key and a scalar multiplication in every verification. */
export const maxSignalCount = 65_536;

export interface LayoutTensor {
  readonly name: string;
  readonly role: 'input' | 'output';
  readonly dtype: QDType;
  /** What the model's user gives or gets: float32 where Q/DQ stands at the boundary. */
  readonly modelDType: 'float32' | QDType;
  readonly dims: readonly number[];
  readonly elementCount: number;
  readonly scale: number | null;
  readonly zeroPoint: number | null;
  readonly visibility: Visibility;
  /** Position among the public signals, 0 is the context; 0 and 0 for private tensors. */
  readonly firstSignal: number;
  readonly signalCount: number;
}

/** Everything that layoutDigest covers: canonical JSON (RFC 8785) of this object. */
export interface Layout {
  readonly version: 1;
  readonly profile: Profile;
  /** Compile options that change the circuit, besides the visibilities. */
  readonly options: Readonly<Record<string, string | number | boolean>>;
  readonly signalCount: number;
  /** Graph order. */
  readonly outputs: readonly LayoutTensor[];
  readonly inputs: readonly LayoutTensor[];
}

export interface LayoutOptions {
  /** Visibility word by input or output name. Not named: inputs hashed, outputs public. A name that is both applies to both. */
  readonly visibility?: Readonly<Record<string, string>> | undefined;
  /** Compile options that change the circuit; they enter the layout digest. */
  readonly options?: Layout['options'] | undefined;
}

/** Bytes of one element in a packed word: 1 for the 8-bit types, 4 for int32 and for indices (int64 in the model, less than 2^31 here). */
export function elementBytes(dtype: QDType): 1 | 4 {
  return dtype === 'uint8' || dtype === 'int8' ? 1 : 4;
}

/** Elements in one packed word of 31 bytes: 31 or 7. */
export function elementsPerWord(dtype: QDType): number {
  return elementBytes(dtype) === 1 ? 31 : 7;
}

/** How many public signals a tensor takes. */
export function signalCountOf(dtype: QDType, count: number, visibility: Visibility): number {
  switch (visibility) {
    case 'public':
      return count;
    case 'packed':
      return Math.ceil(count / elementsPerWord(dtype));
    case 'hashed':
      return 1;
    case 'private':
      return 0;
  }
}

function isVisibility(word: unknown): word is Visibility {
  return (visibilities as readonly unknown[]).includes(word);
}

/**
 * The layout of a program's public signals: `[context, outputs in graph order, inputs in graph order]`.
 * @throws ZkonnxError ZK1004 (unknown visibility word), ZK1005 (no such tensor), ZK1008 (more signals than a verifier takes).
 */
export function makeLayout(program: Program, options: LayoutOptions = {}): Layout {
  const asked = new Map(Object.entries(options.visibility ?? {}));
  const names = [...program.inputs, ...program.outputs].map((boundary) => boundary.name);
  for (const [name, word] of asked) {
    if (!names.includes(name)) {
      throw new ZkonnxError('ZK1005', { role: 'input or output', tensor: name, known: [...new Set(names)].join(', ') });
    }
    if (!isVisibility(word)) throw new ZkonnxError('ZK1004', { word: String(word), tensor: name });
  }
  let next = 1;
  const place = (boundary: ProgramBoundary, role: LayoutTensor['role']): LayoutTensor => {
    const tensor = program.tensors[boundary.tensor]!;
    const visibility = (asked.get(boundary.name) ?? (role === 'input' ? 'hashed' : 'public')) as Visibility;
    const dtype = tensor.dtype === 'accumulator' ? 'int32' : tensor.dtype;
    const count = elementCount(boundary.dims);
    const signalCount = signalCountOf(dtype, count, visibility);
    const firstSignal = signalCount === 0 ? 0 : next;
    next += signalCount;
    return {
      name: boundary.name,
      role,
      dtype,
      modelDType: boundary.modelDType,
      dims: [...boundary.dims],
      elementCount: count,
      scale: tensor.scale,
      zeroPoint: tensor.zeroPoint,
      visibility,
      firstSignal,
      signalCount,
    };
  };
  const outputs = program.outputs.map((boundary) => place(boundary, 'output'));
  const inputs = program.inputs.map((boundary) => place(boundary, 'input'));
  if (next > maxSignalCount) {
    const largest = [...outputs, ...inputs].reduce((a, b) => (b.signalCount > a.signalCount ? b : a));
    throw new ZkonnxError('ZK1008', { count: next, limit: maxSignalCount, tensor: largest.name, share: largest.signalCount });
  }
  return { version: 1, profile: program.profile, options: { ...options.options }, signalCount: next, outputs, inputs };
}
