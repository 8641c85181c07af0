/** Transpose; perm defaults to reversal. */
import { type Call, dimsOf, intsAttribute, newestOpset, type Op } from '../call.ts';
import { transposeConstant, transposeView } from '../constants.ts';
import { applyMovement } from '../movement.ts';
import { refuse } from '../report.ts';

function permutation(call: Call): readonly number[] {
  const rank = dimsOf(call, 0).length;
  const perm = intsAttribute(call, 'perm', null) ?? Array.from({ length: rank }, (_, i) => rank - 1 - i);
  const seen = new Set(perm);
  if (perm.length !== rank || seen.size !== rank || perm.some((p) => p < 0 || p >= rank)) {
    refuse(`perm [${perm.join(', ')}] of a tensor of rank ${rank}`, 'export the model again');
  }
  return perm;
}

export const transpose: Op = {
  op: 'Transpose',
  domain: '',
  opsets: [1, newestOpset],
  attributes: ['perm'],
  inputs: [1, 1],
  shape: (call) => permutation(call).map((p) => dimsOf(call, 0)[p]!),
  translate: (call, dims) => {
    const { name, op } = call.node;
    const perm = permutation(call);
    return applyMovement(call, {
      dims,
      node: (x, y) => ({ kind: 'transpose', name, op, x, perm, y }),
      onTensor: (tensor) => transposeConstant(tensor, perm, dims),
      onView: (view) => transposeView(view, perm, dims),
      propagates: true,
    });
  },
};
