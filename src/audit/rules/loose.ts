/** Loose: an open wire that only one row has, as a factor, all else in the row being unique: it is forced, or any value does, and nothing depends on it either way. Not a public one. */
import { PRODUCT, type Shapes } from '../shape.ts';
import { type AuditState, OPEN } from '../state.ts';

export function loose(state: AuditState, shapes: Shapes, row: number): void {
  const { a, b, c, publicCount } = state.r1cs;
  if (shapes.kind[row] !== PRODUCT || state.openCount[row] !== 1 || state.blockCount[row] !== 0) return;
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
