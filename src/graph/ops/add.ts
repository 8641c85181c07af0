/** Add with broadcasting; either side may be a quantized constant. One 8-bit type throughout, as ONNX Runtime's QLinearAdd wants. */

import { floatBias } from '../bias.ts';
import { broadcastDims } from '../broadcast.ts';
import { type Call, dimsOf, input, inputName, layer, newestOpset, type Op, outputName } from '../call.ts';
import { constantValue } from '../constants.ts';
import { floatBinary } from '../float-binary.ts';
import { foldConstants } from '../fold.ts';
import type { ValueId } from '../graph.ts';
import { onIntegers } from '../integer.ts';
import { integerMultiple, integerSum } from '../integer-arithmetic.ts';
import type { Pending } from '../meaning.ts';
import { checkSoleReader } from '../movement.ts';
import { dtype8, floatOperand, pendingResult } from '../operand.ts';
import { refuse } from '../report.ts';
import { addRounding } from '../rounding.ts';
import { scaledStep } from '../scaled.ts';

/** One side of a binary operator, computed or a quantized constant. */
export function side(call: Call, i: number, operandAt: typeof floatOperand): ValueId {
  const operand = operandAt(call, i);
  return operand.kind === 'view' ? operand.value : constantValue(call.draft, operand, inputName(call, i));
}

/** Both sides of a QLinear addition or product have one 8-bit type. */
export function checkSameType(call: Call, a: ValueId, b: ValueId): void {
  if (dtype8(call, a) !== dtype8(call, b))
    refuse('it joins int8 and uint8: ONNX Runtime has no such kernel', 'use one activation type for the whole model');
}

/**
 * Add and Mul, which ONNX Runtime fuses; in floats where one side is a float constant, or both are functions of one tensor. `special` is asked first, for what
 * its optimizer replaces.
 */
export function fusedBinary(
  op: 'Add' | 'Mul',
  kind: 'add' | 'multiply',
  exact: (a: number, b: number) => number,
  special: (call: Call, dims: readonly number[]) => Pending | null = () => null,
): Op {
  return {
    op,
    domain: '',
    facts: { forms: ['QDQ', 'integer'] },
    opsets: [7, newestOpset],
    attributes: [],
    inputs: [2, 2],
    shape: (call) => broadcastDims(dimsOf(call, 0), dimsOf(call, 1)),
    translate: (call, dims) => {
      const folded = foldConstants(call, dims, exact);
      if (folded !== null) return folded;
      if (onIntegers(call, [0, 1])) return op === 'Add' ? integerSum(call, dims, [1, 1]) : integerMultiple(call, dims);
      const one = scaledStep(call, dims, kind) ?? special(call, dims) ?? floatBinary(call, dims, (a, b) => Math.fround(exact(a, b)));
      if (one !== null) return one;
      const a = side(call, 0, floatOperand);
      const b = side(call, 1, floatOperand);
      return pendingResult(call, dims, { dtype: null }, (y, activation, end) => ({
        kind,
        ...layer(call),
        a,
        b,
        activation,
        ...addRounding(call, activation, end),
        y,
      }));
    },
  };
}

/** A MatMul and a constant vector are one Gemm to ONNX Runtime, where nothing else reads the product. */
function biasedProduct(call: Call, dims: readonly number[]): Pending | null {
  const at = [0, 1].find((i) => input(call, i).kind === 'constant');
  if (at === undefined) return null;
  const pending = input(call, 1 - at);
  if (pending.kind !== 'pending' || pending.computation.biased === null || pending.activation !== null || pending.moves.length > 0)
    return null;
  const bias = dimsOf(call, at);
  if (bias.length !== 1 || bias[0] !== dims.at(-1) || `${pending.dims}` !== `${dims}`) return null;
  checkSoleReader(call, pending, 1 - at);
  const node = pending.computation.biased((unit) => floatBias(call, at, dims, unit));
  return { ...pending, computation: { ...pending.computation, output: outputName(call), biased: null, node } };
}

export const add = fusedBinary('Add', 'add', (a, b) => a + b, biasedProduct);
