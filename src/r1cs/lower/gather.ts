/** gather and constant: elements move with their wires, known ones have none; no constraint either way. */
import type { ProgramOp } from '../../program/program.ts';
import { elementsOf, type Lowering, newElements, tensorOf } from './lowering.ts';

export function lowerGather(lowering: Lowering, op: ProgramOp & { kind: 'gather' }): void {
  const y = newElements(tensorOf(lowering, op.y).count);
  const sources = op.sources.map((id) => elementsOf(lowering, id));
  for (let o = 0; o < y.wires.length; o++) {
    const source = sources[op.from?.[o] ?? 0]!;
    const i = op.index?.[o] ?? o;
    y.wires[o] = source.wires[i]!;
    y.offsets[o] = source.offsets[i]!;
  }
  lowering.elements[op.y] = y;
}

export function lowerConstant(lowering: Lowering, op: ProgramOp & { kind: 'constant' }): void {
  lowering.elements[op.y] = { wires: new Int32Array(op.values.length), offsets: op.values };
}
