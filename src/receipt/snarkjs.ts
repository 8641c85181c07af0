/** A receipt as the three files that `snarkjs groth16 verify verification_key.json public.json proof.json` reads. */
import type { Proof, VerificationKey } from '../groth16/keys.ts';
import { receiptSignals } from './claim.ts';
import type { Receipt } from './receipt.ts';

export interface SnarkjsFiles {
  readonly 'proof.json': Proof;
  /** Decimal strings, recomputed from the claim. */
  readonly 'public.json': readonly string[];
  readonly 'verification_key.json': VerificationKey;
}

/** Contents by file name, for JSON.stringify. The receipt is one that `parseReceipt` returned or `buildReceipt` made. */
export function snarkjsFiles(receipt: Receipt): SnarkjsFiles {
  return {
    'proof.json': receipt.proof,
    'public.json': receiptSignals(receipt).map(String),
    'verification_key.json': receipt.setup.verificationKey,
  };
}
