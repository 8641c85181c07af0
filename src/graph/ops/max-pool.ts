/** MaxPool, 1-D and 2-D, on integers or on floats to be quantized: the largest element of each window, padding dropped. */
import { type Call, dimsOf, newestOpset, type Op } from '../call.ts';
import { applyMovement } from '../movement.ts';
import { checkPool, imageDims, spatialDims, spatialRank, type Windowed, windowOf } from '../window.ts';

export const poolAttributes = ['auto_pad', 'ceil_mode', 'dilations', 'kernel_shape', 'pads', 'strides'];

/** Shape and geometry of a pool over input 0. */
export function poolGeometry(call: Call): Windowed & { readonly dims: readonly number[] } {
  const dims = dimsOf(call, 0);
  const size = spatialDims(dims);
  const windowed = windowOf(call, size, null, spatialRank(dims));
  checkPool(windowed, size, dims[0]! * dims[1]!);
  return { ...windowed, dims: imageDims(dims, dims[1]!, windowed.out) };
}

export const maxPool: Op = {
  op: 'MaxPool',
  limits: '1-D and 2-D; no indices',
  domain: '',
  facts: { forms: ['QDQ', 'integer'], constraints: 'c·(b + 1); before a requantization that only it reads, where that is less' },
  opsets: [1, newestOpset],
  // storage_order is about the second output, which is not supported.
  attributes: [...poolAttributes, 'storage_order'],
  inputs: [1, 1],
  shape: (call) => poolGeometry(call).dims,
  translate: (call, dims) => {
    const { name, op } = call.node;
    const { window } = poolGeometry(call);
    return applyMovement(call, {
      dims,
      node: (x, y) => ({ kind: 'maxpool', name, op, x, window, y }),
      onTensor: null,
      onView: null,
      propagates: true,
    });
  },
};
