/** Identity. */
import { dimsOf, newestOpset, type Op } from '../call.ts';
import { reshapeView } from '../constants.ts';
import { reshapeMovement } from '../movement.ts';

export const identity: Op = {
  op: 'Identity',
  domain: '',
  opsets: [1, newestOpset],
  attributes: [],
  inputs: [1, 1],
  shape: (call) => dimsOf(call, 0),
  translate: (call, dims) => reshapeMovement(call, dims, reshapeView),
};
