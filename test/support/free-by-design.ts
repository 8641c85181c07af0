/** `freeWires` in the form in which `weaknesses` asks. */
import { freeWires } from '../../src/r1cs/free-wires.ts';
import type { Gadget, HintWire } from './gadget.ts';

export function freeByDesign({ plan }: Pick<Gadget, 'plan'>): (hint: HintWire) => boolean {
  const free = freeWires(plan);
  return ({ wire }) => free.has(wire);
}
