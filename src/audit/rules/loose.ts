/**
 * Loose: an inverse. An open wire that only one row has, as a factor, all else in the row being unique and the product something: it is forced, or any value does, and nothing depends on it either way. Not a
 * public one, and not the factor of a product that is 0: of a selector without a sum, say.
 */
import { PRODUCT, type Shapes } from '../shape.ts';
import { type AuditState, OPEN } from '../state.ts';

export function loose(state: AuditState, shapes: Shapes, row: number): void {
  const { a, b, c, publicCount } = state.r1cs;
  if (shapes.kind[row] !== PRODUCT || state.openCount[row] !== 1 || state.blockCount[row] !== 0 || c.starts[row] === c.starts[row + 1])
    return;
  for (const { starts, wires } of [a, b]) {
    for (let i = starts[row]!; i < starts[row + 1]!; i++) {
      const wire = wires[i]!;
      if (state.status[wire] !== OPEN) continue;
      const onC = c.wires.subarray(c.starts[row], c.starts[row + 1]).includes(wire);
      if (wire > publicCount && !onC && state.rowsOf(wire).length === 1) state.setLoose(wire, row);
      return;
    }
  }
}
