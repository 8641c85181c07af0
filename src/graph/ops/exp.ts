/** Exp, as ONNX Runtime's MlasComputeExp computes it. */
import { exp as expOf } from '../../float32/exp.ts';
import { unaryOp, withMultiplyAdd } from '../unary.ts';

export const exp = unaryOp('Exp', 6, [], withMultiplyAdd(expOf));
