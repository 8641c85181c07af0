/** LeakyRelu: x where x ≥ 0, else alpha·x. ONNX Runtime fuses it as com.microsoft QLinearLeakyRelu, of the same float32 function. */
import { type Call, floatAttribute } from '../call.ts';
import { qlinearUnaryOp, unaryOp } from '../unary.ts';

function leak(call: Call): (v: number) => number {
  const alpha = floatAttribute(call, 'alpha', Math.fround(0.01));
  return (v) => (v >= 0 ? v : Math.fround(v * alpha));
}

export const leakyRelu = unaryOp('LeakyRelu', 6, ['alpha'], leak);
export const qlinearLeakyRelu = qlinearUnaryOp('QLinearLeakyRelu', ['alpha'], leak);
