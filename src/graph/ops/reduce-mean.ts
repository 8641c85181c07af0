/**
 * ReduceMean and ReduceSum over axes: attribute before opset 18 (13), constant input since. ONNX Runtime adds floats in an order of its own; the profile's sum is exact, and what follows
 * is rounded as there (docs/onnx-semantics.md, "In floats").
 */
import { type Call, dimsOf, layer, newestOpset, type Op } from '../call.ts';
import { onIntegers } from '../integer.ts';
import { integerReduceSum } from '../integer-arithmetic.ts';
import { activationOperand, pendingResult } from '../operand.ts';
import { axesOf, reducedDims } from './reduce-max.ts';

function sumOp(op: string, inputSince: number, isMean: boolean): Op {
  const axes = (call: Call) => axesOf(call, inputSince);
  return {
    op,
    domain: '',
    facts: {
      forms: isMean ? ['QDQ'] : ['QDQ', 'integer'],
      constraints: 'n·(1 + S)',
      exactness: 'an exact sum where floats are added: 1 step off at most, near ties',
    },
    opsets: [1, newestOpset],
    attributes: ['axes', 'keepdims', 'noop_with_empty_axes'],
    inputs: [1, 2],
    shape: (call) => reducedDims(call, axes(call)),
    translate: (call, dims) => {
      if (!isMean && onIntegers(call)) return integerReduceSum(call, dims, axes(call));
      const x = activationOperand(call, 0).value;
      const reduced = axes(call);
      const divisor = isMean ? reduced.reduce((size, axis) => size * dimsOf(call, 0)[axis]!, 1) : 1;
      return pendingResult(call, dims, { dtype: null, elementwise: true }, (y, activation) => ({
        kind: 'reducesum',
        ...layer(call),
        x,
        axes: reduced,
        divisor,
        activation,
        y,
      }));
    },
  };
}

export const reduceMean = sumOp('ReduceMean', 18, true);
export const reduceSum = sumOp('ReduceSum', 13, false);
