/** Sigmoid, as ONNX Runtime's MlasComputeLogistic computes it. Fused it is com.microsoft QLinearSigmoid, of the same float32 function. */
import { logistic } from '../../float32/logistic.ts';
import { qlinearUnaryOp, unaryOp, withMultiplyAdd } from '../unary.ts';

export const sigmoid = unaryOp('Sigmoid', 6, [], withMultiplyAdd(logistic));
export const qlinearSigmoid = qlinearUnaryOp('QLinearSigmoid', [], withMultiplyAdd(logistic));
