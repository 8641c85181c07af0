/**
 * Opening a commitment: whoever holds a hidden tensor and its salt can show that a receipt speaks of that tensor (and of no other: the commitment binds).
 * Browser-safe.
 */
import { poseidonConstants } from '../../circuits/poseidon/grain.ts';
import { commitmentHash } from '../../circuits/poseidon/hash.ts';
import { ZkonnxError } from '../errors.ts';
import type { LayoutTensor } from '../r1cs/layout.ts';
import { elementRange, encodeElements, firstOutOfRange, hashTag, packWords } from '../r1cs/signals.ts';
import { parseReceipt } from './parse.ts';
import { commitmentHex } from './receipt.ts';

export interface Opening {
  readonly valid: boolean;
  /** One sentence: why. */
  readonly reason: string;
}

/** Salts as `--salt-out` writes them: "none" is 0, else up to 62 hex digits. Null for anything else. */
function saltValue(salt: string): bigint | null {
  if (salt === 'none') return 0n;
  return typeof salt === 'string' && /^(?:0x)?[0-9a-f]{1,62}$/i.test(salt) ? BigInt(`0x${salt.replace(/^0x/i, '')}`) : null;
}

/**
 * The commitment to a tensor: docs/signals.md, "Hashed". About 30 ms for the constants and 1 ms per 434 bytes.
 * @param values quantized integers in the dtype's range, as many as the tensor has.
 */
export function commitmentOf(tensor: Pick<LayoutTensor, 'dtype' | 'elementCount'>, values: ArrayLike<number>, salt: bigint): string {
  const words = packWords(tensor.dtype, encodeElements(tensor.dtype, values));
  return commitmentHex(commitmentHash(poseidonConstants(), hashTag(tensor.dtype, tensor.elementCount), salt, words));
}

/**
 * Whether these values, with this salt, are what the receipt's commitment of tensor `name` hides. Says nothing of the receipt itself: `verify` does.
 * @param receipt what JSON.parse gave.
 * @param values the quantized integers, row-major.
 * @param salt as it was written by `--salt-out`, or "none".
 */
export function openCommitment(receipt: unknown, name: string, values: ArrayLike<number>, salt: string): Opening {
  const no = (reason: string): Opening => ({ valid: false, reason });
  let read: ReturnType<typeof parseReceipt>;
  try {
    read = parseReceipt(receipt);
  } catch (error) {
    return no(error instanceof ZkonnxError ? error.message : 'the receipt cannot be read');
  }
  const { layout, inputs, outputs } = read;
  const places = [
    ...layout.inputs.map((tensor, i) => ({ tensor, commitment: inputs[i]!.commitment })),
    ...layout.outputs.map((tensor, i) => ({ tensor, commitment: outputs[i]!.commitment })),
  ];
  const hidden = places.filter(({ tensor, commitment }) => tensor.name === name && commitment !== undefined);
  if (hidden.length === 0) return no('the receipt has no commitment to a tensor of this name');
  const secret = saltValue(salt);
  if (secret === null) return no('the salt is neither "none" nor up to 62 hex digits');
  for (const { tensor, commitment } of hidden) {
    const { dtype, elementCount } = tensor;
    if (values.length !== elementCount) return no(`${values.length} values given, the tensor has ${elementCount}`);
    const bad = firstOutOfRange(dtype, values);
    const { low, high } = elementRange(dtype);
    if (bad >= 0) return no(`value ${bad} is ${values[bad]}, ${dtype} holds ${low}…${high}`);
    if (commitmentOf(tensor, values, secret) === commitment) return { valid: true, reason: 'the values and the salt give the commitment' };
  }
  return no('the values and the salt give another commitment');
}
