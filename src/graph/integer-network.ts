/**
 * Integer networks, as QuantLib, DORY and Deeploy have them: Conv, Gemm, Add and RequantShift on float32 tensors that hold integers. The file says so by its
 * operators alone. Reference: docs/onnx-semantics.md, "Integer networks".
 */
import type { Model } from '../onnx/model.ts';

/** Whether the model's float32 tensors hold integers: it requantizes by RequantShift, and has no QuantizeLinear and the like. */
export function isIntegerNetwork({ nodes }: Model): boolean {
  const quantizes = (op: string) => op.startsWith('Q') || op.toLowerCase().endsWith('quantizelinear');
  return nodes.some(({ op }) => op === 'RequantShift') && !nodes.some(({ op }) => quantizes(op));
}
