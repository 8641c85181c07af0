/** `zkonnx witness DIR`: all wires of one inference's circuit, to check against the constraints or to hand to another prover. */
import { ZkonnxError } from '../../errors.ts';
import { formatCount } from '../../report/table.ts';
import { makeStatement } from '../../statement.ts';
import { loadArtifact } from '../../store/artifact.ts';
import { writeFileAtomic } from '../../store/atomic.ts';
import { checkWitness } from '../../witness/check.ts';
import { encodeWtns } from '../../witness/format.ts';
import { chooseArtifact } from '../choose.ts';
import type { CliCommand } from '../command.ts';
import { readOneInference } from '../inputs.ts';
import { wholeNumber } from '../options.ts';

interface Options {
  readonly inputs: string;
  readonly index?: number;
  readonly check?: boolean;
  readonly out?: string;
  readonly salt?: string;
  readonly context?: string;
  readonly cast?: boolean;
}

export const witnessCommand: CliCommand<Options> = {
  name: 'witness',
  summary: 'compute the witness of one inference; --check it against every constraint',
  example: 'zkonnx witness artifacts/credit-3f9ac210 --inputs applicants.npz --index 4 --check',
  configure: (command) =>
    command
      .argument('[dir]', 'artifact folder (default: the only one under artifacts/)')
      .requiredOption('--inputs <file>', '.npz, .npy, .json or .ndjson; arrays by input name')
      .option('--index <k>', 'which inference of the file, from 0; needed when there are several', wholeNumber(0))
      .option('--check', 'name the first violated constraint by layer, gadget and element, if there is one')
      .option('--out <file>', "snarkjs' .wtns (mode 0600): it holds the private inputs in the clear")
      .option('--salt <none|hex>', 'as for prove')
      .option('--context <text|0xhex>', 'as for prove')
      .option('--cast', 'allow lossy conversion of inputs'),
  async run(session, [given], options) {
    if (options.check !== true && options.out === undefined) {
      throw new ZkonnxError('ZK1001', { what: 'nothing to do with the witness', hint: 'give --check, or --out FILE.wtns' });
    }
    const folder = await chooseArtifact(given);
    const { compiled } = await loadArtifact(folder, session.runOptions);
    const inputs = await readOneInference(session, options.inputs, compiled.program, options.index);
    session.runOptions.onEvent({ stage: 'witness', done: 0, total: 0 });
    const { witness } = makeStatement(compiled, inputs, options);
    const { r1cs } = compiled.circuit;
    if (options.check === true) {
      session.runOptions.onEvent({ stage: 'check', done: 0, total: 0 });
      const violation = checkWitness(compiled.circuit, witness);
      if (violation !== null) throw new ZkonnxError('ZK6001', { ...violation });
    }
    if (options.out !== undefined) await writeFileAtomic(options.out, encodeWtns(r1cs, witness), { ...session.runOptions, mode: 0o600 });
    session.result(
      { wires: r1cs.wireCount, constraints: r1cs.rowCount, checked: options.check === true, out: options.out ?? null },
      [
        ...(options.check === true ? [`all ${formatCount(r1cs.rowCount)} constraints hold`] : []),
        ...(options.out === undefined ? [] : [`${options.out}   ${formatCount(r1cs.wireCount)} wires; holds the inputs in the clear`]),
      ].join('\n'),
    );
    return 0;
  },
};
