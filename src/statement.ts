/**
 * One inference, ready to be proven: its integers, the salts of its commitments, and the witness that fills every wire of the circuit. Where `prove` and
 * `zkonnx witness` meet. SECRET: holds private inputs and salts.
 */
import type { CompiledModel } from './compile.ts';
import { ZkonnxError } from './errors.ts';
import { countInferences, inferenceAt, type NamedTensors } from './inputs.ts';
import type { TensorId } from './program/program.ts';
import { contextSignal } from './r1cs/signals.ts';
import { infer } from './run.ts';
import { generateWitness } from './witness/generate.ts';
import type { Witness } from './witness/witness.ts';

export interface StatementOptions {
  /** 'none' (0), or up to 62 hex digits used for every hashed tensor; a fresh random salt per tensor if absent. */
  readonly salt?: string | undefined;
  /** Binds the proof to a caller, nonce or chain: text, or 0xHEX bytes. */
  readonly context?: string | undefined;
  /** Allows lossy conversion of inputs. */
  readonly cast?: boolean | undefined;
}

export interface Statement {
  /** Integers of every tensor. */
  readonly values: ReadonlyMap<TensorId, Int32Array>;
  /** Hex, by tensor name. */
  readonly salts: ReadonlyMap<string, string>;
  readonly witness: Witness;
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
 * @throws ZkonnxError ZK41xx (inputs), ZK1001 (salt, or several inferences), ZK1009 (context).
 */
export function makeStatement(compiled: CompiledModel, inputs: NamedTensors, options: StatementOptions = {}): Statement {
  const { circuit, program } = compiled;
  const count = countInferences(program, inputs);
  if (count !== 1)
    throw new ZkonnxError('ZK1001', { what: `one inference at a time, the arrays hold ${count}`, hint: 'choose one, or use batch' });
  const values = infer(program, inferenceAt(program, inputs, 0), options);
  const fixedSalt = options.salt === undefined ? null : parseSalt(options.salt);
  const salts = new Map(circuit.inputs.salts.map(({ name }) => [name, fixedSalt ?? randomSalt()]));
  const witness = generateWitness(circuit, {
    context: contextSignal(options.context),
    tensors: new Map(program.inputs.map((input) => [input.name, values.get(input.tensor)!])),
    salts: new Map([...salts].map(([name, hex]) => [name, BigInt(`0x${hex}`)])),
  });
  return { values, salts, witness };
}
