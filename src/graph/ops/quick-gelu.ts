/** com.microsoft QuickGelu: x·sigmoid(alpha·x). */
import { logistic } from '../../float32/logistic.ts';
import { floatAttribute } from '../call.ts';
import { microsoftUnaryOp, multiplyAddOf } from '../unary.ts';

const fl = Math.fround;

export const quickGelu = microsoftUnaryOp('QuickGelu', ['alpha'], (call) => {
  const alpha = floatAttribute(call, 'alpha', fl(1.702));
  const madd = multiplyAddOf(call);
  return (v) => fl(v * logistic(fl(v * alpha), madd));
});
