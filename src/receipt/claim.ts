/** From a receipt to the public signals it claims: always recomputed from its tensors and context, never read beside them. */
import type { LayoutTensor } from '../r1cs/layout.ts';
import { contextSignal, publicSignals, type TensorClaim } from '../r1cs/signals.ts';
import type { Receipt, ReceiptContext, ReceiptTensor } from './receipt.ts';

/** Public signal 1 of a receipt's context. */
export function claimedContextSignal(context: ReceiptContext | null): bigint {
  return contextSignal(context === null ? undefined : 'text' in context ? context.text : context.hex);
}

function tensorClaim(tensor: LayoutTensor, claimed: ReceiptTensor | undefined): TensorClaim {
  if (tensor.visibility === 'hashed' && claimed?.commitment !== undefined)
    return { kind: 'commitment', commitment: BigInt(claimed.commitment) };
  if (claimed?.values !== undefined) return { kind: 'values', values: claimed.values };
  return { kind: 'none' };
}

/** The public signals, in the layout's order. The receipt is one that `parseReceipt` returned or `buildReceipt` makes. */
export function receiptSignals({ layout, context, outputs, inputs }: Pick<Receipt, 'layout' | 'context' | 'outputs' | 'inputs'>): bigint[] {
  return publicSignals(layout, {
    context: claimedContextSignal(context),
    outputs: layout.outputs.map((tensor, i) => tensorClaim(tensor, outputs[i])),
    inputs: layout.inputs.map((tensor, i) => tensorClaim(tensor, inputs[i])),
  });
}
