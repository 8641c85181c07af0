/** `zkonnx prove DIR`: one inference → a receipt. */
import { refuseInvalid, verifyCeremony } from '../../ceremony.ts';
import { ZkonnxError } from '../../errors.ts';
import { prove } from '../../prove.ts';
import { makeProver } from '../../provers.ts';
import type { Receipt } from '../../receipt/receipt.ts';
import { receiptLines } from '../../report/claims.ts';
import { loadArtifact } from '../../store/artifact.ts';
import { writeFileAtomic } from '../../store/atomic.ts';
import { chooseArtifact } from '../choose.ts';
import type { CliCommand } from '../command.ts';
import { readOneInference } from '../inputs.ts';
import { proverName, wholeNumber } from '../options.ts';
import { proveRaw, type RawOptions } from './prove-raw.ts';

interface Options extends RawOptions {
  readonly inputs?: string;
  readonly index?: number;
  readonly salt?: string;
  readonly saltOut?: string;
  readonly context?: string;
  readonly cast?: boolean;
  readonly checkKey?: string;
}

/** Options of one form only. */
const rawOptions = ['zkey', 'witness', 'r1cs', 'public', 'repeat', 'threads'] as const;
const folderOptions = ['inputs', 'index', 'salt', 'saltOut', 'context', 'cast', 'checkKey'] as const;

export const proveCommand: CliCommand<Options> = {
  name: 'prove',
  summary: 'prove one inference: writes a receipt that anyone can check',
  example: 'zkonnx prove artifacts/credit-3f9ac210 --inputs applicants.npz --index 4 --out receipt.json',
  configure: (command) =>
    command
      .argument('[dir]', 'artifact folder with keys (default: the only one under artifacts/)')
      .option('--inputs <file>', '.npz, .npy, .json or .ndjson; arrays by input name')
      .option('--out <file>', 'the receipt, JSON; with --zkey: proof.json')
      .option('--index <k>', 'which inference of the file, from 0; needed when there are several', wholeNumber(0))
      .option('--salt <none|hex>', 'salt of the commitments to hidden tensors (default: random; none: guessable inputs can be found out)')
      .option('--salt-out <file>', 'where to keep the salts (mode 0600): without them nobody can open the commitments')
      .option('--context <text|0xhex>', 'binds the proof to a recipient, a nonce, a chain')
      .option('--cast', 'allow lossy conversion of inputs, e.g. float64 to float32')
      .option('--check-key <ptau>', "first check the key's whole transcript against the circuit and the powers of tau it was made from")
      .option('--prover <name>', 'wasm (our own, the default) or snarkjs', proverName)
      .option('--zkey <file>', 'the prover by itself: any snarkjs groth16 key, with --witness; no artifact folder, no receipt')
      .option('--witness <file>', "the .wtns of that key's circuit")
      .option('--r1cs <file>', 'check the witness against every row of it first')
      .option('--public <file>', 'where to write public.json')
      .option('--repeat <n>', 'prove so many times; the last proof is written', wholeNumber(1, 1000))
      .option('--threads <n>', 'threads that share a proof (default: all cores)', wholeNumber(1, 256)),
  async run(session, [given], options) {
    const raw = rawOptions.filter((name) => options[name] !== undefined);
    if (raw.length > 0) {
      const other = given ?? folderOptions.find((name) => options[name] !== undefined);
      if (other === undefined) return proveRaw(session, options);
      throw new ZkonnxError('ZK1001', {
        what: `--${raw[0]} is for proofs from a key and a witness alone, beside "${other}"`,
        hint: 'give an artifact folder and --inputs, or --zkey and --witness',
      });
    }
    const { inputs: inputFile, out } = options;
    if (inputFile === undefined || out === undefined) {
      throw new ZkonnxError('ZK1001', {
        what: `prove needs ${inputFile === undefined ? '--inputs' : '--out'}`,
        hint: 'zkonnx prove DIR --inputs FILE.npz --out receipt.json',
      });
    }
    const folder = await chooseArtifact(given);
    const { compiled, keys } = await loadArtifact(folder, session.runOptions);
    if (keys === null) throw new ZkonnxError('ZK5003', { path: folder });
    const inputs = await readOneInference(session, inputFile, compiled.program, options.index);
    if (options.checkKey !== undefined) {
      const files = { zkey: keys.zkey, ptau: { path: options.checkKey } };
      refuseInvalid(await verifyCeremony({ r1cs: compiled.circuit.r1cs, ...files }, session.runOptions));
    }
    let salts: Readonly<Record<string, string>> = {};
    const prover = makeProver(options.prover);
    const receipt = await prove(compiled, keys, inputs, {
      ...session.runOptions,
      salt: options.salt,
      context: options.context,
      cast: options.cast,
      prover,
      onSalts: (made) => {
        salts = made;
      },
    }).finally(() => prover.close());
    // Salts first: a receipt whose commitments nobody can open any more must not come to be.
    if (options.saltOut !== undefined) {
      await writeFileAtomic(options.saltOut, `${JSON.stringify({ format: 'zkonnx-salts', version: 1, salts }, null, 2)}\n`, {
        ...session.runOptions,
        mode: 0o600,
      });
    }
    await writeFileAtomic(out, `${JSON.stringify(receipt, null, 2)}\n`, session.runOptions);
    session.result(
      {
        out,
        saltOut: options.saltOut ?? null,
        digest: receipt.digest,
        circuitDigest: receipt.circuit.digest,
        setup: keys.setup.kind,
        outputs: receipt.outputs,
      },
      [out, ...receiptLines(receipt)].join('\n'),
    );
    adviseOnSalt(receipt, options, session.note);
    session.next(`zkonnx verify ${out} --model MODEL.onnx${keys.setup.kind === 'dev' ? ' --allow-dev-setup' : ''}`);
    return 0;
  },
};

function adviseOnSalt(receipt: Receipt, options: Options, note: (text: string) => void): void {
  const hidden = [...receipt.outputs, ...receipt.inputs].some(({ commitment }) => commitment !== undefined);
  if (!hidden) return;
  if (options.salt === 'none') note('  note         without a salt whoever can guess the hidden values can check the guess');
  else if (options.salt === undefined && options.saltOut === undefined)
    note('  note         the salts were not kept (--salt-out FILE): these commitments can never be opened');
}
