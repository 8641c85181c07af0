/**
 * The third verb: one inference of a compiled model → a receipt that anyone can check.
 * Order of work, cheapest refusal first: inputs are checked and quantized, evaluated, the witness generated and checked against every constraint, and only then
 * a proof is made; it is verified with its own key before it is handed out.
 */
import type { CompiledModel } from './compile.ts';
import { throwIfAborted, ZkonnxError } from './errors.ts';
import type { RunOptions } from './events.ts';
import type { Keys } from './groth16/keys.ts';
import type { Prover } from './groth16/prover.ts';
import { verifyProof } from './groth16/verify.ts';
import type { NamedTensors } from './inputs.ts';
import { makeProver } from './provers.ts';
import { buildReceipt, type Receipt } from './receipt/receipt.ts';
import { makeStatement, type StatementOptions } from './statement.ts';
import type { Tensor } from './tensor/tensor.ts';
import { version } from './version.ts';
import { checkWitness } from './witness/check.ts';
import { encodeWtns } from './witness/format.ts';
import { witnessSignals } from './witness/witness.ts';

export interface ProveOptions extends RunOptions, StatementOptions {
  /** Told the salts (hex) by tensor name; they are needed to open a commitment and stand nowhere else. */
  readonly onSalts?: ((salts: Readonly<Record<string, string>>) => void) | undefined;
  /** Our own on all cores by default, made and closed within the call. */
  readonly prover?: Prover | undefined;
}

function isFloat({ dtype }: Tensor): boolean {
  return dtype.startsWith('float');
}

/**
 * @param inputs one inference: arrays by input name, of the model's shape and dtype.
 * @throws ZkonnxError ZK41xx (inputs), ZK5002 (keys of another circuit), ZK6001/ZK6002 (our bug or a damaged key), ZK1006 (aborted).
 */
export async function prove(compiled: CompiledModel, keys: Keys, inputs: NamedTensors, options: ProveOptions = {}): Promise<Receipt> {
  const { circuit, program, digests } = compiled;
  const stage = (name: string): void => {
    throwIfAborted(options.signal, name);
    options.onEvent?.({ stage: name, done: 0, total: 0 });
  };
  if (keys.circuitDigest !== digests.circuit) {
    throw new ZkonnxError('ZK5002', {
      path: 'the proving key',
      what: `it was made for circuit ${keys.circuitDigest.slice(0, 8)}, this is ${digests.circuit.slice(0, 8)}`,
    });
  }
  stage('witness');
  const { values, salts, witness } = makeStatement(compiled, inputs, options);
  const broken = checkWitness(circuit, witness);
  if (broken !== null) throw new ZkonnxError('ZK6001', { ...broken });

  stage('proof');
  const prover = options.prover ?? makeProver();
  try {
    const { proof, publicSignals: signals } = await prover.prove(keys.zkey, encodeWtns(circuit.r1cs, witness), options);
    stage('check');
    const expected = witnessSignals(circuit.r1cs, witness);
    const verdict = verifyProof(keys.verificationKey, expected, proof);
    if (!verdict.valid || signals.some((signal, i) => signal !== expected[i]))
      throw new ZkonnxError('ZK6002', {}, { details: verdict.reason });
    options.onSalts?.(Object.fromEntries(salts));
    const quantizedInputs = program.inputs
      .filter(({ name, modelDType }) => modelDType === 'float32' && isFloat(inputs[name]!))
      .map(({ name }) => name);
    const unproven = {
      tool: `zkonnx ${version}`,
      ...(quantizedInputs.length === 0 ? {} : { quantizedInputs }),
      ...(compiled.check === null ? {} : { selfCheck: compiled.check }),
    };
    return buildReceipt({ compiled, keys, values, signals: expected, context: options.context, proof, unproven });
  } finally {
    if (options.prover === undefined) await prover.close();
  }
}
