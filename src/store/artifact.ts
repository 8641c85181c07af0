/**
 * An artifact folder (architecture: artifacts/<name>-<first 8 of circuitDigest>): a compiled model and its keys as files. It holds the integer program, not the
 * model file; the circuit is rebuilt from it and held against the recorded digest, so a program altered by one bit is noticed, whoever wrote the manifest.
 * Files are written whole or not at all (atomic.ts), the manifest last: a folder without a manifest is no artifact.
 */
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { assembleCircuit, type CompiledModel } from '../compile.ts';
import { throwIfAborted, ZkonnxError } from '../errors.ts';
import type { RunOptions } from '../events.ts';
import { requirePlainFile } from '../groth16/byte-source.ts';
import { decodeVerificationKey } from '../groth16/json.ts';
import type { Keys, VerificationKey } from '../groth16/keys.ts';
import { vkeyHash } from '../groth16/verify.ts';
import { decodeProgram, encodeProgram } from '../program/format.ts';
import type { Program } from '../program/program.ts';
import { r1csChunks } from '../r1cs/format.ts';
import type { Visibility } from '../r1cs/layout.ts';
import { symChunks } from '../r1cs/sym.ts';
import { version } from '../version.ts';
import { type FileContent, removeFile, type StagedFile, stageFile, writeFileAtomic } from './atomic.ts';
import { checkFile, type FileDigest } from './file-digest.ts';
import { artifactFiles, decodeManifest, encodeManifest, keyFiles, type Manifest } from './manifest.ts';

export interface Artifact {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly compiled: CompiledModel;
  /** null until set-up. The proving key stays on disk. */
  readonly keys: Keys | null;
}

/** The folder that `compile` takes when it is given none: artifacts/<name>-<first 8 of circuitDigest>. */
export function artifactFolderName(compiled: CompiledModel): string {
  const name = compiled.model.name.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[.-]+|[.-]+$/g, '') || 'model';
  return `${name.slice(0, 80)}-${compiled.digests.circuit.slice(0, 8)}`;
}

/**
 * Writes a compiled model into `folder`. Keys that are there already stay if they are of this very circuit, and go if they are not.
 * @throws ZkonnxError ZK1003 (cannot write), ZK1006 (aborted).
 */
export async function saveArtifact(folder: string, compiled: CompiledModel, options: RunOptions = {}): Promise<Manifest> {
  const { circuit, digests, model, program } = compiled;
  const previous = await readManifest(folder).catch(() => null);
  const keep = previous !== null && previous.digests.circuit === digests.circuit && previous.setup !== null ? previous : null;
  if (keep === null) {
    // The manifest first: from here until the new one is written the folder is no artifact, never one with another circuit's key.
    for (const name of [artifactFiles.manifest, ...keyFiles]) await removeFile(join(folder, name));
  }
  const files: Record<string, FileDigest> = {};
  const encoded = encodeProgram(program);
  const contents: readonly [string, () => FileContent][] = [
    [artifactFiles.programJson, () => encoded.json],
    [artifactFiles.programBin, () => encoded.bin],
    [artifactFiles.r1cs, () => r1csChunks(circuit.r1cs)],
    [artifactFiles.sym, () => symChunks(circuit)],
  ];
  for (const [i, [name, content]] of contents.entries()) {
    throwIfAborted(options.signal, 'write');
    options.onEvent?.({ stage: 'write', done: i, total: contents.length, note: name });
    files[name] = await writeFileAtomic(join(folder, name), content(), options);
  }
  for (const name of keyFiles) {
    const digest = keep?.files[name];
    if (digest !== undefined) files[name] = digest;
  }
  const manifest: Manifest = {
    format: 'zkonnx-artifact',
    version: 1,
    model: { name: model.name, sha256: model.sha256 },
    layout: circuit.layout as Manifest['layout'],
    digests: { model: digests.model, layout: digests.layout, r1cs: digests.r1cs, circuit: digests.circuit },
    size: { constraints: circuit.r1cs.rowCount, wires: circuit.r1cs.wireCount, publicSignals: circuit.r1cs.publicCount },
    check: compiled.check,
    setup: keep?.setup ?? null,
    files,
    unproven: { toolVersion: version },
  };
  await writeManifest(folder, manifest, options);
  return manifest;
}

/**
 * Writes the keys of a set-up into an artifact folder, replacing earlier ones.
 * @throws ZkonnxError ZK5002 if the keys are of another circuit than the folder, ZK1003, ZK1006.
 */
export async function saveKeys(folder: string, keys: Keys, options: RunOptions = {}): Promise<Manifest> {
  const manifest = await readManifest(folder);
  if (manifest.digests.circuit !== keys.circuitDigest) {
    throw new ZkonnxError('ZK5002', { path: folder, what: `the keys are of circuit ${keys.circuitDigest.slice(0, 8)}` });
  }
  const zkey: FileContent = keys.zkey instanceof Uint8Array ? keys.zkey : createReadStream(keys.zkey.path, { highWaterMark: 1 << 22 });
  const verificationKey = `${JSON.stringify(keys.verificationKey, null, 1)}\n`;
  options.onEvent?.({ stage: 'write', done: 0, total: 2, note: artifactFiles.zkey });
  const contents = {
    [artifactFiles.zkey]: zkey,
    [artifactFiles.verificationKey]: verificationKey,
    ...(keys.rekeyed === undefined ? {} : { [artifactFiles.rekeyed]: keys.rekeyed }),
  };
  const staged: [string, StagedFile][] = [];
  try {
    for (const [name, content] of Object.entries(contents)) staged.push([name, await stageFile(join(folder, name), content, options)]);
    // From here on nothing stops it, and a crash leaves a folder without keys, never one with keys that do not fit together.
    if (manifest.setup !== null) await writeManifest(folder, withoutKeys(manifest));
    if (keys.rekeyed === undefined) await removeFile(join(folder, artifactFiles.rekeyed));
    for (const [, file] of staged) await file.commit();
  } catch (cause) {
    for (const [, file] of staged) await file.discard();
    throw cause;
  }
  const files = Object.fromEntries(staged.map(([name, { digest }]) => [name, digest]));
  const next: Manifest = {
    ...manifest,
    setup: { ...keys.setup, vkeyHash: keys.vkeyHash },
    files: { ...withoutKeys(manifest).files, ...files },
  };
  await writeManifest(folder, next);
  return next;
}

function withoutKeys(manifest: Manifest): Manifest {
  return {
    ...manifest,
    setup: null,
    files: Object.fromEntries(Object.entries(manifest.files).filter(([name]) => !keyFiles.includes(name))),
  };
}

async function writeManifest(folder: string, manifest: Manifest, options: RunOptions = {}): Promise<void> {
  await writeFileAtomic(join(folder, artifactFiles.manifest), encodeManifest(manifest), options);
}

/** @throws ZkonnxError ZK5005 (no artifact folder), ZK5001 (damaged manifest). */
export async function readManifest(folder: string): Promise<Manifest> {
  const path = join(folder, artifactFiles.manifest);
  let text: string;
  try {
    await requirePlainFile(path);
    text = await readFile(path, 'utf8');
  } catch (cause) {
    const folderExists = await stat(folder).then(
      () => true,
      () => false,
    );
    throw new ZkonnxError('ZK5005', { path: folder, what: folderExists ? 'it has no manifest.json' : 'it does not exist' }, { cause });
  }
  return decodeManifest(text, path);
}

/**
 * The integer program alone: enough to run the network, without building its circuit.
 * @throws ZkonnxError ZK5005, ZK5001.
 */
export async function loadProgram(folder: string, options: RunOptions = {}): Promise<{ manifest: Manifest; program: Program }> {
  const manifest = await readManifest(folder);
  for (const name of [artifactFiles.programJson, artifactFiles.programBin])
    await checkFile(folder, name, manifest.files[name], options.signal);
  const json = await readFile(join(folder, artifactFiles.programJson), 'utf8');
  const bin = await readFile(join(folder, artifactFiles.programBin));
  try {
    return { manifest, program: decodeProgram(json, bin) };
  } catch (cause) {
    if (cause instanceof ZkonnxError && cause.exit === 130) throw cause;
    const what = cause instanceof Error ? cause.message : String(cause);
    throw new ZkonnxError('ZK5001', { path: join(folder, artifactFiles.programJson), what }, { cause });
  }
}

/**
 * A compiled model and its keys, every file of the folder held against the manifest and the circuit rebuilt and held against its digest.
 * @throws ZkonnxError ZK5005 (no artifact folder), ZK5001 (damaged), ZK5002 (a key of another circuit), ZK1006.
 */
export async function loadArtifact(folder: string, options: RunOptions = {}): Promise<Artifact> {
  const { manifest, program } = await loadProgram(folder, options);
  for (const name of [artifactFiles.r1cs, artifactFiles.sym]) await checkFile(folder, name, manifest.files[name], options.signal);
  const visibility: Record<string, Visibility> = {};
  for (const tensor of [...manifest.layout.inputs, ...manifest.layout.outputs]) visibility[tensor.name] = tensor.visibility;
  const compiled = await assembleCircuit(program, manifest.model, { ...options, visibility });
  for (const [what, rebuilt] of Object.entries(compiled.digests)) {
    const recorded = manifest.digests[what as keyof Manifest['digests']];
    if (rebuilt === recorded) continue;
    const made = manifest.unproven.toolVersion === version ? '' : ` (made by zkonnx ${manifest.unproven.toolVersion}, this is ${version})`;
    throw new ZkonnxError('ZK5001', {
      path: join(folder, artifactFiles.programJson),
      what: `the ${what} rebuilt from it has digest ${rebuilt.slice(0, 8)}…, the manifest says ${recorded.slice(0, 8)}…${made}`,
    });
  }
  return {
    folder,
    manifest,
    compiled: { ...compiled, check: manifest.check },
    keys: manifest.setup === null ? null : await loadKeys(folder, manifest, options),
  };
}

/**
 * The folder's verification key, held against the manifest; no circuit is built.
 * @throws ZkonnxError ZK5003 (not set up), ZK5001, ZK5002.
 */
export async function loadVerificationKey(folder: string, manifest: Manifest): Promise<VerificationKey> {
  if (manifest.setup === null) throw new ZkonnxError('ZK5003', { path: folder });
  await checkFile(folder, artifactFiles.verificationKey, manifest.files[artifactFiles.verificationKey]);
  const path = join(folder, artifactFiles.verificationKey);
  let key: VerificationKey;
  let hash: string;
  try {
    key = decodeVerificationKey(new Uint8Array(await readFile(path)), path);
    hash = vkeyHash(key);
  } catch (cause) {
    const what = cause instanceof ZkonnxError ? String(cause.params.what) : cause instanceof Error ? cause.message : String(cause);
    throw new ZkonnxError('ZK5001', { path, what }, { cause });
  }
  if (hash !== manifest.setup.vkeyHash) {
    throw new ZkonnxError('ZK5002', {
      path,
      what: `its hash is ${hash.slice(0, 8)}…, the manifest says ${manifest.setup.vkeyHash.slice(0, 8)}…`,
    });
  }
  return key;
}

function setupOf(manifest: Manifest): Keys['setup'] {
  const { vkeyHash: _hash, ...setup } = manifest.setup!;
  return setup;
}

async function loadKeys(folder: string, manifest: Manifest, options: RunOptions): Promise<Keys> {
  const verificationKey = await loadVerificationKey(folder, manifest);
  await checkFile(folder, artifactFiles.zkey, manifest.files[artifactFiles.zkey], options.signal);
  const rekeyed = manifest.files[artifactFiles.rekeyed];
  if (rekeyed !== undefined) await checkFile(folder, artifactFiles.rekeyed, rekeyed, options.signal);
  return {
    zkey: { path: join(folder, artifactFiles.zkey) },
    verificationKey,
    vkeyHash: manifest.setup!.vkeyHash,
    setup: setupOf(manifest),
    circuitDigest: manifest.digests.circuit,
  };
}
