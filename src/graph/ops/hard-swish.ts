/** HardSwish: x · HardSigmoid(x) with alpha = 1/6 and beta = 1/2, as its definition in ONNX's function body. */
import { unaryOp } from '../unary.ts';
import { hardSigmoidOf } from './hard-sigmoid.ts';

const gate = hardSigmoidOf(Math.fround(1 / 6), 0.5);

export const hardSwish = unaryOp('HardSwish', 14, [], () => (v) => Math.fround(v * gate(v)));
