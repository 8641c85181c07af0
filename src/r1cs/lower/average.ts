/** average: where the outcome depends on the window's sum alone, the step of that sum, which is a wire of its own (it stands in several rows). */
import { asWire, newSum, plusWire, reset } from '../../../circuits/sum.ts';
import { ZkonnxError } from '../../errors.ts';
import type { ProgramOp } from '../../program/program.ts';
import { elementsOf, type Lowering, lowerElements, lowerStep, plusElement, readyStep, tensorOf } from './lowering.ts';

export function lowerAverage(lowering: Lowering, op: ProgramOp & { kind: 'average' }): void {
  const { api } = lowering;
  const x = elementsOf(lowering, op.x);
  const { low: xLow, high: xHigh } = tensorOf(lowering, op.x);
  const { low } = tensorOf(lowering, op.y);
  const { starts, indices } = op.windows;
  const { xZero } = op.rule;
  const shapes = op.shapes.map(({ taps, form }) => {
    if (form.kind === 'float') throw new ZkonnxError('ZK7001', { what: 'average: float form' });
    const sumLow = taps * (xLow - xZero);
    return { sumLow, step: readyStep(form.step, sumLow, taps * (xHigh - xZero)) };
  });
  const acc = newSum();
  lowerElements(lowering, op.y, (o, y) => {
    const { sumLow, step } = shapes[op.shapeOf[o]!]!;
    reset(acc, -sumLow);
    for (let t = starts[o]!; t < starts[o + 1]!; t++) {
      plusElement(acc, x, indices[t]!, 1);
      acc.constant -= xZero;
    }
    if (acc.length > 1) {
      api.gadget('accumulate');
      const wire = asWire(api, acc);
      plusWire(reset(acc), wire, 1);
    }
    acc.constant += sumLow;
    lowerStep(api, step, acc, low, y, o);
  });
}
