/** All ONNX operators that can become part of a proof, one file each in ops/. Adding one is a file and a line here. */
import type { Op } from './call.ts';
import { add } from './ops/add.ts';
import { argMax, argMin } from './ops/arg-max.ts';
import { averagePool } from './ops/average-pool.ts';
import { cast } from './ops/cast.ts';
import { clip } from './ops/clip.ts';
import { concat } from './ops/concat.ts';
import { constant } from './ops/constant.ts';
import { conv } from './ops/conv.ts';
import { depthToSpace, spaceToDepth } from './ops/depth-to-space.ts';
import { dequantizeLinear, microsoftDequantizeLinear } from './ops/dequantize-linear.ts';
import { div } from './ops/div.ts';
import { dropout } from './ops/dropout.ts';
import { expand } from './ops/expand.ts';
import { flatten } from './ops/flatten.ts';
import { gather } from './ops/gather.ts';
import { gemm } from './ops/gemm.ts';
import { globalAveragePool } from './ops/global-average-pool.ts';
import { globalMaxPool } from './ops/global-max-pool.ts';
import { hardSigmoid } from './ops/hard-sigmoid.ts';
import { hardSwish } from './ops/hard-swish.ts';
import { identity } from './ops/identity.ts';
import { leakyRelu, qlinearLeakyRelu } from './ops/leaky-relu.ts';
import { matmul } from './ops/matmul.ts';
import { max, min } from './ops/max.ts';
import { maxPool } from './ops/max-pool.ts';
import { mul } from './ops/mul.ts';
import { pad } from './ops/pad.ts';
import { prelu } from './ops/prelu.ts';
import { qgemm } from './ops/qgemm.ts';
import { qlinearAdd } from './ops/qlinear-add.ts';
import { qlinearAveragePool } from './ops/qlinear-average-pool.ts';
import { qlinearConcat } from './ops/qlinear-concat.ts';
import { qlinearConv } from './ops/qlinear-conv.ts';
import { qlinearGlobalAveragePool } from './ops/qlinear-global-average-pool.ts';
import { qlinearMatmul } from './ops/qlinear-matmul.ts';
import { qlinearMul } from './ops/qlinear-mul.ts';
import { microsoftQuantizeLinear, quantizeLinear } from './ops/quantize-linear.ts';
import { reduceMax, reduceMin } from './ops/reduce-max.ts';
import { relu } from './ops/relu.ts';
import { reshape } from './ops/reshape.ts';
import { resize, upsample } from './ops/resize.ts';
import { ceil, floor, round } from './ops/rounding-functions.ts';
import { shape } from './ops/shape.ts';
import { qlinearSigmoid, sigmoid } from './ops/sigmoid.ts';
import { abs, neg, sign } from './ops/sign-functions.ts';
import { slice } from './ops/slice.ts';
import { split } from './ops/split.ts';
import { reciprocal, sqrt } from './ops/sqrt.ts';
import { squeeze, unsqueeze } from './ops/squeeze.ts';
import { sub } from './ops/sub.ts';
import { tanh } from './ops/tanh.ts';
import { thresholdedRelu } from './ops/thresholded-relu.ts';
import { tile } from './ops/tile.ts';
import { transpose } from './ops/transpose.ts';

export const ops: readonly Op[] = [
  // boundaries of integers and floats
  quantizeLinear,
  dequantizeLinear,
  microsoftQuantizeLinear,
  microsoftDequantizeLinear,
  // linear
  conv,
  gemm,
  matmul,
  qlinearConv,
  qlinearMatmul,
  qgemm,
  // elementwise
  add,
  sub,
  mul,
  div,
  max,
  min,
  relu,
  clip,
  qlinearAdd,
  qlinearMul,
  // functions of one tensor
  leakyRelu,
  prelu,
  thresholdedRelu,
  hardSigmoid,
  hardSwish,
  sigmoid,
  tanh,
  abs,
  neg,
  sign,
  floor,
  ceil,
  round,
  sqrt,
  reciprocal,
  qlinearLeakyRelu,
  qlinearSigmoid,
  // pools
  maxPool,
  reduceMax,
  reduceMin,
  averagePool,
  globalAveragePool,
  globalMaxPool,
  qlinearAveragePool,
  qlinearGlobalAveragePool,
  // movement
  flatten,
  reshape,
  transpose,
  squeeze,
  unsqueeze,
  identity,
  dropout,
  cast,
  concat,
  qlinearConcat,
  slice,
  split,
  pad,
  gather,
  expand,
  tile,
  depthToSpace,
  spaceToDepth,
  resize,
  upsample,
  // others
  constant,
  shape,
  argMax,
  argMin,
];

const byName = new Map(ops.map((op) => [`${op.domain}:${op.op}`, op]));

export function findOp(domain: string, op: string): Op | undefined {
  return byName.get(`${domain}:${op}`);
}
