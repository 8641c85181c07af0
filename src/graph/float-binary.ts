/**
 * Binary operators that ONNX Runtime computes in floats, where both sides together are a function of one integer tensor: a float constant beside it, or two
 * functions of the same tensor (x·sigmoid(x)).
 */
import { elementCount } from '../tensor/tensor.ts';
import { type Call, dimsOf, input } from './call.ts';
import { readersOf } from './draft.ts';
import type { Meaning, Pending } from './meaning.ts';
import { refuse } from './report.ts';
import { type Channels, elementwiseOf, elementwisePending, elementwiseResult, joinElements, oneChannel } from './unary.ts';

const fl = Math.fround;

/** Elements of a constant float tensor, or of the dequantized view of one; null of anything else. */
function constantFloats(meaning: Meaning): Float32Array | null {
  if (meaning.kind === 'constant' && meaning.tensor.dtype === 'float32') return meaning.tensor.data as Float32Array;
  if (meaning.kind !== 'constantView' || meaning.axis !== null) return null;
  return Float32Array.from(meaning.data, (q) => fl((q - meaning.zeroPoints[0]!) * meaning.scales[0]!));
}

/** A constant float operand that is one number, or one per channel along one axis of `dims`: the number of channel c, and the channels. */
export function constantOperand(
  call: Call,
  i: number,
  dims: readonly number[],
): { readonly at: (c: number) => number; readonly channels: Channels } | null {
  const values = constantFloats(input(call, i));
  if (values === null) return null;
  const channels = channelsOf(dimsOf(call, i), dims);
  return { at: (c) => values[channels.count === 1 ? 0 : c]!, channels };
}

/** Along which axis of a tensor of shape `dims` a constant of that shape differs. */
export function channelsOf(shape: readonly number[], dims: readonly number[]): Channels {
  const wide = shape.findIndex((d) => d !== 1);
  if (wide < 0) return oneChannel;
  const axis = dims.length - shape.length + wide;
  if (shape.some((d, k) => k !== wide && d !== 1) || axis < 0 || dims[axis] !== shape[wide])
    return refuse(`its constant has shape [${shape.join(', ')}]`, 'only one constant, or one per channel, is supported');
  return { count: shape[wide]!, inner: elementCount(dims.slice(axis + 1)) };
}

/** The one float32 number that a constant is, or null. */
export function scalarOf(meaning: Meaning | undefined): number | null {
  const values = meaning === undefined ? null : constantFloats(meaning);
  return values !== null && values.length === 1 ? values[0]! : null;
}

/**
 * Which side is a constant that is computed on in floats: one that is not quantized; or a quantized one beside a float that is not, or whatever is beside it
 * where ONNX Runtime has no integer kernel for the operator.
 */
function constantSide(call: Call, hasIntegerKernel: boolean): number | undefined {
  return [1, 0].find((i) => {
    const { kind } = input(call, i);
    return kind === 'constant' || (kind === 'constantView' && (!hasIntegerKernel || input(call, 1 - i).kind === 'pending'));
  });
}

/** What may stand between an operator and the QuantizeLinear that ONNX Runtime fuses it with. */
const transparent = new Set([
  'QuantizeLinear',
  'Relu',
  'Clip',
  'Reshape',
  'Flatten',
  'Transpose',
  'Squeeze',
  'Unsqueeze',
  'Slice',
  'Identity',
]);

/** Whether other float operators compute with this node's output. */
function feedsFloats({ draft, node }: Call): boolean {
  return readersOf(draft, node.outputs[0]!).some((reader) => reader >= 0 && !transparent.has(draft.model.nodes[reader]!.op));
}

/**
 * f of the two inputs, if that is a function of one integer tensor and computed in floats; null where it is neither. A constant may not widen the other
 * side's shape.
 */
export function floatBinary(
  call: Call,
  dims: readonly number[],
  f: (a: number, b: number) => number,
  hasIntegerKernel = true,
): Pending | null {
  const constantAt = constantSide(call, hasIntegerKernel);
  if (constantAt !== undefined) {
    const other = 1 - constantAt;
    const constant = constantOperand(call, constantAt, dims);
    if (constant === null || elementCount(dimsOf(call, other)) !== elementCount(dims))
      return refuse('its constant is not float32, is quantized per channel, or widens its other input', 'fold constants before quantizing');
    const { at, channels } = constant;
    return elementwiseResult(call, dims, other, constantAt === 1 ? (v, c) => f(v, at(c)) : (v, c) => f(at(c), v), channels);
  }
  const [first, second] = [input(call, 0), input(call, 1)];
  if (hasIntegerKernel && first.kind !== 'pending' && second.kind !== 'pending' && !feedsFloats(call)) return null;
  const [a, b] = [elementwiseOf(call, first), elementwiseOf(call, second)];
  const sameShape = dimsOf(call, 0).join() === dimsOf(call, 1).join();
  return a !== null && b !== null && a.x === b.x && sameShape ? elementwisePending(call, dims, joinElements(a, b, f)) : null;
}
