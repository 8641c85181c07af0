/** `zkonnx batch DIR`: many inferences → one receipt each, in all cores; a second run continues where the first stopped. */
import { batch } from '../../jobs/batch.ts';
import type { ProverName } from '../../provers.ts';
import { loadProgram } from '../../store/artifact.ts';
import { chooseArtifact } from '../choose.ts';
import type { CliCommand } from '../command.ts';
import { readInputs } from '../inputs.ts';
import { proverName, wholeNumber } from '../options.ts';

interface Options {
  readonly inputs: string;
  readonly out: string;
  readonly threads?: number;
  readonly salt?: string;
  readonly saltOut?: string;
  readonly context?: string;
  readonly cast?: boolean;
  readonly prover?: ProverName;
}

export const batchCommand: CliCommand<Options> = {
  name: 'batch',
  summary: 'prove many inferences: one receipt each, resumable; exit 1 if any failed',
  example: 'zkonnx batch artifacts/credit-3f9ac210 --inputs applicants.npz --out receipts/',
  configure: (command) =>
    command
      .argument('[dir]', 'artifact folder with keys (default: the only one under artifacts/)')
      .requiredOption('--inputs <file>', '.npz, .npy, .json or .ndjson of N inferences; arrays by input name')
      .requiredOption('--out <folder>', 'gets 000000.json … and journal.jsonl')
      .option('--threads <n>', 'proofs at a time (default: cores)', wholeNumber(1, 1024))
      .option('--salt <none|hex>', 'salt of the commitments to hidden tensors (default: random for each)')
      .option('--salt-out <file>', 'NDJSON (mode 0600) that gets the salts of each proof')
      .option('--context <text|0xhex>', 'binds every proof to a recipient, a nonce, a chain')
      .option('--cast', 'allow lossy conversion of inputs, e.g. float64 to float32')
      .option('--prover <name>', 'wasm (our own, the default) or snarkjs', proverName),
  async run(session, [given], options) {
    const folder = await chooseArtifact(given);
    const { program } = await loadProgram(folder, session.runOptions);
    const inputs = await readInputs(session, options.inputs, program);
    const result = await batch(folder, inputs, { ...session.runOptions, ...options });
    const { count, proven, kept, failed } = result;
    const lines = [
      `${options.out}   ${count - failed.length} of ${count} receipts · ${proven} proven · ${kept} kept from an earlier run · ${failed.length} failed`,
      ...failed.map(({ index, code, message }) => `  index ${index}   ${code} ${message}`),
    ];
    session.result({ out: options.out, ...result }, lines.join('\n'));
    if (failed.length > 0) session.next('mend these inputs and run the same command again: only the missing ones are proven');
    else session.next(`zkonnx verify ${options.out}/000000.json --model MODEL.onnx`);
    return failed.length > 0 ? 1 : 0;
  },
};
