/**
 * What an ONNX tensor stands for while a graph is translated. No float tensor of a quantized model is ever computed: it is a
 * view of integers (behind a DequantizeLinear), a computation that waits for its QuantizeLinear, or a graph input on its way
 * to one.
 */
import type { Tensor } from '../tensor/tensor.ts';
import type { Unit } from './bias.ts';
import type { Activation, FloatStep, GraphNode, Quantization, ValueId } from './graph.ts';

/** Scale, zero point and type of a QuantizeLinear or DequantizeLinear, per tensor. */
export interface Parameters extends Quantization {
  readonly dtype: 'uint8' | 'int8';
}

/** A movement op or a MaxPool: acts on integers as on floats, so it commutes with quantization. */
export interface Move {
  /** Shape of its result. */
  readonly dims: readonly number[];
  /** ONNX name of its output. */
  readonly output: string;
  readonly node: (x: ValueId, y: ValueId) => GraphNode;
}

/** Known when the model is compiled: an initializer, a Constant, or made from such. */
export interface ConstantMeaning {
  readonly kind: 'constant';
  readonly dims: readonly number[];
  readonly tensor: Tensor;
}

/** Float: the dequantized view of constant integers (weights, biases). */
export interface ConstantView {
  readonly kind: 'constantView';
  readonly dims: readonly number[];
  readonly dtype: 'uint8' | 'int8' | 'int32';
  readonly data: Int32Array;
  /** One, or one for each index along `axis`. */
  readonly scales: Float32Array;
  readonly zeroPoints: Int32Array;
  /** null: per tensor. */
  readonly axis: number | null;
}

/** Integers of the proof. */
export interface IntegerMeaning {
  readonly kind: 'integer';
  readonly dims: readonly number[];
  readonly value: ValueId;
}

/** Truth values of the proof: uint8 integers that are 0 or 1. */
export interface BooleanMeaning {
  readonly kind: 'boolean';
  readonly dims: readonly number[];
  readonly value: ValueId;
}

/** Float: the dequantized view of `value`, by the value's own quantization. */
export interface View {
  readonly kind: 'view';
  readonly dims: readonly number[];
  readonly value: ValueId;
  /** Behind a movement op that ONNX Runtime makes no Q/DQ group of: what computes on this, computes in floats. */
  readonly inFloats?: true;
}

/** A float graph input, moved or not, that no QuantizeLinear has met yet. */
export interface InputMeaning {
  readonly kind: 'input';
  readonly dims: readonly number[];
  readonly input: string;
  readonly moves: readonly Move[];
}

/** Float: a computation on views that waits for its QuantizeLinear. */
export interface Pending {
  readonly kind: 'pending';
  readonly dims: readonly number[];
  readonly computation: Computation;
  readonly activation: Activation | null;
  readonly moves: readonly Move[];
}

/** The QuantizeLinear that ends a computation's group. */
export interface GroupEnd {
  /** Its output. */
  readonly tensor: string;
  readonly parameters: Parameters;
  /** Movement ops stand between the computation and it. */
  readonly moved: boolean;
}

/** A float tensor as a function of an integer one, element by element: as a `table` node has it. */
export interface Elementwise {
  readonly x: ValueId;
  readonly floats: Float32Array;
  readonly inner: number;
}

/** A float tensor as float32 operations on an int32 one, as a `scaled` node has it. */
export interface Scaled {
  readonly x: ValueId;
  readonly steps: readonly FloatStep[];
  readonly channels: number;
  readonly inner: number;
}

export interface Computation {
  /** The ONNX node. */
  readonly name: string;
  readonly op: string;
  /** Its float output, and the shape of that, before any move. */
  readonly output: string;
  readonly dims: readonly number[];
  /** The type that ONNX Runtime's fused kernel puts out, or null for any. */
  readonly dtype: 'uint8' | 'int8' | null;
  /**
   * True where ONNX Runtime computes each float alone, so that any number of QuantizeLinears may follow; false where it
   * fuses the computation with exactly one.
   */
  readonly elementwise: boolean;
  /** False where a Relu or Clip behind it has no place in the node. */
  readonly takesActivation: boolean;
  /** What the float tensor is, activations included, if it depends on one integer each; another such function may follow. */
  readonly function: Elementwise | null;
  /** What it is before any activation, if that is a product and the like of an int32 tensor with constants; another such operation may follow. */
  readonly scaled: Scaled | null;
  /** Of a product that ONNX Runtime turns into a Gemm where a constant vector is added: the node with that bias, which is asked for in units of the accumulator. */
  readonly biased: ((bias: (unit: Unit) => Int32Array | null) => Computation['node']) | null;
  /** The node of the same with the other sign, for an Abs behind it; null where there is none. */
  readonly opposite: Computation['node'] | null;
  readonly node: (y: ValueId, activation: Activation | null, end: GroupEnd) => GraphNode;
}

/** The output of something unsupported that has been reported. */
export interface Lost {
  readonly kind: 'lost';
  readonly dims: readonly number[] | null;
}

export type Meaning = ConstantMeaning | ConstantView | IntegerMeaning | BooleanMeaning | View | InputMeaning | Pending | Lost;
