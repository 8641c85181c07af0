/** softmax: the gadget on each row (circuits/softmax.ts); rows that are known when the model is compiled need none. */
import { ONE } from '../../../circuits/api.ts';
import { emitSoftmax, makeSoftmax } from '../../../circuits/softmax.ts';
import type { ProgramOp } from '../../program/program.ts';
import { softmaxRow, softmaxValues, weightParts } from '../../program/steps/softmax.ts';
import { elementsOf, type Lowering, newElements, plusElement, tensorOf } from './lowering.ts';

export function lowerSoftmax(lowering: Lowering, op: ProgramOp & { readonly kind: 'softmax' }): void {
  const { api } = lowering;
  const x = elementsOf(lowering, op.x);
  const y = newElements(tensorOf(lowering, op.y).count);
  const { low, high } = tensorOf(lowering, op.x);
  const { count } = op.rule;
  const values = softmaxValues(op.rule, op.tables);
  // One element, one value of x, or all quotients 0: nothing depends on the input.
  const softmax =
    count > 1 && low < high && values.length > 1 ? makeSoftmax({ count, low, high, parts: weightParts, ...op.tables, values }) : null;
  const { starts, indices } = op.windows;
  for (let r = 0; r + 1 < starts.length; r++) {
    lowering.checkpoint();
    const row = indices.subarray(starts[r], starts[r + 1]);
    if (softmax === null || row.every((i) => x.wires[i] === ONE)) {
      const known = Int32Array.from(x.wires, (wire, i) => (wire === ONE ? x.offsets[i]! : low));
      softmaxRow(op.rule, op.tables, known, row, y.offsets);
      continue;
    }
    api.element(row[0]!);
    api.gadget('softmax');
    emitSoftmax(
      api,
      softmax,
      (i, into) => plusElement(into, x, row[i]!, 1),
      (i, wire) => {
        y.wires[row[i]!] = wire;
        y.offsets[row[i]!] = softmax.outcome.offset;
      },
    );
  }
  lowering.elements[op.y] = y;
}
