/** A ceremony on the command line: powers of tau → a first key → another contributor → a beacon → a trust entry → receipts that are accepted by it, and those that are not. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeNpz } from '../../src/tensor/npz.ts';
import { type CliResult, zkonnxHere } from '../support/cli.ts';
import { endSnarkjsThreads } from '../support/groth16-fixture.ts';
import { snarkjsPtau, snarkjsVerifies } from '../support/ptau-fixture.ts';
import { tinyInputs, tinyModel } from '../support/tiny.ts';

let cwd = '';
const visibility = ['--visibility', 'input=public,logits=public'];
const path = (name: string): string => join(cwd, name);
const cli = (...args: string[]): Promise<CliResult> => zkonnxHere(args, cwd);
const json = async (name: string): Promise<Record<string, unknown>> =>
  JSON.parse(await readFile(path(name), 'utf8')) as Record<string, unknown>;

async function ends(code: number, ...args: string[]): Promise<CliResult> {
  const result = await cli(...args);
  expect(result.code, `zkonnx ${args.join(' ')}\n${result.stdout}\n${result.stderr}`).toBe(code);
  expect(result.stderr).not.toMatch(/^\s+at /m);
  return result;
}

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'zkonnx-ceremony-'));
  await writeFile(path('tiny.onnx'), tinyModel());
  await writeFile(path('in.npz'), writeNpz(new Map(Object.entries(tinyInputs(1)))));
  await writeFile(path('powers.ptau'), (await snarkjsPtau(8)).prepared);
  await ends(0, 'compile', 'tiny.onnx', '--out', 'tiny', ...visibility);
}, 120_000);
afterAll(() => rm(cwd, { recursive: true, force: true }));
afterAll(endSnarkjsThreads);

test('from powers of tau to an accepted receipt', async () => {
  const made = await ends(0, 'setup', 'tiny', '--ptau', 'powers.ptau', '--name', 'we', '--json');
  expect(JSON.parse(made.stdout)).toMatchObject({
    setup: { kind: 'ptau', ptauDigest: expect.stringMatching(/^[0-9a-f]{128}$/) },
    knownPtau: null,
  });
  await ends(0, 'prove', 'tiny', '--inputs', 'in.npz', '--out', 'early.json');
  expect(await json('early.json')).toMatchObject({ setup: { kind: 'ptau', transcriptHash: expect.stringMatching(/^[0-9a-f]{64}$/) } });

  const next = await ends(0, 'ceremony', 'contribute', 'tiny/circuit.zkey', '--out', 'second.zkey', '--name', 'you', '--entropy', 'dice');
  expect(next.stdout).toContain('contribution 2');
  await ends(0, 'ceremony', 'beacon', 'second.zkey', '--out', 'final.zkey', '--hash', '0xc0ffee', '--iterations', '10');
  const files = await Promise.all(
    ['tiny/circuit.r1cs', 'powers.ptau', 'final.zkey'].map(async (name) => new Uint8Array(await readFile(path(name)))),
  );
  expect(await snarkjsVerifies(...(files as [Uint8Array, Uint8Array, Uint8Array]))).toBe(true);

  const args = ['ceremony', 'verify', '--zkey', 'final.zkey', '--ptau', 'powers.ptau'];
  const judged = await ends(0, ...args, '--model', 'tiny.onnx', ...visibility, '--out', 'trust.json');
  expect(judged.stdout).toMatch(/^VALID/);
  expect(judged.stdout.match(/^ {2}ok /gm)).toHaveLength(19);
  await ends(0, ...args, '--r1cs', 'tiny/circuit.r1cs');
  const exported = await ends(0, 'ceremony', 'export-vkey', 'final.zkey', '--out', 'vkey.json', '--json');
  const { vkeyHash } = JSON.parse(exported.stdout) as { vkeyHash: string };
  const trust = await json('trust.json');
  expect(trust).toMatchObject({ format: 'zkonnx-trust', entries: [{ vkeyHash, profile: 'ort-fused' }] });

  await ends(0, 'setup', 'tiny', '--ptau', 'powers.ptau', '--zkey', 'final.zkey');
  const { setup } = await json('tiny/manifest.json');
  expect(setup).toMatchObject({
    kind: 'ceremony',
    vkeyHash,
    transcriptHash: (trust.entries as { transcriptHash: string }[])[0]!.transcriptHash,
  });
  await ends(0, 'prove', 'tiny', '--inputs', 'in.npz', '--check-key', 'powers.ptau', '--out', 'receipt.json');
  const accepted = await ends(0, 'verify', 'receipt.json', '--trust', 'trust.json');
  expect(accepted.stdout).toContain('accepted: the proof checks with a key that your trust file has for this model and circuit');
  expect(accepted.stdout).not.toContain('which model');
  expect((await ends(1, 'verify', 'early.json', '--trust', 'trust.json')).stdout).toContain("has no entry for the receipt's key");
  const solidity = await ends(0, 'export', 'tiny', 'solidity');
  expect(solidity.stdout).toContain('string public constant SETUP = "ceremony";');
  expect(solidity.stdout).toContain('/// Powers of tau (BLAKE2b-512): ');

  // A dev key never passes, and an entry counts for its own circuit and model alone.
  await ends(0, 'setup', 'tiny', '--dev');
  await ends(0, 'prove', 'tiny', '--inputs', 'in.npz', '--out', 'dev.json');
  const unchecked = await ends(5, 'prove', 'tiny', '--inputs', 'in.npz', '--check-key', 'powers.ptau', '--out', 'none.json');
  expect(unchecked.stderr).toContain('ZK6004');
  expect((await ends(1, 'verify', 'dev.json', '--trust', 'trust.json')).stdout).toContain("has no entry for the receipt's key");
  for (const field of ['circuitDigest', 'modelDigest'] as const) {
    const entries = (trust.entries as Record<string, string>[]).map((entry) => ({ ...entry, [field]: '00'.repeat(32) }));
    await writeFile(path('other.json'), JSON.stringify({ ...trust, entries }));
    expect((await ends(1, 'verify', 'receipt.json', '--trust', 'other.json')).stdout).toMatch(/your trust file has the receipt's key for/);
  }
}, 120_000);

test('a ceremony that does not hold: exit 1 with the check, no trust entry, no key taken in', async () => {
  await ends(0, 'setup', 'tiny', '--ptau', 'powers.ptau');
  const zkey = new Uint8Array(await readFile(path('tiny/circuit.zkey')));
  // The last byte of the only contribution's transcript.
  zkey[zkey.length - 9] = zkey[zkey.length - 9]! ^ 1;
  await writeFile(path('bad.zkey'), zkey);
  const args = ['--zkey', 'bad.zkey', '--ptau', 'powers.ptau'];
  const { stdout } = await ends(1, 'ceremony', 'verify', '--model', 'tiny.onnx', ...visibility, ...args, '--out', 'none.json');
  expect(stdout).toMatch(/^INVALID\n/);
  expect(stdout).toMatch(/FAILED contributions +contribution 1: its transcript is not the hash of what came before/);
  await expect(readFile(path('none.json'))).rejects.toMatchObject({ code: 'ENOENT' });
  expect((await ends(5, 'setup', 'tiny', ...args)).stderr).toContain('ZK6004');
  const other = await ends(1, 'ceremony', 'verify', '--model', 'tiny.onnx', '--zkey', 'tiny/circuit.zkey', '--ptau', 'powers.ptau');
  expect(other.stdout).toMatch(/FAILED circuit-size/);
}, 60_000);

test.each([
  [2, 'ZK1001', ['ceremony', 'dance']],
  [2, 'ZK1001', ['ceremony', 'contribute', 'tiny/circuit.zkey']],
  [2, 'ZK1001', ['ceremony', 'contribute', 'x.zkey', '--out', 'y.zkey', '--hash', 'ab']],
  [2, 'ZK1002', ['ceremony', 'contribute', 'nosuch.zkey', '--out', 'y.zkey']],
  [5, 'ZK5004', ['ceremony', 'contribute', 'powers.ptau', '--out', 'y.zkey']],
  [2, 'ZK1001', ['ceremony', 'beacon', 'x.zkey', '--out', 'y.zkey', '--hash', 'xyz', '--iterations', '10']],
  [2, 'ZK1001', ['ceremony', 'beacon', 'x.zkey', '--out', 'y.zkey', '--hash', 'ab']],
  [2, 'ZK1001', ['ceremony', 'verify', '--zkey', 'x.zkey', '--ptau', 'powers.ptau']],
  [2, 'ZK1001', ['ceremony', 'verify', 'x.zkey']],
  [2, 'ZK1002', ['ceremony', 'verify', '--r1cs', 'tiny/circuit.r1cs', '--zkey', 'nosuch.zkey', '--ptau', 'powers.ptau']],
  [2, 'ZK1001', ['setup', 'tiny', '--ptau', 'powers.ptau', '--dev']],
  [2, 'ZK1001', ['setup', 'tiny', '--ptau', 'powers.ptau', '--seed', 'x']],
  [2, 'ZK1002', ['setup', 'tiny', '--ptau', 'nosuch.ptau']],
  [5, 'ZK5004', ['setup', 'tiny', '--ptau', 'tiny/circuit.r1cs']],
] as const)('exit %i %s: %j', async (code, name, args) => {
  expect((await ends(code, ...args)).stderr).toContain(name);
});
