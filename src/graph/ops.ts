/** All ONNX operators that can become part of a proof, one file each in ops/. Adding one is a file and a name here. */
import type { Op, OpFacts, OpForm } from './call.ts';
import { add } from './ops/add.ts';
import { argMax, argMin } from './ops/arg-max.ts';
import { averagePool } from './ops/average-pool.ts';
import { batchNormalization } from './ops/batch-normalization.ts';
import { cast, castLike } from './ops/cast.ts';
import { centerCropPad } from './ops/center-crop-pad.ts';
import { clip } from './ops/clip.ts';
import { equal, greater, greaterOrEqual, less, lessOrEqual } from './ops/comparisons.ts';
import { compress } from './ops/compress.ts';
import { concat } from './ops/concat.ts';
import { constant } from './ops/constant.ts';
import { constantOfShape } from './ops/constant-of-shape.ts';
import { conv } from './ops/conv.ts';
import { convInteger } from './ops/conv-integer.ts';
import { convTranspose } from './ops/conv-transpose.ts';
import { depthToSpace, spaceToDepth } from './ops/depth-to-space.ts';
import { dequantizeLinear, microsoftDequantizeLinear } from './ops/dequantize-linear.ts';
import { div } from './ops/div.ts';
import { dropout } from './ops/dropout.ts';
import { celu, elu, selu } from './ops/elu.ts';
import { erf } from './ops/erf.ts';
import { exp } from './ops/exp.ts';
import { expand } from './ops/expand.ts';
import { eyeLike } from './ops/eye-like.ts';
import { flatten } from './ops/flatten.ts';
import { gather } from './ops/gather.ts';
import { gatherElements } from './ops/gather-elements.ts';
import { gatherNd } from './ops/gather-nd.ts';
import { biasedGelu, fastGelu, gelu, microsoftGelu } from './ops/gelu.ts';
import { gemm } from './ops/gemm.ts';
import { globalAveragePool } from './ops/global-average-pool.ts';
import { globalMaxPool } from './ops/global-max-pool.ts';
import { hardSigmoid } from './ops/hard-sigmoid.ts';
import { hardSwish } from './ops/hard-swish.ts';
import { identity } from './ops/identity.ts';
import { leakyRelu, qlinearLeakyRelu } from './ops/leaky-relu.ts';
import { log } from './ops/log.ts';
import { and, not, or, xor } from './ops/logic.ts';
import { matmul } from './ops/matmul.ts';
import { matmulInteger } from './ops/matmul-integer.ts';
import { matmulIntegerToFloat } from './ops/matmul-integer-to-float.ts';
import { max, min } from './ops/max.ts';
import { maxPool } from './ops/max-pool.ts';
import { mish } from './ops/mish.ts';
import { mod } from './ops/mod.ts';
import { mul } from './ops/mul.ts';
import { pad } from './ops/pad.ts';
import { pow } from './ops/pow.ts';
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
import { quickGelu } from './ops/quick-gelu.ts';
import { range } from './ops/range.ts';
import { reduceMax, reduceMin } from './ops/reduce-max.ts';
import { reduceMean, reduceSum } from './ops/reduce-mean.ts';
import { relu } from './ops/relu.ts';
import { pactRequantShift, requantShift } from './ops/requant-shift.ts';
import { reshape } from './ops/reshape.ts';
import { resize, upsample } from './ops/resize.ts';
import { reverseSequence } from './ops/reverse-sequence.ts';
import { ceil, floor, round } from './ops/rounding-functions.ts';
import { scatter, scatterElements, scatterNd } from './ops/scatter.ts';
import { shape } from './ops/shape.ts';
import { shrink } from './ops/shrink.ts';
import { qlinearSigmoid, sigmoid } from './ops/sigmoid.ts';
import { abs, neg, sign } from './ops/sign-functions.ts';
import { cos, sin } from './ops/sin.ts';
import { size } from './ops/size.ts';
import { slice } from './ops/slice.ts';
import { qlinearSoftmax, softmax } from './ops/softmax.ts';
import { softplus } from './ops/softplus.ts';
import { softsign } from './ops/softsign.ts';
import { split } from './ops/split.ts';
import { reciprocal, sqrt } from './ops/sqrt.ts';
import { squeeze, unsqueeze } from './ops/squeeze.ts';
import { sub } from './ops/sub.ts';
import { swish } from './ops/swish.ts';
import { tanh } from './ops/tanh.ts';
import { thresholdedRelu } from './ops/thresholded-relu.ts';
import { tile } from './ops/tile.ts';
import { topK } from './ops/top-k.ts';
import { transpose } from './ops/transpose.ts';
import { trilu } from './ops/trilu.ts';
import { qlinearWhere, where } from './ops/where.ts';

/** Operators of one kind: why they are exact, and the facts that hold of each unless its own say otherwise. The chapters of docs/operators.md. */
export interface OpChapter {
  readonly title: string;
  readonly why: string;
  readonly facts: Omit<OpFacts, 'forms'> & { readonly forms?: readonly OpForm[] };
  readonly ops: readonly Op[];
}

export const opChapters: readonly OpChapter[] = [
  {
    title: 'Quantization',
    why: 'the formulas of QuantizeLinear and DequantizeLinear',
    facts: { constraints: 'n·S; none at the boundary, where the caller quantizes', exactness: 'exact' },
    ops: [quantizeLinear, dequantizeLinear, microsoftQuantizeLinear, microsoftDequantizeLinear],
  },
  {
    title: 'Linear operators',
    why: 'the int32 accumulator is exact, then `clamp(RNE(fl(fl(acc)·S)) + zp)`',
    facts: { constraints: 'n·(1 + S)', exactness: 'exact' },
    ops: [conv, convTranspose, gemm, matmul, qlinearConv, qlinearMatmul, qgemm],
  },
  {
    title: 'Integers',
    why: 'integer arithmetic; RequantShift is `clamp(⌊(x·mul + add + div/2)/div⌋)`; behind MatMulInteger and ConvInteger each float32 operation in the order of the file',
    facts: { forms: ['integer'], constraints: 'n; n·(1 + S) with the QuantizeLinear behind it', exactness: 'exact' },
    ops: [matmulInteger, matmulIntegerToFloat, convInteger, requantShift, pactRequantShift],
  },
  {
    title: 'Several tensors',
    why: 'the float32 rule, checked on all 2^16 pairs',
    facts: { constraints: 'n·(S + 2·L); L = 0 where a digital plane fits', exactness: 'exact' },
    ops: [add, sub, mul, div, max, min, qlinearAdd, qlinearMul],
  },
  {
    title: 'Functions of one tensor, and chains of them',
    why: "each float32 operation in the order of ONNX Runtime's kernel, for all 256 integers",
    facts: { constraints: 'n·F; behind another operator a Relu or Clip only moves the clamps, at no cost', exactness: 'exact' },
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
      exp,
      log,
      pow,
      erf,
      gelu,
      microsoftGelu,
      fastGelu,
      biasedGelu,
      quickGelu,
      swish,
      mish,
      elu,
      selu,
      celu,
      softplus,
      softsign,
      shrink,
      sin,
      cos,
      qlinearLeakyRelu,
      qlinearSigmoid,
    ],
  },
  {
    title: 'Pools and reductions',
    why: "exact integers (MaxPool, ReduceMax …), the kernel's float32 loop (AveragePool), or an exact sum and one requantization (GlobalAveragePool)",
    facts: { constraints: 'c·(b + 1)', exactness: 'exact' },
    ops: [
      maxPool,
      reduceMax,
      reduceMin,
      reduceMean,
      reduceSum,
      averagePool,
      globalAveragePool,
      globalMaxPool,
      qlinearAveragePool,
      qlinearGlobalAveragePool,
    ],
  },
  {
    title: 'Choices',
    why: 'float32 values of 8-bit integers rise with them, so they are compared as integers; QuantizeLinear acts on each element alone, so it may come before a choice',
    facts: { constraints: 'n + c·(b + 1); the second term is of the comparisons before it', exactness: 'exact' },
    ops: [where, qlinearWhere, equal, greater, greaterOrEqual, less, lessOrEqual, not, and, or, xor],
  },
  {
    title: 'Softmax',
    why: "a sum and a quotient of integers, of a table of e^x in float32 as ONNX Runtime's kernel has it; the kernel adds the table's entries in float32",
    facts: {
      constraints: 'n·Z',
      exactness: 'table as in the kernel, exact sum, one rounding: 1 step off in 2 to 80 of 10^7 outputs (`npm run test:slow -- softmax`)',
    },
    ops: [softmax, qlinearSoftmax],
  },
  {
    title: 'Movement',
    why: 'elements are moved, not changed',
    facts: { forms: ['QDQ', 'integer'], constraints: '0', exactness: 'exact' },
    ops: [
      flatten,
      reshape,
      transpose,
      squeeze,
      unsqueeze,
      identity,
      dropout,
      cast,
      castLike,
      concat,
      qlinearConcat,
      slice,
      split,
      pad,
      gather,
      gatherElements,
      gatherNd,
      scatterElements,
      scatter,
      scatterNd,
      compress,
      reverseSequence,
      centerCropPad,
      trilu,
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
    why: "known when the model is compiled, or exact with ONNX's rule for ties",
    facts: { forms: ['QDQ', 'integer'], constraints: '0', exactness: 'exact' },
    ops: [constant, constantOfShape, range, eyeLike, shape, size, mod, argMax, argMin, topK],
  },
];

export const ops: readonly Op[] = opChapters.flatMap((chapter) => chapter.ops);

const byName = new Map(ops.map((op) => [`${op.domain}:${op.op}`, op]));

/** Domains that have an operator of that name. */
export function domainsOf(op: string): readonly string[] {
  return ops.filter((known) => known.op === op).map(({ domain }) => domain);
}

export function findOp(domain: string, op: string): Op | undefined {
  return byName.get(`${domain}:${op}`);
}

/** An operator's facts: its own before its chapter's. */
export function factsOf(chapter: OpChapter, op: Op): OpFacts {
  const isQOperator = op.domain === 'com.microsoft' || op.op.startsWith('QLinear');
  return { ...chapter.facts, forms: isQOperator ? ['QOperator'] : (chapter.facts.forms ?? ['QDQ']), ...op.facts };
}
