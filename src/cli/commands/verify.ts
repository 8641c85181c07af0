/** `zkonnx verify RECEIPT.json`: yes (exit 0) or no (exit 1), and what the yes is worth. */
import { assembleCircuit, type CompiledProgram, compileProgram } from '../../compile.ts';
import { ZkonnxError } from '../../errors.ts';
import { decodeVerificationKey } from '../../groth16/json.ts';
import { vkeyHash } from '../../groth16/verify.ts';
import { contextBytes } from '../../r1cs/signals.ts';
import { parseReceipt } from '../../receipt/parse.ts';
import type { Receipt } from '../../receipt/receipt.ts';
import { verdictText, verdictWord } from '../../report/verdict.ts';
import { type Policy, verify } from '../../verify.ts';
import type { CliCommand } from '../command.ts';
import { addModelOptions, type ModelOptions, readUserModel } from '../model.ts';
import type { Session } from '../session.ts';
import { parseTrustText } from '../trust.ts';
import { readUserFile } from '../user-file.ts';

interface Options extends ModelOptions {
  readonly model?: string;
  readonly vkey?: string;
  readonly vkeyHash?: string;
  readonly context?: string;
  readonly trust?: string;
  readonly allowDevSetup?: boolean;
}

export const verifyCommand: CliCommand<Options> = {
  name: 'verify',
  summary: 'check a receipt: exit 0 accepted, 1 not',
  example: 'zkonnx verify receipt.json --model credit.onnx --vkey verification_key.json',
  configure: (command) =>
    addModelOptions(command)
      .argument('<receipt>', 'the receipt, JSON')
      .option('--model <file>', "the .onnx file: compiled again here, must give the receipt's circuit")
      .option('--vkey <file>', 'the verification_key.json that you vouch for')
      .option('--vkey-hash <hex>', 'or its hash')
      .option('--trust <file>', 'or a trust file that zkonnx ceremony verify wrote')
      .option('--context <text|0xhex>', 'the context that the proof must be bound to')
      .option('--allow-dev-setup', 'accept any key: whoever made it can forge'),
  async run(session, [path], options) {
    const text = new TextDecoder().decode(await readUserFile(path!));
    const trust = options.trust === undefined ? undefined : parseTrustText(await readUserFile(options.trust), options.trust);
    if (trust !== undefined && (options.vkey ?? options.vkeyHash ?? options.allowDevSetup) !== undefined) {
      throw new ZkonnxError('ZK1001', {
        what: '--trust decides which keys are accepted',
        hint: 'leave out --vkey, --vkey-hash and --allow-dev-setup',
      });
    }
    const pins = { vkeyHash: await pinnedHash(options), trust, allowDevSetup: options.allowDevSetup, context: options.context };
    if (options.context !== undefined) contextBytes(options.context);
    const model = options.model === undefined ? undefined : await recompile(session, options.model, text, options);
    session.runOptions.onEvent({ stage: 'verify', done: 0, total: 0 });
    const verdict = await verify(text, { ...pins, model });
    session.result({ verdict: verdictWord(verdict), ...verdict }, verdictText(verdict));
    return verdict.valid ? 0 : 1;
  },
};

/** @throws ZkonnxError ZK1001 (not a hash, or two different pins), ZK1002, ZK5004 (not a key). */
async function pinnedHash(options: Options): Promise<string | undefined> {
  const given = options.vkeyHash?.replace(/^0x/i, '').toLowerCase();
  if (given !== undefined && !/^[0-9a-f]{64}$/.test(given)) {
    throw new ZkonnxError('ZK1001', { what: '--vkey-hash is not 64 hex digits', hint: 'zkonnx setup prints it, and manifest.json has it' });
  }
  if (options.vkey === undefined) return given;
  const own = vkeyHash(decodeVerificationKey(await readUserFile(options.vkey), options.vkey));
  if (given !== undefined && given !== own) {
    throw new ZkonnxError('ZK1001', { what: '--vkey and --vkey-hash are different keys', hint: 'give one of them' });
  }
  return own;
}

/** The model's own circuit under the receipt's profile and visibilities; undefined where the receipt cannot be read, which the verdict then says. */
async function recompile(session: Session, path: string, text: string, options: ModelOptions): Promise<Policy['model']> {
  const { bytes, name, options: external } = await readUserModel(session, path, options);
  let receipt: Receipt;
  try {
    receipt = parseReceipt(JSON.parse(text));
  } catch {
    return undefined;
  }
  const { program, model } = await compiledAs(receipt, bytes, {
    ...session.runOptions,
    ...external,
    name,
    profile: receipt.layout.profile,
  });
  // Names that this model does not have are left out: the circuit then differs, and the verdict says so.
  const names = [...program.inputs, ...program.outputs].map(({ name }) => name);
  const asked = [...receipt.layout.inputs, ...receipt.layout.outputs].filter(({ name }) => names.includes(name));
  const visibility = Object.fromEntries(asked.map(({ name, visibility: word }) => [name, word]));
  const compiled = await assembleCircuit(program, model, { ...session.runOptions, visibility });
  return { sha256: model.sha256, circuitDigest: compiled.digests.circuit };
}

/** The model's program, with the receipt's outputs, and its shapes and types where the file leaves them open. */
async function compiledAs(receipt: Receipt, bytes: Uint8Array, options: Parameters<typeof compileProgram>[1]): Promise<CompiledProgram> {
  const shapes = Object.fromEntries(receipt.layout.inputs.map(({ name, dims }) => [name, dims]));
  const given = { shapes, ...options };
  const asked = { ...given, outputs: given.outputs ?? receipt.layout.outputs.map(({ name }) => name) };
  const first = await compileProgram(bytes, asked).catch((error) => {
    // Of another model: the circuits then differ, as the verdict says.
    if (error instanceof ZkonnxError && error.code === 'ZK1005') return null;
    throw error;
  });
  const settled = first === null ? given : asked;
  const compiled = first ?? (await compileProgram(bytes, given));
  const inputTypes = Object.fromEntries(
    compiled.program.inputs.flatMap(({ name, modelDType }): [string, 'uint8' | 'int8'][] => {
      const told = receipt.layout.inputs.find((input) => input.name === name)?.modelDType;
      return told === modelDType || (told !== 'uint8' && told !== 'int8') ? [] : [[name, told]];
    }),
  );
  if (Object.keys(inputTypes).length === 0) return compiled;
  // Where the file does say, it is refused: the circuits then differ, as the verdict says.
  return compileProgram(bytes, { ...settled, inputTypes }).catch(() => compiled);
}
