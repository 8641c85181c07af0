/** Inputs of computations: integers behind float views (QDQ form) or beside their own parameters (QOperator form). */

import { type Call, input, inputName, layer, outputName } from './call.ts';
import { constantValue } from './constants.ts';
import { addValue, draftValue, reinterpret } from './draft.ts';
import type { Activation, GraphNode, ValueId } from './graph.ts';
import type { Computation, ConstantView, Elementwise, Meaning, Parameters, Pending, Scaled, View } from './meaning.ts';
import { integersOf, parametersAt } from './quantization.ts';
import { refuse } from './report.ts';

const pairAdvice =
  'quantize it: QuantizeLinear/DequantizeLinear pairs must stand on its inputs and its output, as quantize_static puts them';

const integerAdvice =
  'RequantShift, Conv, Gemm, MatMul, Add, Sub, Mul by a constant, Relu, Clip, Max, Min, MaxPool, ReduceSum and movement have one; average by ReduceSum, with 1/n in the mul that follows';

const inputAdvice =
  'start the model behind it (onnx.utils.extract_model) and apply it to the inputs beforehand, or put a QuantizeLinear/DequantizeLinear pair on the input';

/** A float input of a computation: a view of integers of the proof, or of constants. */
export function floatOperand(call: Call, i: number): View | ConstantView {
  const meaning = input(call, i);
  const name = inputName(call, i);
  switch (meaning.kind) {
    case 'view':
      return meaning;
    case 'constantView':
      return meaning;
    case 'constant':
      return refuse(`its input "${name}" is a constant that is not quantized (${meaning.tensor.dtype})`, pairAdvice);
    case 'integer':
      return call.draft.integerNetwork
        ? refuse('it has no form on the integers of an integer network', integerAdvice)
        : refuse(`its input "${name}" is integers without scale`, 'use the QLinear form of the operator, or dequantize first');
    case 'boolean':
      return refuse(`its input "${name}" is of truth values`, 'cast it to float first, as exporters do');
    case 'input':
      return refuse(`it computes on the float input "${meaning.input}" before any QuantizeLinear`, inputAdvice);
    case 'pending':
      return refuse(
        `its input "${name}" is the float result of ${meaning.computation.op} "${meaning.computation.name}", not quantized in between`,
        'put a QuantizeLinear/DequantizeLinear pair between the two (quantize_static does, unless the node was excluded)',
      );
    case 'lost':
      return refuse('its input is not supported', 'fix what stands before it');
  }
}

/** A float input that must be computed, not constant. */
export function activationOperand(call: Call, i: number): View {
  const operand = floatOperand(call, i);
  if (operand.kind === 'view') return operand;
  return refuse(
    `its input "${inputName(call, i)}" is a constant`,
    'fold constants before quantizing, and keep the activation on the left of MatMul',
  );
}

/** An 8-bit input with its scale at i + 1 and zero point at i + 2, as a value of the graph with just that quantization. */
export function integerOperand(call: Call, i: number, parametersIndex = i + 1): ValueId {
  const { draft } = call;
  const meaning = input(call, i);
  const name = inputName(call, i);
  if (meaning.kind === 'integer') {
    const { dtype } = draftValue(draft, meaning.value);
    const parameters = typedParameters(call, parametersIndex, dtype, name);
    return reinterpret(draft, meaning.value, parameters, `${outputName(call)}:${name}`, layer(call));
  }
  if (meaning.kind === 'constant') {
    const parameters = typedParameters(call, parametersIndex, meaning.tensor.dtype, name);
    const view: ConstantView = {
      kind: 'constantView',
      dims: meaning.dims,
      dtype: parameters.dtype,
      data: integersOf(meaning.tensor),
      scales: Float32Array.of(parameters.scale),
      zeroPoints: Int32Array.of(parameters.zeroPoint),
      axis: null,
    };
    return constantValue(draft, view, `${outputName(call)}:${name}`);
  }
  return refuse(`its input "${name}" is float, 8-bit integers are wanted`, 'quantize it before this node');
}

/** Parameters at i for a tensor whose own type must agree. */
export function typedParameters(call: Call, i: number, dtype: string, name: string): Parameters {
  if (dtype !== 'uint8' && dtype !== 'int8') return refuse(`its input "${name}" is ${dtype}`, 'quantize activations to 8 bits');
  const parameters = parametersAt(call, i, dtype);
  if (parameters.dtype !== dtype) refuse(`"${name}" is ${dtype}, its zero point ${parameters.dtype}`, 'quantize again');
  return parameters;
}

/** The output value of a QLinear operator, whose parameters stand at `i`; of one type with its input `x`. */
export function qlinearOutput(call: Call, dims: readonly number[], i: number, x: ValueId): ValueId {
  return qlinearOutputOf(call, dims, i, dtype8(call, x));
}

/** The output value of a QLinear operator whose kernel puts out `wanted`. */
export function qlinearOutputOf(call: Call, dims: readonly number[], i: number, wanted: 'uint8' | 'int8'): ValueId {
  const { dtype, scale, zeroPoint } = parametersAt(call, i, wanted);
  if (dtype !== wanted) refuse(`it reads ${wanted} and puts out ${dtype}`, 'use one activation type for the whole model');
  return addValue(call.draft, { name: outputName(call), dtype, dims, quantization: { scale, zeroPoint } });
}

/** Zero point of a QLinear operator's output, which its kernels add before they round. */
export function outputZero(call: Call, y: ValueId): number {
  return draftValue(call.draft, y).quantization!.zeroPoint;
}

export function quantizedResult(call: Call, dims: readonly number[], value: ValueId, node: GraphNode): Meaning {
  call.draft.nodes.push(node);
  return { kind: 'integer', dims, value };
}

/** A computation on floats, to be finished by its QuantizeLinear. */
export function pendingResult(
  call: Call,
  dims: readonly number[],
  options: {
    readonly dtype: 'uint8' | 'int8' | null;
    readonly elementwise?: boolean;
    readonly activation?: Activation;
    readonly takesActivation?: false;
    readonly function?: Elementwise;
    readonly scaled?: Scaled;
    readonly biased?: Computation['biased'];
    readonly opposite?: Computation['node'];
  },
  node: Computation['node'],
): Pending {
  return {
    kind: 'pending',
    dims,
    computation: {
      ...layer(call),
      output: outputName(call),
      dims,
      dtype: options.dtype,
      elementwise: options.elementwise ?? false,
      takesActivation: options.takesActivation ?? true,
      function: options.function ?? null,
      scaled: options.scaled ?? null,
      biased: options.biased ?? null,
      opposite: options.opposite ?? null,
      node,
    },
    activation: options.activation ?? null,
    moves: [],
  };
}

/** The 8-bit type of a value that computations read. */
export function dtype8(call: Call, value: ValueId): 'uint8' | 'int8' {
  const { dtype } = draftValue(call.draft, value);
  return dtype === 'uint8' || dtype === 'int8' ? dtype : refuse(`its input is ${dtype}`, 'quantize activations to 8 bits');
}
