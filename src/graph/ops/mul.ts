/** Mul with broadcasting: ONNX Runtime fuses two quantized tensors as com.microsoft QLinearMul. By a float constant it computes in floats. */
import { type Call, dimsOf, input, type Op } from '../call.ts';
import { scalarOf } from '../float-binary.ts';
import type { Pending } from '../meaning.ts';
import { fusedDivision, fusedGelu } from '../runtime-fusions.ts';
import { elementwiseOf, elementwisePending, joinElements, mapElements, withMultiplyAdd } from '../unary.ts';
import { fusedBinary } from './add.ts';
import { geluByErf, geluByTanh } from './gelu.ts';

const fl = Math.fround;

/** What the optimizer makes of the nodes before this one, where that is a function of one integer tensor; else null. */
function fused(call: Call, dims: readonly number[]): Pending | null {
  const gelu = fusedGelu(call);
  const x = gelu === null ? null : elementwiseOf(call, gelu.x);
  if (gelu !== null && x !== null)
    return elementwisePending(call, dims, mapElements(x, withMultiplyAdd(gelu.kernel === 'erf' ? geluByErf : geluByTanh)(call)));
  const division = fusedDivision(call);
  const divisor = division === null ? null : elementwiseOf(call, division.divisor);
  if (division === null || divisor === null) return null;
  const numerator = input(call, division.numeratorAt);
  const constant = scalarOf(numerator);
  if (constant !== null)
    return elementwisePending(
      call,
      dims,
      mapElements(divisor, (d) => fl(constant / d)),
    );
  const n = elementwiseOf(call, numerator);
  const sameShape = dimsOf(call, 0).join() === dimsOf(call, 1).join();
  return n !== null && n.x === divisor.x && sameShape
    ? elementwisePending(
        call,
        dims,
        joinElements(n, divisor, (a, b) => fl(a / b)),
      )
    : null;
}

export const mul: Op = {
  ...fusedBinary('Mul', 'multiply', (a, b) => a * b, fused),
  facts: { constraints: 'n·(1 + S + 5·e); by a float constant, and of two functions of one tensor, n·F' },
};
