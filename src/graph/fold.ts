/** Arithmetic on integer constants, which exporters compute shapes with: done now. */
import { elementCount } from '../tensor/tensor.ts';
import { broadcastOrder } from './broadcast.ts';
import { type Call, constantInts, dimsOf, input } from './call.ts';
import { constantOf } from './constants.ts';
import type { ConstantMeaning } from './meaning.ts';
import { refuse } from './report.ts';

/** f of two int64 constants with broadcasting; null where the inputs are something else. */
export function foldIntegers(call: Call, dims: readonly number[], f: (a: number, b: number) => number): ConstantMeaning | null {
  const isInteger = (i: number) => {
    const meaning = input(call, i);
    return meaning.kind === 'constant' && meaning.tensor.dtype === 'int64';
  };
  if (!isInteger(0) || !isInteger(1)) return null;
  if (elementCount(dims) > 4096) return refuse(`it computes ${elementCount(dims)} constants`, 'fold constants before quantizing');
  const [as, bs] = [constantInts(call, 0), constantInts(call, 1)];
  const [at, bt] = [broadcastOrder(dimsOf(call, 0), dims), broadcastOrder(dimsOf(call, 1), dims)];
  const values = Array.from(at, (a, i) => {
    const value = f(as[a]!, bs[bt[i]!]!);
    return Number.isSafeInteger(value) ? value : refuse(`its constant result is ${value}`, 'export the model with fixed shapes');
  });
  return constantOf({ dtype: 'int64', dims, data: BigInt64Array.from(values, BigInt) });
}
