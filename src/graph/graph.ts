/**
 * The quantized graph: integer operations on quantized tensors, one form for QDQ groups and QOperator nodes alike.
 * Made by `buildGraph(model)`, read by `program/`. Scales are float32 values held in doubles.
 */
import type { Profile } from './profile.ts';

export type QDType = 'uint8' | 'int8' | 'int32' | 'int64';

export interface Quantization {
  /** float32 value > 0. */
  readonly scale: number;
  readonly zeroPoint: number;
}

export type ValueId = number;

export interface GraphValue {
  readonly id: ValueId;
  /** The ONNX tensor's name (of the quantized tensor in QDQ files: the QuantizeLinear's output). */
  readonly name: string;
  readonly dtype: QDType;
  readonly dims: readonly number[];
  /** Per-tensor quantization of an 8-bit activation; null for indices (ArgMax) and unquantized integers. */
  readonly quantization: Quantization | null;
  /** Raw integers where the value is constant (e.g. one side of an Add). */
  readonly constant: Int32Array | null;
}

/** Weights of a linear op, with per-channel or (length 1) per-tensor quantization; int32 with scale 1 where they are plain integers. */
export interface Weights {
  readonly dtype: 'uint8' | 'int8' | 'int32';
  /** Conv: [M, C/group, kH, kW], or [M, C/group, k] of signals. MatMul: [K, N], already transposed where Gemm said transB, or [matrices, K, N]. */
  readonly dims: readonly number[];
  /** Raw quantized values, zero points not subtracted. */
  readonly data: Int32Array;
  readonly scales: Float32Array;
  readonly zeroPoints: Int32Array;
}

/** A Relu or Clip before the Q: bounds in real (float32) units; it only moves the clamps. */
export interface Activation {
  readonly min: number | null;
  readonly max: number | null;
}

interface NodeBase {
  /** The ONNX node's name and op, for messages and reports: the layer. */
  readonly name: string;
  readonly op: string;
  readonly y: ValueId;
}

/** Of a signal [1, C, L]: that of an image of height 1. */
export interface Window2d {
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  /** top, left, bottom, right. */
  readonly pads: readonly [number, number, number, number];
  readonly dilations: readonly [number, number];
}

/**
 * Elementwise with ONNX broadcasting; either side may be constant. `roundingZero`: what ONNX Runtime adds before it rounds,
 * y = clamp(RNE(fl(v + roundingZero)) − roundingZero + zeroPoint): y's zero point in its quantized kernels, 128 more where it turns int8
 * into uint8 first, 0 where it adds floats and leaves the rounding to QuantizeLinear. `fused`: by one of its quantized kernels.
 */
interface Binary extends NodeBase {
  readonly a: ValueId;
  readonly b: ValueId;
  readonly activation: Activation | null;
  readonly roundingZero: number;
  readonly fused: boolean;
}

/** One float32 operation on each element of a channel: v ∘ value. A product or quotient has values above 0, so that it rises with v. */
export interface FloatStep {
  readonly kind: 'multiply' | 'divide' | 'add';
  /** One for all, or one per channel. */
  readonly values: Float32Array;
}

/** Where y is int32 without quantization, conv and matmul put out the sums themselves: no scale or activation has a part in it. */
export type GraphNode =
  | (NodeBase & {
      readonly kind: 'conv';
      readonly x: ValueId;
      readonly weights: Weights;
      /** int32 in units of fl(sx·sw). */
      readonly bias: Int32Array | null;
      readonly group: number;
      readonly window: Window2d;
      readonly activation: Activation | null;
    })
  /**
   * x [..., K] × weights [K, N] + bias; alpha multiplies the scale (QGemm formula), 1 otherwise. With several matrices, x is [..., M, K] and its
   * matrices take them in turn. The bias is [N], or has one element for each of y.
   */
  | (NodeBase & {
      readonly kind: 'matmul';
      readonly x: ValueId;
      readonly weights: Weights;
      readonly bias: Int32Array | null;
      readonly alpha: number;
      /** 'gemm': S = fl(fl(fl(alpha·sx)·sw)/sy); 'left gemm', where the weights stood on the left: fl(fl(fl(alpha·sw)·sx)/sy); 'matmul': fl(fl(sx·sw)/sy). */
      readonly form: 'gemm' | 'left gemm' | 'matmul';
      readonly activation: Activation | null;
    })
  /** a [..., M, K] × b [..., K, N] + bias, both computed, of equal leading dimensions; alpha and bias as of a matmul. */
  | (NodeBase & {
      readonly kind: 'dotproduct';
      readonly a: ValueId;
      readonly b: ValueId;
      readonly bias: Int32Array | null;
      readonly alpha: number;
      readonly activation: Activation | null;
    })
  | (Binary & { readonly kind: 'add' })
  /** a − b. */
  | (Binary & { readonly kind: 'subtract' })
  | (Binary & { readonly kind: 'multiply' })
  /** Same quantization on both sides; padded positions are dropped. */
  | (NodeBase & { readonly kind: 'maxpool'; readonly x: ValueId; readonly window: Window2d })
  | (NodeBase & {
      readonly kind: 'averagepool';
      readonly x: ValueId;
      readonly window: Window2d;
      /** What a window's sum is divided by: its elements inside the image, inside the image and its pads, or all. */
      readonly counted: 'image' | 'padded' | 'kernel';
      /** False where ONNX Runtime adds floats in an order of its own: then the sum is exact, and rounded as a reducesum's. */
      readonly inOrder: boolean;
      readonly activation: Activation | null;
      readonly roundingZero: number;
    })
  | (NodeBase & { readonly kind: 'globalaveragepool'; readonly x: ValueId; readonly activation: Activation | null })
  /** Q(f(DQ(x))), f the identity or Relu/Clip (activation): another scale, or a Relu node between Q/DQ pairs. */
  | (NodeBase & { readonly kind: 'requantize'; readonly x: ValueId; readonly activation: Activation | null })
  /**
   * Any function of x's integers, one by one: `floats` are what goes into y's QuantizeLinear, for each integer of x's type from the least, channel by
   * channel; element o is of channel ⌊o / inner⌋ mod (floats.length / 256).
   */
  | (NodeBase & { readonly kind: 'table'; readonly x: ValueId; readonly floats: Float32Array; readonly inner: number })
  /** QuantizeLinear of steps(fl(x)), x int32: channel of element o is ⌊o / inner⌋ mod channels. */
  | (NodeBase & {
      readonly kind: 'scaled';
      readonly x: ValueId;
      readonly steps: readonly FloatStep[];
      readonly channels: number;
      readonly inner: number;
      readonly activation: Activation | null;
    })
  /** y = clamp(⌊(x·mul + add + div/2)/div⌋, min, max) of plain integers, mul and add by channel ⌊o / inner⌋ mod muls.length. div is a power of two. */
  | (NodeBase & {
      readonly kind: 'shift';
      readonly x: ValueId;
      readonly muls: Int32Array;
      readonly adds: Int32Array;
      readonly div: number;
      readonly inner: number;
      readonly min: number;
      readonly max: number;
    })
  /** Plain integers: y = Σ factors[k]·xs[k] with broadcasting. */
  | (NodeBase & { readonly kind: 'combine'; readonly xs: readonly ValueId[]; readonly factors: readonly number[] })
  /** Reshape, Flatten, Squeeze, Identity …: same elements in the same order. */
  | (NodeBase & { readonly kind: 'reshape'; readonly x: ValueId })
  | (NodeBase & { readonly kind: 'transpose'; readonly x: ValueId; readonly perm: readonly number[] })
  /** Slice, Split, Pad, Gather, Expand, Tile, Resize nearest …: y[i] = x[index[i]], and `fill` where index[i] is -1. */
  | (NodeBase & { readonly kind: 'gather'; readonly x: ValueId; readonly index: Int32Array; readonly fill: Fill | null })
  /** Inputs of other quantization than y's are requantized one by one (QLinearConcat's formula). */
  | (NodeBase & { readonly kind: 'concat'; readonly xs: readonly ValueId[]; readonly axis: number })
  | (NodeBase & {
      readonly kind: 'argmax';
      readonly x: ValueId;
      readonly axis: number;
      readonly keepDims: boolean;
      readonly selectLastIndex: boolean;
      /** ArgMin. */
      readonly least: boolean;
    })
  /**
   * Over rows of `count` elements `stride` apart. Fused, by ONNX Runtime's kernel of integers (program/steps/softmax.ts); else in floats, to be quantized as they are.
   */
  | (NodeBase & {
      readonly kind: 'softmax';
      readonly x: ValueId;
      readonly count: number;
      readonly stride: number;
      readonly fused: boolean;
      readonly activation: Activation | null;
    })
  /**
   * Truth values, 0 or 1, elementwise with broadcasting: [a ≥ t], or [a = t] for `equal`, and 1 minus that if negated. t is b + shift; or, where a and b are read by two quantizations,
   * the entry of `bounds` for b, from the least integer of b's type.
   */
  | (NodeBase & {
      readonly kind: 'compare';
      readonly a: ValueId;
      readonly b: ValueId;
      readonly equal: boolean;
      readonly negated: boolean;
      readonly shift: number;
      readonly bounds: Int32Array | null;
    })
  /** Of truth values xs, with broadcasting; `not` of one, the others of two. */
  | (NodeBase & { readonly kind: 'logic'; readonly xs: readonly ValueId[]; readonly operator: 'not' | 'and' | 'or' | 'xor' })
  /** xs: a condition and two tensors, each of these in y's quantization first; the second where the condition is 1, else the third. */
  | (NodeBase & { readonly kind: 'where'; readonly xs: readonly ValueId[] })
  /** The k largest (or least) along an axis, sorted, ties to the first: their values, or their indices. */
  | (NodeBase & {
      readonly kind: 'topk';
      readonly x: ValueId;
      readonly axis: number;
      readonly k: number;
      readonly least: boolean;
      readonly output: 'values' | 'indices';
    })
  /** Max or Min of several tensors with broadcasting, each of them in y's quantization first: rounding is monotone. */
  | (NodeBase & { readonly kind: 'extremum'; readonly xs: readonly ValueId[]; readonly least: boolean })
  /** The mean of x over the axes, or the sum where `divisor` is 1, in floats: the exact sum times x's scale, divided, then quantized, each rounded. */
  | (NodeBase & {
      readonly kind: 'reducesum';
      readonly x: ValueId;
      readonly axes: readonly number[];
      readonly divisor: number;
      readonly activation: Activation | null;
    })
  /** ReduceMax or ReduceMin over the axes. */
  | (NodeBase & { readonly kind: 'reduce'; readonly x: ValueId; readonly axes: readonly number[]; readonly least: boolean });

/** What a Pad puts around x: a float32 value, quantized as x is, or an integer as it stands. */
export interface Fill {
  readonly kind: 'real' | 'integer';
  readonly value: number;
}

/** A graph input or output as the model's user sees it, and the integer tensor behind it. */
export interface Boundary {
  /** Name in the model's graph input/output list. */
  readonly name: string;
  readonly value: ValueId;
  /** The model's own dtype: float32 where Q/DQ stands at the boundary, else the integer dtype. */
  readonly modelDType: 'float32' | QDType;
  /** The model's own shape: equal in element order to the value's. */
  readonly dims: readonly number[];
}

export interface Graph {
  readonly profile: Profile;
  readonly modelName: string;
  readonly values: readonly GraphValue[];
  /** Topological order. */
  readonly nodes: readonly GraphNode[];
  readonly inputs: readonly Boundary[];
  readonly outputs: readonly Boundary[];
}
