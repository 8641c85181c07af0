/** Input files of the command line: read, named after the model's inputs, one inference chosen where one is needed. */
import { ZkonnxError } from '../errors.ts';
import { countInferences, inferenceAt, type NamedTensors } from '../inputs.ts';
import type { Program, ProgramBoundary } from '../program/program.ts';
import { namedTensors, parseTensorFile } from '../tensor/file.ts';
import type { Session } from './session.ts';
import { readUserFile } from './user-file.ts';

/** @throws ZkonnxError ZK1002, ZK4106 (the file), ZK4101, ZK4103 (its arrays). */
export async function readInputs(session: Session, path: string, program: Program): Promise<NamedTensors> {
  return readTensors(session, path, program.inputs);
}

/** Arrays by the names of a model's inputs or outputs. @throws as `readInputs` */
export async function readTensors(session: Session, path: string, wanted: readonly ProgramBoundary[]): Promise<NamedTensors> {
  const file = parseTensorFile(path, await readUserFile(path));
  session.place = path;
  return namedTensors(file, wanted, path);
}

/**
 * The inference that --index chooses; without it the file must hold exactly one.
 * @throws ZkonnxError ZK4107 (which?), ZK4108 (no such index).
 */
export async function readOneInference(session: Session, path: string, program: Program, index: number | undefined): Promise<NamedTensors> {
  const inputs = await readInputs(session, path, program);
  const count = countInferences(program, inputs);
  if (index === undefined && count > 1) throw new ZkonnxError('ZK4107', { file: path, count });
  if (index !== undefined && index >= count) throw new ZkonnxError('ZK4108', { index, file: path, count });
  if (index !== undefined) session.place = `${path}, index ${index}`;
  return inferenceAt(program, inputs, index ?? 0);
}
