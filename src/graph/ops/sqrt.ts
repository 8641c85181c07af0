/** Sqrt and Reciprocal: correctly rounded in float32. */
import { unaryOp } from '../unary.ts';

/** A double's square root or quotient rounded again to float32 is the float32 one (53 ≥ 2·24 + 2 bits). */
export const sqrt = unaryOp('Sqrt', 6, [], () => (v) => Math.fround(Math.sqrt(v)));
export const reciprocal = unaryOp('Reciprocal', 6, [], () => (v) => Math.fround(1 / v));
