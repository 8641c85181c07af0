/**
 * Softmax along one axis (since opset 13), or over all axes from one on. ONNX Runtime fuses a Q/DQ group of it as com.microsoft QLinearSoftmax.
 * Reference: ONNX Runtime 1.30, contrib_ops/cpu/quantization/qlinear_softmax.cc.
 */
import { elementCount } from '../../tensor/tensor.ts';
import { type Call, dimsOf, intAttribute, layer, newestOpset, normalizeAxis, type Op } from '../call.ts';
import { draftValue } from '../draft.ts';
import { activationOperand, dtype8, integerOperand, pendingResult, qlinearOutput, quantizedResult } from '../operand.ts';
import { refuse } from '../report.ts';
import { isFused } from '../rounding.ts';

/** Elements of a row, and how far apart they stand. */
function rowsOf(call: Call, opset: number): { readonly count: number; readonly stride: number } {
  const dims = dimsOf(call, 0);
  const axis = normalizeAxis(intAttribute(call, 'axis', opset < 13 ? 1 : -1), dims.length);
  return opset < 13
    ? { count: elementCount(dims.slice(axis)), stride: 1 }
    : { count: dims[axis]!, stride: elementCount(dims.slice(axis + 1)) };
}

/** 1/scale at most: quotients of more than 15 bits would only saturate. */
const factorMost = 0x8000;

/** The kernel multiplies e^x, which it scales to float32's end divided by e^5·count, by ⌊1/scale⌋. */
function checkScale(scale: number, count: number, fused: boolean): void {
  const most = fused ? Math.min(factorMost, 148 * count) : factorMost;
  if (1 / scale <= most) return;
  refuse(
    `its output scale is ${scale}, less than ${fused ? `what ONNX Runtime's kernel can hold for rows of ${count}` : `1/${factorMost}`}`,
    'quantize the output of Softmax with a scale of 1/256 and the zero point of 0, as quantize_static does',
  );
}

export const softmax: Op = {
  op: 'Softmax',
  domain: '',
  opsets: [1, newestOpset],
  attributes: ['axis'],
  inputs: [1, 1],
  shape: (call) => dimsOf(call, 0),
  translate: (call, dims) => {
    const view = activationOperand(call, 0);
    const x = view.value;
    const rows = rowsOf(call, call.opset);
    return pendingResult(call, dims, { dtype: null }, (y, activation, end) => {
      const fused = view.inFloats === undefined && isFused(call, dtype8(call, x), activation, end);
      checkScale(end.parameters.scale, rows.count, fused);
      return { kind: 'softmax', ...layer(call), x, ...rows, fused, activation, y };
    });
  },
};

export const qlinearSoftmax: Op = {
  op: 'QLinearSoftmax',
  domain: 'com.microsoft',
  opsets: [1, 1],
  attributes: ['axis', 'opset'],
  inputs: [5, 5],
  shape: (call) => dimsOf(call, 0),
  translate: (call, dims) => {
    const opset = intAttribute(call, 'opset', null) ?? refuse('it has no attribute "opset"', 'export the model again');
    const rows = rowsOf(call, opset);
    const x = integerOperand(call, 0);
    const y = qlinearOutput(call, dims, 3, x);
    checkScale(draftValue(call.draft, y).quantization!.scale, rows.count, true);
    return quantizedResult(call, dims, y, { kind: 'softmax', ...layer(call), x, ...rows, fused: true, activation: null, y });
  },
};
