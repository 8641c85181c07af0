/** Mod of constant integers, in shape computations: the sign of the divisor, or with fmod of the dividend. */
import { broadcastDims } from '../broadcast.ts';
import { dimsOf, flagAttribute, newestOpset, type Op } from '../call.ts';
import { foldIntegers } from '../fold.ts';
import { refuse } from '../report.ts';

export const mod: Op = {
  op: 'Mod',
  domain: '',
  limits: 'constant integers',
  opsets: [10, newestOpset],
  attributes: ['fmod'],
  inputs: [2, 2],
  shape: (call) => broadcastDims(dimsOf(call, 0), dimsOf(call, 1)),
  translate: (call, dims) => {
    const fmod = flagAttribute(call, 'fmod', false);
    const remainder = (a: number, b: number) => (fmod ? a % b : a - b * Math.floor(a / b));
    return (
      foldIntegers(call, dims, remainder) ?? refuse('it computes on tensors that are not constant', 'only shapes may be computed with Mod')
    );
  },
};
