/** zkonnx' answers to the cases that native ONNX Runtime has answered, and how they are compared: by the SHA-256 of the float32 outputs. */
import { createHash } from 'node:crypto';
import { erf } from '../../../src/float32/erf.ts';
import { exp, libmExp } from '../../../src/float32/exp.ts';
import { fusedMultiplyAdd as fma } from '../../../src/float32/fma.ts';
import { log, log1p } from '../../../src/float32/log.ts';
import { logistic } from '../../../src/float32/logistic.ts';
import { pow } from '../../../src/float32/pow.ts';
import { cos, sin } from '../../../src/float32/sin.ts';
import { tanh } from '../../../src/float32/tanh.ts';
import { buildGraph } from '../../../src/graph/build.ts';
import { geluByErf, geluByTanh } from '../../../src/graph/ops/gelu.ts';
import type { Profile } from '../../../src/graph/profile.ts';
import { decodeModel } from '../../../src/onnx/decode.ts';
import { buildProgram } from '../../../src/program/build.ts';
import { run } from '../../../src/run.ts';
import type { NativeCase } from './cases.ts';

const fl = Math.fround;

/** What native ONNX Runtime answered. */
export interface Recorded {
  readonly runtime: string;
  /** By case: the digest, and how many elements `ort-fused` has otherwise. */
  readonly binary: Readonly<Record<string, { readonly sha256: string; readonly otherwise: number }>>;
  /** By case: the digest where our routine gives its bits, or how far they are apart at most, in units of the last place. */
  readonly floats: Readonly<
    Record<string, { readonly sha256: string } | { readonly differing: number; readonly of: number; readonly ulps: number }>
  >;
}

export function digestOf(floats: Float32Array): string {
  return createHash('sha256')
    .update(new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength))
    .digest('hex');
}

export async function answer({ file, feeds }: NativeCase, profile: Profile): Promise<Float32Array> {
  const outputs = await run(buildProgram(buildGraph(decodeModel(file), { profile })), feeds);
  return outputs.y_dq!.data as Float32Array;
}

const softplus = (v: number) => (v > 0 ? fl(v + log1p(libmExp(-v))) : log1p(libmExp(v)));
const expMinusOne = (v: number) => fl(libmExp(v) - 1);
const selu = [fl(1.0507009873554805), fl(1.6732632423543772)] as const;
const gate = (alpha: number) => (v: number) => Math.max(0, Math.min(1, fl(fl(v * fl(alpha)) + 0.5)));

/** The profile `ort-fused-x64`'s function of each float case. */
const functions: Readonly<Record<string, (v: number) => number>> = {
  Sigmoid: (v) => logistic(v, fma),
  Tanh: (v) => tanh(v, fma),
  Erf: (v) => erf(v, fma),
  Exp: (v) => exp(v, fma),
  Gelu: (v) => geluByErf(v, fma),
  'Gelu tanh': (v) => geluByTanh(v, fma),
  'com.microsoft.QuickGelu': (v) => fl(v * logistic(fl(v * fl(1.702)), fma)),
  Softsign: (v) => fl(fl(1 / fl(1 + Math.abs(v))) * v),
  HardSigmoid: gate(0.2),
  HardSwish: (v) => fl(v * gate(1 / 6)(v)),
  LeakyRelu: (v) => (v >= 0 ? v : fl(v * fl(0.01))),
  Sqrt: (v) => fl(Math.sqrt(v)),
  'Pow 2': (v) => fl(v * v),
  'Pow 3': (v) => fl(fl(v * v) * v),
  ...Object.fromEntries([0.5, 1.7, 4, -1].map((y) => [`Pow ${y}`, (v: number) => pow(v, fl(y))])),
  Log: log,
  Sin: sin,
  Cos: cos,
  Elu: (v) => (v >= 0 ? v : expMinusOne(v)),
  Selu: (v) => (v > 0 ? fl(selu[0] * v) : fl(fl(selu[0] * selu[1]) * expMinusOne(v))),
  Celu: (v) => fl(Math.max(0, v) + Math.min(0, expMinusOne(v))),
  Softplus: softplus,
  Mish: (v) => fl(v * tanh(softplus(v), fma)),
};

export function floatAnswer({ name, feeds }: NativeCase): Float32Array {
  return (feeds.x!.data as Float32Array).map(functions[name]!);
}
