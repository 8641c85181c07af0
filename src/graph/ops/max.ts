/** Max and Min of tensors with broadcasting. ONNX Runtime compares floats; since QuantizeLinear is monotone, its integers may be compared as well. */
import { broadcastDims } from '../broadcast.ts';
import { type Call, dimsOf, layer, newestOpset, type Op } from '../call.ts';
import { floatBinary } from '../float-binary.ts';
import { foldConstants } from '../fold.ts';
import { onIntegers } from '../integer.ts';
import { integerExtremum } from '../integer-arithmetic.ts';
import { floatOperand, pendingResult } from '../operand.ts';
import { side } from './add.ts';

function extremum(op: string, least: boolean, f: (a: number, b: number) => number): Op {
  const positions = (call: Call) => call.node.inputs.map((_, i) => i);
  return {
    op,
    domain: '',
    facts: { forms: ['QDQ', 'integer'], constraints: `c·(b + 1)${least ? ' + n' : ''} + r·S; with a float constant n·F` },
    opsets: [8, newestOpset],
    attributes: [],
    inputs: [1, Number.POSITIVE_INFINITY],
    shape: (call) => positions(call).reduce<readonly number[]>((dims, i) => broadcastDims(dims, dimsOf(call, i)), []),
    translate: (call, dims) => {
      const folded = call.node.inputs.length === 2 ? foldConstants(call, dims, f) : null;
      if (folded !== null) return folded;
      if (onIntegers(call, positions(call))) return integerExtremum(call, dims, least);
      const one = call.node.inputs.length === 2 ? floatBinary(call, dims, f) : null;
      if (one !== null) return one;
      const xs = positions(call).map((i) => side(call, i, floatOperand));
      return pendingResult(call, dims, { dtype: null, elementwise: true, takesActivation: false }, (y) => ({
        kind: 'extremum',
        ...layer(call),
        xs,
        least,
        y,
      }));
    },
  };
}

export const max = extremum('Max', false, Math.max);
export const min = extremum('Min', true, Math.min);
