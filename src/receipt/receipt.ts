/**
 * The receipt, version 1: one JSON that stands alone, described in docs/receipt.md. Owns its shape and how it is made from what was compiled,
 * computed and proven. `parse.ts` reads foreign ones, `claim.ts` recomputes the public signals, `../verify.ts` judges.
 *
 * What a receipt holds is bound by the proof (tensors, commitments, context), recomputed (digests, hashes), or, under `unproven`, neither.
 * Two fields are claims that nothing cryptographic binds: `model.sha256` (until the model file is compiled again) and `setup.kind`. They stand outside
 * `unproven` because a verdict speaks of them; `digest` guards them against accident, not against whoever writes a whole new receipt.
 */
import { ZkonnxError } from '../errors.ts';
import type { Keys, Proof, SetupInfo, SetupKind, VerificationKey } from '../groth16/keys.ts';
import type { Program, TensorId } from '../program/program.ts';
import { canonicalJson } from '../r1cs/canonical.ts';
import { sha256Hex } from '../r1cs/digests.ts';
import type { Layout, LayoutTensor } from '../r1cs/layout.ts';
import { contextBytes } from '../r1cs/signals.ts';
import { receiptSignals } from './claim.ts';

/** One boundary tensor, by its visibility: public and packed give values, hashed a commitment, private its name alone. */
export interface ReceiptTensor {
  readonly name: string;
  /** The quantized integers, row-major (int8: −128 … 127). */
  readonly values?: readonly number[];
  /** The salted Poseidon digest: 0x and 64 lower-case hex digits. */
  readonly commitment?: string;
}

/** The context as it was given: a text, or bytes as lower-case 0xHEX. */
export type ReceiptContext = { readonly text: string } | { readonly hex: string };

/** What nothing binds or recomputes: convenient, never to be relied on. Other fields may be added without a new version. */
export interface Unproven {
  readonly tool?: string;
  readonly modelName?: string;
  /** Inputs that were given as floats and quantized with the model's own QuantizeLinear before proving. */
  readonly quantizedInputs?: readonly string[];
  readonly createdAt?: string;
  /** Milliseconds by stage; only where every input is public, for a proof's time depends on its witness. */
  readonly elapsedMs?: Readonly<Record<string, number>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly [other: string]: unknown;
}

export interface Receipt {
  readonly format: 'zkonnx-receipt';
  readonly version: 1;
  /** SHA-256 of the ONNX file. A claim, until the file is compiled again. */
  readonly model: { readonly sha256: string };
  readonly circuit: { readonly digest: string; readonly r1csSha256: string; readonly layoutDigest: string };
  /** Profile, compile options, and every boundary tensor with dtype, shape, scale, zero point, visibility, place among the signals. */
  readonly layout: Layout;
  readonly context: ReceiptContext | null;
  /** In layout order. */
  readonly outputs: readonly ReceiptTensor[];
  readonly inputs: readonly ReceiptTensor[];
  readonly setup: {
    /** A claim, as are the next two. */
    readonly kind: SetupKind;
    /** BLAKE2b-512 of the powers of tau, where the key was made from some: 128 lower-case hex digits. */
    readonly ptauDigest?: string;
    /** Of the key's contributions (docs/signals.md). */
    readonly transcriptHash?: string;
    readonly vkeyHash: string;
    readonly verificationKey: VerificationKey;
  };
  readonly proof: Proof;
  /** SHA-256("zkonnx/receipt/v1" ‖ canonical JSON of everything above). */
  readonly digest: string;
  readonly unproven: Unproven;
}

/** What `buildReceipt` needs of a compiled model, its keys and one proven inference. */
export interface ReceiptParts {
  readonly compiled: {
    readonly model: { readonly name: string; readonly sha256: string };
    readonly program: Pick<Program, 'inputs' | 'outputs'>;
    readonly circuit: { readonly layout: Layout };
    readonly digests: { readonly r1cs: string; readonly layout: string; readonly circuit: string };
  };
  readonly keys: Pick<Keys, 'verificationKey' | 'vkeyHash' | 'setup'>;
  /** Integers of every tensor of the program. */
  readonly values: ReadonlyMap<TensorId, Int32Array>;
  /** The proof's public signals, decimal: the commitments are read from them, the rest must equal what the receipt recomputes. */
  readonly signals: readonly string[];
  readonly context?: string | undefined;
  readonly proof: Proof;
  readonly unproven?: Unproven | undefined;
}

/** The receipt's own digest, over everything but `digest` and `unproven`. */
export function receiptDigest(receipt: Omit<Receipt, 'digest' | 'unproven'> & Partial<Receipt>): string {
  const { digest: _digest, unproven: _unproven, ...covered } = receipt;
  return sha256Hex('zkonnx/receipt/v1', canonicalJson(covered));
}

/** A field element as receipts write commitments: 0x and 64 lower-case hex digits. */
export function commitmentHex(commitment: bigint): string {
  return `0x${commitment.toString(16).padStart(64, '0')}`;
}

/** The context as receipts hold it. @throws ZkonnxError ZK1009 */
export function receiptContext(context: string | undefined): ReceiptContext | null {
  if (context === undefined) return null;
  contextBytes(context);
  return /^0x/i.test(context) ? { hex: context.toLowerCase() } : { text: context };
}

/** snarkjs adds e(α, β) to its keys; it is recomputed by every verifier and hashed by none, so a receipt leaves it out. */
function pureKey(key: VerificationKey): VerificationKey {
  const { protocol, curve, nPublic, vk_alpha_1, vk_beta_2, vk_gamma_2, vk_delta_2, IC } = key;
  return { protocol, curve, nPublic, vk_alpha_1, vk_beta_2, vk_gamma_2, vk_delta_2, IC };
}

function setupClaims({ kind, ptauDigest, transcriptHash }: SetupInfo): Pick<Receipt['setup'], 'kind' | 'ptauDigest' | 'transcriptHash'> {
  return { kind, ...(ptauDigest === undefined ? {} : { ptauDigest }), ...(transcriptHash === undefined ? {} : { transcriptHash }) };
}

/**
 * The receipt of one proven inference. It is checked against the proof's own signals, so that what it claims is what was proven.
 * @throws ZkonnxError ZK1009 (context), ZK7001 (the values are not what the signals say).
 */
export function buildReceipt(parts: ReceiptParts): Receipt {
  const { compiled, keys, values, signals, proof } = parts;
  const { layout } = compiled.circuit;
  const otherSignals = (): ZkonnxError => new ZkonnxError('ZK7001', { what: 'the receipt would claim other signals than were proven' });
  if (signals.length !== layout.signalCount) throw otherSignals();
  const tensors = (list: readonly LayoutTensor[], boundaries: ReceiptParts['compiled']['program']['inputs']): ReceiptTensor[] =>
    list.map((tensor, i): ReceiptTensor => {
      const { name, visibility, firstSignal } = tensor;
      if (visibility === 'private') return { name };
      if (visibility === 'hashed') return { name, commitment: commitmentHex(BigInt(signals[firstSignal]!)) };
      return { name, values: Array.from(values.get(boundaries[i]!.tensor)!) };
    });
  const { pi_a, pi_b, pi_c, protocol, curve } = proof;
  const covered = {
    format: 'zkonnx-receipt',
    version: 1,
    model: { sha256: compiled.model.sha256 },
    circuit: { digest: compiled.digests.circuit, r1csSha256: compiled.digests.r1cs, layoutDigest: compiled.digests.layout },
    layout,
    context: receiptContext(parts.context),
    outputs: tensors(layout.outputs, compiled.program.outputs),
    inputs: tensors(layout.inputs, compiled.program.inputs),
    setup: { ...setupClaims(keys.setup), vkeyHash: keys.vkeyHash, verificationKey: pureKey(keys.verificationKey) },
    proof: { pi_a, pi_b, pi_c, protocol, curve },
  } as const satisfies Omit<Receipt, 'digest' | 'unproven'>;
  const claimed = receiptSignals(covered);
  if (claimed.some((signal, i) => signal.toString() !== signals[i])) throw otherSignals();
  const { elapsedMs, ...unproven } = parts.unproven ?? {};
  const open = layout.inputs.every(({ visibility }) => visibility === 'public' || visibility === 'packed');
  return {
    ...covered,
    digest: receiptDigest(covered),
    unproven: {
      ...(compiled.model.name === '' ? {} : { modelName: compiled.model.name }),
      ...unproven,
      ...(open && elapsedMs !== undefined ? { elapsedMs } : {}),
    },
  };
}

/** The key hash that foreign data claims, for looking up a pin before `verify` judges; undefined where there is none. */
export function vkeyHashOf(receipt: unknown): string | undefined {
  const setup = (receipt as { setup?: { vkeyHash?: unknown } } | null | undefined)?.setup;
  const hash = setup?.vkeyHash;
  return typeof hash === 'string' && /^[0-9a-f]{64}$/.test(hash) ? hash : undefined;
}
