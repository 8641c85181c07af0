/**
 * The same file and options give the same circuit, byte for byte, on any machine and engine. The recorded digests change only when the compiler's output does: then every key made
 * for the model is of another circuit, which is worth a line in CHANGELOG.md. `npm run test:nodes` compares them on two Nodes, CI on every Node of its matrix.
 */
import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { compile } from '../src/compile.ts';
import { digests, recordedDigests, withoutInexactMath } from './support/digests.ts';
import { digitsModel } from './support/digits.ts';

test('digests of examples/digits', async () => {
  const { digests } = await compile(await digitsModel());
  expect(digests).toMatchSnapshot();
  expect((await compile(await digitsModel(), { name: 'another name' })).digests).toEqual(digests);
  expect((await compile(await digitsModel(), { visibility: { input: 'private' } })).digests.circuit).not.toBe(digests.circuit);
});

test('digests of models with every float function, under both profiles, while the inexact functions of Math throw', async () => {
  const found = await digests();
  await expect(`${JSON.stringify(found, null, 2)}\n`).toMatchFileSnapshot(fileURLToPath(recordedDigests));
  expect(new Set(Object.values(found)).size).toBe(Object.keys(found).length);
  await expect(withoutInexactMath(async () => Math.exp(1))).rejects.toThrow('Math.exp was called');
});

test('bundled for a browser, in a context that has nothing of Node, the compiler makes the same circuit', async () => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../src/compile.ts', import.meta.url))],
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'iife',
    globalName: 'zkonnx',
    target: 'es2022',
    logLevel: 'silent',
  });
  const context = createContext({
    TextEncoder,
    TextDecoder,
    setTimeout,
    clearTimeout,
    performance,
    WebAssembly,
    bytes: await digitsModel(),
  });
  const script = `${outputFiles[0]!.text};zkonnx.compile(new Uint8Array(bytes)).then(({ digests }) => digests.circuit)`;
  expect(await runInContext(script, context)).toBe((await compile(await digitsModel())).digests.circuit);
});
