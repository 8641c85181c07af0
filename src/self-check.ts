/**
 * What every compile does before it hands a circuit out: one random and one boundary inference through the integer oracle, the witness and every constraint, and the audit's rules: is each wire
 * determined by the inputs? Deterministic: the random inputs are drawn from the circuit's digest.
 */
import { auditSteps } from './audit/audit.ts';
import type { CompiledModel } from './compile.ts';
import { ZkonnxError } from './errors.ts';
import type { Steps } from './events.ts';
import { evaluate } from './program/evaluate.ts';
import type { ProgramTensor } from './program/program.ts';
import { inputWires } from './r1cs/circuit.ts';
import { freeWires } from './r1cs/free-wires.ts';
import { encodeElements, packWords } from './r1cs/signals.ts';
import { checkWitness } from './witness/check.ts';
import { generateWitness } from './witness/generate.ts';
import { witnessSignals } from './witness/witness.ts';

/** Stands in the manifest, and as a claim in receipts. */
export interface SelfCheck {
  /** Inferences whose witness was checked. */
  readonly inferences: number;
  /** Wires by verdict (docs/cli.md); null where the audit was left out. */
  readonly audit: { readonly unique: number; readonly free: number; readonly undecided: number; readonly broken: number } | null;
}

type Fill = (tensor: ProgramTensor) => Int32Array;

/**
 * @throws ZkonnxError ZK7001 where a witness breaks a constraint, the circuit's outputs are not the oracle's, or the audit finds a wire that a prover can choose: a circuit that must not be used.
 */
export function* selfCheckSteps(compiled: Omit<CompiledModel, 'check'>, { audit }: { readonly audit: boolean }): Steps<SelfCheck> {
  const fills: readonly Fill[] = [randomly(compiled.digests.circuit), atTheEdges];
  for (const [done, fill] of fills.entries()) {
    yield { done, total: fills.length };
    checkInference(compiled, fill);
  }
  if (!audit) return { inferences: fills.length, audit: null };
  const { r1cs, inputs, plan } = compiled.circuit;
  const { counts } = yield* auditSteps(r1cs, { inputs: inputWires(inputs), documented: freeWires(plan), trials: 0 });
  const { unique, free, undecided, broken } = counts;
  if (broken > 0) throw new ZkonnxError('ZK7001', { what: `the circuit of "${compiled.model.name}" leaves ${broken} wires to the prover` });
  return { inferences: fills.length, audit: { unique, free, undecided, broken } };
}

function checkInference({ program, circuit }: Omit<CompiledModel, 'check'>, fill: Fill): void {
  const tensors = new Map(program.inputs.map(({ name, tensor }) => [name, fill(program.tensors[tensor]!)]));
  const salts = new Map(circuit.inputs.salts.map(({ name }, i) => [name, BigInt(i + 1)]));
  const values = evaluate(program, tensors);
  const witness = generateWitness(circuit, { context: 1n, tensors, salts });
  const violation = checkWitness(circuit, witness);
  if (violation !== null)
    throw new ZkonnxError('ZK7001', { what: `a witness of its own breaks a constraint: ${JSON.stringify(violation)}` });
  const signals = witnessSignals(circuit.r1cs, witness);
  for (const [i, { dtype, visibility, firstSignal, signalCount, name }] of circuit.layout.outputs.entries()) {
    if (visibility !== 'public' && visibility !== 'packed') continue;
    const encoded = encodeElements(dtype, values.get(program.outputs[i]!.tensor)!);
    const expected = visibility === 'packed' ? packWords(dtype, encoded).map(String) : Array.from(encoded, String);
    const differing = expected.findIndex((word, k) => word !== signals[firstSignal + k]);
    if (differing >= 0 || expected.length !== signalCount)
      throw new ZkonnxError('ZK7001', { what: `the circuit's "${name}" is not what the program computes (signal ${differing})` });
  }
}

/** Uniform over each tensor's interval, from 32 bits of the digest. */
function randomly(digest: string): Fill {
  let state = Number.parseInt(digest.slice(0, 8), 16);
  return ({ count, low, high }) =>
    Int32Array.from({ length: count }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) | 0;
      return low + ((state >>> 0) % (high - low + 1));
    });
}

/** The least, the largest, the zero point, in turns. */
function atTheEdges({ count, low, high, zeroPoint }: ProgramTensor): Int32Array {
  const edges = [low, high, Math.max(low, Math.min(high, zeroPoint ?? 0))];
  return Int32Array.from({ length: count }, (_, i) => edges[i % 3]!);
}
