/**
 * Concat: of integers, of views with one quantization (a view again), or of views with several (requantized one by one to
 * what the QuantizeLinear behind it says, as QLinearConcat does).
 */

import type { Tensor } from '../../tensor/tensor.ts';
import { type Call, dimsOf, input, inputName, intAttribute, layer, newestOpset, normalizeAxis, type Op, outputName } from '../call.ts';
import { constantOf, constantValue } from '../constants.ts';
import { addValue, draftValue, parametersOf, reinterpret, sameParameters } from '../draft.ts';
import type { ValueId } from '../graph.ts';
import type { ConstantMeaning, IntegerMeaning, Meaning } from '../meaning.ts';
import { floatOperand, pendingResult } from '../operand.ts';
import { refuse } from '../report.ts';

/** The axis as the node gives it; it has no default. */
export function concatAxis(call: Call): number {
  return intAttribute(call, 'axis', null) ?? refuse('it has no axis', 'export the model again');
}

/** Shape of the concatenation of the inputs at those positions. */
export function concatDims(call: Call, positions: readonly number[]): readonly number[] {
  const shapes = positions.map((i) => dimsOf(call, i));
  const first = shapes[0]!;
  const axis = normalizeAxis(concatAxis(call), first.length);
  for (const shape of shapes) {
    if (shape.length !== first.length || shape.some((d, i) => i !== axis && d !== first[i])) {
      refuse(
        `shapes ${shapes.map((s) => `[${s.join(', ')}]`).join(' and ')} do not fit together`,
        'export the model again; onnx.checker says what is wrong',
      );
    }
  }
  return first.map((d, i) => (i === axis ? shapes.reduce((sum, shape) => sum + shape[axis]!, 0) : d));
}

function positionsOf(call: Call): readonly number[] {
  return call.node.inputs.map((_, i) => i);
}

/** Shapes computed by exporters: 1-D constants one after the other. */
function concatConstants(tensors: readonly Tensor[], dims: readonly number[]): Meaning {
  const [first] = tensors;
  if (dims.length !== 1 || tensors.some((t) => t.dtype !== first!.dtype))
    return refuse('it joins constants', 'fold constants before quantizing');
  const data = tensors.flatMap((t) => Array.from(t.data as ArrayLike<number | bigint>));
  if (first!.dtype === 'int64') return constantOf({ dtype: 'int64', dims, data: BigInt64Array.from(data as bigint[]) });
  return refuse(`it joins constants of ${first!.dtype}`, 'fold constants before quantizing');
}

function concatIntegers(call: Call, meanings: readonly IntegerMeaning[], dims: readonly number[], axis: number): Meaning {
  const { draft } = call;
  const first = draftValue(draft, meanings[0]!.value);
  const xs = meanings.map(({ value }, i) => {
    if (draftValue(draft, value).dtype !== first.dtype) refuse('it joins integers of different types', 'export the model again');
    // Integers are joined as they are: whatever scales they had, the result is read by one.
    return first.quantization === null
      ? value
      : reinterpret(draft, value, first.quantization, `${outputName(call)}:${inputName(call, i)}`, layer(call));
  });
  const value = addValue(draft, { name: outputName(call), dtype: first.dtype, dims, quantization: first.quantization });
  draft.nodes.push({ kind: 'concat', ...layer(call), xs, axis, y: value });
  return { kind: 'integer', dims, value };
}

function concatViews(call: Call, xs: readonly ValueId[], dims: readonly number[], axis: number): Meaning {
  const { draft } = call;
  const parameters = xs.map((x) => parametersOf(draftValue(draft, x)));
  if (parameters.every((p) => sameParameters(p, parameters[0]!))) {
    const { dtype, quantization } = draftValue(draft, xs[0]!);
    const value = addValue(draft, { name: outputName(call), dtype, dims, quantization, provisional: true });
    draft.nodes.push({ kind: 'concat', ...layer(call), xs, axis, y: value });
    return { kind: 'view', dims, value, inFloats: true };
  }
  const node = (y: ValueId) => ({ kind: 'concat', ...layer(call), xs, axis, y }) as const;
  return pendingResult(call, dims, { dtype: null, elementwise: true, takesActivation: false }, node);
}

export const concat: Op = {
  op: 'Concat',
  limits: 'constants of int64 only, when all are constant',
  domain: '',
  facts: { constraints: 'r·S; r = 0 where all have the parameters of the result' },
  opsets: [4, newestOpset],
  attributes: ['axis'],
  inputs: [1, Number.POSITIVE_INFINITY],
  shape: (call) => concatDims(call, positionsOf(call)),
  translate: (call, dims) => {
    const axis = normalizeAxis(concatAxis(call), dims.length);
    const meanings = positionsOf(call).map((i) => input(call, i));
    if (meanings.every((m): m is ConstantMeaning => m.kind === 'constant')) {
      return concatConstants(
        meanings.map((m) => m.tensor),
        dims,
      );
    }
    if (meanings.every((m): m is IntegerMeaning => m.kind === 'integer')) return concatIntegers(call, meanings, dims, axis);
    const xs = positionsOf(call).map((i) => {
      const operand = floatOperand(call, i);
      return operand.kind === 'view' ? operand.value : constantValue(call.draft, operand, inputName(call, i));
    });
    return concatViews(call, xs, dims, axis);
  },
};
