/**
 * Hinted wires that may have several values without any output changing, as the gadgets' doc blocks list them: bits of digits whose modulus is no power of two (circuits/radix.ts),
 * exponents' bits likewise (circuits/float32.ts),
 * and inverses where a zero test is true (circuits/zero.ts). Read off the plan, wire by wire: nothing else passes.
 */
import { digitBits, opcodes } from '../../circuits/hints.ts';
import { hintWord, walkSteps } from '../../src/r1cs/plan.ts';
import type { Gadget, HintWire } from './gadget.ts';

export function freeByDesign({ plan }: Pick<Gadget, 'plan'>): (hint: HintWire) => boolean {
  const free = new Set<number>();
  walkSteps(
    plan.steps,
    () => undefined,
    (opcode, at) => {
      const first = plan.steps[at + hintWord.firstWire]!;
      const count = plan.steps[at + hintWord.wireCount]!;
      if (opcode === opcodes.inverse) free.add(first);
      if (opcode === opcodes.none && count === 2) free.add(first + 1);
      const start = plan.steps[at + hintWord.paramStart]!;
      if (opcode === opcodes.exponent && plan.params[start]! + 1 !== 2 ** (count - 1)) for (let i = 1; i < count; i++) free.add(first + i);
      if (opcode !== opcodes.radix) return;
      let wire = first - 1;
      for (const modulus of plan.params.subarray(start, start + plan.steps[at + hintWord.paramCount]!)) {
        const bits = digitBits(modulus);
        const powerOfTwo = modulus === 2 ** bits;
        for (let i = 0; i < bits; i++, wire++) if (!powerOfTwo && wire >= first) free.add(wire);
      }
    },
  );
  return ({ wire }) => free.has(wire);
}
