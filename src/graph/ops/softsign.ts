/** Softsign: x/(1 + |x|), by the reciprocal, as ONNX Runtime's kernel. */
import { unaryOp } from '../unary.ts';

const fl = Math.fround;

export const softsign = unaryOp('Softsign', 1, [], () => (v) => fl(fl(1 / fl(1 + Math.abs(v))) * v));
