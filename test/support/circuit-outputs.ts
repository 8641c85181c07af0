/** The circuit of a program on one input, held to `evaluate`. */
import { evaluate } from '../../src/program/evaluate.ts';
import type { Program } from '../../src/program/program.ts';
import { quantizeInput } from '../../src/program/quantize.ts';
import { buildCircuit } from '../../src/r1cs/build.ts';
import { makeLayout } from '../../src/r1cs/layout.ts';
import { encodingLow } from '../../src/r1cs/signals.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { checkWitness } from '../../src/witness/check.ts';
import { generateWitness } from '../../src/witness/generate.ts';

export interface CircuitOutcome {
  readonly constraints: number;
  /** First row that the witness does not satisfy, or null. */
  readonly violation: unknown;
  /** Output elements that the witness puts out otherwise than `evaluate`. */
  readonly differing: readonly { readonly output: string; readonly element: number; readonly circuit: number; readonly evaluate: number }[];
}

/** Everything public, one witness, every row checked. */
export function circuitOutcome(program: Program, feeds: Readonly<Record<string, Tensor>>): CircuitOutcome {
  const layout = makeLayout(program, {
    visibility: Object.fromEntries([...program.inputs, ...program.outputs].map(({ name }) => [name, 'public'])),
  });
  const circuit = buildCircuit(program, layout, 99n);
  const tensors = new Map(program.inputs.map(({ name }) => [name, quantizeInput(program, name, feeds[name]!)]));
  const witness = generateWitness(circuit, { context: 3n, tensors, salts: new Map() });
  const truth = evaluate(program, tensors);
  const differing = layout.outputs.flatMap(({ firstSignal, elementCount, dtype }, k) => {
    const { name, tensor } = program.outputs[k]!;
    const expected = truth.get(tensor)!;
    return Array.from({ length: elementCount }, (_, element) => ({
      output: name,
      element,
      circuit: witness.small[1 + firstSignal + element]!,
      evaluate: expected[element]! - encodingLow(dtype),
    })).filter((entry) => entry.circuit !== entry.evaluate);
  });
  return { constraints: circuit.r1cs.rowCount, violation: checkWitness(circuit, witness), differing };
}
