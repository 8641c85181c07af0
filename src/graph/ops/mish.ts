/** Mish: x·tanh(softplus(x)), as its definition in ONNX's function body. */
import { tanh } from '../../float32/tanh.ts';
import { unaryOp, withMultiplyAdd } from '../unary.ts';
import { softplusOf } from './softplus.ts';

export const mish = unaryOp(
  'Mish',
  18,
  [],
  withMultiplyAdd((v, madd) => Math.fround(v * tanh(softplusOf(v), madd))),
);
