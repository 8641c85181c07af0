/**
 * The encodings of docs/signals.md: elements as field values (offset binary), packed words, and the public signals that a claim (tensors,
 * commitments, context) comes to; and back. The circuit proves exactly this, the receipt's verifier recomputes exactly this. Browser-safe.
 *
 * Values are the model's own quantized integers (int8: −128 … 127); "encoded" ones are what the wires hold (0 … 255).
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { ZkonnxError } from '../errors.ts';
import type { QDType } from '../graph/graph.ts';
import { onnxDTypeNumber } from '../tensor/tensor.ts';
import { isUnicodeText } from './canonical.ts';
import { elementBytes, elementsPerWord, type Layout, type LayoutTensor } from './layout.ts';

/** Longest context accepted, in bytes. */
export const maxContextBytes = 65_536;

/** What a claim says of one tensor, by the tensor's visibility: public and packed give values, hashed a commitment, private nothing. */
export type TensorClaim =
  | { readonly kind: 'values'; readonly values: ArrayLike<number> }
  | { readonly kind: 'commitment'; readonly commitment: bigint }
  | { readonly kind: 'none' };

export interface Claim {
  /** `contextSignal(…)`: 0 where none is given. */
  readonly context: bigint;
  /** One per layout tensor, in layout order. */
  readonly outputs: readonly TensorClaim[];
  readonly inputs: readonly TensorClaim[];
}

/** Smallest and largest value of a type at the boundary, inclusive. int64 is an index: 0 … 2^31 − 1. */
export function elementRange(dtype: QDType): { readonly low: number; readonly high: number } {
  switch (dtype) {
    case 'uint8':
      return { low: 0, high: 255 };
    case 'int8':
      return { low: -128, high: 127 };
    case 'int32':
      return { low: -2147483648, high: 2147483647 };
    case 'int64':
      return { low: 0, high: 2147483647 };
  }
}

/** What is subtracted from a value to encode it: q_min; 0 for an index, which is itself. */
export function encodingLow(dtype: QDType): number {
  return elementRange(dtype).low;
}

/** Index of the first value that the type cannot hold (not an integer, or out of range), or −1. */
export function firstOutOfRange(dtype: QDType, values: ArrayLike<number>): number {
  const { low, high } = elementRange(dtype);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isInteger(value) || value < low || value > high) return i;
  }
  return -1;
}

/** Offset binary: u = q − q_min. Values must be in range (`firstOutOfRange`). */
export function encodeElements(dtype: QDType, values: ArrayLike<number>): Uint32Array {
  const low = encodingLow(dtype);
  const encoded = new Uint32Array(values.length);
  for (let i = 0; i < encoded.length; i++) encoded[i] = values[i]! - low;
  return encoded;
}

/** The inverse of `encodeElements`. */
export function decodeElements(dtype: QDType, encoded: Uint32Array): Int32Array {
  const low = encodingLow(dtype);
  const values = new Int32Array(encoded.length);
  for (let i = 0; i < values.length; i++) values[i] = encoded[i]! + low;
  return values;
}

/**
 * The weight of element `position` (0 … elementsPerWord − 1) in its word. Byte j of a word weighs 256^(30−j) and a 4-byte element stands most
 * significant byte first, so an 8-bit element weighs 256^(30−j), a 4-byte one 256^(27−4j) (the last three bytes of such a word are 0).
 */
export function packedWeight(dtype: QDType, position: number): bigint {
  return 1n << BigInt(8 * (31 - elementBytes(dtype) * (position + 1)));
}

/** Encoded elements → words of 31 bytes, the last one zero-padded at its end. */
export function packWords(dtype: QDType, encoded: Uint32Array): bigint[] {
  const perWord = elementsPerWord(dtype);
  const digits = 2 * elementBytes(dtype);
  const words: bigint[] = [];
  for (let start = 0; start < encoded.length; start += perWord) {
    let hex = '';
    for (let i = start; i < Math.min(start + perWord, encoded.length); i++) hex += encoded[i]!.toString(16).padStart(digits, '0');
    words.push(BigInt(`0x${hex.padEnd(62, '0')}`));
  }
  return words;
}

/** Words → `count` encoded elements, or null where the words are not what any `count` elements pack to (wrong number, padding not 0, too large). */
export function unpackWords(dtype: QDType, words: readonly bigint[], count: number): Uint32Array | null {
  const perWord = elementsPerWord(dtype);
  const digits = 2 * elementBytes(dtype);
  if (words.length !== Math.ceil(count / perWord)) return null;
  const encoded = new Uint32Array(count);
  for (let w = 0; w < words.length; w++) {
    const hex = words[w]!.toString(16).padStart(62, '0');
    if (words[w]! < 0n || hex.length > 62) return null;
    const present = Math.min(perWord, count - w * perWord);
    for (let j = 0; j < present; j++) encoded[w * perWord + j] = Number.parseInt(hex.slice(j * digits, (j + 1) * digits), 16);
    if (/[^0]/.test(hex.slice(present * digits))) return null;
  }
  return encoded;
}

/** First element of the Poseidon state of a hashed tensor: 1·2^64 + dtype·2^56 + elementCount (ONNX dtype numbers). */
export function hashTag(dtype: QDType, count: number): bigint {
  return (1n << 64n) + (BigInt(onnxDTypeNumber[dtype]) << 56n) + BigInt(count);
}

/** The public signals of one tensor. The claim's kind must fit the visibility and its values the dtype: callers check foreign claims first. */
export function tensorSignals(tensor: LayoutTensor, claim: TensorClaim): bigint[] {
  const { visibility, dtype, name } = tensor;
  if (visibility === 'private' && claim.kind === 'none') return [];
  if (visibility === 'hashed' && claim.kind === 'commitment') return [claim.commitment];
  if ((visibility === 'public' || visibility === 'packed') && claim.kind === 'values') {
    if (claim.values.length !== tensor.elementCount)
      throw new RangeError(`${name}: ${claim.values.length} values for ${tensor.elementCount}`);
    const bad = firstOutOfRange(dtype, claim.values);
    if (bad >= 0) throw new RangeError(`${name}[${bad}] is no ${dtype}`);
    const encoded = encodeElements(dtype, claim.values);
    return visibility === 'packed' ? packWords(dtype, encoded) : Array.from(encoded, BigInt);
  }
  throw new RangeError(`${name} is ${visibility}, the claim gives ${claim.kind}`);
}

/** All public signals of a claim, in the layout's order: context, outputs, inputs. */
export function publicSignals(layout: Layout, claim: Claim): bigint[] {
  const signals = [claim.context];
  const add = (tensors: readonly LayoutTensor[], claims: readonly TensorClaim[]): void => {
    if (tensors.length !== claims.length) throw new RangeError(`${claims.length} tensors claimed, the layout has ${tensors.length}`);
    tensors.forEach((tensor, i) => {
      for (const signal of tensorSignals(tensor, claims[i]!)) signals.push(signal);
    });
  };
  add(layout.outputs, claim.outputs);
  add(layout.inputs, claim.inputs);
  return signals;
}

/** What the signals say, the inverse of `publicSignals`; null where they are not the signals of any claim under this layout. */
export function readSignals(layout: Layout, signals: readonly bigint[]): Claim | null {
  if (signals.length !== layout.signalCount) return null;
  const read = (tensor: LayoutTensor): TensorClaim | null => {
    const own = signals.slice(tensor.firstSignal, tensor.firstSignal + tensor.signalCount);
    if (tensor.visibility === 'private') return { kind: 'none' };
    if (tensor.visibility === 'hashed') return { kind: 'commitment', commitment: own[0]! };
    const encoded = tensor.visibility === 'packed' ? unpackWords(tensor.dtype, own, tensor.elementCount) : toElements(own);
    if (encoded === null) return null;
    const largest = elementRange(tensor.dtype).high - encodingLow(tensor.dtype);
    if (encoded.some((u) => u > largest)) return null;
    return { kind: 'values', values: decodeElements(tensor.dtype, encoded) };
  };
  const outputs = layout.outputs.map(read);
  const inputs = layout.inputs.map(read);
  if ([...outputs, ...inputs].includes(null)) return null;
  return { context: signals[0]!, outputs: outputs as TensorClaim[], inputs: inputs as TensorClaim[] };
}

function toElements(signals: readonly bigint[]): Uint32Array | null {
  if (signals.some((signal) => signal < 0n || signal > 0xffffffffn)) return null;
  return Uint32Array.from(signals, Number);
}

/** DequantizeLinear, `fl((q − zp)·s)`, element by element; null where the tensor has no scale (indices, plain integers). */
export function dequantizeValues(tensor: Pick<LayoutTensor, 'scale' | 'zeroPoint'>, values: ArrayLike<number>): Float32Array | null {
  const { scale, zeroPoint } = tensor;
  if (scale === null) return null;
  return Float32Array.from(values, (q) => Math.fround(Math.fround(q - (zeroPoint ?? 0)) * scale));
}

/**
 * The bytes a context stands for: `0x` and an even number of hex digits gives those bytes, any other text its UTF-8.
 * @throws ZkonnxError ZK1009 for an empty context, bad hex, text that is not Unicode, or more than 65,536 bytes.
 */
export function contextBytes(context: string): Uint8Array {
  const refuse = (what: string): never => {
    throw new ZkonnxError('ZK1009', { what });
  };
  if (typeof context !== 'string') return refuse('it is not a string');
  let bytes: Uint8Array;
  if (/^0x/i.test(context)) {
    if (context.length > 2 + 2 * maxContextBytes) return refuse(`it is longer than ${maxContextBytes} bytes`);
    if (!/^0x(?:[0-9a-f]{2})*$/i.test(context)) return refuse('after 0x come pairs of hex digits only');
    bytes = hexToBytes(context.slice(2));
  } else {
    if (context.length > maxContextBytes) return refuse(`it is longer than ${maxContextBytes} bytes`);
    if (!isUnicodeText(context)) return refuse('it holds half of a surrogate pair');
    bytes = utf8ToBytes(context);
  }
  if (bytes.length === 0) return refuse('it is empty');
  if (bytes.length > maxContextBytes) return refuse(`it is longer than ${maxContextBytes} bytes`);
  return bytes;
}

/** Public signal 1: keccak256(bytes) >> 8, or 0 when no context is given. @throws ZkonnxError ZK1009 (see `contextBytes`). */
export function contextSignal(context: string | undefined): bigint {
  if (context === undefined) return 0n;
  return BigInt(`0x${bytesToHex(keccak_256(contextBytes(context)))}`) >> 8n;
}
