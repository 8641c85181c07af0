/**
 * linear: each accumulator is a wire of its own, by one row: Σ w·x + constant = acc. All terms stand on side C (A and B are empty): a product of empty sides is 0, so the row is the
 * sum, and the weights enter neither of the matrices that a prover stores and evaluates. A sum of one element and a constant needs neither wire nor row.
 */
import { ONE } from '../../../circuits/api.ts';
import { linearRow, maxTaps } from '../../program/linear.ts';
import type { ProgramOp } from '../../program/program.ts';
import { elementsOf, type Lowering, lowerElements, tensorOf } from './lowering.ts';

export function lowerLinear(lowering: Lowering, op: ProgramOp & { kind: 'linear' }): void {
  const { api } = lowering;
  const { wires, offsets } = elementsOf(lowering, op.x);
  const { low } = tensorOf(lowering, op.y);
  const most = maxTaps(op.map);
  const xs = new Int32Array(most);
  const ws = new Int32Array(most);
  api.gadget('accumulate');
  lowerElements(lowering, op.y, (o, y) => {
    const { count, constant } = linearRow(op.map, o, xs, ws);
    let sum = constant;
    let terms = 0;
    for (let t = 0; t < count; t++) {
      const x = xs[t]!;
      sum += ws[t]! * offsets[x]!;
      if (wires[x] === ONE) continue;
      // The terms that are left in front.
      xs[terms] = x;
      ws[terms++] = ws[t]!;
    }
    if (terms === 0 || (terms === 1 && ws[0] === 1)) {
      // A constant, or another wire and a constant.
      if (terms === 1) y.wires[o] = wires[xs[0]!]!;
      y.offsets[o] = sum;
      return;
    }
    for (let t = 0; t < terms; t++) api.c(wires[xs[t]!]!, -ws[t]!);
    api.c(ONE, low - sum);
    y.wires[o] = api.define();
    y.offsets[o] = low;
  });
}
