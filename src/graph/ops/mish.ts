/** Mish: x·tanh(softplus(x)), as its definition in ONNX's function body. */
import { tanh } from '../../float32/tanh.ts';
import { unaryOp } from '../unary.ts';
import { softplusOf } from './softplus.ts';

export const mish = unaryOp('Mish', 18, [], () => (v) => Math.fround(v * tanh(softplusOf(v))));
