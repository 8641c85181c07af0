/** Div by a float constant, or of one: in floats. */
import { broadcastDims } from '../broadcast.ts';
import { dimsOf, newestOpset, type Op } from '../call.ts';
import { foldIntegers } from '../fold.ts';
import { refuse } from '../report.ts';
import { withConstant } from '../unary.ts';

export const div: Op = {
  op: 'Div',
  limits: 'one side a float constant',
  domain: '',
  facts: { constraints: 'n·F' },
  opsets: [7, newestOpset],
  attributes: [],
  inputs: [2, 2],
  shape: (call) => broadcastDims(dimsOf(call, 0), dimsOf(call, 1)),
  translate: (call, dims) =>
    foldIntegers(call, dims, (a, b) => Math.trunc(a / b)) ??
    withConstant(call, dims, (a, b) => Math.fround(a / b)) ??
    refuse('it divides two computed tensors', 'only division by a constant is supported; multiply by a reciprocal that is quantized'),
};
