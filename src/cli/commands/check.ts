/** `zkonnx check MODEL.onnx`: can it be proven, and at what cost? Writes nothing. */
import { availableParallelism } from 'node:os';
import { assembleCircuit, type CompiledProgram, type CompileOptions, compileProgram } from '../../compile.ts';
import { driveSteps } from '../../events.ts';
import { defaultProfile } from '../../graph/profile.ts';
import type { Program } from '../../program/program.ts';
import { countSteps } from '../../r1cs/build.ts';
import { type Layout, makeLayout } from '../../r1cs/layout.ts';
import { boundaryLines } from '../../report/boundary.ts';
import { disagreementLines } from '../../report/disagreement.ts';
import { type Estimate, estimateCircuit, estimateLines, estimateSize, type Machine } from '../../report/estimate.ts';
import { floatGroupLines } from '../../report/float-groups.ts';
import { measureSpeed } from '../../report/speed.ts';
import { addCalibrationOptions, type CalibrationOptions, readDisagreement, requireBoth } from '../calibration.ts';
import type { CliCommand } from '../command.ts';
import { addModelOptions, addProfileOption, type ModelOptions, readUserModel } from '../model.ts';
import { parseVisibility } from '../options.ts';

interface Options extends ModelOptions, CalibrationOptions {
  readonly visibility?: string;
}

export const checkCommand: CliCommand<Options> = {
  name: 'check',
  summary: 'can a model be proven, and at what cost? exit 0 yes, 3 no with a report of every node in the way',
  example: 'zkonnx check credit.onnx',
  configure: (command) =>
    addCalibrationOptions(addProfileOption(addModelOptions(command)))
      .argument('<model>', 'the .onnx file')
      .option('--visibility <names>', 'as for compile: public signals cost gas, hidden inputs constraints'),
  async run(session, [path], options) {
    const visibility = options.visibility === undefined ? undefined : parseVisibility(options.visibility);
    requireBoth(options);
    const file = await readUserModel(session, path!, options);
    const { model, program, floatGroups } = await compileProgram(file.bytes, { ...session.runOptions, ...file.options, name: file.name });
    const layout = makeLayout(program, { visibility });
    const disagreement = await readDisagreement(session, options, program);
    const cost = await estimateOf(program, model, layout, { ...session.runOptions, visibility });
    const { inputs, outputs, profile } = layout;
    session.result(
      { supported: true, model, profile, inputs, outputs, estimate: cost, floatGroups, disagreement },
      [
        `${path}   sha256 ${model.sha256.slice(0, 4)}…${model.sha256.slice(-4)}   supported${profile === defaultProfile ? '' : ` (profile ${profile})`}`,
        ...boundaryLines(layout),
        ...estimateLines(cost),
        ...floatGroupLines(floatGroups),
        ...disagreementLines(disagreement),
      ].join('\n'),
    );
    session.next(`zkonnx compile ${path}`);
    return 0;
  },
};

/** The processor's time, of all threads: hardly changed by what else it does. */
function busyMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** Above this a circuit is counted, not built: it would take minutes and gigabytes. */
const builtUpTo = 1_500_000;

async function estimateOf(program: Program, model: CompiledProgram['model'], layout: Layout, options: CompileOptions): Promise<Estimate> {
  const size = await driveSteps('count', countSteps(program, layout, options), options);
  options.onEvent?.({ stage: 'measure', done: 0, total: 0, note: 'a small key and its proofs' });
  const machine: Machine = { cores: availableParallelism(), speed: await measureSpeed(busyMs, options) };
  if (size.rowCount > builtUpTo) return estimateSize(size, layout, machine);
  return estimateCircuit((await assembleCircuit(program, model, options)).circuit, machine);
}
