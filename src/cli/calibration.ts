/** `--calibration` and `--expected`: a sample of inputs and what the float model answers to them, held against what would be proven. */
import type { Command } from 'commander';
import { type Disagreement, disagreement } from '../disagreement.ts';
import { ZkonnxError } from '../errors.ts';
import type { Program } from '../program/program.ts';
import { readTensors } from './inputs.ts';
import type { Session } from './session.ts';

export interface CalibrationOptions {
  readonly calibration?: string;
  readonly expected?: string;
}

export function addCalibrationOptions(command: Command): Command {
  return command
    .option('--calibration <file>', 'sample inputs: says how far the proven integers are from the float model (needs --expected)')
    .option('--expected <file>', "the float model's outputs to --calibration, arrays by output name joined along axis 0");
}

/** Before any work. @throws ZkonnxError ZK1001 where one is given without the other. */
export function requireBoth({ calibration, expected }: CalibrationOptions): void {
  if ((calibration === undefined) === (expected === undefined)) return;
  throw new ZkonnxError('ZK1001', {
    what: '--calibration and --expected belong together: inputs, and what the float model answers to them',
    hint: 'give both; docs/quantize.md shows how to write the second',
  });
}

/** Null where none was asked for. @throws ZkonnxError ZK1002, ZK41xx. */
export async function readDisagreement(
  session: Session,
  { calibration, expected }: CalibrationOptions,
  program: Program,
): Promise<Disagreement | null> {
  if (calibration === undefined || expected === undefined) return null;
  const answers = await readTensors(session, expected, program.outputs);
  const inputs = await readTensors(session, calibration, program.inputs);
  session.place = `${calibration}, ${expected}`;
  // Numbers read from JSON are float64, as are many calibration sets: rounded to the model's float32 as its runtime would.
  return disagreement(program, inputs, answers, { ...session.runOptions, cast: true });
}
