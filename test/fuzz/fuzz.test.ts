/** Every parser against a hundred damaged files (figure F12; ten thousand of them: `npm run test:slow`), and against what larger runs once found. */
import { beforeAll, describe, expect, test } from 'vitest';
import { finds } from './finds.ts';
import { random } from './random.ts';
import { checkOutcome, fuzz, mutant, readHostile, type Target } from './run.ts';
import { allTargets } from './targets.ts';

const seed = 20_261_126;
const cases = 100;
let targets: readonly Target[] = [];

beforeAll(async () => {
  targets = await allTargets();
});

const names = [
  'ONNX',
  '.npy',
  '.npz',
  '.json inputs',
  '.ndjson inputs',
  '.r1cs',
  '.wtns',
  '.zkey',
  '.zkey, proven with',
  '.zkey.rekeyed',
  '.ptau',
  'verification_key.json',
  'proof.json',
  'public.json',
  'receipt',
  'trust file',
  'manifest.json',
  'program.json + program.bin',
  'journal.jsonl',
] as const;
const named = (name: string): Target => targets.find((target) => target.name === name)!;

test('every target is run', () => expect(targets.map(({ name }) => name)).toEqual(names));

describe.each(names)('%s', (name) => {
  test('its seeds are read', async () => {
    let read = 0;
    for (const parts of named(name).seeds) if (!(await readHostile(named(name), parts)).refused) read++;
    expect(read).toBeGreaterThan(0);
  });
  test(`${cases} damaged files`, async () => {
    checkOutcome(await fuzz(named(name), cases, seed), named(name));
  });
});

test.each(finds)('found once: $what', async ({ target, parts }) => {
  await readHostile(
    named(target),
    parts.map((part) => (typeof part === 'string' ? Uint8Array.from(Buffer.from(part, 'base64')) : part())),
  );
});

describe('the mutator', () => {
  test('is deterministic', () => {
    for (const target of targets) expect(mutant(target, 3, 5)).toEqual(mutant(target, 3, 5));
  });
  test('notices a reader that crashes, hangs, hoards or pollutes', async () => {
    const bad = (read: Target['read']): Target => ({
      name: 'bad',
      structures: ['bytes'],
      seeds: [[new Uint8Array(100)]],
      read,
      codes: /^ZK5004$/,
      allocationRatio: 4,
    });
    await expect(
      readHostile(
        bad(() => (undefined as never as { x: number }).x),
        [new Uint8Array(1)],
      ),
    ).rejects.toThrow(/TypeError/);
    await expect(
      readHostile(
        bad(() => new Float64Array(1 << 24)),
        [new Uint8Array(1)],
      ),
    ).rejects.toThrow(/reserved/);
    const started = process.cpuUsage();
    const spent = () => process.cpuUsage(started).user / 1_000;
    await expect(
      readHostile(
        bad(() => {
          while (spent() < 2_300);
        }),
        [new Uint8Array(1)],
      ),
    ).rejects.toThrow(/took/);
    const pollute = () => Object.defineProperty(Object.prototype, 'polluted', { value: 1, configurable: true });
    await expect(readHostile(bad(pollute), [new Uint8Array(1)])).rejects.toThrow(/prototype/);
    Reflect.deleteProperty(Object.prototype, 'polluted');
    expect(random(1).below(10)).toBe(random(1).below(10));
  });
});
