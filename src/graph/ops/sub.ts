/** Sub with broadcasting: ONNX Runtime has no integer kernel for it, so the float difference goes to QuantizeLinear, which rounds before it adds the zero point. */
import { broadcastDims } from '../broadcast.ts';
import { dimsOf, layer, newestOpset, type Op } from '../call.ts';
import { floatBinary } from '../float-binary.ts';
import { foldConstants } from '../fold.ts';
import type { ValueId } from '../graph.ts';
import { onIntegers } from '../integer.ts';
import { integerSum } from '../integer-arithmetic.ts';
import type { Computation } from '../meaning.ts';
import { floatOperand, pendingResult } from '../operand.ts';
import { scaledStep } from '../scaled.ts';
import { side } from './add.ts';

export const sub: Op = {
  op: 'Sub',
  facts: { forms: ['QDQ', 'integer'] },
  domain: '',
  opsets: [7, newestOpset],
  attributes: [],
  inputs: [2, 2],
  shape: (call) => broadcastDims(dimsOf(call, 0), dimsOf(call, 1)),
  translate: (call, dims) => {
    const folded = foldConstants(call, dims, (a, b) => a - b);
    if (folded !== null) return folded;
    if (onIntegers(call, [0, 1])) return integerSum(call, dims, [1, -1]);
    const one = scaledStep(call, dims, 'subtract') ?? floatBinary(call, dims, (a, b) => Math.fround(a - b));
    if (one !== null) return one;
    const a = side(call, 0, floatOperand);
    const b = side(call, 1, floatOperand);
    const difference = (left: ValueId, right: ValueId): Computation['node'] => {
      return (y, activation) => ({ kind: 'subtract', ...layer(call), a: left, b: right, activation, roundingZero: 0, fused: false, y });
    };
    return pendingResult(call, dims, { dtype: null, elementwise: true, opposite: difference(b, a) }, difference(a, b));
  },
};
