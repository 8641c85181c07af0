/** MatMul of an activation with a constant matrix on the right; leading dimensions of the activation are rows. */
import { type Call, dimsOf, layer, newestOpset, type Op } from '../call.ts';
import { asMatrix, asWeights, weightView } from '../linear.ts';
import { activationOperand, dtype8, pendingResult } from '../operand.ts';
import { refuse } from '../report.ts';

/** numpy.matmul's shape for inputs a and b. */
export function matmulDims(call: Call, a: number, b: number): readonly number[] {
  const left = dimsOf(call, a);
  const right = dimsOf(call, b);
  const again = 'export the model again; onnx.checker says what is wrong';
  if (left.length === 0 || right.length === 0) return refuse('MatMul of a scalar', again);
  const k = right.length === 1 ? right[0]! : right[right.length - 2]!;
  if (left[left.length - 1] !== k) refuse(`shapes [${left.join(', ')}] and [${right.join(', ')}] do not fit together`, again);
  const batch = Math.max(left.length, right.length) - 2;
  const at = (dims: readonly number[], i: number) => dims[dims.length - 2 - batch + i] ?? 1;
  const leading = Array.from({ length: Math.max(0, batch) }, (_, i) => Math.max(at(left, i), at(right, i)));
  const rows = left.length === 1 ? [] : [left[left.length - 2]!];
  return [...leading, ...rows, ...(right.length === 1 ? [] : [right[right.length - 1]!])];
}

export const matmul: Op = {
  op: 'MatMul',
  limits: 'the right side is one constant matrix',
  domain: '',
  opsets: [1, newestOpset],
  attributes: [],
  inputs: [2, 2],
  shape: (call) => matmulDims(call, 0, 1),
  translate: (call, dims) => {
    const x = activationOperand(call, 0).value;
    const weights = asWeights(call, x, asMatrix(weightView(call, 1), false), 1);
    return pendingResult(call, dims, { dtype: dtype8(call, x) }, (y, activation) => ({
      kind: 'matmul',
      ...layer(call),
      x,
      weights,
      bias: null,
      alpha: 1,
      form: 'matmul',
      activation,
      y,
    }));
  },
};
