/**
 * MatMul in all of numpy.matmul's forms: vectors, matrices and stacks of them, broadcast against each other, a constant on either side or none. In: the two factors. Out: the
 * node that makes the product, with what moves its operands and result into the shapes that the node kinds have; moving costs nothing in a circuit.
 */
import { elementCount } from '../tensor/tensor.ts';
import { broadcastDims, broadcastOrder } from './broadcast.ts';
import { type Call, dimsOf, layer, outputName } from './call.ts';
import { pick, transposeOrder, transposeView } from './constants.ts';
import { addValue, draftValue } from './draft.ts';
import type { Activation, GraphNode, ValueId } from './graph.ts';
import { elementLimit } from './limits.ts';
import { asWeights } from './linear.ts';
import type { ConstantView } from './meaning.ts';
import { dtype8 } from './operand.ts';
import { refuse } from './report.ts';

/** Integers of the proof, or a constant. */
export type Factor = { readonly kind: 'value'; readonly value: ValueId; readonly transposed?: boolean } | ConstantView;

/** What stands around a product in Gemm: the bias has one element for each column, or for each of the result. */
export interface Around {
  readonly alpha: number;
  readonly bias: Int32Array | null;
  readonly form: 'gemm' | 'matmul';
}

const nothingAround: Around = { alpha: 1, bias: null, form: 'matmul' };

const again = 'export the model again; onnx.checker says what is wrong';

/** numpy.matmul's shape for inputs a and b. */
export function matmulDims(call: Call, a: number, b: number): readonly number[] {
  const [left, right] = [dimsOf(call, a), dimsOf(call, b)];
  if (left.length === 0 || right.length === 0) return refuse('MatMul of a scalar', again);
  if (left[left.length - 1] !== leftMatrix(right, 'right').at(-2)!)
    refuse(`shapes [${left.join(', ')}] and [${right.join(', ')}] do not fit together`, again);
  const full = fullDims(leftMatrix(left, 'left'), leftMatrix(right, 'right'));
  return full.filter((_, i) => !(i === full.length - 2 && left.length === 1) && !(i === full.length - 1 && right.length === 1));
}

/** A vector on the left is a row, on the right a column. */
function leftMatrix(dims: readonly number[], side: 'left' | 'right'): readonly number[] {
  if (dims.length > 1) return dims;
  return side === 'left' ? [1, dims[0]!] : [dims[0]!, 1];
}

function fullDims(left: readonly number[], right: readonly number[]): number[] {
  return [...broadcastDims(left.slice(0, -2), right.slice(0, -2)), left.at(-2)!, right.at(-1)!];
}

/** The 8-bit type of a factor. */
export function factorType(call: Call, factor: Factor): 'uint8' | 'int8' {
  if (factor.kind === 'value') return dtype8(call, factor.value);
  return factor.dtype === 'int32' ? refuse('its weights are int32', 'quantize weights to 8 bits') : factor.dtype;
}

function factorDims(call: Call, factor: Factor): readonly number[] {
  if (factor.kind !== 'value') return factor.dims;
  const { dims } = draftValue(call.draft, factor.value);
  return factor.transposed ? transposedDims(dims) : dims;
}

/** Refuses what would grow beyond any proof when it is broadcast, or multiplied out. */
function checkSize(count: number, what: string): void {
  if (count > elementLimit) refuse(`it takes ${count} ${what}, at most ${elementLimit} are taken`, 'use a smaller model or input');
}

/** Moves values for one node: each step is a value of its own, named after the node's output. */
function mover(call: Call) {
  const { draft } = call;
  let count = 0;
  const step = (x: ValueId, dims: readonly number[], node: (y: ValueId) => GraphNode): ValueId => {
    const { dtype, quantization } = draftValue(draft, x);
    const y = addValue(draft, { name: `${outputName(call)}:moved ${++count}`, dtype, dims, quantization });
    draft.nodes.push(node(y));
    return y;
  };
  return {
    reshaped(x: ValueId, dims: readonly number[]): ValueId {
      const same = draftValue(draft, x).dims.length === dims.length;
      return same ? x : step(x, dims, (y) => ({ kind: 'reshape', ...layer(call), x, y }));
    },
    broadcast(x: ValueId, batch: readonly number[]): ValueId {
      const from = draftValue(draft, x).dims;
      const to = [...batch, ...from.slice(-2)];
      if (elementCount(to) === elementCount(from)) return this.reshaped(x, to);
      checkSize(elementCount(to), 'repeated elements');
      return step(x, to, (y) => ({ kind: 'gather', ...layer(call), x, index: broadcastOrder(from, to), fill: null, y }));
    },
    transposed(x: ValueId): ValueId {
      const { dims } = draftValue(draft, x);
      const perm = swapLast(dims.length);
      return step(x, transposedDims(dims), (y) => ({ kind: 'transpose', ...layer(call), x, perm, y }));
    },
  };
}

function swapLast(rank: number): number[] {
  return [...Array.from({ length: rank - 2 }, (_, i) => i), rank - 1, rank - 2];
}

function transposedDims(dims: readonly number[]): number[] {
  return [...dims.slice(0, -2), dims.at(-1)!, dims.at(-2)!];
}

/** Constant matrices [matrices, K, N], or [K, N] where there is one, that the matrices of a stack `batch` take in turn. */
function stackOf(view: ConstantView, batch: readonly number[]): ConstantView {
  let leading = view.dims.slice(0, -2);
  while (leading[0] === 1) leading = leading.slice(1);
  const matrix = view.dims.slice(-2);
  const fits = leading.every((d, i) => d === batch[batch.length - leading.length + i]);
  const to = fits ? [...leading, ...matrix] : [...batch, ...matrix];
  if (view.axis !== null && to.length > 2)
    refuse('its constants are a stack of matrices quantized per column: ONNX Runtime has no kernel for it', 'quantize them per tensor');
  if (!fits) checkSize(elementCount(to), 'repeated weights');
  const data = fits ? view.data : pick(view.data, broadcastOrder(view.dims, to));
  const dims = to.length === 2 ? to : [elementCount(to.slice(0, -2)), ...matrix];
  return { ...view, dims, data, axis: view.axis === null ? null : view.axis - view.dims.length + dims.length };
}

/** a·b for a constant b; x has any number of leading dimensions where b is one matrix. */
function weighted(call: Call, x: ValueId, weights: ConstantView) {
  const asked = asWeights(call, x, weights, weights.dims.length - 1);
  return { kind: 'matmul', ...layer(call), weights: asked } as const;
}

/** The node of a product, for `pendingResult` or at once. */
export function productNode(
  call: Call,
  a: Factor,
  b: Factor,
  around: Around = nothingAround,
): (y: ValueId, activation: Activation | null) => GraphNode {
  const left = leftMatrix(factorDims(call, a), 'left');
  const right = leftMatrix(factorDims(call, b), 'right');
  const full = fullDims(left, right);
  const batch = full.slice(0, -2);
  if (a.kind === 'value' && b.kind === 'value') checkSize(elementCount(full) * left.at(-1)!, 'products');
  const move = mover(call);
  /** `node` puts out the whole stack, or its transpose, from which y is moved. */
  const into = (y: ValueId, transposed: boolean, node: (y: ValueId) => GraphNode): GraphNode => {
    const { dtype, quantization, dims, name } = draftValue(call.draft, y);
    if (!transposed && dims.length === full.length) return node(y);
    const at = { name: `${name}:stack`, dtype, dims: transposed ? transposedDims(full) : full, quantization };
    const stack = addValue(call.draft, at);
    call.draft.nodes.push(node(stack));
    if (!transposed) return { kind: 'reshape', ...layer(call), x: stack, y };
    if (dims.length !== full.length) return { kind: 'reshape', ...layer(call), x: move.transposed(stack), y };
    return { kind: 'transpose', ...layer(call), x: stack, perm: swapLast(full.length), y };
  };
  /** A computed factor in the shape that its matrices have, repeated for the whole stack. */
  const stacked = (factor: Factor & { readonly kind: 'value' }, dims: readonly number[]): ValueId => {
    const x = move.reshaped(factor.value, factor.transposed ? transposedDims(dims) : dims);
    return move.broadcast(factor.transposed ? move.transposed(x) : x, batch);
  };
  const { alpha, bias } = around;
  if (a.kind === 'constantView') {
    if (b.kind === 'constantView') return refuse('both its inputs are constants', 'fold constants before quantizing');
    if (a.axis !== null) refuse('its left side is a constant quantized per channel', 'quantize it per tensor');
    const matrices = stackOf(transposeView({ ...a, dims: left }, swapLast(left.length), transposedDims(left)), batch);
    const turned = bias === null ? null : pick(broadcastBias(bias, full), transposeOrder(full, swapLast(full.length)));
    const form = around.form === 'gemm' ? 'left gemm' : 'matmul';
    const common = { ...weighted(call, b.value, matrices), alpha, bias: turned, form } as const;
    const other = { ...b, transposed: b.transposed !== true };
    return (y, activation) => into(y, true, (to) => ({ ...common, x: stacked(other, transposedDims(right)), activation, y: to }));
  }
  if (b.kind === 'constantView') {
    const axis =
      b.axis === null || b.dims.length > 1 ? b.axis : refuse('its right side is a vector quantized per element', 'quantize it per tensor');
    const matrices = stackOf({ ...b, dims: right, axis }, batch);
    const common = { ...weighted(call, a.value, matrices), ...around };
    const plain = a.transposed !== true && elementCount(left.slice(0, -2)) === elementCount(batch) && matrices.dims.length === 2;
    return (y, activation) =>
      plain ? { ...common, x: a.value, activation, y } : into(y, false, (to) => ({ ...common, x: stacked(a, left), activation, y: to }));
  }
  return (y, activation) =>
    into(y, false, (to) => {
      return { kind: 'dotproduct', ...layer(call), a: stacked(a, left), b: stacked(b, right), alpha, bias, activation, y: to };
    });
}

function broadcastBias(bias: Int32Array, full: readonly number[]): Int32Array {
  return bias.length === elementCount(full) ? bias : pick(bias, broadcastOrder([bias.length], full));
}
