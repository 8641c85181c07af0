/** `zkonnx inspect DIR|MODEL.onnx`: where the constraints go, as a table and as a picture. */
import { join } from 'node:path';
import { type CompiledModel, compile } from '../../compile.ts';
import { layerReports, layersTable } from '../../report/layers.ts';
import { pictureHtml } from '../../report/picture.ts';
import { formatCount } from '../../report/table.ts';
import { loadArtifact } from '../../store/artifact.ts';
import { writeFileAtomic } from '../../store/atomic.ts';
import { chooseArtifact, isFolder } from '../choose.ts';
import type { CliCommand } from '../command.ts';
import { addModelOptions, addProfileOption, type ModelOptions, readUserModel } from '../model.ts';
import { parseVisibility } from '../options.ts';
import type { Session } from '../session.ts';

interface Options extends ModelOptions {
  readonly out?: string;
  readonly visibility?: string;
}

export const inspectCommand: CliCommand<Options> = {
  name: 'inspect',
  summary: 'where the constraints go: a table of layers, and a picture (HTML treemap)',
  example: 'zkonnx inspect artifacts/credit-3f9ac210 --out credit.html',
  configure: (command) =>
    addProfileOption(addModelOptions(command))
      .argument('[dir|model]', 'artifact folder or .onnx file (default: the only folder under artifacts/)')
      .option('--out <file>', 'the picture (default: inspect.html in the artifact folder, or <model>.inspect.html)')
      .option('--visibility <names>', 'for an .onnx file: as for compile'),
  async run(session, [given], options) {
    const { compiled, picture } = await load(session, given, options);
    const reports = layerReports(compiled);
    const { r1cs } = compiled.circuit;
    const title = `${compiled.model.name}: ${formatCount(r1cs.rowCount)} constraints`;
    const html = pictureHtml(
      {
        title,
        lines: [
          `model sha256 ${compiled.model.sha256}`,
          `circuit ${compiled.digests.circuit}`,
          `${formatCount(r1cs.wireCount)} wires, ${formatCount(r1cs.publicCount)} public signals`,
        ],
      },
      reports,
    );
    await writeFileAtomic(picture, html, session.runOptions);
    session.result(
      { model: compiled.model, digests: compiled.digests, constraints: r1cs.rowCount, wires: r1cs.wireCount, layers: reports, picture },
      `${layersTable(reports)}\n\n${picture}`,
    );
    return 0;
  },
};

async function load(session: Session, given: string | undefined, options: Options): Promise<{ compiled: CompiledModel; picture: string }> {
  if (given === undefined || (await isFolder(given))) {
    const folder = await chooseArtifact(given);
    const { compiled } = await loadArtifact(folder, session.runOptions);
    return { compiled, picture: options.out ?? join(folder, 'inspect.html') };
  }
  const { bytes, name, options: external } = await readUserModel(session, given, options);
  const visibility = options.visibility === undefined ? undefined : parseVisibility(options.visibility);
  const compiled = await compile(bytes, { ...session.runOptions, ...external, name, visibility });
  return { compiled, picture: options.out ?? `${name}.inspect.html` };
}
