/** Abs, Neg, Sign: exact in floats. */
import { unaryOp } from '../unary.ts';

export const abs = unaryOp('Abs', 6, [], () => Math.abs);
export const neg = unaryOp('Neg', 6, [], () => (v) => -v);
export const sign = unaryOp('Sign', 9, [], () => Math.sign);
