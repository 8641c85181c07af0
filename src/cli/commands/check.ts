/** `zkonnx check MODEL.onnx`: can it be proven, and at what cost? Writes nothing. */
import { assembleCircuit, compileProgram } from '../../compile.ts';
import { boundaryLines } from '../../report/boundary.ts';
import { estimate, estimateLines } from '../../report/estimate.ts';
import type { CliCommand } from '../command.ts';
import { parseVisibility } from '../options.ts';
import { modelNameOf, readUserFile } from '../user-file.ts';

interface Options {
  readonly visibility?: string;
}

export const checkCommand: CliCommand<Options> = {
  name: 'check',
  summary: 'can a model be proven, and at what cost? exit 0 yes, 3 no with a report of every node in the way',
  example: 'zkonnx check credit.onnx',
  configure: (command) =>
    command
      .argument('<model>', 'the .onnx file')
      .option('--visibility <names>', 'as for compile: public signals cost gas, hidden inputs constraints'),
  async run(session, [path], options) {
    const visibility = options.visibility === undefined ? undefined : parseVisibility(options.visibility);
    const { model, program } = await compileProgram(await readUserFile(path!), { ...session.runOptions, name: modelNameOf(path!) });
    const { circuit, digests } = await assembleCircuit(program, model, { ...session.runOptions, visibility });
    const cost = estimate(circuit.r1cs);
    const { layout } = circuit;
    session.result(
      {
        supported: true,
        model,
        circuitDigest: digests.circuit,
        profile: layout.profile,
        inputs: layout.inputs,
        outputs: layout.outputs,
        estimate: cost,
      },
      [
        `${path}   sha256 ${model.sha256.slice(0, 4)}…${model.sha256.slice(-4)}   supported`,
        ...boundaryLines(layout),
        ...estimateLines(cost),
      ].join('\n'),
    );
    session.next(`zkonnx compile ${path}`);
    return 0;
  },
};
