/**
 * What a verdict says in words: what an accepted receipt shows, and what it does not. The sentences are the product's promise: each says no more than
 * what was checked, and claims are called claims.
 */
import type { LayoutTensor } from '../r1cs/layout.ts';
import { dequantizeValues } from '../r1cs/signals.ts';
import type { Receipt, ReceiptContext, ReceiptTensor } from './receipt.ts';
import { float32Text, listText, printable } from './text.ts';

/** One boundary tensor as the receipt claims it, with what its values mean. */
export interface TensorView {
  readonly name: string;
  readonly dtype: LayoutTensor['dtype'];
  readonly dims: readonly number[];
  readonly visibility: LayoutTensor['visibility'];
  /** Quantized integers; null where hidden. */
  readonly values: readonly number[] | null;
  /** fl((q − zp)·scale), computed here; null where hidden or where the tensor has no scale. */
  readonly dequantized: readonly number[] | null;
  readonly commitment: string | null;
}

/** How far the caller's policy lets the verdict go. */
export interface Standing {
  /** Who vouches for the key: the caller pinned it, a trust file of the caller's has it for this very model and circuit, or the caller allowed any (a dev set-up). */
  readonly key: 'pinned' | 'trusted' | 'dev';
  /** Of the key's ceremony, as the trust file has it. */
  readonly transcriptHash: string | null;
  /** What ties the circuit to a model file: the caller compiled the file and its circuit digest was compared (and the file's own, too); or only the claimed file digest was. */
  readonly model: 'recompiled and named' | 'recompiled' | 'named' | 'none';
  readonly contextDemanded: boolean;
}

export function viewTensor(tensor: LayoutTensor, claimed: ReceiptTensor): TensorView {
  const { name, dtype, dims, visibility } = tensor;
  const values = claimed.values ?? null;
  const reals = values === null ? null : dequantizeValues(tensor, values);
  return {
    name,
    dtype,
    dims,
    visibility,
    values,
    dequantized: reals === null ? null : Array.from(reals),
    commitment: claimed.commitment ?? null,
  };
}

function tensorText(view: TensorView): string {
  const name = printable(view.name);
  const shape = `${view.dtype}[${view.dims.join(',')}]`;
  if (view.commitment !== null) return `some ${name} (${shape}) with commitment ${view.commitment}`;
  if (view.values === null) return `some ${name} (${shape}), kept private`;
  const reals = view.dequantized === null ? '' : ` = ${listText(view.dequantized, float32Text)}`;
  return `${name} ${listText(view.values, String)} (${view.dtype})${reals}`;
}

export function contextText(context: ReceiptContext): string {
  return 'text' in context ? `"${printable(context.text)}"` : printable(context.hex);
}

/** The statement itself: from which inputs which outputs come. */
export function statementText(inputs: readonly TensorView[], outputs: readonly TensorView[]): string {
  const from = inputs.length === 0 ? 'the network' : inputs.map(tensorText).join(' and ');
  const to = outputs.length === 0 ? 'nothing' : outputs.map(tensorText).join(' and ');
  return `${from} ${inputs.length > 1 ? 'give' : 'gives'} exactly ${to}`;
}

/** What an accepted receipt shows. */
export function shownBy(receipt: Receipt, inputs: readonly TensorView[], outputs: readonly TensorView[], standing: Standing): string[] {
  const { circuit, model, context, layout, setup } = receipt;
  const unless = standing.key === 'dev' ? ', unless whoever made the key forged it' : '';
  const shown = [`in the circuit that the key was made for, ${statementText(inputs, outputs)}${unless}`];
  if (standing.model === 'recompiled' || standing.model === 'recompiled and named') {
    const file =
      standing.model === 'recompiled' ? 'the model file that you compiled' : `the model file (sha256 ${model.sha256}) that you compiled`;
    const where = layout.profile === 'ort-fused-x64' ? ' on x86-64 with AVX2 and FMA' : '';
    shown.push(
      `${file} gives the circuit of this receipt (${circuit.digest}): its weights are constants of it, and it computes what ONNX Runtime's fused kernels compute${where} (profile ${layout.profile})`,
    );
  }
  if (context !== null) {
    shown.push(`the proof is bound to the context ${contextText(context)}${standing.contextDemanded ? ', which you demanded' : ''}`);
  }
  if (standing.key === 'trusted') {
    shown.push(
      `your trust file has the key (${setup.vkeyHash}) for this circuit and the model file with sha256 ${model.sha256}: who wrote it compiled that file and checked the key's whole transcript (${standing.transcriptHash})`,
    );
    return shown;
  }
  shown.push(
    standing.key === 'pinned'
      ? `the verification key is the one you pinned (${setup.vkeyHash})`
      : `the proof checks with the key that the receipt brings (${setup.vkeyHash}), which you allowed unpinned`,
  );
  return shown;
}

/** What even an accepted receipt does not show. */
export function notShownBy(receipt: Receipt, inputs: readonly TensorView[], standing: Standing): string[] {
  const { model, context, layout, setup } = receipt;
  const not: string[] = [];
  if (standing.key !== 'trusted' && (standing.model === 'none' || standing.model === 'named')) {
    const named = standing.model === 'named' ? 'the one you asked for, but only the receipt says so' : 'as the receipt says';
    not.push(
      `which model: model file not given, the digest is a claim (sha256 ${model.sha256}, ${named}), and so are the names, scales and zero points of the tensors`,
    );
  }
  if (standing.key === 'dev')
    not.push('that nobody forged it: an unpinned key counts as a dev set-up, and whoever made it can prove anything');
  else if (standing.key === 'trusted')
    not.push('that one of those who contributed to the key forgot his secret, which nobody can check: it takes only one');
  else not.push('that the key you pinned was made for this circuit, and by whom: pinning it says that you know');
  if (setup.kind === 'dev' && standing.key === 'pinned') {
    not.push('that nobody forged it: the receipt says that its key comes from a dev set-up, whose maker can prove anything');
  }
  if (setup.kind === 'ptau' && standing.key !== 'trusted') {
    not.push('that nobody forged it: the receipt says that its key has one contributor, who can prove anything if he kept his secret');
  }
  if (setup.kind === 'ceremony' && standing.key !== 'trusted')
    not.push('that the key comes from a ceremony: the receipt says so, its transcript was not checked here');
  for (const view of inputs) {
    const name = printable(view.name);
    if (view.commitment !== null) not.push(`that the commitment of ${name} is that of your data: open it with the salt`);
    else if (view.values === null) not.push(`anything about ${name}: the prover kept it private`);
  }
  if (layout.inputs.some(({ modelDType }) => modelDType === 'float32')) {
    not.push("how the quantized input came about: the model's own QuantizeLinear runs before the proof");
  }
  const who = 'who chose the input, who ran it, when and for whom';
  if (standing.contextDemanded) not.push('who chose the input and who ran it');
  else not.push(context === null ? `${who}: the proof is bound to no context` : `${who}: you demanded no context`);
  const selfCheck = selfCheckText(receipt.unproven.selfCheck);
  if (selfCheck !== null) not.push(selfCheck);
  not.push('that the model is a good one');
  return not;
}

/** What whoever compiled the circuit says that his compiler found; null where the receipt says nothing of the kind. A claim: whoever has the circuit can ask `zkonnx audit`. */
function selfCheckText(claim: unknown): string | null {
  if (typeof claim !== 'object' || claim === null) return null;
  const { audit } = claim as { audit?: unknown };
  const about = 'that every wire of the circuit is determined by its inputs';
  if (audit === null) return `${about}: it was compiled without an audit`;
  if (typeof audit !== 'object') return null;
  const { unique, free, undecided, broken } = audit as Record<string, unknown>;
  if (![unique, free, undecided, broken].every((count) => Number.isSafeInteger(count) && (count as number) >= 0)) return null;
  return `${about}: the receipt says that compiling found ${unique} unique, ${free} free by design, ${undecided} undecided, ${broken} broken (zkonnx audit says it for yourself)`;
}
