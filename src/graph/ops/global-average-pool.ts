/** GlobalAveragePool of images [N, C, H, W] to [N, C, 1, 1], of signals [N, C, L] to [N, C, 1]. */
import { type Call, dimsOf, layer, newestOpset, type Op } from '../call.ts';
import { activationOperand, dtype8, pendingResult } from '../operand.ts';
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
    const x = activationOperand(call, 0).value;
    return pendingResult(call, dims, { dtype: dtype8(call, x) }, (y, activation) => ({
      kind: 'globalaveragepool',
      ...layer(call),
      x,
      activation,
      y,
    }));
  },
};
