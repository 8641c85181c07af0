/**
 * QuantizeLinear: where floats become integers. Of a view with the same parameters it is the view's integers; of a view with
 * others a requantization; of a computation the end of its group; of a float graph input the boundary of the proof.
 */

import { elementCount, type Tensor } from '../../tensor/tensor.ts';
import { type Call, dimsOf, input, inputName, intAttribute, layer, newestOpset, type Op, outputName } from '../call.ts';
import { constantOf, dequantizeView } from '../constants.ts';
import { addAlias, addValue, applyMoves, type Draft, draftValue, parametersOf, readersOf, sameParameters } from '../draft.ts';
import type { ValueId } from '../graph.ts';
import type { InputMeaning, Meaning, Parameters, Pending } from '../meaning.ts';
import { channelAxis, parametersAt, quantizeElement, rangeOf, scalesAt, zeroPointsAt } from '../quantization.ts';
import { refusalsAt, refuse } from '../report.ts';

function quantization(p: Parameters) {
  return { scale: p.scale, zeroPoint: p.zeroPoint };
}

/** A float constant, quantized now. */
function quantizeConstant(call: Call, tensor: Tensor): Meaning {
  if (tensor.dtype !== 'float32') return refuse(`it quantizes a ${tensor.dtype} constant`, 'quantize a float32 model');
  const scales = scalesAt(call, 1);
  const zeros = zeroPointsAt(call, 2, scales.length, 'uint8');
  if (zeros.dtype === 'int32') return refuse('it quantizes to int32', 'quantize to 8 bits');
  const axis = channelAxis(scales.length, tensor.dims, intAttribute(call, 'axis', 1));
  const inner = axis === null ? 1 : elementCount(tensor.dims.slice(axis + 1));
  const range = rangeOf(zeros.dtype);
  const source = tensor.data as Float32Array;
  const data = zeros.dtype === 'uint8' ? new Uint8Array(source.length) : new Int8Array(source.length);
  for (let i = 0; i < data.length; i++) {
    if (Number.isNaN(source[i])) refuse(`element ${i} of its constant is NaN`, 'quantize again');
    const c = axis === null ? 0 : Math.floor(i / inner) % scales.length;
    data[i] = quantizeElement(source[i]!, { scale: scales[c]!, zeroPoint: zeros.values[c]! }, range);
  }
  return constantOf({ dtype: zeros.dtype, dims: tensor.dims, data });
}

/** The integers of graph input `input`, which all its QuantizeLinears share. */
function inputValue(call: Call, x: InputMeaning, p: Parameters): Meaning {
  const { draft } = call;
  const boundary = draft.inputs.find((candidate) => candidate.name === x.input)!;
  if (boundary.value === null) {
    const name = x.moves.length === 0 ? outputName(call) : x.input;
    boundary.value = addValue(draft, { name, dtype: p.dtype, dims: boundary.dims, quantization: quantization(p) });
    return { kind: 'integer', dims: x.dims, value: applyMoves(draft, boundary.value, x.moves, outputName(call)) };
  }
  if (!sameParameters(parametersOf(draftValue(draft, boundary.value)), p)) {
    refuse(
      `the float input "${x.input}" is quantized twice, with different parameters`,
      'use one scale and zero point for all uses of an input: two quantizations would be two independent inputs of the proof',
    );
  }
  const value =
    x.moves.length === 0
      ? addAlias(draft, boundary.value, outputName(call), layer(call), quantization(p))
      : applyMoves(draft, boundary.value, x.moves, outputName(call));
  return { kind: 'integer', dims: x.dims, value };
}

function finishPending(call: Call, x: Pending, p: Parameters): Meaning {
  const { draft } = call;
  const tensor = inputName(call, 0);
  const { computation } = x;
  const before = draft.settled.get(tensor);
  if (before !== undefined && sameParameters(before.parameters, p)) {
    return { kind: 'integer', dims: x.dims, value: addAlias(draft, before.value, outputName(call), layer(call), quantization(p)) };
  }
  const readers = readersOf(draft, tensor);
  const fusable = readers.every((reader) => reader >= 0 && draft.model.nodes[reader]!.op === 'QuantizeLinear');
  if (!computation.elementwise && (before !== undefined || !fusable)) {
    refuse(
      `"${tensor}" (float, from ${computation.op} "${computation.name}") is used more than once before it is quantized`,
      'put one QuantizeLinear/DequantizeLinear pair right after that node and let everything use its output',
    );
  }
  if (computation.dtype !== null && computation.dtype !== p.dtype) {
    refuse(
      `${computation.op} "${computation.name}" reads ${computation.dtype} and is quantized to ${p.dtype}: ONNX Runtime computes that in floats`,
      'use one activation type for the whole model',
    );
  }
  const name = x.moves.length === 0 ? outputName(call) : computation.output;
  const y = addValue(draft, { name, dtype: p.dtype, dims: computation.dims, quantization: quantization(p) });
  const end = { tensor: outputName(call), parameters: p, moved: x.moves.length > 0 };
  draft.nodes.push(refusalsAt(computation, () => computation.node(y, x.activation, end)));
  const value = applyMoves(draft, y, x.moves, outputName(call));
  draft.settled.set(tensor, { value, parameters: p });
  return { kind: 'integer', dims: x.dims, value };
}

/**
 * True where ONNX Runtime's DoubleQDQPairsRemover turns Q → DQ → this Q → DQ into one pair with parameters of its own making:
 * the tensors in between have no other reader, and both pairs the same 8-bit type.
 */
function mergedByRuntime(draft: Draft, call: Call, from: Parameters, to: Parameters): boolean {
  const { nodes } = draft.model;
  const maker = (name: string) => nodes[draft.makers.get(name) ?? -1];
  const soleReader = (name: string) => {
    const readers = readersOf(draft, name);
    return readers.length === 1 && readers[0]! >= 0 ? nodes[readers[0]!] : undefined;
  };
  const dequantize = maker(inputName(call, 0));
  if (from.dtype !== to.dtype || dequantize?.op !== 'DequantizeLinear' || soleReader(inputName(call, 0)) === undefined) return false;
  const quantize = maker(dequantize.inputs[0]!);
  if (quantize?.op !== 'QuantizeLinear' || soleReader(dequantize.inputs[0]!) === undefined) return false;
  return soleReader(outputName(call))?.op === 'DequantizeLinear';
}

function requantize(call: Call, value: ValueId, dims: readonly number[], p: Parameters): Meaning {
  const { draft } = call;
  const x = draftValue(draft, value);
  const from = parametersOf(x)!;
  if (sameParameters(from, p)) {
    if (x.provisional) {
      x.provisional = false;
      x.name = outputName(call);
      return { kind: 'integer', dims, value };
    }
    return { kind: 'integer', dims, value: addAlias(draft, value, outputName(call), layer(call), quantization(p)) };
  }
  if (mergedByRuntime(draft, call, from, p)) {
    refuse(
      'two QuantizeLinear/DequantizeLinear pairs in a row with different parameters: ONNX Runtime replaces them by one with parameters of its own',
      'remove one of the two pairs',
    );
  }
  const y = addValue(draft, { name: outputName(call), dtype: p.dtype, dims, quantization: quantization(p) });
  draft.nodes.push({ kind: 'requantize', ...layer(call), x: value, activation: null, y });
  return { kind: 'integer', dims, value: y };
}

function translate(call: Call): Meaning {
  if (intAttribute(call, 'block_size', 0) !== 0) refuse('it quantizes in blocks', 'quantize per tensor or per channel (block_size 0)');
  const outputType = intAttribute(call, 'output_dtype', 0);
  const x = input(call, 0);
  if (x.kind === 'constant') return quantizeConstant(call, x.tensor);
  if (x.kind === 'constantView') return quantizeConstant(call, dequantizeView(x));
  const p = parametersAt(call, 1);
  const numbers = { uint8: 2, int8: 3 };
  if (outputType !== 0 && outputType !== numbers[p.dtype])
    refuse(`output_dtype ${outputType} beside a zero point of ${p.dtype}`, 'quantize to 8 bits, with a zero point');
  switch (x.kind) {
    case 'view':
      return requantize(call, x.value, x.dims, p);
    case 'pending':
      return finishPending(call, x, p);
    case 'input':
      return inputValue(call, x, p);
    case 'boolean':
      return refuse('its input is of truth values', 'cast it to float first, as exporters do');
    case 'integer':
      return refuse('its input is integers already', 'export the model again');
    case 'lost': {
      // Whatever made the float tensor is reported; what follows can still be checked.
      if (x.dims === null) return x;
      return {
        kind: 'integer',
        dims: x.dims,
        value: addValue(call.draft, { name: outputName(call), dtype: p.dtype, dims: x.dims, quantization: quantization(p) }),
      };
    }
  }
}

const shared = {
  op: 'QuantizeLinear',
  limits: '8 bits; activations per tensor; static scales',
  // precision and saturate matter for float8 and float16 only.
  attributes: ['axis', 'block_size', 'output_dtype', 'saturate', 'precision'],
  inputs: [2, 3] as const,
  shape: (call: Call) => dimsOf(call, 0),
  translate,
};

export const quantizeLinear: Op = { ...shared, domain: '', opsets: [10, newestOpset] };
export const microsoftQuantizeLinear: Op = { ...shared, domain: 'com.microsoft', opsets: [1, 1] };
