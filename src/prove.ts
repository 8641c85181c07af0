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
import { countInferences, inferenceAt, type NamedTensors } from './inputs.ts';
import { snarkjsProver } from './interop/snarkjs.ts';
import { contextSignal } from './r1cs/signals.ts';
import { buildReceipt, type Receipt } from './receipt/receipt.ts';
import { infer } from './run.ts';
import { checkWitness } from './witness/check.ts';
import { encodeWtns } from './witness/format.ts';
import { generateWitness } from './witness/generate.ts';
import { witnessSignals } from './witness/witness.ts';

export interface ProveOptions extends RunOptions {
  /** 'none' (0), or 62 hex digits used for every hashed tensor; a fresh random salt per tensor if absent. */
  readonly salt?: string | undefined;
  /** Told the salts (hex) by tensor name; they are needed to open a commitment and stand nowhere else. */
  readonly onSalts?: ((salts: Readonly<Record<string, string>>) => void) | undefined;
  /** Binds the proof to a caller, nonce or chain: text, or 0xHEX bytes. */
  readonly context?: string | undefined;
  readonly cast?: boolean | undefined;
  /** snarkjs by default, made and closed within the call. */
  readonly prover?: Prover | undefined;
}

function randomSalt(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(31));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function parseSalt(word: string): string {
  if (word === 'none') return '0';
  const hex = word.replace(/^0x/, '');
  if (!/^[0-9a-fA-F]{1,62}$/.test(hex)) {
    throw new ZkonnxError('ZK1001', { what: 'a salt is "none" or up to 62 hex digits (248 bits)', hint: 'leave it away for a random one' });
  }
  return hex;
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
  const count = countInferences(program, inputs);
  if (count !== 1)
    throw new ZkonnxError('ZK1001', { what: `prove takes one inference, the arrays hold ${count}`, hint: 'choose one, or use batch' });

  stage('witness');
  const values = infer(program, inferenceAt(program, inputs, 0), options);
  const fixedSalt = options.salt === undefined ? null : parseSalt(options.salt);
  const salts = new Map(circuit.inputs.salts.map(({ name }) => [name, fixedSalt ?? randomSalt()]));
  const witness = generateWitness(circuit, {
    context: contextSignal(options.context),
    tensors: new Map(program.inputs.map((input) => [input.name, values.get(input.tensor)!])),
    salts: new Map([...salts].map(([name, hex]) => [name, BigInt(`0x${hex}`)])),
  });
  const broken = checkWitness(circuit, witness);
  if (broken !== null) throw new ZkonnxError('ZK6001', { ...broken });

  stage('proof');
  const prover = options.prover ?? snarkjsProver();
  try {
    const { proof, publicSignals: signals } = await prover.prove(keys.zkey, encodeWtns(circuit.r1cs, witness), options);
    stage('check');
    const expected = witnessSignals(circuit.r1cs, witness);
    const verdict = verifyProof(keys.verificationKey, expected, proof);
    if (!verdict.valid || signals.some((signal, i) => signal !== expected[i]))
      throw new ZkonnxError('ZK6002', {}, { details: verdict.reason });
    options.onSalts?.(Object.fromEntries(salts));
    return buildReceipt({ compiled, keys, values, signals: expected, context: options.context, proof });
  } finally {
    if (options.prover === undefined) await prover.close();
  }
}
