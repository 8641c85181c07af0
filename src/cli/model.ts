/** The model file that the user names: its bytes, what to call it, and the files beside it, where they are allowed. */

import { basename, dirname } from 'node:path';
import { type Command, Option } from 'commander';
import type { CompileOptions } from '../compile.ts';
import { defaultProfile, type Profile, profiles } from '../graph/profile.ts';
import { openModelFolder } from '../store/external-data.ts';
import { parseDims, parseInputTypes, parseOutputs, wholeNumber } from './options.ts';
import type { Session } from './session.ts';
import { readUserFile } from './user-file.ts';

/** Options of every command that reads a model. */
export interface ModelOptions {
  readonly externalData?: boolean;
  readonly inputTypes?: string;
  readonly outputs?: string;
  readonly profile?: Profile;
  readonly batch?: number;
  readonly dim?: string;
}

export interface UserModel {
  readonly bytes: Uint8Array;
  /** In "models/digits.onnx": digits. */
  readonly name: string;
  /** For compile: `{ ...model.options }`. */
  readonly options: Pick<CompileOptions, 'external' | 'inputTypes' | 'outputs' | 'profile' | 'batch' | 'dims'>;
}

export function addModelOptions(command: Command): Command {
  return command
    .option('--batch <n>', 'the batch of a model that leaves it open, 1 unless told: one proof is about all of it', wholeNumber(1))
    .option('--dim <names>', 'sizes of other open dimensions: NAME=N, comma-separated')
    .option('--external-data', 'allow a model that keeps tensors in other files of its own folder; none elsewhere, no links')
    .option('--input-types <names>', 'NAME=uint8|int8: what the float32 inputs of an integer network (RequantShift) hold (default: uint8)')
    .option('--outputs <names>', 'tensors to prove instead of the outputs, by name, comma-separated: what follows them is left out');
}

/** For commands that choose the arithmetic; a receipt names its own. */
export function addProfileOption(command: Command): Command {
  return command.addOption(
    new Option('--profile <name>', `whose arithmetic: ONNX Runtime's in WASM, or on x86-64 with FMA (default: ${defaultProfile})`).choices(
      profiles,
    ),
  );
}

/** @throws ZkonnxError ZK1002, ZK1001. */
export async function readUserModel(session: Session, path: string, given: ModelOptions): Promise<UserModel> {
  session.place = basename(path);
  const bytes = await readUserFile(path);
  const options = {
    external: given.externalData === true ? openModelFolder(dirname(path)) : undefined,
    batch: given.batch,
    dims: given.dim === undefined ? undefined : parseDims(given.dim),
    inputTypes: given.inputTypes === undefined ? undefined : parseInputTypes(given.inputTypes),
    outputs: given.outputs === undefined ? undefined : parseOutputs(given.outputs),
    profile: given.profile,
  };
  return { bytes, name: basename(path).replace(/\.onnx$/i, ''), options };
}
