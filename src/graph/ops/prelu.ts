/** PRelu: x where x > 0, else slope·x; the slope is a constant, one or one per channel. */
import { dimsOf, newestOpset, type Op } from '../call.ts';
import { constantOperand } from '../float-binary.ts';
import { refuse } from '../report.ts';
import { elementwiseResult } from '../unary.ts';

export const prelu: Op = {
  op: 'PRelu',
  limits: 'a constant slope, one or one per channel',
  domain: '',
  opsets: [7, newestOpset],
  attributes: [],
  inputs: [2, 2],
  shape: (call) => dimsOf(call, 0),
  translate: (call, dims) => {
    const slope = constantOperand(call, 1, dims) ?? refuse('its slope is computed', 'use a constant slope');
    return elementwiseResult(call, dims, 0, (v, c) => (v > 0 ? v : Math.fround(v * slope.at(c))), slope.channels);
  },
};
