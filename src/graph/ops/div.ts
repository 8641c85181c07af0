/** Div by a constant, of one, or of two functions of one tensor: in floats. */
import { broadcastDims } from '../broadcast.ts';
import { dimsOf, newestOpset, type Op } from '../call.ts';
import { floatBinary } from '../float-binary.ts';
import { foldConstants } from '../fold.ts';
import { refuse } from '../report.ts';
import { scaledStep } from '../scaled.ts';

export const div: Op = {
  op: 'Div',
  limits: 'one side a constant, or both sides functions of one tensor',
  domain: '',
  facts: { constraints: 'n·F' },
  opsets: [7, newestOpset],
  attributes: [],
  inputs: [2, 2],
  shape: (call) => broadcastDims(dimsOf(call, 0), dimsOf(call, 1)),
  translate: (call, dims) =>
    foldConstants(
      call,
      dims,
      (a, b) => Math.trunc(a / b),
      (a, b) => a / b,
    ) ??
    scaledStep(call, dims, 'divide') ??
    floatBinary(call, dims, (a, b) => Math.fround(a / b), false) ??
    refuse('it divides two computed tensors', 'only division by a constant is supported; multiply by a reciprocal that is quantized'),
};
