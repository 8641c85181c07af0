/**
 * Linear block: relations and products of unique factors that leave several wires open in each row, but together as many of them as they have wires: linear equations over the field. A wire that the
 * reduced equations leave alone in one of them is unique. Compilers that eliminate wires write such rows: the linear layers of Poseidon, for example.
 *
 * A row with a wire that no other row has says nothing of the others, and is left out first, and so on: what remains is small, most often nothing.
 */
import { mod, scalarOrder } from '../../field/bn254.ts';
import type { SparseMatrix } from '../../r1cs/r1cs.ts';
import { eliminate } from '../elimination.ts';
import { type Form, plusSide, relation } from '../form.ts';
import { PRODUCT, type Shapes } from '../shape.ts';
import { type AuditState, BY_LINEAR, OPEN } from '../state.ts';

/** Larger blocks are not looked at. */
const mostWires = 4096;
/** Multiplications of a block: about a second. */
const mostWork = 1_500_000;

/** True if it decided a wire. O(non-zeros) where there is no block. */
export function linearBlocks(state: AuditState, shapes: Shapes): boolean {
  const rows = blockRows(state, shapes);
  const left = new Set(rows.keys());
  const seen = new Set<number>();
  let helped = false;
  for (const start of left) {
    if (seen.has(start)) continue;
    const block = [start];
    const wires = new Set<number>();
    seen.add(start);
    for (const row of block) {
      for (const wire of rows.get(row)!) {
        if (wires.has(wire)) continue;
        wires.add(wire);
        for (const other of state.rowsOf(wire)) {
          if (!left.has(other) || seen.has(other)) continue;
          seen.add(other);
          block.push(other);
        }
      }
    }
    if (wires.size <= mostWires && decide(state, shapes, block, wires)) helped = true;
  }
  return helped;
}

function decide(state: AuditState, shapes: Shapes, rows: readonly number[], wires: ReadonlySet<number>): boolean {
  const forms = rows.map((row) => openForm(state, shapes, row));
  const pivots = eliminate(forms, mostWork);
  if (pivots === null) return false;
  const found = [...pivots].filter(([, at]) => forms[at]!.size === 1).map(([wire]) => wire);
  if (found.length === 0) return false;
  const region = state.regions.push({ wires: [...wires], rows: [...rows] }) - 1;
  for (const wire of found) state.setUnique(wire, BY_LINEAR, region);
  return true;
}

/** The row's open wires, by coefficient. */
function openForm(state: AuditState, shapes: Shapes, row: number): Form {
  const form =
    shapes.kind[row] === PRODUCT ? plusSide(state, new Map(), state.r1cs.c, row, 1n, 'open') : relation(state, shapes, row, 'open');
  for (const [wire, k] of form) form.set(wire, mod(k, scalarOrder));
  return form;
}

/** Rows that are linear in several open wires, each of which another such row has, too; and those wires. */
function blockRows(state: AuditState, shapes: Shapes): Map<number, number[]> {
  const rows = new Map<number, number[]>();
  const counts = new Map<number, number>();
  for (let row = 0; row < state.r1cs.rowCount; row++) {
    if (state.openCount[row]! < 2 || state.blockCount[row]! > 0 || !isLinear(state, shapes, row)) continue;
    const wires = [...openForm(state, shapes, row).keys()];
    rows.set(row, wires);
    for (const wire of wires) counts.set(wire, (counts.get(wire) ?? 0) + 1);
  }
  const lone = [...counts].filter(([, count]) => count === 1).map(([wire]) => wire);
  for (const wire of lone) {
    for (const row of state.rowsOf(wire)) {
      const wires = rows.get(row);
      if (wires === undefined || !wires.includes(wire)) continue;
      rows.delete(row);
      for (const other of wires) {
        const count = counts.get(other)! - 1;
        counts.set(other, count);
        if (count === 1) lone.push(other);
      }
    }
  }
  return rows;
}

function isLinear(state: AuditState, { kind, gaps }: Shapes, row: number): boolean {
  const { a, b } = state.r1cs;
  return kind[row] === PRODUCT ? !hasOpen(state, a, row) && !hasOpen(state, b, row) : gaps[row] === 0;
}

function hasOpen(state: AuditState, { starts, wires }: SparseMatrix, row: number): boolean {
  for (let i = starts[row]!; i < starts[row + 1]!; i++) if (state.status[wires[i]!] === OPEN) return true;
  return false;
}
