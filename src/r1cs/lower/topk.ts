/** topk: the gadget on each row (circuits/topk.ts); rows that are known, or of one element, need none. */
import { ONE } from '../../../circuits/api.ts';
import { emitTopK, makeTopK, type TopK } from '../../../circuits/topk.ts';
import type { ProgramOp } from '../../program/program.ts';
import { topRow } from '../../program/steps/topk.ts';
import { elementsOf, type Lowering, newElements, plusElement, tensorOf } from './lowering.ts';

export function lowerTopK(lowering: Lowering, op: ProgramOp & { readonly kind: 'topk' }): void {
  const { api } = lowering;
  const x = elementsOf(lowering, op.x);
  const y = newElements(tensorOf(lowering, op.y).count);
  const { low, high } = tensorOf(lowering, op.x);
  const half = y.wires.length / 2;
  const { windows, places } = op;
  let ready: TopK | undefined;
  for (let r = 0; r + 1 < windows.starts.length; r++) {
    lowering.checkpoint();
    const row = windows.indices.subarray(windows.starts[r], windows.starts[r + 1]);
    const place = places.indices.subarray(places.starts[r], places.starts[r + 1]);
    if (row.length === 1) {
      y.wires[place[0]!] = x.wires[row[0]!]!;
      y.offsets[place[0]!] = x.offsets[row[0]!]!;
      continue;
    }
    if (row.every((i) => x.wires[i] === ONE)) {
      topRow(op.least, x.offsets, row, place, y.offsets);
      continue;
    }
    if (ready === undefined || ready.count !== row.length || ready.k !== place.length)
      ready = makeTopK({ count: row.length, k: place.length, low, high, least: op.least });
    api.element(place[0]!);
    api.gadget('topk');
    emitTopK(
      api,
      ready,
      (i, into) => plusElement(into, x, row[i]!, 1),
      (j, value, index) => {
        y.wires[place[j]!] = value;
        y.offsets[place[j]!] = low;
        y.wires[half + place[j]!] = index;
      },
    );
  }
  lowering.elements[op.y] = y;
}
