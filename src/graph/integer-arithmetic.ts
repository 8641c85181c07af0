/** Add, Sub, Mul by a constant, Relu, Clip, Max, Min, ReduceSum and Cast of plain integers. */
import { type Call, input, layer, outputName } from './call.ts';
import { addValue, draftValue } from './draft.ts';
import type { QDType } from './graph.ts';
import { integerAt, integerConstant, integerResult, integerSide, integerType } from './integer.ts';
import type { Meaning } from './meaning.ts';
import { refuse } from './report.ts';

/** factors[0]·(input 0) + factors[1]·(input 1), exactly: refused later where the type would wrap around. */
export function integerSum(call: Call, dims: readonly number[], factors: readonly number[]): Meaning {
  const dtype = integerType(call, [0, 1]);
  const xs = factors.map((_, i) => integerSide(call, i));
  return integerResult(call, dims, dtype, (y) => ({ kind: 'combine', ...layer(call), xs, factors, y }));
}

const least: Readonly<Record<QDType, number>> = { uint8: 0, int8: -128, int32: -(2 ** 31), int64: Number.MIN_SAFE_INTEGER };
const most: Readonly<Record<QDType, number>> = { uint8: 255, int8: 127, int32: 2 ** 31 - 1, int64: Number.MAX_SAFE_INTEGER };

/** Relu or Clip of input 0. */
export function integerClamp(call: Call, dims: readonly number[], min: number | null, max: number | null): Meaning {
  const x = integerAt(call, 0);
  const { dtype } = draftValue(call.draft, x);
  const high = Math.min(max ?? most[dtype], most[dtype]);
  // ONNX's Clip with min > max gives max.
  const low = Math.min(Math.max(min ?? least[dtype], least[dtype]), high);
  if (!Number.isInteger(low) || !Number.isInteger(high)) refuse(`it clips integers to ${min} … ${max}`, 'clip to integers');
  const { quantization } = draftValue(call.draft, x);
  // Behind a QuantizeLinear, as networks of less than 8 bits have it: the same, in real units.
  if (quantization !== null) {
    const real = (q: number) => Math.fround((q - quantization.zeroPoint) * quantization.scale);
    const y = addValue(call.draft, { name: outputName(call), dtype, dims, quantization });
    call.draft.nodes.push({ kind: 'requantize', ...layer(call), x, activation: { min: real(low), max: real(high) }, y });
    return { kind: 'integer', dims, value: y };
  }
  const node = {
    kind: 'shift',
    ...layer(call),
    x,
    muls: Int32Array.of(1),
    adds: Int32Array.of(0),
    div: 1,
    inner: 1,
    min: low,
    max: high,
  } as const;
  return integerResult(call, dims, dtype, (y) => ({ ...node, y }));
}

/** Max or Min of all inputs. */
export function integerExtremum(call: Call, dims: readonly number[], isLeast: boolean): Meaning {
  const positions = call.node.inputs.map((_, i) => i);
  const dtype = integerType(call, positions);
  const xs = positions.map((i) => integerSide(call, i));
  return integerResult(call, dims, dtype, (y) => ({ kind: 'extremum', ...layer(call), xs, least: isLeast, y }));
}

/** ReduceSum over the axes: the sum of int32, or in an integer network of any. */
export function integerReduceSum(call: Call, dims: readonly number[], axes: readonly number[]): Meaning {
  const x = integerAt(call, 0);
  const dtype = integerType(call, [0]);
  return integerResult(call, dims, dtype, (y) => ({ kind: 'reducesum', ...layer(call), x, axes, divisor: 1, activation: null, y }));
}

/** Product of a tensor of integers and one constant integer. */
export function integerMultiple(call: Call, dims: readonly number[]): Meaning {
  const at = input(call, 1).kind === 'constant' ? 1 : 0;
  const { data } = integerConstant(call, at, 'factor');
  if (data.length !== 1) refuse(`its factor has ${data.length} elements`, 'multiply by one number, or in the mul of a RequantShift');
  const x = integerAt(call, 1 - at);
  const dtype = integerType(call, [0, 1]);
  return integerResult(call, dims, dtype, (y) => ({ kind: 'combine', ...layer(call), xs: [x], factors: [data[0]!], y }));
}

/** Cast to a type that holds all of its values. */
export function widened(call: Call, dims: readonly number[], dtype: 'int32' | 'int64' = 'int32'): Meaning {
  const x = integerAt(call, 0);
  return integerResult(call, dims, dtype, (y) => ({ kind: 'combine', ...layer(call), xs: [x], factors: [1], y }));
}
