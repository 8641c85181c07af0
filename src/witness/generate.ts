/**
 * The witness: values of all wires, from the roots (context, input elements, salts) by the circuit's plan (r1cs/plan.ts). Secrets first appear here. The generator computes, it does
 * not judge: whether the values satisfy every row is `checkWitness`' to say.
 */
import { ZkonnxError } from '../errors.ts';
import type { Circuit, WitnessPlan } from '../r1cs/circuit.ts';
import { walkSteps } from '../r1cs/plan.ts';
import type { R1cs } from '../r1cs/r1cs.ts';
import { encodingLow } from '../r1cs/signals.ts';
import { hintRunner } from './hints.ts';
import { emptyValues, setWire, solveRow, type WireValues } from './row.ts';
import type { Witness } from './witness.ts';

/** What the prover gives: everything else follows. */
export interface Roots {
  /** keccak256(context) >> 8, in [0, r). */
  readonly context: bigint;
  /** Raw quantized integers of each input tensor by name, row-major, in the dtype's own range (int8: −128 … 127). */
  readonly tensors: ReadonlyMap<string, Int32Array>;
  /** Salt of each hashed tensor by name, in [0, 2^248). */
  readonly salts: ReadonlyMap<string, bigint>;
}

/**
 * @throws ZkonnxError ZK7001 if a root is missing or has another size than the circuit's, or the plan leaves a wire without a value.
 */
export function generateWitness(circuit: Circuit, roots: Roots): Witness {
  const values = emptyValues(circuit.r1cs.wireCount);
  placeRoots(circuit, roots, values);
  runPlan(circuit.r1cs, circuit.plan, values);
  const { small, wide } = values;
  for (let wire = 0; wire < small.length; wire++) {
    if (Number.isNaN(small[wire]) && !wide.has(wire))
      throw new ZkonnxError('ZK7001', { what: `the witness plan gives wire ${wire} no value` });
  }
  return values;
}

/** Runs all steps of a plan on values that hold the roots. */
export function runPlan(r1cs: R1cs, plan: WitnessPlan, values: WireValues): void {
  const runHint = hintRunner(r1cs, plan);
  walkSteps(
    plan.steps,
    (row, wire) => solveRow(r1cs, row, wire, values),
    (opcode, at) => runHint(opcode, at, values),
  );
}

function placeRoots({ inputs, layout }: Circuit, roots: Roots, values: WireValues): void {
  setWire(values, inputs.contextWire, roots.context);
  for (const { name, firstWire, count } of inputs.tensors) {
    const elements = roots.tensors.get(name);
    if (elements === undefined || elements.length !== count) {
      throw new ZkonnxError('ZK7001', { what: `the circuit's input "${name}" has ${count} elements, given ${elements?.length ?? 'none'}` });
    }
    const low = encodingLow(layout.inputs.find((tensor) => tensor.name === name)!.dtype);
    for (let i = 0; i < count; i++) values.small[firstWire + i] = elements[i] - low;
  }
  for (const { name, wire } of inputs.salts) {
    const salt = roots.salts.get(name);
    if (salt === undefined) throw new ZkonnxError('ZK7001', { what: `no salt for hashed tensor "${name}"` });
    setWire(values, wire, salt);
  }
}
