/**
 * Gelu: x·(1 + erf(x/√2))/2, or its approximation by tanh, which com.microsoft calls FastGelu; BiasGelu and FastGelu add a constant to x first.
 * Reference: ONNX Runtime, core/providers/cpu/tensor/gelu.cc, contrib_ops/cpu/bert/bias_gelu.cc.
 */
import { erf } from '../../float32/erf.ts';
import type { MultiplyAdd } from '../../float32/fma.ts';
import { tanh } from '../../float32/tanh.ts';
import { dimsOf, hasInput, type Op, stringAttribute } from '../call.ts';
import { constantOperand } from '../float-binary.ts';
import { refuse } from '../report.ts';
import { elementwiseResult, microsoftUnaryOp, unaryOp, withMultiplyAdd } from '../unary.ts';

const fl = Math.fround;
const rootOfHalf = fl(Math.SQRT1_2);
/** √(2/π), and 0.044715 times it. */
const linear = fl(0.7978845608028654);
const cubic = fl(0.035677408136300125);

export function geluByErf(v: number, madd: MultiplyAdd): number {
  return fl(fl(0.5 * v) * fl(erf(fl(v * rootOfHalf), madd) + 1));
}

export function geluByTanh(v: number, madd: MultiplyAdd): number {
  return fl(fl(0.5 * v) * fl(tanh(fl(v * fl(fl(fl(cubic * v) * v) + linear)), madd) + 1));
}

export const gelu = unaryOp('Gelu', 20, ['approximate'], (call) => {
  const approximate = stringAttribute(call, 'approximate', 'none');
  if (approximate !== 'none' && approximate !== 'tanh') refuse(`approximate = "${approximate}"`, 'export the model again');
  return withMultiplyAdd(approximate === 'tanh' ? geluByTanh : geluByErf)(call);
});

export const microsoftGelu = microsoftUnaryOp('Gelu', [], withMultiplyAdd(geluByErf));

/** Gelu of x and a constant along its last axis. */
function biasGelu(op: string, least: 1 | 2, kernel: (v: number, madd: MultiplyAdd) => number): Op {
  const make = withMultiplyAdd(kernel);
  return {
    ...microsoftUnaryOp(op, [], make),
    limits: 'a constant bias',
    inputs: [least, 2],
    translate: (call, dims) => {
      const f = make(call);
      if (!hasInput(call, 1)) return elementwiseResult(call, dims, 0, f);
      const bias = constantOperand(call, 1, dims);
      if (bias === null || dimsOf(call, 1).length > dims.length) return refuse('its bias is computed', 'use a constant bias');
      return elementwiseResult(call, dims, 0, (v, c) => f(fl(v + bias.at(c))), bias.channels);
    },
  };
}

export const fastGelu = biasGelu('FastGelu', 1, geluByTanh);
export const biasedGelu = biasGelu('BiasGelu', 2, geluByErf);
