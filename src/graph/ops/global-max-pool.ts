/** GlobalMaxPool of an image or a signal: the largest element of each channel. */
import { dimsOf, layer, newestOpset, type Op } from '../call.ts';
import { applyMovement } from '../movement.ts';
import { spatialDims } from '../window.ts';
import { globalPoolDims } from './global-average-pool.ts';

export const globalMaxPool: Op = {
  op: 'GlobalMaxPool',
  limits: '1-D and 2-D',
  domain: '',
  opsets: [1, newestOpset],
  attributes: [],
  inputs: [1, 1],
  shape: globalPoolDims,
  translate: (call, dims) => {
    const window = { kernel: spatialDims(dimsOf(call, 0)), strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1] } as const;
    return applyMovement(call, {
      dims,
      node: (x, y) => ({ kind: 'maxpool', ...layer(call), x, window, y }),
      onTensor: null,
      onView: null,
      propagates: false,
    });
  },
};
