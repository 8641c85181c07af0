/**
 * Elu, Selu and Celu: x above 0, an exponential that levels off below. ONNX Runtime writes them with Eigen, whose exp is the C library's in WASM.
 * Reference: ONNX Runtime, core/providers/cpu/activation/activations.h.
 */
import { libmExp } from '../../float32/exp.ts';
import { floatAttribute } from '../call.ts';
import { unaryOp } from '../unary.ts';

const fl = Math.fround;

export const elu = unaryOp('Elu', 6, ['alpha'], (call) => {
  const alpha = floatAttribute(call, 'alpha', 1);
  return (v) => (v >= 0 ? v : fl(alpha * fl(libmExp(v) - 1)));
});

/** The kernel multiplies alpha and gamma first. */
export const selu = unaryOp('Selu', 6, ['alpha', 'gamma'], (call) => {
  const gamma = floatAttribute(call, 'gamma', fl(1.0507009873554805));
  const factor = fl(gamma * floatAttribute(call, 'alpha', fl(1.6732632423543772)));
  return (v) => (v > 0 ? fl(gamma * v) : fl(factor * fl(libmExp(v) - 1)));
});

export const celu = unaryOp('Celu', 12, ['alpha'], (call) => {
  const alpha = floatAttribute(call, 'alpha', 1);
  return (v) => fl(Math.max(0, v) + Math.min(0, fl(alpha * fl(libmExp(fl(v / alpha)) - 1))));
});
