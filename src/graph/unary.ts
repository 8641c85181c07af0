/**
 * Functions of one tensor, element by element, and chains of them between a DequantizeLinear and a QuantizeLinear: 256 float32 values say all there is.
 * Each op gives its float32 function, operation by operation as ONNX Runtime's kernel; a constant per channel gives one table per channel.
 */
import { fusedMultiplyAdd, type MultiplyAdd, multiplyAdd } from '../float32/fma.ts';
import { type Call, dimsOf, input, layer, newestOpset, type Op } from './call.ts';
import { draftValue } from './draft.ts';
import type { Elementwise, Meaning, Pending } from './meaning.ts';
import { dtype8, floatOperand, integerOperand, pendingResult, qlinearOutput, quantizedResult } from './operand.ts';
import { rangeOf } from './quantization.ts';
import { refuse } from './report.ts';

const fl = Math.fround;

/** A float32 function of an element of channel c. */
export type ElementFunction = (v: number, c: number) => number;

/** DequantizeLinear of every integer of x's type. */
function dequantized(call: Call, x: number): Elementwise {
  const { scale, zeroPoint } = draftValue(call.draft, x).quantization!;
  const [low] = rangeOf(dtype8(call, x));
  return { x, floats: Float32Array.from({ length: 256 }, (_, i) => fl((low + i - zeroPoint) * scale)), inner: 1 };
}

/** What a float tensor is as a function of one integer, or null if it is none. */
export function elementwiseOf(call: Call, meaning: Meaning): Elementwise | null {
  if (meaning.kind === 'view') return dequantized(call, meaning.value);
  return meaning.kind === 'pending' && meaning.moves.length === 0 ? meaning.computation.function : null;
}

/** The same of the tensor at input i, which must be float and not constant. */
export function elementwiseAt(call: Call, i: number): Elementwise {
  const meaning = input(call, i);
  const known = elementwiseOf(call, meaning);
  if (known !== null) return known;
  if (meaning.kind !== 'pending') floatOperand(call, i);
  return refuse(
    meaning.kind === 'pending'
      ? `it follows ${meaning.computation.op} "${meaning.computation.name}", not quantized in between`
      : 'its input is a constant',
    'put a QuantizeLinear/DequantizeLinear pair between the two (quantize_static does, unless the node was excluded)',
  );
}

/** Channels of the tensor of shape `dims` along `axis`: how many, and how many elements of one stand together. */
export interface Channels {
  readonly count: number;
  readonly inner: number;
}

export const oneChannel: Channels = { count: 1, inner: 1 };

function channelsOf({ floats, inner }: Elementwise): Channels {
  return { count: floats.length / 256, inner };
}

/** How many channels a function of both has. */
function commonChannels(before: Elementwise, channels: Channels): number {
  const known = channelsOf(before);
  if (channels.count > 1 && known.count > 1 && (channels.count !== known.count || channels.inner !== known.inner))
    return refuse('constants along two different axes follow each other', 'put a QuantizeLinear/DequantizeLinear pair between the two');
  return Math.max(known.count, channels.count);
}

/** f after `before`. */
export function mapElements(before: Elementwise, f: ElementFunction, channels: Channels = oneChannel): Elementwise {
  const known = before.floats.length / 256;
  const count = commonChannels(before, channels);
  const floats = new Float32Array(256 * count);
  for (let c = 0; c < count; c++) {
    for (let i = 0; i < 256; i++) floats[256 * c + i] = f(before.floats[known > 1 ? 256 * c + i : i]!, c);
  }
  return { x: before.x, floats, inner: channels.count > 1 ? channels.inner : before.inner };
}

/** f of two functions of one integer tensor: again one function of it. */
export function joinElements(a: Elementwise, b: Elementwise, f: (a: number, b: number) => number): Elementwise {
  const count = commonChannels(a, channelsOf(b));
  const at = ({ floats }: Elementwise, i: number) => floats[floats.length > 256 ? i : i % 256]!;
  const floats = Float32Array.from({ length: 256 * count }, (_, i) => f(at(a, i), at(b, i)));
  return { x: a.x, floats, inner: a.floats.length > 256 ? a.inner : b.inner };
}

function checkNumbers({ floats }: Elementwise): void {
  if (floats.some(Number.isNaN))
    refuse('it gives NaN for some values that its input can have', 'quantize its input to the range where it is defined');
}

/** A function of one integer tensor as a float that waits for its QuantizeLinear. */
export function elementwisePending(call: Call, dims: readonly number[], known: Elementwise): Pending {
  checkNumbers(known);
  const from = draftValue(call.draft, known.x).dims;
  if (`${from}` !== `${dims}`)
    refuse(
      `its result has shape [${dims.join(', ')}], its input [${from.join(', ')}]`,
      'give its constant no more dimensions than the other side has',
    );
  return pendingResult(call, dims, { dtype: null, elementwise: true, takesActivation: false, function: known }, (y) => ({
    kind: 'table',
    ...layer(call),
    ...known,
    y,
  }));
}

/** The meaning of f of input i. */
export function elementwiseResult(call: Call, dims: readonly number[], i: number, f: ElementFunction, channels = oneChannel): Pending {
  return elementwisePending(call, dims, mapElements(elementwiseAt(call, i), f, channels));
}

/** The result of a QLinear operator X, x_scale, x_zero_point, y_scale, y_zero_point that is f of each element. */
export function quantizedElementwise(call: Call, dims: readonly number[], f: ElementFunction): Meaning {
  const x = integerOperand(call, 0);
  const after = mapElements(dequantized(call, x), f);
  checkNumbers(after);
  const y = qlinearOutput(call, dims, 3, x);
  return quantizedResult(call, dims, y, { kind: 'table', ...layer(call), ...after, y });
}

/** What MLAS's vector kernels multiply and add with: one rounding on x86-64, two in WASM. */
export function multiplyAddOf({ draft }: Call): MultiplyAdd {
  return draft.profile === 'ort-fused' ? multiplyAdd : fusedMultiplyAdd;
}

/** A routine of float32/ that multiplies and adds, as the profile does. */
export function withMultiplyAdd(f: (v: number, madd: MultiplyAdd) => number): (call: Call) => (v: number) => number {
  return (call) => {
    const madd = multiplyAddOf(call);
    return (v) => f(v, madd);
  };
}

/** An op that is a function of each element of its only input. */
export function unaryOp(op: string, opset: number, attributes: readonly string[], f: (call: Call) => (v: number) => number): Op {
  return { ...microsoftUnaryOp(op, attributes, f), domain: '', opsets: [opset, newestOpset] };
}

/** The same of com.microsoft. */
export function microsoftUnaryOp(op: string, attributes: readonly string[], f: (call: Call) => (v: number) => number): Op {
  return {
    op,
    domain: 'com.microsoft',
    opsets: [1, 1],
    facts: { forms: ['QDQ'] },
    attributes,
    inputs: [1, 1],
    shape: (call) => dimsOf(call, 0),
    translate: (call, dims) => elementwiseResult(call, dims, 0, f(call)),
  };
}

/** Its com.microsoft QLinear form. */
export function qlinearUnaryOp(op: string, attributes: readonly string[], f: (call: Call) => (v: number) => number): Op {
  return {
    op,
    domain: 'com.microsoft',
    opsets: [1, 1],
    attributes,
    inputs: [4, 5],
    shape: (call) => dimsOf(call, 0),
    translate: (call, dims) => quantizedElementwise(call, dims, f(call)),
  };
}
