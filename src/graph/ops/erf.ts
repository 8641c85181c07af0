/** Erf: the error function, as ONNX Runtime's MlasComputeErf computes it. */
import { erf as erfOf } from '../../float32/erf.ts';
import { unaryOp, withMultiplyAdd } from '../unary.ts';

export const erf = unaryOp('Erf', 9, [], withMultiplyAdd(erfOf));
