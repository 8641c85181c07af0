/** table: each element is the step of x, or is looked up (circuits/table.ts). */
import { newSum, reset } from '../../../circuits/sum.ts';
import { emitIndex, lookup, makeTable } from '../../../circuits/table.ts';
import type { ProgramOp } from '../../program/program.ts';
import { elementsOf, type Lowering, lowerElements, lowerStep, plusElement, readyStep, tensorOf } from './lowering.ts';

export function lowerTable(lowering: Lowering, op: ProgramOp & { readonly kind: 'table' }): void {
  const { api } = lowering;
  const x = elementsOf(lowering, op.x);
  const { low: xLow, high: xHigh } = tensorOf(lowering, op.x);
  const { low } = tensorOf(lowering, op.y);
  const channels = op.tables.map(({ values, step }) => ({
    values: values.map((y) => y - low),
    step: step === null ? null : readyStep(step, xLow, xHigh),
  }));
  // One element of x's interval has one value, which is a constant step: it needs no table.
  const table = xHigh > xLow ? makeTable(xHigh - xLow + 1) : null;
  const index = newSum();
  lowerElements(lowering, op.y, (o, y) => {
    const { values, step } = channels[Math.floor(o / op.inner) % channels.length]!;
    plusElement(reset(index), x, o, 1);
    if (step !== null) {
      lowerStep(api, step, index, low, y, o);
      return;
    }
    y.offsets[o] = low;
    index.constant -= xLow;
    if (index.length === 0 || table === null) {
      y.offsets[o] = low + values[index.constant]!;
      return;
    }
    api.gadget('table');
    emitIndex(api, table, index);
    y.wires[o] = lookup(api, table, values);
  });
}
