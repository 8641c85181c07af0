/**
 * Functions of one tensor, element by element, and chains of them between a DequantizeLinear and a QuantizeLinear: 256 float32 values say all there is.
 * Each op gives its float32 function, operation by operation as ONNX Runtime's kernel; a constant per channel gives one table per channel.
 */
import { elementCount } from '../tensor/tensor.ts';
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

/** What the float tensor at input i is, or null if it is more than a function of one integer. */
export function elementwiseAt(call: Call, i: number): Elementwise | null {
  const meaning = input(call, i);
  if (meaning.kind === 'pending') return meaning.moves.length === 0 ? meaning.computation.function : null;
  const operand = floatOperand(call, i);
  return operand.kind === 'view' ? dequantized(call, operand.value) : null;
}

/** Channels of the tensor of shape `dims` along `axis`: how many, and how many elements of one stand together. */
export interface Channels {
  readonly count: number;
  readonly inner: number;
}

const oneChannel: Channels = { count: 1, inner: 1 };

/** f after `before`. */
export function mapElements(before: Elementwise, f: ElementFunction, channels: Channels = oneChannel): Elementwise {
  const known = before.floats.length / 256;
  if (channels.count > 1 && known > 1 && (channels.count !== known || channels.inner !== before.inner))
    return refuse('constants along two different axes follow each other', 'put a QuantizeLinear/DequantizeLinear pair between the two');
  const count = Math.max(known, channels.count);
  const floats = new Float32Array(256 * count);
  for (let c = 0; c < count; c++) {
    for (let i = 0; i < 256; i++) floats[256 * c + i] = f(before.floats[known > 1 ? 256 * c + i : i]!, c);
  }
  return { x: before.x, floats, inner: channels.count > 1 ? channels.inner : before.inner };
}

function checkNumbers({ floats }: Elementwise): void {
  if (floats.some(Number.isNaN))
    refuse('it gives NaN for some values that its input can have', 'quantize its input to the range where it is defined');
}

/** The meaning of f of input i, as a float that waits for its QuantizeLinear. */
export function elementwiseResult(call: Call, dims: readonly number[], i: number, f: ElementFunction, channels = oneChannel): Pending {
  const meaning = input(call, i);
  const before =
    elementwiseAt(call, i) ??
    refuse(
      meaning.kind === 'pending'
        ? `it follows ${meaning.computation.op} "${meaning.computation.name}", not quantized in between`
        : 'its input is a constant',
      'put a QuantizeLinear/DequantizeLinear pair between the two (quantize_static does, unless the node was excluded)',
    );
  const after = mapElements(before, f, channels);
  checkNumbers(after);
  return pendingResult(call, dims, { dtype: null, elementwise: true, takesActivation: false, function: after }, (y) => ({
    kind: 'table',
    ...layer(call),
    ...after,
    y,
  }));
}

/** The result of a QLinear operator X, x_scale, x_zero_point, y_scale, y_zero_point that is f of each element. */
export function quantizedElementwise(call: Call, dims: readonly number[], f: ElementFunction): Meaning {
  const x = integerOperand(call, 0);
  const after = mapElements(dequantized(call, x), f);
  checkNumbers(after);
  const y = qlinearOutput(call, dims, 3, x);
  return quantizedResult(call, dims, y, { kind: 'table', ...layer(call), ...after, y });
}

/** An op that is a function of each element of its only input. */
export function unaryOp(op: string, opset: number, attributes: readonly string[], f: (call: Call) => (v: number) => number): Op {
  return {
    op,
    domain: '',
    opsets: [opset, newestOpset],
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

/** A constant float operand that is one number, or one per channel along one axis of `dims`: the number of channel c, and the channels. */
export function constantOperand(
  call: Call,
  i: number,
  dims: readonly number[],
): { readonly at: (c: number) => number; readonly channels: Channels } | null {
  const meaning = input(call, i);
  let values: Float32Array;
  if (meaning.kind === 'constant' && meaning.tensor.dtype === 'float32') values = meaning.tensor.data as Float32Array;
  else if (meaning.kind === 'constantView' && meaning.axis === null)
    values = Float32Array.from(meaning.data, (q) => fl((q - meaning.zeroPoints[0]!) * meaning.scales[0]!));
  else return null;
  const shape = meaning.dims;
  const wide = shape.findIndex((d) => d !== 1);
  if (wide < 0) return { at: () => values[0]!, channels: oneChannel };
  const axis = dims.length - shape.length + wide;
  if (shape.some((d, k) => k !== wide && d !== 1) || axis < 0 || dims[axis] !== shape[wide])
    return refuse(`its constant has shape [${shape.join(', ')}]`, 'only one constant, or one per channel, is supported');
  return { at: (c) => values[c]!, channels: { count: shape[wide]!, inner: elementCount(dims.slice(axis + 1)) } };
}

/**
 * A binary operator one side of which is a float constant that is not quantized, which ONNX Runtime computes in floats; null where neither side is. The constant may
 * not widen the other side's shape.
 */
export function withConstant(call: Call, dims: readonly number[], f: (a: number, b: number) => number): Pending | null {
  const constantAt = [1, 0].find((i) => input(call, i).kind === 'constant');
  if (constantAt === undefined) return null;
  const other = 1 - constantAt;
  const constant = constantOperand(call, constantAt, dims);
  if (constant === null || elementCount(dimsOf(call, other)) !== elementCount(dims))
    return refuse('its constant is not float32, or widens its other input', 'fold constants before quantizing');
  const { at, channels } = constant;
  return elementwiseResult(call, dims, other, constantAt === 1 ? (v, c) => f(v, at(c)) : (v, c) => f(at(c), v), channels);
}
