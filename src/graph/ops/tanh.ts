/** Tanh, as ONNX Runtime's MlasComputeTanh computes it. */
import { tanh as tanhOf } from '../../float32/tanh.ts';
import { unaryOp, withMultiplyAdd } from '../unary.ts';

export const tanh = unaryOp('Tanh', 6, [], withMultiplyAdd(tanhOf));
