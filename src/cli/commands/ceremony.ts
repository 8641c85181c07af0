/** `zkonnx ceremony contribute | beacon | verify | export-vkey`: phase 2 of a key, on any snarkjs groth16 file. */
import { type ContributionResult, type Contributor, contribute, trustEntry, verifyCeremony } from '../../ceremony.ts';
import { type CompiledModel, compile } from '../../compile.ts';
import { ZkonnxError } from '../../errors.ts';
import { vkeyHash } from '../../groth16/verify.ts';
import { readVerificationKey } from '../../groth16/zkey.ts';
import { decodeR1cs } from '../../r1cs/format.ts';
import type { R1cs } from '../../r1cs/r1cs.ts';
import { type TrustFile, withTrustEntry } from '../../receipt/trust.ts';
import { ceremonyText } from '../../report/ceremony.ts';
import { writeFileAtomic } from '../../store/atomic.ts';
import type { CliCommand } from '../command.ts';
import { addModelOptions, addProfileOption, type ModelOptions, readUserModel } from '../model.ts';
import { parseVisibility, wholeNumber } from '../options.ts';
import type { Session } from '../session.ts';
import { parseTrustText } from '../trust.ts';
import { readUserFile } from '../user-file.ts';

interface Options extends ModelOptions {
  readonly out?: string;
  readonly name?: string;
  readonly entropy?: string;
  readonly hash?: string;
  readonly iterations?: number;
  readonly model?: string;
  readonly r1cs?: string;
  readonly visibility?: string;
  readonly zkey?: string;
  readonly ptau?: string;
}

const actions = ['contribute', 'beacon', 'verify', 'export-vkey'] as const;
type Action = (typeof actions)[number];

/** Options that an action takes besides `--json` and the like. */
const optionsOf: Readonly<Record<Action, readonly (keyof Options)[]>> = {
  contribute: ['out', 'name', 'entropy'],
  beacon: ['out', 'name', 'hash', 'iterations'],
  verify: ['out', 'model', 'r1cs', 'visibility', 'profile', 'batch', 'dim', 'outputs', 'externalData', 'inputTypes', 'zkey', 'ptau'],
  'export-vkey': ['out'],
};

export const ceremonyCommand: CliCommand<Options> = {
  name: 'ceremony',
  summary: 'contribute to a key, end it with a beacon, check its whole transcript',
  example: 'zkonnx ceremony verify --model credit.onnx --zkey final.zkey --ptau powersOfTau28_hez_final_16.ptau --out trust.json',
  configure: (command) =>
    addProfileOption(addModelOptions(command))
      .argument('<action>', 'contribute | beacon | verify | export-vkey')
      .argument('[zkey]', 'the key (for verify: --zkey)')
      .option('--out <file>', 'the next key, the trust file, or verification_key.json')
      .option('--name <text>', 'contribute, beacon: whose it is; stands in the key for all to read')
      .option('--entropy <text>', 'contribute: mixed with random bytes')
      .option('--hash <hex>', 'beacon: what nobody could foresee, e.g. a block hash')
      .option('--iterations <n>', 'beacon: log2 of the iterations of SHA-256, 10 to 26', wholeNumber(10, 26))
      .option('--model <file>', 'verify: the .onnx file, compiled again here')
      .option('--visibility <name=word,…>', 'verify: as it was compiled, like the options above')
      .option('--r1cs <file>', 'verify: or a circuit alone, which gives no trust entry')
      .option('--zkey <file>', 'verify: the key')
      .option('--ptau <file>', 'verify: the powers of tau that it was made from'),
  async run(session, [word, given], options) {
    const action = actions.find((known) => known === word);
    if (action === undefined) throw usage(`ceremony does not know "${word}"`, `one of ${actions.join(', ')}`);
    const stray = (Object.keys(options) as (keyof Options)[]).find(
      (name) => Object.values(optionsOf).some((names) => names.includes(name)) && !optionsOf[action].includes(name),
    );
    if (stray !== undefined)
      throw usage(
        `--${optionWord(stray)} does not go with ceremony ${action}`,
        `it takes ${optionsOf[action].map((name) => `--${optionWord(name)}`).join(', ')}`,
      );
    if (action === 'verify') {
      if (given !== undefined)
        throw usage('ceremony verify takes its files by name', 'zkonnx ceremony verify --model MODEL.onnx --zkey KEY --ptau POWERS');
      return verify(session, options);
    }
    if (given === undefined) throw usage(`ceremony ${action} needs a key`, `zkonnx ceremony ${action} KEY.zkey --out FILE`);
    if (action === 'export-vkey') return exportKey(session, given, options);
    return contributeTo(session, given, action, options);
  },
};

/** As it is typed. */
const optionWord = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

function usage(what: string, hint: string): ZkonnxError {
  return new ZkonnxError('ZK1001', { what, hint });
}

async function contributeTo(session: Session, zkey: string, action: 'contribute' | 'beacon', options: Options): Promise<0> {
  const { out, name, entropy } = options;
  if (out === undefined) throw usage(`ceremony ${action} needs --out`, 'the key that it makes; the one that it takes stays as it is');
  const contributor: Contributor =
    action === 'contribute' ? { kind: 'contribution', name, entropy } : { kind: 'beacon', name, beacon: beaconOf(options) };
  let result: ContributionResult | undefined;
  const pieces = contribute({ path: zkey }, contributor, (made) => (result = made), session.runOptions);
  const { bytes } = await writeFileAtomic(out, pieces, session.runOptions);
  const { number, contributionHash, transcriptHash } = result!;
  session.result(
    { out, bytes, contribution: number, contributionHash, transcriptHash },
    [`${out}   contribution ${number}`, `  contribution hash  ${contributionHash}`, `  transcript         ${transcriptHash}`].join('\n'),
  );
  if (action === 'contribute') session.note('  note         publish the contribution hash; the secret was in memory only and is gone');
  return 0;
}

function beaconOf({ hash, iterations }: Options): { readonly hash: Uint8Array; readonly iterationsLog: number } {
  const hex = hash?.replace(/^0x/i, '');
  if (hex === undefined || !/^(?:[0-9a-f]{2}){1,255}$/i.test(hex))
    throw usage('ceremony beacon needs --hash', 'pairs of hex digits, 1 to 255 bytes');
  if (iterations === undefined) throw usage('ceremony beacon needs --iterations', 'log2 of the iterations: 10 or more');
  return { hash: Uint8Array.from(hex.match(/../g)!, (pair) => Number.parseInt(pair, 16)), iterationsLog: iterations };
}

async function exportKey(session: Session, zkey: string, { out }: Options): Promise<0> {
  const key = await readVerificationKey({ path: zkey });
  const text = `${JSON.stringify(key, null, 1)}\n`;
  const hash = vkeyHash(key);
  if (out === undefined) {
    session.result({ vkeyHash: hash, verificationKey: key }, text);
    return 0;
  }
  await writeFileAtomic(out, text, session.runOptions);
  session.result({ out, vkeyHash: hash }, `${out}\n  vkey hash    ${hash}`);
  return 0;
}

async function verify(session: Session, options: Options): Promise<0 | 1> {
  const { model, r1cs, zkey, ptau, out } = options;
  if (zkey === undefined || ptau === undefined || (model === undefined) === (r1cs === undefined)) {
    throw usage(
      'ceremony verify needs --zkey, --ptau, and --model or --r1cs',
      'zkonnx ceremony verify --model MODEL.onnx --zkey KEY --ptau POWERS [--out trust.json]',
    );
  }
  if (out !== undefined && model === undefined)
    throw usage('a trust entry needs --model', 'only a model that is compiled here can be vouched for');
  const trust = out === undefined ? null : await readTrust(out);
  let compiled: CompiledModel | null = null;
  let circuit: R1cs;
  if (model !== undefined) {
    const visibility = options.visibility === undefined ? {} : { visibility: parseVisibility(options.visibility) };
    const file = await readUserModel(session, model, options);
    compiled = await compile(file.bytes, { ...session.runOptions, ...file.options, ...visibility, name: file.name });
    circuit = compiled.circuit.r1cs;
  } else circuit = decodeR1cs(await readUserFile(r1cs!), r1cs!);
  const verdict = await verifyCeremony({ r1cs: circuit, zkey: { path: zkey }, ptau: { path: ptau } }, session.runOptions);
  const entry = compiled !== null && verdict.valid ? trustEntry(compiled, verdict) : null;
  if (entry !== null && out !== undefined) {
    await writeFileAtomic(out, `${JSON.stringify(withTrustEntry(trust, entry), null, 2)}\n`, session.runOptions);
  }
  const written = entry !== null && out !== undefined ? [`  ${out}`] : [];
  session.result({ ...verdict, trust: entry, out: entry === null ? null : (out ?? null) }, [ceremonyText(verdict), ...written].join('\n'));
  if (verdict.valid && verdict.contributions.length === 1)
    session.note('  note         one contributor: whoever kept his secret can forge');
  return verdict.valid ? 0 : 1;
}

/** An existing trust file, which is added to; null if there is none. */
async function readTrust(path: string): Promise<TrustFile | null> {
  let bytes: Uint8Array;
  try {
    bytes = await readUserFile(path);
  } catch (error) {
    if (error instanceof ZkonnxError && error.code === 'ZK1002') return null;
    throw error;
  }
  return parseTrustText(bytes, path);
}
