/** Receipts of a network that does not exist, valid in every check: proofs from a trapdoor (trapdoor.ts), signals from the claim. */
import { vkeyHash } from '../../src/groth16/verify.ts';
import { circuitDigest, layoutDigest, sha256Hex } from '../../src/r1cs/digests.ts';
import { type LayoutOptions, makeLayout } from '../../src/r1cs/layout.ts';
import { type Claim, contextSignal, publicSignals, type TensorClaim } from '../../src/r1cs/signals.ts';
import { buildReceipt, type Receipt, type ReceiptParts } from '../../src/receipt/receipt.ts';
import { boundaryProgram } from './layouts.ts';
import { type TrapdoorKey, trapdoorKey } from './trapdoor.ts';

/** Two inputs and three outputs: every dtype, with and without scales. */
export const program = boundaryProgram(
  [
    { name: 'image', dtype: 'uint8', dims: [1, 1, 2, 2], scale: Math.fround(0.0039), zeroPoint: 0 },
    { name: 'bias', dtype: 'int32', dims: [2] },
  ],
  [
    { name: 'logits', dtype: 'int8', dims: [1, 3], scale: Math.fround(0.0547), zeroPoint: -3 },
    { name: 'index', dtype: 'int64', dims: [] },
    { name: 'mask', dtype: 'uint8', dims: [33], scale: 1, zeroPoint: 128 },
  ],
);

export const values = new Map<number, Int32Array>([
  [0, Int32Array.of(0, 17, 254, 255)],
  [1, Int32Array.of(-2147483648, 1234567)],
  [2, Int32Array.of(-128, 0, 127)],
  [3, Int32Array.of(2)],
  [4, Int32Array.from({ length: 33 }, (_, i) => i * 7)],
]);

/** image hashed, bias private, logits public, index public, mask packed: every visibility once. */
export const mixed = { bias: 'private', mask: 'packed' } as const;

export interface MadeReceipt {
  readonly receipt: Receipt;
  readonly key: TrapdoorKey;
  readonly parts: ReceiptParts;
  readonly claim: Claim;
}

export interface MakeOptions extends LayoutOptions {
  readonly context?: string;
  readonly keySeed?: string;
  readonly kind?: 'dev' | 'ceremony' | 'unknown';
  readonly unproven?: ReceiptParts['unproven'];
}

export function makeReceipt(options: MakeOptions = {}): MadeReceipt {
  const { visibility = mixed, context, keySeed = 'key', kind = 'dev', unproven } = options;
  const layout = makeLayout(program, { visibility, options: options.options });
  const tensorClaim = (list: typeof layout.outputs, boundaries: typeof program.outputs): TensorClaim[] =>
    list.map((tensor, i) => {
      if (tensor.visibility === 'private') return { kind: 'none' };
      if (tensor.visibility === 'hashed') return { kind: 'commitment', commitment: BigInt(`0x${sha256Hex(tensor.name)}`) >> 8n };
      return { kind: 'values', values: values.get(boundaries[i]!.tensor)! };
    });
  const claim: Claim = {
    context: contextSignal(context),
    outputs: tensorClaim(layout.outputs, program.outputs),
    inputs: tensorClaim(layout.inputs, program.inputs),
  };
  const signals = publicSignals(layout, claim);
  const key = trapdoorKey(layout.signalCount, keySeed);
  const layoutHash = layoutDigest(layout);
  const r1cs = sha256Hex('some r1cs');
  const parts: ReceiptParts = {
    compiled: {
      model: { name: 'fiction', sha256: sha256Hex('some model') },
      program,
      circuit: { layout },
      digests: { r1cs, layout: layoutHash, circuit: circuitDigest(r1cs, layoutHash) },
    },
    keys: { verificationKey: key.verificationKey, vkeyHash: vkeyHash(key.verificationKey), setup: { kind } },
    values,
    signals: signals.map(String),
    context,
    proof: key.prove(signals),
    unproven,
  };
  return { receipt: buildReceipt(parts), key, parts, claim };
}

/** A deep copy with the value at `path` replaced, as whoever edits the JSON would. */
export function altered(receipt: unknown, path: readonly (string | number)[], value: unknown): unknown {
  const copy = structuredClone(receipt) as Record<string | number, unknown>;
  let at = copy;
  for (const step of path.slice(0, -1)) at = at[step] as Record<string | number, unknown>;
  at[path.at(-1)!] = value;
  return copy;
}

export interface Leaf {
  readonly path: readonly (string | number)[];
  readonly value: unknown;
}

/** Every leaf of a JSON value with its path; empty objects and arrays are leaves, too. */
export function leaves(value: unknown, path: readonly (string | number)[] = []): Leaf[] {
  if (typeof value !== 'object' || value === null) return [{ path, value }];
  const entries: [string | number, unknown][] = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return entries.length === 0 ? [{ path, value }] : entries.flatMap(([key, item]) => leaves(item, [...path, key]));
}
