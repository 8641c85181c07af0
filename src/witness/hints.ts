/** Runs the hint steps of a witness plan: evaluates a hint's linear inputs, calls its function of circuits/hints.ts, writes its outputs to their wires. */
import { type Hint, hints } from '../../circuits/hints.ts';
import { ZkonnxError } from '../errors.ts';
import { mod, scalarOrder } from '../field/bn254.ts';
import type { WitnessPlan } from '../r1cs/circuit.ts';
import { hintWord } from '../r1cs/plan.ts';
import type { R1cs } from '../r1cs/r1cs.ts';
import { setWire, sumExact, sumSmall, type WireValues } from './row.ts';

/** Scratch arrays by length, so that a hint costs no allocation. */
function scratch(): (length: number) => Float64Array {
  const arrays: Float64Array[] = [];
  return (length) => {
    arrays[length] ??= new Float64Array(length);
    return arrays[length];
  };
}

/** A function that runs the hint step at an offset of `plan.steps` on the values it is given. */
export function hintRunner(
  r1cs: Pick<R1cs, 'pool'>,
  plan: WitnessPlan,
  table: readonly Hint[] = hints,
): (opcode: number, at: number, values: WireValues) => void {
  const { steps, termWires, termCoefficients } = plan;
  const { pool } = r1cs;
  const [inputs, params, outputs] = [scratch(), scratch(), scratch()];

  return (opcode, at, values) => {
    const hint = table[opcode];
    if (hint === undefined) throw new ZkonnxError('ZK7001', { what: `the witness plan names hint ${opcode}, there are ${table.length}` });
    const firstWire = steps[at + hintWord.firstWire];
    const wireCount = steps[at + hintWord.wireCount];
    const inputCount = steps[at + hintWord.inputCount];
    const paramStart = steps[at + hintWord.paramStart];

    const p = params(steps[at + hintWord.paramCount]);
    for (let i = 0; i < p.length; i++) p[i] = plan.params[paramStart + i];
    const x = inputs(inputCount);
    let allSmall = hint.run !== undefined;
    let start = steps[at + hintWord.termStart];
    for (let k = 0; k < inputCount && allSmall; k++) {
      const end = start + steps[at + hintWord.termCounts + k];
      x[k] = sumSmall(termWires, termCoefficients, start, end, pool.small, values.small);
      allSmall = !Number.isNaN(x[k]);
      start = end;
    }

    if (allSmall) {
      const out = outputs(wireCount);
      hint.run!(x, p, out);
      for (let i = 0; i < wireCount; i++) {
        if (!Number.isSafeInteger(out[i])) throw new ZkonnxError('ZK7001', { what: `hint "${hint.name}" gave ${out[i]} for output ${i}` });
        values.small[firstWire + i] = out[i] + 0;
        if (values.wide.size > 0) values.wide.delete(firstWire + i);
      }
    } else runWide(hint, at, p, values);
  };

  function runWide(hint: Hint, at: number, p: Float64Array, values: WireValues): void {
    const x: bigint[] = [];
    let start = steps[at + hintWord.termStart];
    for (let k = 0; k < steps[at + hintWord.inputCount]; k++) {
      const end = start + steps[at + hintWord.termCounts + k];
      x.push(mod(sumExact(termWires, termCoefficients, start, end, pool, values), scalarOrder));
      start = end;
    }
    const wireCount = steps[at + hintWord.wireCount];
    const out = new Array<bigint>(wireCount).fill(0n);
    if (hint.wide !== undefined) hint.wide(x, p, out, scalarOrder);
    else runCentred(hint, x, p, out);
    for (let i = 0; i < wireCount; i++) setWire(values, steps[at + hintWord.firstWire] + i, out[i]);
  }

  /** A sum whose terms cancel may be small although its bound is not. */
  function runCentred(hint: Hint, x: readonly bigint[], p: Float64Array, out: bigint[]): void {
    const near = Float64Array.from(x, (value) => Number(value > scalarOrder >> 1n ? value - scalarOrder : value));
    const wide = near.findIndex((value) => !Number.isSafeInteger(value));
    if (wide >= 0) throw new ZkonnxError('ZK7001', { what: `input ${wide} of hint "${hint.name}" is no small integer` });
    const result = new Float64Array(out.length);
    hint.run!(near, p, result);
    result.forEach((value, i) => {
      if (!Number.isSafeInteger(value)) throw new ZkonnxError('ZK7001', { what: `hint "${hint.name}" gave ${value} for output ${i}` });
      out[i] = BigInt(value);
    });
  }
}
