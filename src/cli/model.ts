/** The model file that the user names: its bytes, what to call it, and the files beside it, where they are allowed. */

import { basename, dirname } from 'node:path';
import type { Command } from 'commander';
import type { ReadExternal } from '../onnx/model.ts';
import { openModelFolder } from '../store/external-data.ts';
import type { Session } from './session.ts';
import { readUserFile } from './user-file.ts';

/** Options of every command that reads a model. */
export interface ModelOptions {
  readonly externalData?: boolean;
}

export interface UserModel {
  readonly bytes: Uint8Array;
  /** In "models/digits.onnx": digits. */
  readonly name: string;
  /** For compile: `{ ...model.options }`. */
  readonly options: { readonly external?: ReadExternal };
}

export function addModelOptions(command: Command): Command {
  return command.option('--external-data', 'allow a model that keeps tensors in other files of its own folder; none elsewhere, no links');
}

/** @throws ZkonnxError ZK1002, ZK1001. */
export async function readUserModel(session: Session, path: string, { externalData }: ModelOptions): Promise<UserModel> {
  session.place = basename(path);
  const bytes = await readUserFile(path);
  const options = externalData === true ? { external: openModelFolder(dirname(path)) } : {};
  return { bytes, name: basename(path).replace(/\.onnx$/i, ''), options };
}
