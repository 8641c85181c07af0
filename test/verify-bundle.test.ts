/** `zkonnx/verify` in a browser: bundled, it needs nothing of Node and no snarkjs, and stays small. */
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { makeReceipt } from './support/receipts.ts';

const entry = fileURLToPath(new URL('../src/verify.ts', import.meta.url));

async function bundle() {
  const result = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    logLevel: 'silent',
  });
  return {
    text: result.outputFiles[0]!.text,
    inputs: Object.keys(result.metafile.inputs),
    outputs: Object.values(result.metafile.outputs),
  };
}

test('bundles for the browser, without node:, snarkjs or anything left outside, under 120 kB', async () => {
  const { text, inputs, outputs } = await bundle();
  expect(outputs.flatMap(({ imports }) => imports)).toEqual([]);
  expect(inputs.filter((path) => /node_modules\/(?!@noble\/)|^node:/.test(path))).toEqual([]);
  expect(text).not.toMatch(/["']node:|\brequire\(|\bprocess\.|\bBuffer\b/);
  console.log(`zkonnx/verify: ${text.length} bytes minified, ${gzipSync(text).length} gzipped`);
  expect(text.length).toBeLessThan(120_000);
});

test('the bundle judges as the source does', async () => {
  const { text } = await bundle();
  const { verify } = (await import(
    `data:text/javascript;base64,${Buffer.from(text).toString('base64')}`
  )) as typeof import('../src/verify.ts');
  const { receipt } = makeReceipt();
  expect(await verify(receipt, { vkeyHash: receipt.setup.vkeyHash })).toMatchObject({ valid: true });
  expect(await verify(receipt)).toMatchObject({ valid: false, reason: 'the proof checks, but nobody vouches for its key' });
});
