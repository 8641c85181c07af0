/**
 * Hinted wires that may have several values without any output changing, as the gadgets' doc blocks list them: bits of digits whose modulus is no power of two (circuits/radix.ts), exponents' bits likewise
 * (circuits/float32.ts), and inverses where a zero test is true (circuits/zero.ts). Read off the plan, wire by wire: nothing else passes.
 */
import { digitBits, opcodes } from '../../circuits/hints.ts';
import type { WitnessPlan } from './circuit.ts';
import { hintWord, walkSteps } from './plan.ts';

/** Wires that an audit may find free. O(steps of the plan). */
export function freeWires({ steps, params }: WitnessPlan): ReadonlySet<number> {
  const free = new Set<number>();
  walkSteps(
    steps,
    () => undefined,
    (opcode, at) => {
      const first = steps[at + hintWord.firstWire]!;
      const count = steps[at + hintWord.wireCount]!;
      if (opcode === opcodes.inverse) free.add(first);
      if (opcode === opcodes.none && count === 2) free.add(first + 1);
      const start = steps[at + hintWord.paramStart]!;
      if (opcode === opcodes.exponent && params[start]! + 1 !== 1 << (count - 1)) for (let i = 1; i < count; i++) free.add(first + i);
      if (opcode !== opcodes.radix) return;
      let wire = first - 1;
      for (const modulus of params.subarray(start, start + steps[at + hintWord.paramCount]!)) {
        const bits = digitBits(modulus);
        const powerOfTwo = modulus === 1 << bits;
        for (let i = 0; i < bits; i++, wire++) if (!powerOfTwo && wire >= first) free.add(wire);
      }
    },
  );
  return free;
}
