/**
 * Figure F18: a private input goes through prove, batch and a failing command; then every byte that was written (files, stdout, stderr) is searched for it: as floats and as quantized bytes, raw, in hex, in base64 and
 * as lists of decimals. Salts stand in their own file alone, which only its owner can read.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeNpz } from '../../src/tensor/npz.ts';
import { zkonnx } from '../support/cli.ts';
import { digitsInputs, digitsModel } from '../support/digits.ts';

let folder: string;
let talk = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'zkonnx-canary-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function command(args: readonly string[]): Promise<number | null> {
  const { code, stdout, stderr } = await zkonnx(args, { cwd: folder });
  talk += stdout + stderr;
  return code;
}

/** Every window of some elements, written in each way that it could leak in. */
function needles(floats: Float32Array, integers: Uint8Array): string[] {
  const window = 10;
  const found: string[] = [];
  for (let start = 0; start + window <= integers.length; start++) {
    const some = integers.subarray(start, start + window);
    if (new Set(some).size < 6) continue;
    const signed = Int8Array.from(some, (u) => u - 128);
    const bytes = [some, new Uint8Array(signed.buffer), new Uint8Array(floats.slice(start, start + window).buffer)];
    for (const raw of bytes) {
      const buffer = Buffer.from(raw);
      found.push(
        buffer.toString('latin1'),
        buffer.toString('hex'),
        buffer.subarray(0, 9).toString('base64'),
        buffer.reverse().toString('latin1'),
      );
    }
    for (const list of [Array.from(some), Array.from(signed), Array.from(floats.subarray(start, start + 3))])
      found.push(list.join(','), list.join(', '), list.join('\n'));
  }
  return found;
}

function written(path: string): string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

test('a hidden input and its salt are in nothing that is written', async () => {
  writeFileSync(join(folder, 'model.onnx'), await digitsModel());
  const [name, images] = Object.entries(await digitsInputs())[0]!;
  const integers = crypto.getRandomValues(new Uint8Array(64));
  const scale = Math.fround(1 / 255);
  const floats = Float32Array.from(integers, (u) => Math.fround(u * scale));
  const input = { dtype: 'float32', dims: [1, ...images.dims.slice(1)], data: floats } as const;
  const private_ = mkdtempSync(join(tmpdir(), 'zkonnx-canary-input-'));
  try {
    const file = join(private_, 'x.npz');
    writeFileSync(file, writeNpz(new Map([[name, input]])));
    const bad = join(private_, 'bad.npz');
    const withNan = floats.slice();
    withNan[40] = Number.NaN;
    writeFileSync(bad, writeNpz(new Map([[name, { ...input, data: withNan }]])));
    expect(await command(['compile', 'model.onnx', '--out', 'artifact'])).toBe(0);
    expect(await command(['setup', 'artifact', '--dev'])).toBe(0);
    expect(await command(['prove', 'artifact', '--inputs', file, '--out', 'receipt.json', '--salt-out', 'salts.json', '--json'])).toBe(0);
    expect(await command(['verify', 'receipt.json', '--model', 'model.onnx', '--allow-dev-setup'])).toBe(0);
    expect(await command(['batch', 'artifact', '--inputs', file, '--out', 'batch', '--json'])).toBe(0);
    expect(await command(['prove', 'artifact', '--inputs', bad, '--out', 'no.json', '--debug'])).not.toBe(0);
    expect(await command(['witness', 'artifact', '--inputs', file, '--check', '--json'])).toBe(0);
  } finally {
    rmSync(private_, { recursive: true, force: true });
  }
  // What the model makes of the floats: the quantized image, by the layout's own scale.
  const { layout } = JSON.parse(readFileSync(join(folder, 'artifact/manifest.json'), 'utf8'));
  const [{ scale: s, zeroPoint }] = layout.inputs;
  const quantized = Uint8Array.from(floats, (v) => Math.max(-128, Math.min(127, Math.round(v / s) + zeroPoint)) + 128);
  const all = [...new Set([...needles(floats, integers), ...needles(floats, quantized)])];
  expect(all.length).toBeGreaterThan(500);
  // They would be found where they are: in the floats' own bytes, in a list of the integers.
  const holds = (text: string): boolean => all.some((needle) => text.includes(needle));
  expect([holds(Buffer.from(floats.buffer).toString('latin1')), holds(JSON.stringify(Array.from(quantized))), holds('nothing')]).toEqual([
    true,
    true,
    false,
  ]);
  const files = written(folder);
  expect(files.length).toBeGreaterThan(8);
  const salts = Object.values((JSON.parse(readFileSync(join(folder, 'salts.json'), 'utf8')) as { salts: Record<string, string> }).salts);
  expect(statSync(join(folder, 'salts.json')).mode & 0o777).toBe(0o600);
  for (const [where, text] of [['what was said', talk], ...files.map((path) => [path, readFileSync(path).toString('latin1')])] as [
    string,
    string,
  ][]) {
    for (const needle of all) if (text.includes(needle)) expect.fail(`${where} holds ${JSON.stringify(needle)}`);
    if (!where.endsWith('salts.json')) for (const salt of salts) expect(text.includes(salt), `${where} holds a salt`).toBe(false);
  }
});
