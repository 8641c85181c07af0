/** Softplus: ln(1 + e^x), by the exponential of −|x|. Reference: ONNX Runtime, core/providers/cpu/activation/activations.h. */
import { libmExp } from '../../float32/exp.ts';
import { log1p } from '../../float32/log.ts';
import { unaryOp } from '../unary.ts';

export function softplusOf(v: number): number {
  return v > 0 ? Math.fround(v + log1p(libmExp(-v))) : log1p(libmExp(v));
}

export const softplus = unaryOp('Softplus', 1, [], () => softplusOf);
