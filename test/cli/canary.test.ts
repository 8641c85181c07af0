/**
 * Figure F18: a private input goes through every command that takes one, through a batch that is interrupted and resumed, through commands that fail on it and the server; then every byte that was written
 * (files, stdout, stderr, answers) is searched for it: as floats and as quantized bytes, as field elements, raw, in hex, in base64 and as lists of decimals. Salts and witnesses stand in files of their own,
 * which only their owner can read.
 */
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeNpz } from '../../src/tensor/npz.ts';
import { zkonnx, zkonnxHere } from '../support/cli.ts';
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

/** The same without a process of its own, for what fails at once. */
async function failsOn(...args: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await zkonnxHere([...args, '--debug'], folder);
  talk += stdout + stderr;
  expect(code, args.join(' ')).not.toBe(0);
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
      found.push(list.join(','), list.join(', '), list.join('\n'), list.join('","'), list.join('", "'));
    // As a witness and a packed signal hold them: offset binary, 32 bytes an element; 31 elements in one, the first the lowest.
    for (const raw of [some, Uint8Array.from(signed, (q) => q + 128)]) {
      const elements = Buffer.alloc(32 * 4);
      raw.subarray(0, 4).forEach((u, i) => {
        elements[32 * i] = u;
      });
      if (raw.subarray(0, 4).filter((u) => u > 1).length === 4) found.push(elements.toString('latin1'));
    }
  }
  return found;
}

/** The answers to requests that hold what they should not, and what the process says meanwhile. */
async function askServer(values: string): Promise<void> {
  const requests: Promise<unknown>[] = [];
  const { stdout, stderr } = await zkonnx(['serve', '--port', '0', '--json'], {
    cwd: folder,
    onStdout: (text, child) => {
      const url = /http:\/\/[\d.]+:\d+/.exec(text)?.[0];
      if (url === undefined || requests.length > 0) return;
      for (const body of [`{"receipt": [${values}`, `[${values}]`, `{"receipt": [${values}]}`, `{"policy": {"context": [${values}]}}`])
        requests.push(
          fetch(`${url}/v1/verify`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
            .then((response) => response.text())
            .then((answer) => {
              talk += answer;
            }),
        );
      void Promise.allSettled(requests).then(() => child.kill('SIGTERM'));
    },
  });
  expect(requests.length).toBe(4);
  talk += stdout + stderr;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
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
    const several = join(private_, 'several.npz');
    const many = new Float32Array(8 * floats.length);
    for (let i = 0; i < 8; i++) many.set(floats, i * floats.length);
    writeFileSync(several, writeNpz(new Map([[name, { ...input, dims: [8, ...input.dims.slice(1)], data: many }]])));
    const text = join(private_, 'cut.json');
    writeFileSync(text, `[${Array.from(floats).join(', ')}`);
    const witness = join(private_, 'x.wtns');
    writeFileSync(witness, '');
    chmodSync(witness, 0o644);

    expect(await command(['compile', 'model.onnx', '--out', 'artifact'])).toBe(0);
    expect(await command(['setup', 'artifact', '--dev'])).toBe(0);
    expect(await command(['prove', 'artifact', '--inputs', file, '--out', 'receipt.json', '--salt-out', 'salts.json', '--json'])).toBe(0);
    expect(await command(['verify', 'receipt.json', '--model', 'model.onnx', '--allow-dev-setup'])).toBe(0);
    expect(await command(['witness', 'artifact', '--inputs', file, '--check', '--json'])).toBe(0);
    expect(await command(['witness', 'artifact', '--inputs', file, '--out', witness])).toBe(0);
    expect(statSync(witness).mode & 0o777).toBe(0o600);
    const raw = ['prove', '--zkey', 'artifact/circuit.zkey', '--witness', witness];
    expect(await command([...raw, '--out', 'proof.json', '--public', 'public.json', '--json'])).toBe(0);
    expect(await command(['run', 'artifact', '--inputs', file, '--out', 'outputs.npz'])).toBe(0);
    expect(await command(['check', 'model.onnx', '--calibration', file, '--expected', 'outputs.npz', '--debug'])).toBe(0);
    expect(await command(['inspect', 'artifact', '--out', 'inspect.html'])).toBe(0);
    for (const format of [['snarkjs', '--out', 'snarkjs'], ['calldata']])
      expect(await command(['export', 'receipt.json', ...format])).toBe(0);

    // A batch that is stopped, and goes on.
    const batch = ['batch', 'artifact', '--inputs', several, '--out', 'batch', '--json', '--threads', '1'];
    let watch: ReturnType<typeof setInterval> | undefined;
    const stopped = await zkonnx(batch, {
      cwd: folder,
      onStderr: (_, child) => {
        watch ??= setInterval(() => {
          if (!readText(join(folder, 'batch/journal.jsonl')).includes('"done"')) return;
          // Once: a second signal ends the process where it stands.
          clearInterval(watch);
          child.kill('SIGTERM');
        }, 20);
      },
    });
    clearInterval(watch);
    talk += stopped.stdout + stopped.stderr;
    expect(stopped.code).toBe(130);
    expect(await command(batch)).toBe(0);
    expect(statSync(join(folder, 'batch/journal.jsonl')).mode & 0o777).toBe(0o600);

    // What fails says where, not what. The wrong file for a key, a receipt, a trust file is a private one at worst.
    expect(await command(['prove', 'artifact', '--inputs', bad, '--out', 'no.json', '--debug'])).not.toBe(0);
    expect(await command(['batch', 'artifact', '--inputs', bad, '--out', 'failing', '--debug'])).not.toBe(0);
    expect(await command(['run', 'artifact', '--inputs', text, '--debug'])).not.toBe(0);
    for (const wrong of [file, text, witness]) {
      await failsOn('verify', wrong);
      await failsOn('verify', 'receipt.json', '--trust', wrong);
      await failsOn('verify', 'receipt.json', '--vkey', wrong, '--json');
      await failsOn('export', wrong, 'calldata');
      await failsOn('compile', wrong);
      await failsOn('audit', wrong, '--inputs', '1');
    }
    await askServer(Array.from(floats).join(', '));
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
