/** Abs, Neg, Sign: exact in floats. Abs of a difference, too. */
import { type Call, input, layer, type Op } from '../call.ts';
import { addValue, draftValue } from '../draft.ts';
import type { Pending } from '../meaning.ts';
import { pendingResult } from '../operand.ts';
import { unaryOp } from '../unary.ts';

/** |a − b| is the larger of a − b and b − a, which float32 rounds alike; QuantizeLinear is monotone, so that its integers may be compared. Null behind anything else. */
function absOfDifference(call: Call, dims: readonly number[]): Pending | null {
  const x = input(call, 0);
  if (x.kind !== 'pending' || x.computation.opposite === null || x.activation !== null || x.moves.length > 0) return null;
  const { draft } = call;
  const signs = { difference: x.computation.node, opposite: x.computation.opposite };
  return pendingResult(call, dims, { dtype: null, elementwise: true, takesActivation: false }, (y, _, end) => {
    const { name, dtype, quantization } = draftValue(draft, y);
    const xs = Object.entries(signs).map(([sign, node]) => {
      const side = addValue(draft, { name: `${name}:${sign}`, dtype, dims, quantization });
      draft.nodes.push(node(side, null, end));
      return side;
    });
    return { kind: 'extremum', ...layer(call), xs, least: false, y };
  });
}

const absOfOne = unaryOp('Abs', 6, [], () => Math.abs);

export const abs: Op = { ...absOfOne, translate: (call, dims) => absOfDifference(call, dims) ?? absOfOne.translate(call, dims) };
export const neg = unaryOp('Neg', 6, [], () => (v) => -v);
export const sign = unaryOp('Sign', 9, [], () => Math.sign);
