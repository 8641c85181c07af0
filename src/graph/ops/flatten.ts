/** Flatten: two dimensions, split at `axis`. */

import { elementCount } from '../../tensor/tensor.ts';
import { dimsOf, intAttribute, newestOpset, type Op } from '../call.ts';
import { reshapeView } from '../constants.ts';
import { reshapeMovement } from '../movement.ts';
import { refuse } from '../report.ts';

export const flatten: Op = {
  op: 'Flatten',
  domain: '',
  opsets: [1, newestOpset],
  attributes: ['axis'],
  inputs: [1, 1],
  shape: (call) => {
    const dims = dimsOf(call, 0);
    const given = intAttribute(call, 'axis', 1);
    const axis = given < 0 ? given + dims.length : given;
    if (axis < 0 || axis > dims.length) refuse(`axis ${given} of a tensor of rank ${dims.length}`, 'export the model again');
    return [elementCount(dims.slice(0, axis)), elementCount(dims.slice(axis))];
  },
  translate: (call, dims) => reshapeMovement(call, dims, reshapeView),
};
