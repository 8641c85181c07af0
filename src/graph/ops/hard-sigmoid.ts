/** HardSigmoid: max(0, min(1, alpha·x + beta)). */
import { floatAttribute } from '../call.ts';
import { unaryOp } from '../unary.ts';

const fl = Math.fround;

/** In float32, a rounding for each operation. */
export function hardSigmoidOf(alpha: number, beta: number): (v: number) => number {
  return (v) => Math.max(0, Math.min(1, fl(fl(v * alpha) + beta)));
}

export const hardSigmoid = unaryOp('HardSigmoid', 6, ['alpha', 'beta'], (call) =>
  hardSigmoidOf(floatAttribute(call, 'alpha', fl(0.2)), floatAttribute(call, 'beta', 0.5)),
);
