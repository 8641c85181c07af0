/** Relu: bounds of the computation before it, or of a requantization where it stands between Q/DQ pairs. */
import { type Call, dimsOf, newestOpset, type Op } from '../call.ts';
import { activate } from '../elementwise.ts';

export const relu: Op = {
  op: 'Relu',
  facts: { forms: ['QDQ', 'integer'] },
  domain: '',
  opsets: [6, newestOpset],
  attributes: [],
  inputs: [1, 1],
  shape: (call: Call) => dimsOf(call, 0),
  translate: (call, dims) => activate(call, dims, { min: 0, max: null }),
};
