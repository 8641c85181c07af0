/** Which artifact folder a command means when it is given none: the only one under artifacts/. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ZkonnxError } from '../errors.ts';

export const artifactsFolder = 'artifacts';

/** @throws ZkonnxError ZK1001 if there is none to choose, or more than one. */
export async function chooseArtifact(given: string | undefined): Promise<string> {
  if (given !== undefined) return given;
  const entries = await readdir(artifactsFolder, { withFileTypes: true }).catch(() => []);
  const found: string[] = [];
  for (const entry of entries) {
    const folder = join(artifactsFolder, entry.name);
    if (entry.isDirectory() && (await isFile(join(folder, 'manifest.json')))) found.push(folder);
  }
  if (found.length === 1) return found[0]!;
  throw found.length === 0
    ? new ZkonnxError('ZK1001', {
        what: `no DIR given, and ${artifactsFolder}/ holds no compiled model`,
        hint: 'zkonnx compile MODEL.onnx',
      })
    : new ZkonnxError('ZK1001', {
        what: `no DIR given, and ${artifactsFolder}/ holds ${found.length} models`,
        hint: `choose one of ${found.join(', ')}`,
      });
}

export function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

export function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
