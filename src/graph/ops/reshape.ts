/** Reshape to a constant shape; 0 copies a dimension (unless allowzero), -1 is what remains. */

import { elementCount } from '../../tensor/tensor.ts';
import { constantInts, dimsOf, flagAttribute, newestOpset, type Op } from '../call.ts';
import { reshapeView } from '../constants.ts';
import { reshapeMovement } from '../movement.ts';
import { refuse } from '../report.ts';

const again = 'export the model again: with fixed shapes, or with 0 or -1 for an open batch';

export const reshape: Op = {
  op: 'Reshape',
  limits: 'a constant shape',
  domain: '',
  opsets: [5, newestOpset],
  attributes: ['allowzero'],
  inputs: [2, 2],
  shape: (call) => {
    const dims = dimsOf(call, 0);
    const wanted = constantInts(call, 1);
    const keepZero = flagAttribute(call, 'allowzero', false);
    const shape = wanted.map((d, i) => {
      if (d < -1 || (d === 0 && !keepZero && i >= dims.length)) return refuse(`shape [${wanted.join(', ')}]`, again);
      return d === 0 && !keepZero ? dims[i]! : d;
    });
    const count = elementCount(dims);
    const rest = shape.indexOf(-1);
    if (rest >= 0) {
      const known = elementCount(shape.filter((_, i) => i !== rest));
      if (shape.lastIndexOf(-1) !== rest || known < 1 || count % known !== 0) {
        refuse(`shape [${wanted.join(', ')}] for [${dims.join(', ')}]`, again);
      }
      shape[rest] = count / known;
    }
    if (elementCount(shape) !== count) refuse(`shape [${wanted.join(', ')}] for [${dims.join(', ')}]`, again);
    return shape;
  },
  translate: (call, dims) => reshapeMovement(call, dims, reshapeView),
};
