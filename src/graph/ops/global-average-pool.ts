/** GlobalAveragePool of images [N, C, H, W] to [N, C, 1, 1], of signals [N, C, L] to [N, C, 1]; a mean of floats where ONNX Runtime makes no integer kernel of it. */
import { elementCount } from '../../tensor/tensor.ts';
import { type Call, dimsOf, layer, newestOpset, type Op } from '../call.ts';
import { activationOperand, dtype8, pendingResult } from '../operand.ts';
import { isFused } from '../rounding.ts';
import { imageDims, spatialDims } from '../window.ts';

export function globalPoolDims(call: Call): readonly number[] {
  const dims = dimsOf(call, 0);
  spatialDims(dims);
  return imageDims(dims, dims[1]!, [1, 1]);
}

export const globalAveragePool: Op = {
  op: 'GlobalAveragePool',
  limits: '1-D and 2-D',
  domain: '',
  facts: { constraints: 'n·(1 + S)' },
  opsets: [1, newestOpset],
  attributes: [],
  inputs: [1, 1],
  shape: globalPoolDims,
  translate: (call, dims) => {
    const { value: x, inFloats } = activationOperand(call, 0);
    const axes = dimsOf(call, 0).flatMap((_, axis) => (axis < 2 ? [] : [axis]));
    const divisor = elementCount(dimsOf(call, 0).slice(2));
    return pendingResult(call, dims, { dtype: null }, (y, activation, end) =>
      !inFloats && isFused(call, dtype8(call, x), activation, end)
        ? { kind: 'globalaveragepool', ...layer(call), x, activation, y }
        : { kind: 'reducesum', ...layer(call), x, axes, divisor, activation, y },
    );
  },
};
