/** argmax: one tournament of keys per row (circuits/argmax.ts); ArgMin's of the negated values. */

import { ONE } from '../../../circuits/api.ts';
import { type Argmax, emitArgmax, makeArgmax } from '../../../circuits/argmax.ts';
import type { ProgramOp } from '../../program/program.ts';
import { elementsOf, type Lowering, lowerElements, plusElement, tensorOf } from './lowering.ts';

export function lowerArgmax(lowering: Lowering, op: ProgramOp & { kind: 'argmax' }): void {
  const { api } = lowering;
  const x = elementsOf(lowering, op.x);
  const { low, high } = tensorOf(lowering, op.x);
  const { starts, indices } = op.windows;
  const ready = new Map<number, Argmax>();
  lowerElements(lowering, op.y, (o, y) => {
    const first = starts[o]!;
    const count = starts[o + 1]! - first;
    const known = knownIndex(op, o, (t) => (x.wires[indices[t]!] === ONE ? x.offsets[indices[t]!]! : null));
    if (known !== null) {
      y.offsets[o] = known;
      return;
    }
    let argmax = ready.get(count);
    if (argmax === undefined) {
      const [least, most] = op.least ? [-high, -low] : [low, high];
      argmax = makeArgmax({ count, low: least, high: most, selectLastIndex: op.selectLastIndex });
      ready.set(count, argmax);
    }
    api.gadget('argmax');
    y.wires[o] = emitArgmax(api, argmax, (i, into) => plusElement(into, x, indices[first + i]!, op.least ? -1 : 1));
  });
}

/** The index where the row has one element or all are known at compile time, else null. */
function knownIndex(op: ProgramOp & { kind: 'argmax' }, o: number, valueAt: (t: number) => number | null): number | null {
  const { starts } = op.windows;
  let at = starts[o]!;
  if (starts[o + 1]! - at === 1) return 0;
  for (let t = at; t < starts[o + 1]!; t++) {
    const [value, best] = [valueAt(t), valueAt(at)];
    if (value === null || best === null) return null;
    if ((op.least ? value < best : value > best) || (value === best && op.selectLastIndex)) at = t;
  }
  return at - starts[o]!;
}
