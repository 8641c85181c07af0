/** What the public signals are and in which order: docs/signals.md, version 1. Browser-safe; read by the circuit, the receipt and the verifier. */
import type { QDType } from '../graph/graph.ts';

export const visibilities = ['public', 'packed', 'hashed', 'private'] as const;
export type Visibility = (typeof visibilities)[number];

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
  readonly profile: 'ort-fused';
  /** Compile options that change the circuit, besides the visibilities. */
  readonly options: Readonly<Record<string, string | number | boolean>>;
  readonly signalCount: number;
  /** Graph order. */
  readonly outputs: readonly LayoutTensor[];
  readonly inputs: readonly LayoutTensor[];
}
