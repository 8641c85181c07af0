/** Weights of Conv, Gemm and MatMul, with the checks that make the integer form ONNX Runtime's. */
import { type Call, input, inputName } from './call.ts';
import { draftValue } from './draft.ts';
import type { ValueId, Weights } from './graph.ts';
import type { ConstantView } from './meaning.ts';
import { floatOperand } from './operand.ts';
import { channelAxis, constantTensor, integersOf, scalesAt, zeroPointsAt } from './quantization.ts';
import { refuse } from './report.ts';

/** Constant weights of the QDQ form: input i. */
export function weightView(
  call: Call,
  i: number,
  whatToDo = 'quantize weights too (quantize_static does, unless told otherwise)',
): ConstantView {
  const meaning = input(call, i);
  if (meaning.kind === 'constant') {
    return refuse(`its weights "${inputName(call, i)}" are not quantized`, whatToDo);
  }
  const operand = floatOperand(call, i);
  if (operand.kind === 'constantView') return operand;
  return refuse(
    `its second input "${inputName(call, i)}" is computed, not constant weights`,
    'only products with constant weights can be proven yet; keep the weights on the right',
  );
}

/** Constant weights of the QLinear form: values at i, scale at i + 1, zero point at i + 2. */
export function quantizedWeights(call: Call, i: number, axis: (rank: number) => number): ConstantView {
  const tensor = constantTensor(call, i, 'weights');
  const { dtype } = tensor;
  if (dtype !== 'uint8' && dtype !== 'int8') return refuse(`its weights are ${dtype}`, 'quantize weights to 8 bits');
  const scales = scalesAt(call, i + 1);
  const zeros = zeroPointsAt(call, i + 2, scales.length, dtype);
  if (zeros.dtype !== dtype) refuse(`its weights are ${dtype}, their zero point ${zeros.dtype}`, 'quantize again');
  return {
    kind: 'constantView',
    dims: tensor.dims,
    dtype,
    data: integersOf(tensor),
    scales,
    zeroPoints: zeros.values,
    axis: channelAxis(scales.length, tensor.dims, axis(tensor.dims.length)),
  };
}

/** The view as weights whose channels, where there are several, lie along `axis`. */
export function asWeights(call: Call, x: ValueId, view: ConstantView, axis: number): Weights {
  const { dtype } = view;
  if (dtype === 'int32' && draftValue(call.draft, x).quantization !== null) refuse('its weights are int32', 'quantize weights to 8 bits');
  if (view.axis !== null && view.axis !== axis) {
    refuse(
      `its weights are quantized along axis ${view.axis}, not along the output channels (axis ${axis})`,
      'quantize per tensor or per output channel',
    );
  }
  return { dtype, dims: view.dims, data: view.data, scales: view.scales, zeroPoints: view.zeroPoints };
}
