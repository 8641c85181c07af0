/** `zkonnx compile MODEL.onnx`: the model's circuit, as an artifact folder. */
import { join } from 'node:path';
import { compile } from '../../compile.ts';
import { boundaryLines, checkLines } from '../../report/boundary.ts';
import { formatCount } from '../../report/table.ts';
import { artifactFolderName, saveArtifact } from '../../store/artifact.ts';
import { artifactsFolder } from '../choose.ts';
import type { CliCommand } from '../command.ts';
import { addModelOptions, addProfileOption, type ModelOptions, readUserModel } from '../model.ts';
import { parseVisibility } from '../options.ts';

interface Options extends ModelOptions {
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
    addProfileOption(addModelOptions(command))
      .argument('<model>', 'the .onnx file')
      .option('--out <dir>', 'the artifact folder itself (default: artifacts/<name>-<first 8 digits of the circuit digest>)')
      .option('--visibility <names>', 'NAME=public|packed|hashed|private, comma-separated (default: inputs hashed, outputs public)')
      .option('--no-audit', 'leave out the check that every wire of the circuit is determined by its inputs')
      .option('--name <name>', 'what to call the model (default: the file name)'),
  async run(session, [path], options) {
    const visibility = options.visibility === undefined ? undefined : parseVisibility(options.visibility);
    const file = await readUserModel(session, path!, options);
    const name = options.name ?? file.name;
    const compiled = await compile(file.bytes, { ...session.runOptions, ...file.options, name, visibility, audit: options.audit });
    const folder = options.out ?? join(artifactsFolder, artifactFolderName(compiled));
    const { size, digests, layout, setup } = await saveArtifact(folder, compiled, session.runOptions);
    session.result(
      { folder, model: compiled.model, digests, size, inputs: layout.inputs, outputs: layout.outputs, check: compiled.check, setup },
      [
        folder,
        `  circuit      ${formatCount(size.constraints)} constraints, ${formatCount(size.wires)} wires, ${formatCount(size.publicSignals)} public signals`,
        `  digest       ${digests.circuit}`,
        ...checkLines(compiled.check),
        ...boundaryLines(layout),
      ].join('\n'),
    );
    session.next(setup === null ? `zkonnx setup ${folder} --dev` : `zkonnx prove ${folder} --inputs FILE.npz --out receipt.json`);
    return 0;
  },
};
