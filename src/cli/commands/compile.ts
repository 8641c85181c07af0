/** `zkonnx compile MODEL.onnx`: the model's circuit, as an artifact folder. */
import { join } from 'node:path';
import { compileCircuit, compileProgram } from '../../compile.ts';
import { boundaryLines, checkLines } from '../../report/boundary.ts';
import { disagreementLines } from '../../report/disagreement.ts';
import { formatCount } from '../../report/table.ts';
import { artifactFolderName, saveArtifact } from '../../store/artifact.ts';
import { addCalibrationOptions, type CalibrationOptions, readDisagreement, requireBoth } from '../calibration.ts';
import { artifactsFolder } from '../choose.ts';
import type { CliCommand } from '../command.ts';
import { addModelOptions, addProfileOption, type ModelOptions, readUserModel } from '../model.ts';
import { parseVisibility } from '../options.ts';

interface Options extends ModelOptions, CalibrationOptions {
  readonly out?: string;
  readonly visibility?: string;
  readonly name?: string;
  readonly audit: boolean;
}

export const compileCommand: CliCommand<Options> = {
  name: 'compile',
  summary: 'compile a quantized model into a circuit: writes an artifact folder',
  example: 'zkonnx compile credit.onnx --visibility features=hashed,logits=public',
  configure: (command) =>
    addCalibrationOptions(addProfileOption(addModelOptions(command)))
      .argument('<model>', 'the .onnx file')
      .option('--out <dir>', 'the artifact folder itself (default: artifacts/<name>-<first 8 digits of the circuit digest>)')
      .option('--visibility <names>', 'NAME=public|packed|hashed|private, comma-separated (default: inputs hashed, outputs public)')
      .option('--no-audit', 'leave out the check that every wire of the circuit is determined by its inputs')
      .option('--name <name>', 'what to call the model (default: the file name)'),
  async run(session, [path], options) {
    const visibility = options.visibility === undefined ? undefined : parseVisibility(options.visibility);
    requireBoth(options);
    const file = await readUserModel(session, path!, options);
    const compileOptions = {
      ...session.runOptions,
      ...file.options,
      name: options.name ?? file.name,
      visibility,
      audit: options.audit,
    };
    const half = await compileProgram(file.bytes, compileOptions);
    const disagreement = await readDisagreement(session, options, half.program);
    const compiled = await compileCircuit(half, compileOptions);
    const folder = options.out ?? join(artifactsFolder, artifactFolderName(compiled));
    const { size, digests, layout, setup } = await saveArtifact(folder, compiled, session.runOptions);
    session.result(
      {
        folder,
        model: compiled.model,
        digests,
        size,
        inputs: layout.inputs,
        outputs: layout.outputs,
        check: compiled.check,
        disagreement,
        setup,
      },
      [
        folder,
        `  circuit      ${formatCount(size.constraints)} constraints, ${formatCount(size.wires)} wires, ${formatCount(size.publicSignals)} public signals`,
        `  digest       ${digests.circuit}`,
        ...checkLines(compiled.check),
        ...boundaryLines(layout),
        ...disagreementLines(disagreement),
      ].join('\n'),
    );
    session.next(setup === null ? `zkonnx setup ${folder} --dev` : `zkonnx prove ${folder} --inputs FILE.npz --out receipt.json`);
    return 0;
  },
};
