/** Arithmetic on constants, done now: integers, which exporters compute shapes with, and float32 scales. */
import { elementCount } from '../tensor/tensor.ts';
import { broadcastOrder } from './broadcast.ts';
import { type Call, constantInts, dimsOf, input } from './call.ts';
import { constantOf } from './constants.ts';
import type { ConstantMeaning } from './meaning.ts';
import { refuse } from './report.ts';

const mostElements = 4096;

/** f of two int64 or two float32 constants with broadcasting, the latter rounded to float32; null where the inputs are something else. */
export function foldConstants(call: Call, dims: readonly number[], integers: Fold, floats: Fold = integers): ConstantMeaning | null {
  return foldFloats(call, dims, floats) ?? foldIntegers(call, dims, integers);
}

type Fold = (a: number, b: number) => number;

function foldFloats(call: Call, dims: readonly number[], f: Fold): ConstantMeaning | null {
  const [a, b] = [0, 1].map((i) => {
    const meaning = input(call, i);
    return meaning.kind === 'constant' && meaning.tensor.dtype === 'float32' ? (meaning.tensor.data as Float32Array) : null;
  });
  if (!a || !b) return null;
  if (elementCount(dims) > mostElements) return refuse(`it computes ${elementCount(dims)} constants`, 'fold constants before quantizing');
  const [at, bt] = [broadcastOrder(dimsOf(call, 0), dims), broadcastOrder(dimsOf(call, 1), dims)];
  return constantOf({ dtype: 'float32', dims, data: Float32Array.from(at, (i, k) => f(a[i]!, b[bt[k]!]!)) });
}

/** f of two int64 constants with broadcasting; null where the inputs are something else. */
export function foldIntegers(call: Call, dims: readonly number[], f: Fold): ConstantMeaning | null {
  const isInteger = (i: number) => {
    const meaning = input(call, i);
    return meaning.kind === 'constant' && meaning.tensor.dtype === 'int64';
  };
  if (!isInteger(0) || !isInteger(1)) return null;
  if (elementCount(dims) > mostElements) return refuse(`it computes ${elementCount(dims)} constants`, 'fold constants before quantizing');
  const [as, bs] = [constantInts(call, 0), constantInts(call, 1)];
  const [at, bt] = [broadcastOrder(dimsOf(call, 0), dims), broadcastOrder(dimsOf(call, 1), dims)];
  const values = Array.from(at, (a, i) => {
    const value = f(as[a]!, bs[bt[i]!]!);
    return Number.isSafeInteger(value) ? value : refuse(`its constant result is ${value}`, 'export the model with fixed shapes');
  });
  return constantOf({ dtype: 'int64', dims, data: BigInt64Array.from(values, BigInt) });
}
