/**
 * The command line that scripts rely on, on the digits example: every command's forms, every exit code, the shapes of --json. One folder is compiled and set up once; each
 * test that damages something works on a copy. Within this process, for speed; process.test.ts shows that real processes end the same way.
 */
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { snarkjsVerify } from '../../src/interop/snarkjs.ts';
import { readNpz, writeNpz } from '../../src/tensor/npz.ts';
import type { Tensor } from '../../src/tensor/tensor.ts';
import { type CliResult, zkonnxHere } from '../support/cli.ts';
import { node, model as onnxModel, value } from '../support/onnx-builder.ts';

const digits = fileURLToPath(new URL('../../examples/digits/', import.meta.url));
const model = join(digits, 'digits.onnx');
const inputs = join(digits, 'inputs.npz');
let cwd = '';

const cli = (...args: string[]): Promise<CliResult> => zkonnxHere(args, cwd);
const json = (text: string): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>;
const path = (name: string): string => join(cwd, name);

async function ok(...args: string[]): Promise<CliResult> {
  const result = await cli(...args);
  expect(result.code, `zkonnx ${args.join(' ')}\n${result.stdout}\n${result.stderr}`).toBe(0);
  return result;
}

async function fails(exit: number, code: string, ...args: string[]): Promise<CliResult> {
  const result = await cli(...args);
  expect(result.code, `zkonnx ${args.join(' ')}\n${result.stdout}\n${result.stderr}`).toBe(exit);
  expect(result.stderr).toContain(code);
  expect(result.stderr).not.toMatch(/^\s+at /m);
  return result;
}

async function npz(name: string, tensors: Record<string, Tensor>): Promise<string> {
  await writeFile(path(name), writeNpz(new Map(Object.entries(tensors))));
  return name;
}

const image = (count: number): Tensor => ({ dtype: 'float32', dims: [count, 1, 8, 8], data: new Float32Array(count * 64).fill(0.25) });

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'zkonnx-cli-'));
  await ok('compile', model, '--out', 'digits');
  await ok('setup', 'digits', '--dev', '--seed', 'contract test');
  await ok(
    'prove',
    'digits',
    '--inputs',
    inputs,
    '--index',
    '3',
    '--context',
    'order 17',
    '--salt-out',
    'salts.json',
    '--out',
    'receipt.json',
  );
}, 180_000);

afterAll(() => rm(cwd, { recursive: true, force: true }));

describe('check', () => {
  test('0, inputs, outputs and what proving would cost', async () => {
    const { stdout, stderr } = await ok('check', model);
    expect(stdout).toContain('supported');
    expect(stdout).toMatch(/input\s+input\s+int8\[1,1,8,8\] from float32/);
    expect(stdout).toMatch(/[\d,]+ constraints \(2\^\d+\)/);
    expect(stderr).toContain('zkonnx compile');
  });

  test('--json: one document on stdout, events on stderr', async () => {
    const { stdout, stderr } = await ok('check', model, '--json');
    const { supported, estimate } = json(stdout) as { supported: boolean; estimate: Record<string, unknown> };
    expect(supported).toBe(true);
    expect(Object.keys(estimate)).toEqual(
      expect.arrayContaining([
        'constraints',
        'wires',
        'publicSignals',
        'logDomain',
        'provingKeyBytes',
        'proofMs',
        'proofMemoryBytes',
        'gas',
        'basis',
      ]),
    );
    for (const line of stderr.trim().split('\n')) expect(json(line)).toHaveProperty('event.stage');
  });

  test('--profile: named in the report; one that does not exist is a usage error', async () => {
    const { stdout } = await ok('check', model, '--profile', 'ort-fused-x64', '--json');
    expect(json(stdout)).toMatchObject({ supported: true, profile: 'ort-fused-x64' });
    expect((await ok('check', model, '--profile', 'ort-fused-x64')).stdout).toContain('supported (profile ort-fused-x64)');
    await fails(2, 'ort-fused-x64', 'check', model, '--profile', 'ort-fused-arm');
    await fails(2, 'the artifact is of profile ort-fused', 'run', 'digits', '--inputs', inputs, '--profile', 'ort-fused-x64');
  });

  test('the key is exactly as large as was said', async () => {
    const { stdout } = await ok('check', model, '--json');
    const { estimate } = json(stdout) as { estimate: { provingKeyBytes: number } };
    expect((await stat(path('digits/circuit.zkey'))).size).toBe(estimate.provingKeyBytes);
  });

  test('3, with every node that is in the way', async () => {
    const float = join(digits, 'float.onnx');
    const { stderr } = await fails(3, 'ZK3001', 'check', float);
    for (const node of ['/a/Conv', '/Relu', '/MaxPool', '/b/Conv', '/f/Gemm']) expect(stderr).toContain(node);
    expect(stderr).toMatch(/^ZK3001 float\.onnx: 7 of \d+ nodes cannot be proven yet\n {2}node +op +where +what to do\n/m);
    expect(stderr.trimEnd().split('\n').at(-1)).toBe('Nothing was written.');
    const result = await cli('check', float, '--json');
    const { error } = json(result.stdout) as { error: { code: string; exit: number; details: Record<string, unknown>[] } };
    expect(result.code).toBe(3);
    expect(error).toMatchObject({ code: 'ZK3001', exit: 3 });
    expect(error.details.length).toBe(7);
    expect(Object.keys(error.details[0]!)).toEqual(expect.arrayContaining(['node', 'op', 'domain', 'opset', 'shape', 'why', 'whatToDo']));
  });

  test('3 for a file that is no ONNX, 2 for one that is not there', async () => {
    await fails(3, 'ZK2001', 'check', inputs);
    await fails(2, 'ZK1002', 'check', 'nosuch.onnx');
  });
});

describe('compile', () => {
  test('DIR is the artifact folder itself, and holds what snarkjs users know', async () => {
    expect((await readdir(path('digits'))).sort()).toEqual([
      'circuit.r1cs',
      'circuit.sym',
      'circuit.zkey',
      'circuit.zkey.rekeyed',
      'manifest.json',
      'program.bin',
      'program.json',
      'verification_key.json',
    ]);
  });

  test('twice gives the same bytes', async () => {
    await ok('compile', model, '--out', 'once');
    await ok('compile', model, '--out', 'twice');
    for (const name of await readdir(path('once'))) {
      expect(Buffer.compare(await readFile(path(`once/${name}`)), await readFile(path(`twice/${name}`))), name).toBe(0);
    }
  });

  test('without --out: artifacts/<name>-<first 8 of the circuit digest>, which is then the default DIR', async () => {
    const { stdout } = await ok('compile', model, '--json');
    const { folder, digests } = json(stdout) as { folder: string; digests: { circuit: string } };
    expect(folder).toBe(join('artifacts', `digits-${digests.circuit.slice(0, 8)}`));
    await ok('run', '--inputs', inputs);
    await ok('compile', model, '--visibility', 'input=public');
    const { stderr } = await fails(2, 'ZK1001', 'run', '--inputs', inputs);
    expect(stderr).toContain(folder);
    await rm(path('artifacts'), { recursive: true });
    await fails(2, 'ZK1001', 'run', '--inputs', inputs);
  });

  test('--visibility: an unknown word or name is an error, never a default', async () => {
    await fails(2, 'ZK1004', 'compile', model, '--out', 'x', '--visibility', 'input=secret');
    await fails(2, 'ZK1005', 'compile', model, '--out', 'x', '--visibility', 'inptu=public');
    await fails(2, 'ZK1001', 'compile', model, '--out', 'x', '--visibility', 'public');
    await expect(stat(path('x'))).rejects.toThrow();
    const { stdout } = await ok('compile', model, '--out', 'packed', '--visibility', 'input=packed,logits=hashed', '--json');
    expect(json(stdout)).toMatchObject({
      inputs: [{ visibility: 'packed', signalCount: 3 }],
      outputs: [{ visibility: 'hashed', signalCount: 1 }],
    });
  });

  test('again into a folder with keys keeps them; another circuit drops them', async () => {
    await cp(path('digits'), path('again'), { recursive: true });
    await ok('compile', model, '--out', 'again');
    await ok('export', 'again', 'vkey');
    await ok('compile', model, '--out', 'again', '--visibility', 'input=public');
    expect(await readdir(path('again'))).not.toContain('circuit.zkey');
    await fails(2, 'ZK5003', 'export', 'again', 'vkey');
  });

  test('2 where nothing can be written', async () => {
    await writeFile(path('blocked'), 'a file');
    await fails(2, 'ZK1003', 'compile', model, '--out', 'blocked/inside');
  });
});

describe('run', () => {
  test('from DIR and from MODEL alike: by name, with dtype, joined along axis 0', async () => {
    await ok('run', 'digits', '--inputs', inputs, '--out', 'a.npz');
    await ok('run', model, '--inputs', inputs, '--out', 'b.npz');
    const a = readNpz(await readFile(path('a.npz')));
    expect([...a.keys()]).toEqual(['logits']);
    expect(a.get('logits')).toMatchObject({ dtype: 'float32', dims: [12, 10] });
    expect(readNpz(await readFile(path('b.npz')))).toEqual(a);
    const logits = a.get('logits')!.data as Float32Array;
    const labels = readNpz(await readFile(join(digits, 'labels.npz'))).get('label')!.data;
    // The last two are there because the network gets them wrong.
    for (let i = 0; i < 10; i++) {
      const row = logits.subarray(10 * i, 10 * i + 10);
      expect(row.indexOf(Math.max(...row))).toBe(Number(labels[i]));
    }
  });

  test('--activations adds every tensor', async () => {
    await ok('run', model, '--inputs', inputs, '--out', 'all.npz', '--activations');
    const all = readNpz(await readFile(path('all.npz')));
    expect(all.size).toBeGreaterThan(5);
    expect(all.get('logits')).toMatchObject({ dtype: 'float32', dims: [12, 10] });
    for (const tensor of all.values()) expect(tensor.dims[0]).toBe(12);
  });

  test('.json and .npy of one unnamed array, for a model with one input', async () => {
    await writeFile(path('one.json'), JSON.stringify([[Array.from({ length: 8 }, () => Array(8).fill(0.5))]]));
    const { stdout } = await ok('run', model, '--inputs', 'one.json', '--json');
    expect(json(stdout)).toMatchObject({ tensors: { logits: { dtype: 'float32', dims: [1, 10] } } });
  });

  test('4 for inputs that the model does not take, and which one it was', async () => {
    await fails(4, 'ZK4103', 'run', model, '--inputs', await npz('shape.npz', { input: { ...image(1), dims: [1, 1, 4, 16] } }));
    await fails(4, 'ZK4101', 'run', model, '--inputs', await npz('name.npz', { picture: image(1), other: image(1) }));
    await fails(
      4,
      'ZK4104',
      'run',
      model,
      '--inputs',
      await npz('dtype.npz', { input: { ...image(1), dtype: 'float64', data: new Float64Array(64).fill(0.1) } }),
    );
    const bad = image(3);
    bad.data[130] = Number.NaN;
    const { stderr } = await fails(
      4,
      'ZK4105',
      'prove',
      'digits',
      '--index',
      '2',
      '--inputs',
      await npz('nan.npz', { input: bad }),
      '--out',
      'x.json',
    );
    expect(stderr).toContain('nan.npz, index 2');
    const graph = {
      nodes: [node('MaxPool', ['x'], ['y'], { kernel_shape: [2, 2] })],
      initializers: [],
      inputs: [value('x', 'uint8', [1, 1, 2, 2])],
      outputs: [value('y', 'uint8', [1, 1, 1, 1])],
    };
    await writeFile(path('integers.onnx'), onnxModel(graph));
    const raw: Tensor = { dtype: 'int32', dims: [1, 1, 2, 2], data: Int32Array.of(1, 2, 300, 4) };
    const range = await fails(4, 'ZK4102', 'run', 'integers.onnx', '--inputs', await npz('range.npz', { x: raw }));
    expect(range.stderr).toContain('x[2] is above the range, uint8 holds 0…255 (range.npz)');
    await writeFile(path('junk.npz'), 'not a zip');
    await fails(4, 'ZK4106', 'run', model, '--inputs', 'junk.npz');
  });
});

describe('setup', () => {
  test('says what it made; asks which kind', async () => {
    await fails(2, 'ZK1001', 'setup', 'digits');
    const manifest = json(await readFile(path('digits/manifest.json'), 'utf8'));
    expect(manifest).toMatchObject({ setup: { kind: 'dev', vkeyHash: expect.stringMatching(/^[0-9a-f]{64}$/) } });
    await fails(2, 'ZK5005', 'setup', 'nosuch', '--dev');
  });
});

describe('prove', () => {
  test('2: which of several, an index past the end, no keys, options missing', async () => {
    await fails(2, 'ZK4107', 'prove', 'digits', '--inputs', inputs, '--out', 'x.json');
    await fails(2, 'ZK4108', 'prove', 'digits', '--inputs', inputs, '--index', '12', '--out', 'x.json');
    await fails(2, 'ZK1001', 'prove', 'digits', '--inputs', inputs, '--index', '-1', '--out', 'x.json');
    await fails(2, 'ZK1001', 'prove', 'digits', '--inputs', inputs);
    await fails(2, 'ZK1001', 'prove', 'digits', '--inputs', inputs, '--index', '1', '--salt', 'xyz', '--out', 'x.json');
    await ok('compile', model, '--out', 'keyless');
    const { stderr } = await fails(2, 'ZK5003', 'prove', 'keyless', '--inputs', inputs, '--index', '0', '--out', 'x.json');
    expect(stderr).toContain('zkonnx setup keyless --dev');
    await expect(stat(path('x.json'))).rejects.toThrow();
  });

  test.skipIf(process.platform === 'win32')('--salt-out is mode 0600, and the salt stands nowhere else', async () => {
    expect((await stat(path('salts.json'))).mode & 0o777).toBe(0o600);
    const { salts } = json(await readFile(path('salts.json'), 'utf8')) as { salts: { input: string } };
    expect(salts.input).toMatch(/^[0-9a-f]{62}$/);
    expect(await readFile(path('receipt.json'), 'utf8')).not.toContain(salts.input);
  });

  test('--json tells the outputs; --salt none gives the same commitment twice', async () => {
    const first = await ok('prove', 'digits', '--inputs', inputs, '--index', '0', '--salt', 'none', '--out', 'r0.json', '--json');
    expect(json(first.stdout)).toMatchObject({ out: 'r0.json', setup: 'dev', outputs: [{ name: 'logits', values: expect.any(Array) }] });
    await ok('prove', 'digits', '--inputs', inputs, '--index', '0', '--salt', 'none', '--out', 'r1.json');
    const receipts = await Promise.all(['r0.json', 'r1.json'].map(async (name) => json(await readFile(path(name), 'utf8'))));
    expect(receipts[0]!.inputs).toEqual(receipts[1]!.inputs);
    expect(receipts[0]!.proof).not.toEqual(receipts[1]!.proof);
  });
});

describe('verify', () => {
  const receipt = 'receipt.json';

  test('1 without a pin: the proof checks, but nobody vouches for its key', async () => {
    const { code, stdout } = await cli('verify', receipt);
    expect(code).toBe(1);
    expect(stdout).toContain('NOT ACCEPTED: the proof checks, but nobody vouches for its key');
  });

  test('0 with --allow-dev-setup, --vkey or --vkey-hash, and what was shown', async () => {
    const { setup } = json(await readFile(path('digits/manifest.json'), 'utf8')) as { setup: { vkeyHash: string } };
    await ok('verify', receipt, '--allow-dev-setup');
    await ok('verify', receipt, '--vkey', 'digits/verification_key.json');
    const { stdout } = await ok('verify', receipt, '--vkey-hash', setup.vkeyHash, '--model', model, '--context', 'order 17', '--json');
    const verdict = json(stdout);
    expect(verdict).toMatchObject({ verdict: 'ACCEPTED', valid: true, reason: expect.any(String) });
    expect(verdict.shown).toEqual(expect.arrayContaining([expect.stringContaining('order 17')]));
    expect(verdict.notShown).toEqual(expect.arrayContaining([expect.stringContaining('open it with the salt')]));
  });

  test('1 for another key, context or model', async () => {
    expect((await cli('verify', receipt, '--vkey-hash', '0'.repeat(64))).code).toBe(1);
    expect((await cli('verify', receipt, '--allow-dev-setup', '--context', 'order 18')).code).toBe(1);
    const other = new Uint8Array(await readFile(model));
    // One weight's lowest bit: still a model, another circuit.
    await writeFile(path('other.onnx'), flipWeight(other));
    const { code, stdout } = await cli('verify', receipt, '--allow-dev-setup', '--model', 'other.onnx');
    expect(code).toBe(1);
    expect(stdout).toContain('NOT ACCEPTED');
  });

  test('1 for an altered receipt, and for what is no receipt', async () => {
    const altered = json(await readFile(path(receipt), 'utf8')) as { outputs: { values: number[] }[] };
    altered.outputs[0]!.values[1]! += 1;
    await writeFile(path('altered.json'), JSON.stringify(altered));
    const { code, stdout } = await cli('verify', 'altered.json', '--allow-dev-setup');
    expect(code).toBe(1);
    expect(stdout).toContain('INVALID');
    for (const junk of ['', '{', '[]', 'null', '"receipt"', '{"format":"zkonnx-receipt"}', '[['.repeat(50_000)]) {
      await writeFile(path('junk.json'), junk);
      const result = await cli('verify', 'junk.json', '--allow-dev-setup', '--json');
      expect(result.code, junk.slice(0, 20)).toBe(1);
      expect(json(result.stdout)).toMatchObject({ valid: false });
    }
  });

  test('2 for no such file, a bad pin or a bad context', async () => {
    await fails(2, 'ZK1002', 'verify', 'nosuch.json');
    await fails(2, 'ZK1002', 'verify', receipt, '--vkey', 'nosuch.json');
    await fails(2, 'ZK1002', 'verify', receipt, '--model', 'nosuch.onnx');
    await fails(2, 'ZK1001', 'verify', receipt, '--vkey-hash', 'abc');
    await fails(2, 'ZK1009', 'verify', receipt, '--allow-dev-setup', '--context', '0xabc');
    await fails(2, 'ZK1001', 'verify', '.');
    await fails(5, 'ZK5004', 'verify', receipt, '--vkey', 'digits/manifest.json');
  });
});

/** Flips the lowest bit in the middle of the first initializer's raw data that is at least 500 bytes long (the dense layer's 640 weights). */
function flipWeight(bytes: Uint8Array): Uint8Array {
  // raw_data is field 9: tag 0x4a, then the length 640 as varint 0x80 0x05.
  const at = bytes.findIndex((byte, i) => byte === 0x4a && bytes[i + 1] === 0x80 && bytes[i + 2] === 0x05);
  expect(at).toBeGreaterThan(0);
  bytes[at + 3 + 320]! ^= 1;
  return bytes;
}

describe('witness', () => {
  test('--check: every constraint holds; --out: a .wtns for its owner only', async () => {
    const { stdout } = await ok('witness', 'digits', '--inputs', inputs, '--index', '5', '--check', '--out', 'w.wtns');
    expect(stdout).toMatch(/all [\d,]+ constraints hold/);
    expect((await readFile(path('w.wtns'))).subarray(0, 4).toString()).toBe('wtns');
    if (process.platform !== 'win32') expect((await stat(path('w.wtns'))).mode & 0o777).toBe(0o600);
    await fails(2, 'ZK1001', 'witness', 'digits', '--inputs', inputs, '--index', '5');
  });
});

describe('export', () => {
  test('snarkjs accepts its three files', async () => {
    await ok('export', 'receipt.json', 'snarkjs', '--out', 'proof');
    const [proof, signals, verificationKey] = await Promise.all(
      ['proof', 'public', 'verification_key'].map(async (name) => JSON.parse(await readFile(path(`proof/${name}.json`), 'utf8')) as never),
    );
    expect(await snarkjsVerify({ proof: proof!, signals: signals!, verificationKey: verificationKey! })).toBe(true);
    await fails(2, 'ZK1001', 'export', 'receipt.json', 'snarkjs');
  });

  test('solidity, vkey and calldata: to stdout as they are, or to --out', async () => {
    const { stdout } = await ok('export', 'digits', 'solidity');
    expect(stdout).toMatch(/^\/\/ SPDX-License-Identifier: MIT/);
    await ok('export', 'digits', 'solidity', '--out', 'Verifier.sol');
    expect(await readFile(path('Verifier.sol'), 'utf8')).toBe(stdout);
    expect(json((await ok('export', 'digits', 'vkey')).stdout)).toMatchObject({ protocol: 'groth16', curve: 'bn128' });
    expect((await ok('export', 'receipt.json', 'calldata')).stdout).toMatch(/^0x[0-9a-f]+\n$/);
  });

  test('1 for what is no receipt, 2 for what is no kind', async () => {
    await fails(1, 'ZK5006', 'export', inputs, 'calldata');
    await fails(2, 'ZK1001', 'export', 'digits', 'pdf');
    await fails(2, 'ZK1001', 'export', 'calldata');
    await fails(2, 'ZK5005', 'export', 'nosuch', 'vkey');
  });
});

describe('inspect', () => {
  test('a table that adds up, and a picture', async () => {
    const { stdout } = await ok('inspect', 'digits', '--out', 'digits.html', '--json');
    const report = json(stdout) as { constraints: number; layers: { constraints: number; op: string; forms: string[] }[] };
    expect(report.layers.reduce((sum, layer) => sum + layer.constraints, 0)).toBe(report.constraints);
    expect(report.layers.map(({ op }) => op)).toEqual(expect.arrayContaining(['Conv', 'MaxPool', 'Gemm']));
    expect(report.layers.find(({ op }) => op === 'Conv')!.forms.join()).toContain('line');
    expect(await readFile(path('digits.html'), 'utf8')).toContain('<svg');
    expect((await ok('inspect', model)).stdout).toMatch(/\ntotal\s+[\d,]+/);
  });
});

describe('5: damage is noticed', () => {
  const files = [
    'manifest.json',
    'program.json',
    'program.bin',
    'circuit.r1cs',
    'circuit.sym',
    'circuit.zkey',
    'circuit.zkey.rekeyed',
    'verification_key.json',
  ];

  test.each(files)('%s, one bit', async (name) => {
    const folder = `damaged-${name}`;
    await cp(path('digits'), path(folder), { recursive: true });
    const bytes = await readFile(path(`${folder}/${name}`));
    // In a digest for the manifest, in the middle elsewhere.
    const at = name === 'manifest.json' ? bytes.indexOf('"circuit": "') + 15 : bytes.length >> 1;
    bytes[at]! ^= 1;
    await writeFile(path(`${folder}/${name}`), bytes);
    await fails(5, 'ZK500', 'prove', folder, '--inputs', inputs, '--index', '0', '--out', 'x.json');
    await expect(stat(path('x.json'))).rejects.toThrow();
  });

  test.each(files.slice(1))('%s, cut off or gone', async (name) => {
    const folder = `cut-${name}`;
    await cp(path('digits'), path(folder), { recursive: true });
    const bytes = await readFile(path(`${folder}/${name}`));
    await writeFile(path(`${folder}/${name}`), bytes.subarray(0, bytes.length - 1));
    await fails(5, 'ZK5001', 'prove', folder, '--inputs', inputs, '--index', '0', '--out', 'x.json');
    await rm(path(`${folder}/${name}`));
    await fails(5, 'ZK5001', 'prove', folder, '--inputs', inputs, '--index', '0', '--out', 'x.json');
  });

  test("another circuit's key", async () => {
    await ok('compile', model, '--out', 'mixed', '--visibility', 'input=public');
    const own = json(await readFile(path('mixed/manifest.json'), 'utf8'));
    const other = json(await readFile(path('digits/manifest.json'), 'utf8')) as { setup: unknown; files: Record<string, unknown> };
    for (const name of ['circuit.zkey', 'verification_key.json']) {
      await cp(path(`digits/${name}`), path(`mixed/${name}`));
      (own.files as Record<string, unknown>)[name] = other.files[name];
    }
    await writeFile(path('mixed/manifest.json'), JSON.stringify({ ...own, setup: other.setup }));
    await fails(5, 'ZK5', 'prove', 'mixed', '--inputs', inputs, '--index', '0', '--out', 'x.json');
  });
});

describe('the shell around it', () => {
  test('2: no command, an unknown one, an unknown option, a missing argument', async () => {
    await fails(2, 'ZK1001');
    await fails(2, 'ZK1001', 'frobnicate');
    await fails(2, 'ZK1001', 'check', model, '--frobnicate');
    await fails(2, 'ZK1001', 'check');
    const { stdout, code } = await cli('check', '--json');
    expect(code).toBe(2);
    expect(json(stdout)).toMatchObject({ error: { code: 'ZK1001', exit: 2, hint: 'zkonnx check --help' } });
  });

  test('every command has --json and --help with an example', async () => {
    const { stdout } = await ok('--help');
    const names = [
      'check',
      'compile',
      'inspect',
      'run',
      'setup',
      'witness',
      'prove',
      'verify',
      'batch',
      'serve',
      'export',
      'demo',
      'doctor',
    ];
    for (const name of names) {
      expect(stdout).toMatch(new RegExp(`^ {2}${name} `, 'm'));
      const help = await ok(name, '--help');
      expect(help.stdout).toContain('--json');
      expect(help.stdout).toMatch(new RegExp(`Example:\\n {2}zkonnx ${name}`));
    }
  });

  test('names from a file never reach the terminal as control characters', async () => {
    const { stderr } = await fails(
      4,
      'ZK4101',
      'run',
      model,
      '--inputs',
      await npz('names.npz', { '\u001b[2Jfirst': image(1), '\u202esecond': image(1) }),
    );
    expect(stderr).toContain('\\u{1b}[2Jfirst');
    for (const sign of ['\u001b', '\u202e']) expect(stderr).not.toContain(sign);
  });

  test('stack traces only with --debug', async () => {
    const { stderr, code } = await cli('check', 'nosuch.onnx', '--debug');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^\s+at /m);
  });

  test('doctor makes and verifies a proof of its own', async () => {
    await mkdir(path('elsewhere'), { recursive: true });
    const { stdout } = await zkonnxHere(['doctor', '--json'], path('elsewhere'));
    expect(json(stdout)).toMatchObject({
      ok: true,
      findings: expect.arrayContaining([expect.objectContaining({ name: 'self-test', status: 'ok' })]),
    });
    expect(await readdir(path('elsewhere'))).toEqual([]);
  });
});
