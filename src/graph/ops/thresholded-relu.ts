/** ThresholdedRelu: x where x > alpha, else 0. */
import { floatAttribute } from '../call.ts';
import { unaryOp } from '../unary.ts';

export const thresholdedRelu = unaryOp('ThresholdedRelu', 10, ['alpha'], (call) => {
  const alpha = floatAttribute(call, 'alpha', 1);
  return (v) => (v > alpha ? v : 0);
});
