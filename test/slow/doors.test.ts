/**
 * Every file of an artifact folder damaged in every simple way, and every command that reads the folder: it is refused, with the code of a damaged or foreign file, or the answer is that of the whole folder.
 * Nothing in between: no other result, no internal error, no hang.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeNpz } from '../../src/tensor/npz.ts';
import { zkonnxHere } from '../support/cli.ts';
import { model, node, part, qdq, value, weights } from '../support/onnx-builder.ts';
import { tinyInputs, tinyModel } from '../support/tiny.ts';

const mostMs = 5_000;

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'zkonnx-doors-'));
  writeFileSync(join(folder, 'x.npz'), writeNpz(new Map(Object.entries(tinyInputs(1)))));
  writeFileSync(join(folder, 'tiny.onnx'), tinyModel());
  writeFileSync(join(folder, 'other.onnx'), otherModel());
  for (const name of ['tiny', 'other']) {
    expect(await zkonnxHere(['compile', `${name}.onnx`, '--out', `${name}-whole`], folder)).toMatchObject({ code: 0 });
    expect(await zkonnxHere(['setup', `${name}-whole`, '--dev', '--seed', name], folder)).toMatchObject({ code: 0 });
  }
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Of the same shapes, with other weights. */
function otherModel(): Uint8Array {
  return model({
    parts: [
      qdq('input', { scale: 0.02, zeroPoint: 128, dtype: 'uint8' }),
      weights(
        'w',
        [8, 3],
        Array.from({ length: 24 }, (_, i) => ((i * 41) % 201) - 100),
        { scales: [0.013], dtype: 'int8' },
      ),
      part(node('MatMul', ['input_dq', 'w_dq'], ['y'])),
      qdq('y', { scale: 0.05, zeroPoint: 120, dtype: 'uint8' }, 'logits'),
    ],
    inputs: [value('input', 'float32', [1, 8])],
    outputs: [value('logits', 'float32', [1, 3])],
  });
}

/** What a command says of the folder DIR that must not change; `null` where it has random parts. */
const commands: Record<string, { args: readonly string[]; essence: (json: Record<string, unknown>) => unknown }> = {
  run: {
    args: ['run', 'DIR', '--inputs', 'x.npz', '--out', 'run.npz'],
    essence: () => readFileSync(join(folder, 'run.npz')).toString('hex'),
  },
  witness: {
    args: ['witness', 'DIR', '--inputs', 'x.npz', '--salt', '7', '--check', '--out', 'w.wtns'],
    essence: () => readFileSync(join(folder, 'w.wtns')).toString('hex'),
  },
  prove: {
    args: ['prove', 'DIR', '--inputs', 'x.npz', '--salt', '7', '--out', 'receipt.json'],
    essence: ({ outputs, circuitDigest, setup }) => {
      const { proof: _, setup: key, inputs } = JSON.parse(readFileSync(join(folder, 'receipt.json'), 'utf8'));
      return { outputs, circuitDigest, setup, vkeyHash: key.vkeyHash, inputs };
    },
  },
  audit: { args: ['audit', 'DIR'], essence: ({ counts, unique, groups }) => ({ counts, unique, groups }) },
  inspect: { args: ['inspect', 'DIR', '--out', 'inspect.html'], essence: (json) => json },
  vkey: { args: ['export', 'DIR', 'vkey'], essence: (json) => json },
  solidity: { args: ['export', 'DIR', 'solidity'], essence: (json) => json },
};

/** What is left of the bytes, by name of the damage. */
function damages(name: string, bytes: Uint8Array, other: Uint8Array): [string, Uint8Array | null][] {
  const flip = (at: number, mask: number): Uint8Array => bytes.map((byte, i) => (i === at ? byte ^ mask : byte));
  const places = [0, 4, 12, 24, Math.floor(bytes.length / 3), Math.floor(bytes.length / 2), bytes.length - 40, bytes.length - 1];
  const all: [string, Uint8Array | null][] = [
    ['gone', null],
    ['empty', bytes.slice(0, 0)],
    ['one byte', bytes.slice(0, 1)],
    ['half', bytes.slice(0, bytes.length >> 1)],
    ['one byte less', bytes.slice(0, -1)],
    ['one byte more', new Uint8Array(Buffer.concat([bytes, Buffer.of(0)]))],
    ['a block of zeros', bytes.map((byte, i) => (i >= bytes.length >> 1 && i < (bytes.length >> 1) + 64 ? 0 : byte))],
    ["another circuit's", other],
    ...places
      .filter((at) => at >= 0 && at < bytes.length)
      .map((at): [string, Uint8Array] => [`bit of byte ${at}`, flip(at, 1 << (at % 8))]),
  ];
  return name.endsWith('.json') ? [...all, ...jsonDamages(bytes)] : all;
}

function jsonDamages(bytes: Uint8Array): [string, Uint8Array][] {
  const text = new TextDecoder().decode(bytes);
  const utf8 = (changed: string): Uint8Array => new TextEncoder().encode(changed);
  const json = JSON.parse(text) as Record<string, unknown>;
  const changed = (key: string, put: unknown): [string, Uint8Array] => [
    `${key}: ${JSON.stringify(put)?.slice(0, 20)}`,
    utf8(JSON.stringify({ ...json, [key]: put })),
  ];
  return [
    ['a BOM', utf8(`\ufeff${text}`)],
    ['UTF-16', new Uint8Array(Buffer.from(text, 'utf16le'))],
    ['__proto__', utf8(text.replace('{', '{"__proto__": {"valid": true}, '))],
    ['deep', utf8('['.repeat(100_000))],
    ['null', utf8('null')],
    ...Object.keys(json).flatMap((key) => [
      changed(key, undefined),
      changed(key, null),
      changed(key, -1),
      changed(key, 'x'),
      changed(key, []),
    ]),
  ];
}

test.each([
  'manifest.json',
  'program.json',
  'program.bin',
  'circuit.r1cs',
  'circuit.sym',
  'circuit.zkey',
  'verification_key.json',
  'circuit.zkey.rekeyed',
])(
  '%s',
  async (file) => {
    const ask = async (command: string): Promise<{ answer: string; code: number | null; ms: number; error: string }> => {
      const { args, essence } = commands[command]!;
      const began = performance.now();
      const { code, stdout, stderr } = await zkonnxHere([...args.map((arg) => (arg === 'DIR' ? 'tiny' : arg)), '--json'], folder);
      const ms = performance.now() - began;
      const json = JSON.parse(stdout) as { error?: { code: string; message: string } };
      if (code !== 0)
        return { answer: '', code, ms, error: `${json.error?.code} ${json.error?.message} ${stderr.includes('    at ') ? stderr : ''}` };
      return { answer: JSON.stringify(essence(json as Record<string, unknown>)), code, ms, error: '' };
    };
    const restore = (): void => {
      rmSync(join(folder, 'tiny'), { recursive: true, force: true });
      cpSync(join(folder, 'tiny-whole'), join(folder, 'tiny'), { recursive: true });
    };
    restore();
    const whole = new Map<string, string>();
    for (const command of Object.keys(commands)) {
      const { answer, code, error } = await ask(command);
      expect(code, `${command}: ${error}`).toBe(0);
      whole.set(command, answer);
    }
    const counts = { refused: 0, unchanged: 0 };
    const bytes = new Uint8Array(readFileSync(join(folder, 'tiny-whole', file)));
    const other = new Uint8Array(readFileSync(join(folder, 'other-whole', file)));
    for (const [damage, left] of damages(file, bytes, other)) {
      for (const command of Object.keys(commands)) {
        restore();
        if (left === null) rmSync(join(folder, 'tiny', file));
        else writeFileSync(join(folder, 'tiny', file), left);
        const before = readdirSync(join(folder, 'tiny')).sort().join();
        const { answer, code, ms, error } = await ask(command);
        const what = `${file}, ${damage}, ${command}`;
        expect(ms, what).toBeLessThan(mostMs);
        expect(readdirSync(join(folder, 'tiny')).sort().join(), what).toBe(before);
        if (code === 0) {
          expect(answer, what).toBe(whole.get(command));
          counts.unchanged++;
        } else {
          expect([2, 5], `${what}: ${error}`).toContain(code);
          expect(error, what).toMatch(/^ZK(500[1-5]|1001|6002) /);
          counts.refused++;
        }
      }
    }
    expect((Object.prototype as { valid?: unknown }).valid).toBeUndefined();
    console.log(`${file}: ${counts.refused} refused, ${counts.unchanged} with the whole folder's answer`);
    expect(counts.refused + counts.unchanged).toBeGreaterThan(100);
  },
  600_000,
);
