/** All ONNX operators that can become part of a proof, one file each in ops/. Adding one is a file and a name here. */
import type { Op } from './call.ts';
import { add } from './ops/add.ts';
import { argMax, argMin } from './ops/arg-max.ts';
import { averagePool } from './ops/average-pool.ts';
import { batchNormalization } from './ops/batch-normalization.ts';
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

/** Operators of one kind: what makes them exact, and what an element of them costs. The chapters of docs/operators.md. */
export interface OpChapter {
  readonly title: string;
  readonly exactness: string;
  readonly constraints: string;
  readonly ops: readonly Op[];
}

export const opChapters: readonly OpChapter[] = [
  {
    title: 'Quantization',
    exactness: 'the formulas of QuantizeLinear and DequantizeLinear',
    constraints:
      'none at the boundary, where the caller quantizes; between tensors of other parameters a requantization: about 15 to 35 an element',
    ops: [quantizeLinear, dequantizeLinear, microsoftQuantizeLinear, microsoftDequantizeLinear],
  },
  {
    title: 'Linear operators',
    exactness: 'the int32 accumulator is exact, then `clamp(RNE(fl(fl(acc)·S)) + zp)`',
    constraints: 'one for each accumulator and a requantization: about 15 to 35 an output',
    ops: [conv, gemm, matmul, qlinearConv, qlinearMatmul, qgemm],
  },
  {
    title: 'Several tensors',
    exactness: 'the float32 rule, checked on all 2^16 pairs',
    constraints:
      'Add, Sub: about 28 an element where a digital plane fits, else about 160 (two lookups and a step); Mul: about 28, and 5 for each pair that float32 rounds otherwise than its product; Max, Min: the bits of the range and 1 for each comparison',
    ops: [add, sub, mul, div, max, min, qlinearAdd, qlinearMul],
  },
  {
    title: 'Functions of one tensor, and chains of them',
    exactness: "each float32 operation in the order of ONNX Runtime's kernel, for all 256 integers",
    constraints:
      '34 an element at most (a table of 256 entries), less where a digital line fits; a Relu or Clip behind another operator costs nothing of its own',
    ops: [
      relu,
      clip,
      leakyRelu,
      prelu,
      thresholdedRelu,
      batchNormalization,
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
    ],
  },
  {
    title: 'Pools and reductions',
    exactness:
      "exact integers (MaxPool, ReduceMax …), the kernel's float32 loop (AveragePool), or an exact sum and one requantization (GlobalAveragePool)",
    constraints: 'maxima: the bits of the range and 1 for each comparison; averages: one and a requantization for each output',
    ops: [maxPool, reduceMax, reduceMin, averagePool, globalAveragePool, globalMaxPool, qlinearAveragePool, qlinearGlobalAveragePool],
  },
  {
    title: 'Movement',
    exactness: 'elements are moved, not changed',
    constraints: "none; Concat: a requantization for each element of other parameters than the result's",
    ops: [
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
    ],
  },
  {
    title: 'Constants and indices',
    exactness: "known when the model is compiled, or exact with ONNX's rule for ties",
    constraints: 'ArgMax, ArgMin: the bits of the key and 1 for each comparison; the others none',
    ops: [constant, shape, argMax, argMin],
  },
];

export const ops: readonly Op[] = opChapters.flatMap((chapter) => chapter.ops);

const byName = new Map(ops.map((op) => [`${op.domain}:${op.op}`, op]));

export function findOp(domain: string, op: string): Op | undefined {
  return byName.get(`${domain}:${op}`);
}
