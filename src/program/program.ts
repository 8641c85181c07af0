/**
 * The integer program: what is proven. Every tensor is integers with a proven interval, every op is a fixed map or a step
 * function whose float32 rule (the reference profile) is kept beside the exact integer form the circuit uses.
 * Made by `buildProgram(graph)`, run by `evaluate()`, serialised by `format.ts`, lowered to constraints by `r1cs/`.
 */
import type { QDType } from '../graph/graph.ts';
import type { Profile } from '../graph/profile.ts';

export type TensorId = number;

export interface ProgramTensor {
  readonly id: TensorId;
  /** ONNX tensor name; accumulators are "<output name>:accumulator". */
  readonly name: string;
  readonly dims: readonly number[];
  readonly count: number;
  /** 'accumulator' is int32 before requantization. */
  readonly dtype: QDType | 'accumulator';
  readonly scale: number | null;
  readonly zeroPoint: number | null;
  /** Proven interval of every element (inclusive). */
  readonly low: number;
  readonly high: number;
}

/** float32 rule of a monotone step function acc → q: `clamp(RNE(fl(fl(acc)·scale)) + zeroPoint, min, max)` and its relatives (onnx-semantics). */
export type StepRule =
  | { readonly kind: 'scale'; readonly scale: number; readonly zeroPoint: number; readonly min: number; readonly max: number }
  /** A sum acc of integers in floats, and its mean: `clamp(RNE(fl(fl(fl(fl(acc)·xScale)/divisor)/scale)) + zeroPoint)`. */
  | {
      readonly kind: 'mean';
      readonly xScale: number;
      readonly divisor: number;
      readonly scale: number;
      readonly zeroPoint: number;
      readonly min: number;
      readonly max: number;
    }
  /** Q(DQ(x)): `clamp(RNE(fl(fl((x − xZero)·xScale)/scale)) + zeroPoint)`; acc = x itself. */
  | {
      readonly kind: 'requantize';
      readonly xScale: number;
      readonly xZero: number;
      readonly scale: number;
      readonly zeroPoint: number;
      readonly min: number;
      readonly max: number;
    }
  /** `clamp(⌊(mul·acc + add + divisor/2)/divisor⌋)`, in integers; mul ≥ 0, divisor a power of two, no half for 1. */
  | {
      readonly kind: 'shift';
      readonly mul: number;
      readonly add: number;
      readonly divisor: number;
      readonly zeroPoint: 0;
      readonly min: number;
      readonly max: number;
    }
  /** QuantizeLinear of v, v = fl(acc) and then each step rounded to float32: v·value, v/value (value > 0), v + value. */
  | {
      readonly kind: 'floats';
      readonly steps: readonly { readonly kind: 'multiply' | 'divide' | 'add'; readonly value: number }[];
      readonly scale: number;
      readonly zeroPoint: number;
      readonly min: number;
      readonly max: number;
    };

/**
 * The exact integer form of a step function over a proven interval [low, high] of acc, checked against the rule at every threshold when it was
 * found. `applyForm(form, acc)` in steps/form.ts is the executable definition; in words, for `line`, everything in integers and `v` in y's units
 * (the zero point is folded into b):
 *
 *     v = ⌊(m·acc − b)/A⌋,  R = m·acc − b − A·v          Euclid's division, 0 ≤ R < A, also for negative acc
 *     v ← v − 1   if tie ≠ null and R = 0 and v mod 2 ≠ tie.parity
 *     v ← v + δ   for the one exception with at = acc, if there is one
 *     y = clamp(v, min, max)                              corrections come before clamping
 *
 * |m·acc − b| and A·(|v| + 1) are safe integers over the interval. A form never has both a tie and exceptions. A ≥ 1, with a tie A ≥ 2.
 */
export type StepForm =
  | { readonly kind: 'constant'; readonly value: number }
  | {
      readonly kind: 'line';
      /** ≥ 1. */
      readonly m: number;
      readonly A: number;
      readonly b: number;
      /** At most a handful, `at` ascending and distinct, inside the interval; δ ≠ 0. */
      readonly exceptions: readonly { readonly at: number; readonly delta: number }[];
      /** RNE's exact ties: on R = 0 only a v of this parity stays. It is that of the zero point where the rule rounds before adding it, else 0. */
      readonly tie: { readonly parity: 0 | 1 } | null;
      /** v over the interval before clamping, all corrections made (the least and the greatest). */
      readonly vLow: number;
      readonly vHigh: number;
      /** vLow ≥ min means that the lower clamp costs nothing, vHigh ≤ max the same for the upper. */
      readonly min: number;
      readonly max: number;
    }
  /** Fall-back: y = base + (how many thresholds are ≤ acc). Ascending, equal ones where y jumps by more than 1; all in (low, high]. */
  | { readonly kind: 'thresholds'; readonly base: number; readonly thresholds: readonly number[] };

/** y[o] = constant(o) + Σ w·x: geometry kept, taps are made row by row by `linearRow` (no materialised matrix). */
export type LinearMap =
  | {
      readonly kind: 'conv2d';
      /** [N, C, H, W] of x and [N, M, OH, OW] of y. */
      readonly x: readonly [number, number, number, number];
      readonly y: readonly [number, number, number, number];
      readonly kernel: readonly [number, number];
      readonly strides: readonly [number, number];
      readonly pads: readonly [number, number, number, number];
      readonly dilations: readonly [number, number];
      readonly group: number;
      /** w − w_zp, [M, C/group, kH, kW]. */
      readonly weights: Int32Array;
      /** [M]; −x_zp·Σ(w of the taps present) is added per output. */
      readonly bias: Int32Array;
      readonly xZero: number;
    }
  | {
      readonly kind: 'matmul';
      /** x [rows, K] × weights [matrices, K, N]: row r by matrix ⌊r / rowsEach⌋ mod matrices. */
      readonly rows: number;
      readonly rowsEach: number;
      readonly inner: number;
      readonly columns: number;
      readonly weights: Int32Array;
      /** Of output o: bias[o mod length]; [N], or one for each element of some rows. */
      readonly bias: Int32Array;
      readonly xZero: number;
    }
  /** Sum of window elements minus zero points: y[o] = Σ_{i in window o} (x[i] − xZero). */
  | { readonly kind: 'windowsum'; readonly windows: Windows; readonly xZero: number };

/** CSR: the input indices of each output, in the profile's row-major order. */
export interface Windows {
  /** outputs + 1 entries. */
  readonly starts: Int32Array;
  readonly indices: Int32Array;
}

/** y for each integer of x's interval, and the same function as a step of x where the circuit pays less for that than for a lookup. */
export interface FunctionTable {
  readonly values: Int32Array;
  readonly step: StepForm | null;
}

interface OpBase {
  /** ONNX node name and op: the layer. */
  readonly layer: string;
  readonly op: string;
  readonly y: TensorId;
}

/** QLinearAdd or QLinearMul, clamps in y's integers. */
export interface AddRule {
  /** Whose formula: of the WASM kernels, which is that of floats too, or of those of x86-64 with FMA. steps/rule.ts has both. */
  readonly kernel: 'wasm' | 'x64';
  readonly aScale: number;
  readonly aZero: number;
  /** Of a Sub: less than 0. */
  readonly bScale: number;
  readonly bZero: number;
  readonly scale: number;
  readonly zeroPoint: number;
  /**
   * Zero point that the kernel adds before it rounds: v real, y = clamp(RNE(fl(v + roundingZero)) − roundingZero + zeroPoint).
   * The output's own; 128 more where ONNX Runtime turns int8 into uint8 first; 0 where it computes in floats and rounds in QuantizeLinear.
   */
  readonly roundingZero: number;
  readonly min: number;
  readonly max: number;
}

/**
 * Exact forms of Add, checked on all pairs of the proven intervals. y = applyForm(step, X) with
 * plane: X = p·a + q·b, p ≥ 0, q ≥ 0 but where bScale < 0 (the step is a line with m = 1, without exceptions, or a constant);
 * tables: X = a[a − aLow] + b[b − bLow], safe integers on a common float grid (always exists). aLow, bLow: the tensors' `low`.
 */
export type AddForm =
  | { readonly kind: 'plane'; readonly p: number; readonly q: number; readonly step: StepForm }
  | { readonly kind: 'tables'; readonly a: Float64Array; readonly b: Float64Array; readonly step: StepForm };

/**
 * Exact form of QLinearMul, checked on all pairs: y = applyForm(step, unit·(a − aZero)·(b − bZero) + Σ delta of the exceptions that are (a, b)). Where float32 rounding gives two
 * pairs of one product different outcomes, `unit` is 2 and the rarer ones are exceptions.
 */
export interface MultiplyForm {
  readonly unit: 1 | 2;
  readonly exceptions: readonly { readonly a: number; readonly b: number; readonly delta: 1 | -1 }[];
  readonly step: StepForm;
}

/** Float-loop average (QLinearAveragePool). */
export interface AverageRule {
  readonly xScale: number;
  readonly xZero: number;
  readonly scale: number;
  readonly zeroPoint: number;
  /** As AddRule's. */
  readonly roundingZero: number;
  readonly min: number;
  readonly max: number;
}

/** Softmax of rows of `count` integers (steps/softmax.ts), clamps in y's integers. */
export interface SoftmaxRule {
  readonly count: number;
  readonly xScale: number;
  readonly scale: number;
  readonly zeroPoint: number;
  /** False where ONNX Runtime leaves it in floats. */
  readonly fused: boolean;
  readonly min: number;
  readonly max: number;
}

/** By distance from the row's largest element, over all distances that x's interval has. */
export interface SoftmaxTables {
  readonly weights: Float64Array;
  readonly numerators: Float64Array;
}

export type ProgramOp =
  | (OpBase & { readonly kind: 'linear'; readonly x: TensorId; readonly map: LinearMap })
  /** a [batch, rows, K] × b [batch, K, columns], zero points taken off: y[n, r, c] = bias + Σ_k (a[n, r, k] − aZero)·(b[n, k, c] − bZero). */
  | (OpBase & {
      readonly kind: 'dotproduct';
      readonly a: TensorId;
      readonly b: TensorId;
      readonly batch: number;
      readonly rows: number;
      readonly inner: number;
      readonly columns: number;
      readonly aZero: number;
      readonly bZero: number;
      /** Added to output o: bias[o mod length]. */
      readonly bias: Int32Array;
    })
  | (OpBase & {
      readonly kind: 'requantize';
      readonly x: TensorId;
      /** Channel of element o: ⌊o / inner⌋ mod rules.length. */
      readonly inner: number;
      readonly rules: readonly StepRule[];
      readonly forms: readonly StepForm[];
      /** Proven interval of x per channel (same length as rules). */
      readonly lows: Float64Array;
      readonly highs: Float64Array;
    })
  /** Any function of one integer: y = tables[channel].values[x − (x's tensor's low)]; channel as of a requantize. */
  | (OpBase & { readonly kind: 'table'; readonly x: TensorId; readonly inner: number; readonly tables: readonly FunctionTable[] })
  | (OpBase & {
      readonly kind: 'max';
      readonly x: TensorId;
      readonly windows: Windows;
      /** The least of each window in place of the largest. */
      readonly least: boolean;
      /** True: x is a requantize's output used only here, and the circuit takes the max on its accumulators first (circuits.md §4). */
      readonly beforeRequantize: boolean;
    })
  | (OpBase & {
      readonly kind: 'add';
      readonly a: TensorId;
      readonly b: TensorId;
      /** Broadcast index maps; null is the identity. */
      readonly aIndex: Int32Array | null;
      readonly bIndex: Int32Array | null;
      readonly rule: AddRule;
      readonly form: AddForm;
    })
  /** As add, of products. */
  | (OpBase & {
      readonly kind: 'multiply';
      readonly a: TensorId;
      readonly b: TensorId;
      readonly aIndex: Int32Array | null;
      readonly bIndex: Int32Array | null;
      readonly rule: AddRule;
      readonly form: MultiplyForm;
    })
  | (OpBase & {
      readonly kind: 'average';
      readonly x: TensorId;
      readonly windows: Windows;
      /** Divisor of output o. */
      readonly divisors: Int32Array;
      readonly rule: AverageRule;
      /** Window shapes differ at borders: shape of output o, and per shape its taps, divisor and form. */
      readonly shapeOf: Int32Array;
      readonly shapes: readonly { readonly taps: number; readonly divisor: number; readonly form: AverageForm }[];
    })
  /** Movement and Concat: y[i] = sources[from[i]][index[i]]; from null when there is one source. */
  | (OpBase & {
      readonly kind: 'gather';
      readonly sources: readonly TensorId[];
      readonly from: Int32Array | null;
      readonly index: Int32Array | null;
    })
  | (OpBase & { readonly kind: 'constant'; readonly values: Int32Array })
  /** y = [a ≥ t], or [a = t] for `equal`, 1 minus that if negated; t = b + shift, or table[b − (b's tensor's low)]. */
  | (OpBase & {
      readonly kind: 'compare';
      readonly a: TensorId;
      readonly b: TensorId;
      readonly aIndex: Int32Array | null;
      readonly bIndex: Int32Array | null;
      readonly equal: boolean;
      readonly negated: boolean;
      readonly shift: number;
      readonly table: Int32Array | null;
    })
  /** Of one or two tensors of 0 and 1. */
  | (OpBase & {
      readonly kind: 'logic';
      readonly operator: 'not' | 'and' | 'or' | 'xor';
      readonly xs: readonly TensorId[];
      /** Broadcast index maps, as of add. */
      readonly indices: readonly (Int32Array | null)[];
    })
  /** y = condition, of 0 and 1, ? a : b. */
  | (OpBase & {
      readonly kind: 'select';
      /** Condition, a, b. */
      readonly xs: readonly [TensorId, TensorId, TensorId];
      readonly indices: readonly (Int32Array | null)[];
    })
  /** Softmax of each window of x, its results in the same places of y. */
  | (OpBase & {
      readonly kind: 'softmax';
      readonly x: TensorId;
      readonly windows: Windows;
      readonly rule: SoftmaxRule;
      readonly tables: SoftmaxTables;
    })
  /**
   * The k largest (or least) of each row of x, sorted, ties to the first: y has all rows' values, then all their indices. A row's elements and places are those of a window of
   * `windows` and of `places`, in order.
   */
  | (OpBase & {
      readonly kind: 'topk';
      readonly x: TensorId;
      readonly windows: Windows;
      readonly places: Windows;
      readonly least: boolean;
    })
  /** Row r is elements windows r of x, in axis order; y = index of the largest (or least), ties to the first (or last). */
  | (OpBase & {
      readonly kind: 'argmax';
      readonly x: TensorId;
      readonly windows: Windows;
      readonly selectLastIndex: boolean;
      readonly least: boolean;
    });

/**
 * sum: the outcome depends on Σ(x − xZero) alone (shown by enumerating every float32 partial sum) and is `step` of it.
 * float: equal scales make exact ties that float noise decides: each term is t = terms[x − xLow] on the grid 2^gridExponent and every
 * float32 addition is carried out in the circuit; `step` is the monotone step from the final partial sum (grid integer) to y.
 */
export type AverageForm =
  | { readonly kind: 'sum'; readonly step: StepForm }
  | { readonly kind: 'float'; readonly terms: Float64Array; readonly step: StepForm };

export interface ProgramBoundary {
  readonly name: string;
  readonly tensor: TensorId;
  readonly modelDType: 'float32' | QDType;
  readonly dims: readonly number[];
}

export interface Program {
  readonly profile: Profile;
  readonly modelName: string;
  readonly tensors: readonly ProgramTensor[];
  /** Topological order. */
  readonly ops: readonly ProgramOp[];
  readonly inputs: readonly ProgramBoundary[];
  readonly outputs: readonly ProgramBoundary[];
}
