import type { Layout } from './layout.ts';
import type { R1cs } from './r1cs.ts';

/** How the witness generator fills every wire, in order. Typed arrays only; the step encoding is documented in `plan.ts`, where it is written. */
export interface WitnessPlan {
  /** Encoded steps: solve a row for its wire, or run a hint. */
  readonly steps: Int32Array;
  /** Terms of hint inputs: wire and coefficient-pool index. */
  readonly termWires: Uint32Array;
  readonly termCoefficients: Uint32Array;
  /** Hint parameters (safe integers). */
  readonly params: Float64Array;
}

/** Names of rows: which layer, gadget and element each belongs to. */
export interface RowLabels {
  readonly layers: readonly string[];
  readonly gadgets: readonly string[];
  readonly layerOf: Uint16Array | Uint32Array;
  readonly gadgetOf: Uint8Array | Uint16Array;
  readonly elementOf: Uint32Array;
}

/** Wires that are given, not computed: the roots of the witness and of an audit. */
export interface CircuitInputs {
  /** Value: keccak256(context) >> 8. Public signal 1. */
  readonly contextWire: number;
  /** Wires of each input tensor's elements (offset binary), first wire and count, by layout order. */
  readonly tensors: readonly { readonly name: string; readonly firstWire: number; readonly count: number }[];
  /** Salt wire of each hashed tensor, by tensor name. */
  readonly salts: readonly { readonly name: string; readonly role: 'input' | 'output'; readonly wire: number }[];
}

/** Wires of the output tensors' elements (integer values minus q_min, offset binary), for reading results out of a witness. */
export interface Circuit {
  readonly r1cs: R1cs;
  readonly plan: WitnessPlan;
  readonly labels: RowLabels;
  readonly layout: Layout;
  readonly inputs: CircuitInputs;
}

/** All wires that are given: what must determine every other wire. */
export function inputWires({ contextWire, tensors, salts }: CircuitInputs): number[] {
  const wires = [contextWire, ...salts.map(({ wire }) => wire)];
  for (const { firstWire, count } of tensors) for (let i = 0; i < count; i++) wires.push(firstWire + i);
  return wires;
}
