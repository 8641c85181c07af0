/**
 * What users install: packs the tarball, installs it in an empty folder, and there imports it, runs the CLI, makes a proof through the pool in a Node that must exit
 * by itself, and type-checks a consumer.
 */
import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const exec = promisify(execFile);
const shell = process.platform === 'win32';
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zkonnx-package-'));
  await exec('npm', ['pack', '--pack-destination', folder], { cwd: root, shell, maxBuffer: 1 << 26 });
  const tarball = (await readdir(folder)).find((name) => name.endsWith('.tgz'))!;
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', version: '1.0.0', type: 'module', private: true }));
  await exec('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline', join(folder, tarball)], {
    cwd: folder,
    shell,
    maxBuffer: 1 << 26,
  });
  await copyFile(join(root, 'examples/digits/digits.onnx'), join(folder, 'digits.onnx'));
  await copyFile(join(root, 'examples/digits/inputs.npz'), join(folder, 'inputs.npz'));
}, 300_000);

afterAll(async () => {
  if (folder !== '') await rm(folder, { recursive: true, force: true });
});

const cli = (...args: string[]) =>
  exec(process.execPath, [join(folder, 'node_modules/zkonnx/bin/zkonnx.js'), ...args], { cwd: folder, maxBuffer: 1 << 26 });

test('the tarball holds what runs, and nothing else', async () => {
  const names = (await readdir(join(folder, 'node_modules/zkonnx'))).sort();
  expect(names).toEqual(['ARCHITECTURE.md', 'CHANGELOG.md', 'LICENSE', 'README.md', 'bin', 'dist', 'docs', 'examples', 'package.json']);
});

test('the CLI compiles, sets up, and proves through the pool; the process exits by itself', async () => {
  await cli('compile', 'digits.onnx', '--out', 'artifact');
  await cli('setup', 'artifact', '--dev');
  const { stdout } = await cli('run', 'artifact', '--inputs', 'inputs.npz', '--out', 'out.npz', '--json');
  expect(() => JSON.parse(stdout) as unknown).not.toThrow();
  await writeFile(
    join(folder, 'pool.mjs'),
    `import { readFile } from 'node:fs/promises';
     import { ProverPool, loadArtifact, verify } from 'zkonnx';
     const { compiled, keys } = await loadArtifact('artifact');
     const input = compiled.program.inputs[0];
     const inputs = { [input.name]: { dtype: 'float32', dims: input.dims, data: new Float32Array(64).fill(0.5) } };
     const pool = new ProverPool({ threads: 1 });
     const { receipt } = await pool.prove({ folder: 'artifact', inputs });
     const verdict = await verify(JSON.parse(JSON.stringify(receipt)), { vkeyHash: keys.vkeyHash });
     await pool.close();
     console.log(JSON.stringify({ valid: verdict.valid, reason: verdict.reason }));`,
  );
  const made = await exec(process.execPath, ['pool.mjs'], { cwd: folder, timeout: 120_000 });
  expect(JSON.parse(made.stdout)).toMatchObject({ valid: true });
}, 240_000);

test('each entry point imports', async () => {
  const entries = ['zkonnx', 'zkonnx/verify', 'zkonnx/circuits', 'zkonnx/server', 'zkonnx/evm'];
  await writeFile(
    join(folder, 'entries.mjs'),
    `for (const name of ${JSON.stringify(entries)}) console.log(name, Object.keys(await import(name)).length > 0);`,
  );
  const { stdout } = await exec(process.execPath, ['entries.mjs'], { cwd: folder, timeout: 60_000 });
  expect(stdout.trim().split('\n')).toEqual(entries.map((name) => `${name} true`));
});

test('a consumer type-checks', async () => {
  await writeFile(
    join(folder, 'consumer.ts'),
    `import { compile, prove, setup, verify, type Receipt, type Verdict } from 'zkonnx';
     import { verify as verifySmall } from 'zkonnx/verify';
     export async function use(bytes: Uint8Array): Promise<Verdict> {
       const circuit = await compile(bytes, { visibility: { input: 'hashed', logits: 'public' } });
       const keys = await setup(circuit, { kind: 'dev' });
       const receipt: Receipt = await prove(circuit, keys, { input: { dtype: 'float32', dims: [1, 1, 8, 8], data: new Float32Array(64) } });
       await verifySmall(receipt, { vkeyHash: keys.vkeyHash });
       // @ts-expect-error an unknown visibility is an error at compile time already
       await compile(bytes, { visibility: { input: 'secret' } });
       return verify(receipt, { allowDevSetup: true });
     }`,
  );
  await exec(
    process.execPath,
    [
      join(root, 'node_modules/typescript/bin/tsc'),
      '--noEmit',
      '--strict',
      '--target',
      'ES2023',
      '--module',
      'NodeNext',
      '--types',
      'node',
      '--typeRoots',
      join(root, 'node_modules/@types'),
      'consumer.ts',
    ],
    { cwd: folder },
  ).catch((error: { stdout?: string }) => {
    throw new Error(error.stdout ?? String(error));
  });
}, 120_000);
