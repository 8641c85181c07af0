/**
 * How far the proven integers are from the float model that they were made of: its outputs to the same inputs, held against ours. A model can be trained to behave until it is quantized
 * ("quantization-activated backdoors"); a proof is of the quantized one, so whoever tested the float one wants this figure.
 */
import { throwIfAborted, ZkonnxError } from './errors.ts';
import type { RunOptions } from './events.ts';
import { countInferences, inferenceAt, type NamedTensors } from './inputs.ts';
import { dtypeRange } from './program/draft.ts';
import type { Program, ProgramBoundary } from './program/program.ts';
import { dequantizeOutput, numberAt } from './program/quantize.ts';
import { quantize } from './program/steps/rule.ts';
import { infer } from './run.ts';
import { elementCount, type Tensor } from './tensor/tensor.ts';

export interface Disagreement {
  readonly inferences: number;
  readonly outputs: readonly OutputDisagreement[];
}

export interface OutputDisagreement {
  readonly name: string;
  /** Of all inferences. */
  readonly elements: number;
  /** Elements whose float value, quantized as the model quantizes this output, is another integer than the proven one. */
  readonly differing: number;
  /** The float model's elements that are no finite numbers: they count as differing, and in no mean. */
  readonly notFinite: number;
  /** |float − proven|, in the output's own units, over the finite elements. */
  readonly meanAbs: number;
  readonly maxAbs: number;
  /** One step of the output's quantization; null for integers. */
  readonly scale: number | null;
  /** Of outputs that are one row of scores an inference; null for others. */
  readonly top1: Top1 | null;
}

export interface Top1 {
  /** Rows of scores: inferences, times the model's batch. */
  readonly rows: number;
  readonly classes: number;
  /** Rows whose largest score stands at another place; of equal scores the first counts, as ONNX's ArgMax does. */
  readonly differing: number;
  /** The row on which the float model was most sure of another class than the proven one; null where none differs by a finite margin. */
  readonly mostCertain: {
    /** From 0, as are the classes. */
    readonly row: number;
    readonly float: number;
    readonly proven: number;
    /** The float model's score of its class less its score of the proven one. */
    readonly margin: number;
  } | null;
}

/**
 * @param inputs as for `run`: one inference, or N along axis 0.
 * @param expected the float model's outputs to them, by output name, joined along axis 0.
 * @throws ZkonnxError ZK41xx (inputs that the model does not take; outputs missing, or of another shape), before anything is computed
 */
export async function disagreement(
  program: Program,
  inputs: NamedTensors,
  expected: NamedTensors,
  options: RunOptions & { readonly cast?: boolean | undefined } = {},
): Promise<Disagreement> {
  const count = countInferences(program, inputs);
  const tallies = program.outputs.map((output) => openTally(program, output, expectedOf(output, expected, count)));
  for (let i = 0; i < count; i++) {
    throwIfAborted(options.signal, 'compare');
    const values = infer(program, inferenceAt(program, inputs, i), options);
    for (const [k, output] of program.outputs.entries()) tallies[k]!.add(i, values.get(output.tensor)!);
    options.onEvent?.({ stage: 'compare', done: i + 1, total: count });
    if (i % 16 === 15) await new Promise<void>((resolve) => setTimeout(resolve, 0));
  }
  return { inferences: count, outputs: tallies.map(({ result }) => result()) };
}

function expectedOf({ name, dims }: ProgramBoundary, expected: NamedTensors, count: number): Tensor {
  if (!Object.hasOwn(expected, name))
    throw new ZkonnxError('ZK4109', { tensor: name, what: `is not there; given: ${Object.keys(expected).join(', ') || 'nothing'}` });
  const tensor = expected[name]!;
  const wanted = dims.length === 0 ? [count] : [dims[0]! * count, ...dims.slice(1)];
  const fits = (shape: readonly number[]): boolean => tensor.dims.join() === shape.join();
  if (!fits(wanted) && !(count === 1 && fits(dims))) {
    const inferences = count === 1 ? '1 inference' : `${count} inferences`;
    throw new ZkonnxError('ZK4109', {
      tensor: name,
      what: `has shape [${tensor.dims.join(', ')}], ${inferences} give [${wanted.join(', ')}]`,
    });
  }
  return tensor;
}

interface Tally {
  add(inference: number, integers: Int32Array): void;
  result(): OutputDisagreement;
}

/** O(elements) time, no memory of what was seen. */
function openTally(program: Program, output: ProgramBoundary, expected: Tensor): Tally {
  const { name, dims, modelDType, tensor } = output;
  const { scale, zeroPoint, dtype } = program.tensors[tensor]!;
  const isFloat = modelDType === 'float32' && scale !== null && zeroPoint !== null && dtype !== 'accumulator';
  const size = elementCount(dims);
  const classes = rowLength(dims);
  let [elements, differing, notFinite, sum, maxAbs, rows, otherClass] = [0, 0, 0, 0, 0, 0, 0];
  let mostCertain: Top1['mostCertain'] = null;

  /** The integer that the float model's value would be; what cannot be one differs from all. */
  const quantized = (value: number): number => {
    if (!isFloat || !Number.isFinite(value)) return value;
    const { min, max } = dtypeRange(dtype);
    return quantize(Math.fround(value), scale, zeroPoint, min, max);
  };
  const addRow = (float: Float64Array, proven: ArrayLike<number>): void => {
    const [ours, theirs] = [largest(proven), largest(float)];
    if (ours !== theirs) {
      otherClass++;
      const margin = float[theirs]! - float[ours]!;
      if (Number.isFinite(margin) && (mostCertain === null || margin > mostCertain.margin))
        mostCertain = { row: rows, float: theirs, proven: ours, margin };
    }
    rows++;
  };
  return {
    add(inference, integers) {
      const floats = Float64Array.from({ length: size }, (_, i) => numberAt(expected, inference * size + i));
      const { data } = dequantizeOutput(program, name, integers);
      const proven = Float64Array.from({ length: size }, (_, i) => Number(data[i]));
      for (let i = 0; i < size; i++) {
        elements++;
        if (quantized(floats[i]!) !== integers[i]) differing++;
        const distance = Math.abs(floats[i]! - proven[i]!);
        if (!Number.isFinite(floats[i])) notFinite++;
        else {
          sum += distance;
          maxAbs = Math.max(maxAbs, distance);
        }
      }
      if (classes === null || !isFloat) return;
      for (let from = 0; from < size; from += classes) addRow(floats.subarray(from, from + classes), proven.subarray(from, from + classes));
    },
    result: () => ({
      name,
      elements,
      differing,
      notFinite,
      meanAbs: elements === notFinite ? 0 : sum / (elements - notFinite),
      maxAbs,
      scale: isFloat ? scale : null,
      top1: classes === null || !isFloat ? null : { rows, classes, differing: otherClass, mostCertain },
    }),
  };
}

/** The number of scores in a row where an output is rows of scores: only one axis behind the first is longer than 1, or there is only one axis. */
function rowLength(dims: readonly number[]): number | null {
  const long = (dims.length > 1 ? dims.slice(1) : dims).filter((dim) => dim > 1);
  return long.length === 1 ? long[0]! : null;
}

/** Where the largest score stands, the first of equal ones; what is no number is never it. */
function largest(scores: ArrayLike<number>): number {
  let at = 0;
  for (let i = 1; i < scores.length; i++) if (scores[i]! > scores[at]! || Number.isNaN(scores[at])) at = i;
  return at;
}
