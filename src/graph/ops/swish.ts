/** Swish: x·sigmoid(alpha·x), as its definition in ONNX's function body. */
import { logistic } from '../../float32/logistic.ts';
import { floatAttribute } from '../call.ts';
import { multiplyAddOf, unaryOp } from '../unary.ts';

const fl = Math.fround;

export const swish = unaryOp('Swish', 24, ['alpha'], (call) => {
  const alpha = floatAttribute(call, 'alpha', 1);
  const madd = multiplyAddOf(call);
  return (v) => fl(v * logistic(fl(v * alpha), madd));
});
