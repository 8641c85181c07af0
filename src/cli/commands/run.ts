/** `zkonnx run DIR|MODEL.onnx`: inference as it would be proven, without a proof. */
import { compileProgram } from '../../compile.ts';
import { ZkonnxError } from '../../errors.ts';
import type { Program } from '../../program/program.ts';
import { tensorSummary } from '../../report/values.ts';
import { run } from '../../run.ts';
import { loadProgram } from '../../store/artifact.ts';
import { writeFileAtomic } from '../../store/atomic.ts';
import { writeNpz } from '../../tensor/npz.ts';
import { chooseArtifact, isFolder } from '../choose.ts';
import type { CliCommand } from '../command.ts';
import { readInputs } from '../inputs.ts';
import { addModelOptions, addProfileOption, type ModelOptions, readUserModel } from '../model.ts';
import type { Session } from '../session.ts';

interface Options extends ModelOptions {
  readonly inputs: string;
  readonly out?: string;
  readonly activations?: boolean;
  readonly cast?: boolean;
}

export const runCommand: CliCommand<Options> = {
  name: 'run',
  summary: 'run the network exactly as it would be proven; no proof',
  example: 'zkonnx run credit.onnx --inputs applicants.npz --out logits.npz',
  configure: (command) =>
    addProfileOption(addModelOptions(command))
      .argument('[dir|model]', 'artifact folder or .onnx file (default: the only folder under artifacts/)')
      .requiredOption('--inputs <file>', '.npz, .npy, .json or .ndjson; arrays by input name, one inference or N along axis 0')
      .option('--out <file>', '.npz of the outputs, by name, as ONNX Runtime returns them, joined along axis 0')
      .option('--activations', 'every tensor of the network as well')
      .option('--cast', 'allow lossy conversion of inputs, e.g. float64 to float32'),
  async run(session, [given], options) {
    const program = await programOf(session, given, options);
    const inputs = await readInputs(session, options.inputs, program);
    const outputs = await run(program, inputs, { ...session.runOptions, activations: options.activations, cast: options.cast });
    if (options.out !== undefined) await writeFileAtomic(options.out, writeNpz(new Map(Object.entries(outputs))), session.runOptions);
    const shown = program.outputs.map(({ name }) => tensorSummary(name, outputs[name]!));
    session.result(
      {
        out: options.out ?? null,
        tensors: Object.fromEntries(Object.entries(outputs).map(([name, { dtype, dims }]) => [name, { dtype, dims }])),
      },
      [...(options.out === undefined ? [] : [`${options.out}   ${Object.keys(outputs).length} tensors`]), ...shown].join('\n'),
    );
    return 0;
  },
};

async function programOf(session: Session, given: string | undefined, options: ModelOptions): Promise<Program> {
  if (given === undefined || (await isFolder(given))) {
    const { program } = await loadProgram(await chooseArtifact(given), session.runOptions);
    if (options.profile === undefined || options.profile === program.profile) return program;
    throw new ZkonnxError('ZK1001', {
      what: `the artifact is of profile ${program.profile}`,
      hint: 'compile the model again with --profile',
    });
  }
  const { bytes, name, options: external } = await readUserModel(session, given, options);
  return (await compileProgram(bytes, { ...session.runOptions, ...external, name })).program;
}
