/** Whether a file is the whole receipt of a given inference with a given key: what lets a second run of a batch skip it. */
import { parseReceipt } from './parse.ts';
import { type ReceiptParts, receiptContext, receiptDigest } from './receipt.ts';

/**
 * True if the text is an undamaged receipt (its own digest holds) of this model, circuit, key and context, and every tensor that it shows equals the
 * inference's. Commitments of hashed tensors are not opened, for their salts are not at hand, and the proof is not verified: its maker did.
 */
export function receiptMatches(text: string, parts: Pick<ReceiptParts, 'compiled' | 'keys' | 'values' | 'context'>): boolean {
  const { compiled, keys, values } = parts;
  let receipt: ReturnType<typeof parseReceipt>;
  try {
    receipt = parseReceipt(JSON.parse(text));
  } catch {
    return false;
  }
  if (receiptDigest(receipt) !== receipt.digest) return false;
  if (receipt.model.sha256 !== compiled.model.sha256 || receipt.circuit.digest !== compiled.digests.circuit) return false;
  if (receipt.circuit.layoutDigest !== compiled.digests.layout || receipt.setup.vkeyHash !== keys.vkeyHash) return false;
  if (JSON.stringify(receipt.context) !== JSON.stringify(receiptContext(parts.context))) return false;
  const shown = [
    ...receipt.outputs.map((tensor, i) => ({ tensor, boundary: compiled.program.outputs[i] })),
    ...receipt.inputs.map((tensor, i) => ({ tensor, boundary: compiled.program.inputs[i] })),
  ];
  return shown.every(({ tensor, boundary }) => {
    if (tensor.values === undefined) return true;
    const own = boundary === undefined ? undefined : values.get(boundary.tensor);
    return own !== undefined && own.length === tensor.values.length && tensor.values.every((value, i) => value === own[i]);
  });
}
