/** What a caller can demand, what verdicts say, and that no junk makes `verify` throw. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { VerificationKey } from '../../src/groth16/keys.ts';
import { type Policy, verify } from '../../src/verify.ts';
import { altered, leaves, makeReceipt } from '../support/receipts.ts';
import { trapdoorKey } from '../support/trapdoor.ts';

const { receipt } = makeReceipt({ context: 'invoice 17' });
const pinned = { vkeyHash: receipt.setup.vkeyHash };

test('a key counts only if the caller pins it or allows any', async () => {
  const unpinned = await verify(receipt);
  expect(unpinned).toMatchObject({ valid: false, reason: 'the proof checks, but nobody vouches for its key' });
  expect(unpinned.notShown[0]).toContain('whoever made the key can forge');
  expect(await verify(receipt, { allowDevSetup: false })).toMatchObject({ valid: false });
  expect(await verify(receipt, { allowDevSetup: true })).toMatchObject({ valid: true, reason: expect.stringContaining('dev set-up') });
  expect(await verify(receipt, pinned)).toMatchObject({ valid: true });
  expect(await verify(receipt, { vkeyHash: `0x${pinned.vkeyHash.toUpperCase()}` })).toMatchObject({ valid: true });
  expect(await verify(receipt, { vkey: receipt.setup.verificationKey })).toMatchObject({ valid: true });
  const fromSnarkjs = { ...receipt.setup.verificationKey, vk_alphabeta_12: [] };
  expect(await verify(receipt, { vkey: fromSnarkjs, ...pinned })).toMatchObject({ valid: true });
});

test('what the receipt says of its own set-up changes nothing', async () => {
  for (const kind of ['dev', 'ceremony', 'unknown'] as const) {
    const made = makeReceipt({ kind }).receipt;
    expect(await verify(made)).toMatchObject({ valid: false, reason: 'the proof checks, but nobody vouches for its key' });
    expect(await verify(made, pinned)).toMatchObject({ valid: true });
  }
  const claimed = await verify(makeReceipt({ kind: 'ceremony' }).receipt, pinned);
  expect(claimed.notShown.join('\n')).toContain('its transcript was not checked here');
});

test('another key with as many signals is refused, and allowing any key does not override a pin', async () => {
  const forged = makeReceipt({ context: 'invoice 17', keySeed: 'forger' }).receipt;
  expect(forged.setup.verificationKey.nPublic).toBe(receipt.setup.verificationKey.nPublic);
  expect(await verify(forged, { allowDevSetup: true })).toMatchObject({ valid: true });
  const verdict = await verify(forged, { ...pinned, allowDevSetup: true });
  expect(verdict).toMatchObject({ valid: false, reason: expect.stringContaining('is not the one you pinned') });
  // The stranger's sums are not done.
  expect(verdict.checks.find(({ name }) => name === 'proof')).toMatchObject({ ok: null });
  // The right hash beside the wrong key.
  const swapped = altered(receipt, ['setup', 'verificationKey'], forged.setup.verificationKey);
  expect(await verify(swapped, pinned)).toMatchObject({ valid: false, reason: expect.stringContaining('setup.vkeyHash is not the hash') });
  const { verificationKey } = trapdoorKey(receipt.layout.signalCount + 1);
  expect(await verify(altered(receipt, ['setup', 'verificationKey'], verificationKey), { allowDevSetup: true })).toMatchObject({
    valid: false,
    reason: expect.stringContaining('public signals'),
  });
});

test('a demanded context must be the receipt’s; none given is none', async () => {
  expect(await verify(receipt, { ...pinned, context: 'invoice 17' })).toMatchObject({ valid: true });
  const bytes = `0x${Buffer.from('invoice 17').toString('hex')}`;
  expect(await verify(receipt, { ...pinned, context: bytes })).toMatchObject({ valid: true });
  expect(await verify(receipt, { ...pinned, context: 'invoice 18' })).toMatchObject({
    valid: false,
    reason: 'the proof is bound to the context "invoice 17", not to the one you demand',
  });
  const without = makeReceipt().receipt;
  expect(await verify(without, { ...pinned, context: 'invoice 17' })).toMatchObject({
    valid: false,
    reason: expect.stringContaining('no context'),
  });
  expect(await verify(receipt, { ...pinned, context: '' })).toMatchObject({ valid: false, reason: expect.stringContaining('it is empty') });
  expect(await verify(receipt, { ...pinned, context: '0xzz' })).toMatchObject({ valid: false });
});

test('a model is shown by recompiling it, and only named by its digest', async () => {
  const { sha256 } = receipt.model;
  const { digest } = receipt.circuit;
  const words = async (model: Policy['model']): Promise<string> => {
    const { valid, shown, notShown } = await verify(receipt, { ...pinned, model });
    expect(valid).toBe(true);
    return `${shown.join('\n')}\nNOT\n${notShown.join('\n')}`;
  };
  expect(await words({ sha256, circuitDigest: digest })).toMatch(new RegExp(`sha256 ${sha256}\\) that you compiled.*NOT`, 's'));
  expect(await words({ circuitDigest: digest })).not.toContain(sha256);
  expect(await words({ sha256 })).toMatch(/NOT.*model file not given.*only the receipt says so/s);
  expect(await words(undefined)).toMatch(/NOT.*model file not given/s);
  for (const model of [{ sha256: digest }, { circuitDigest: sha256 }, { sha256: digest, circuitDigest: digest }]) {
    expect(await verify(receipt, { ...pinned, model })).toMatchObject({ valid: false });
  }
});

test('a misspelt or malformed demand is not passed over', async () => {
  const bad: unknown[] = [
    { ...pinned, contxt: 'invoice 17' },
    { allowDevSetup: 'yes' },
    { vkeyHash: 'abc' },
    { vkeyHash: 7 },
    { vkey: {} },
    { vkey: { ...receipt.setup.verificationKey, vk_gamma_2: receipt.setup.verificationKey.vk_delta_2 } },
    { ...pinned, vkey: trapdoorKey(8).verificationKey },
    { ...pinned, context: 17 },
    { ...pinned, model: 'credit.onnx' },
    { ...pinned, model: { sha: receipt.model.sha256 } },
    null,
    [],
    'pinned',
  ];
  for (const policy of bad) {
    const verdict = await verify(receipt, policy as Policy);
    expect(verdict, JSON.stringify(policy)).toMatchObject({ valid: false, shown: [], statement: null });
    expect(verdict.reason).toContain('the policy cannot be followed: ');
  }
  // What is undefined is not demanded.
  expect(await verify(receipt, { ...pinned, context: undefined, model: undefined, vkey: undefined })).toMatchObject({ valid: true });
  expect(await verify(receipt, { ...pinned, model: { sha256: undefined } })).toMatchObject({ valid: true });
});

test('a key that anyone can forge with is refused, pinned or not', async () => {
  const { verificationKey } = receipt.setup;
  const forgeable: VerificationKey = { ...verificationKey, vk_delta_2: verificationKey.vk_gamma_2 };
  const verdict = await verify(altered(receipt, ['setup', 'verificationKey'], forgeable), { allowDevSetup: true });
  expect(verdict).toMatchObject({ valid: false, reason: expect.stringContaining('phase-2') });
});

test('verdict words: the statement, dequantized here, and who is taken at their word', async () => {
  const { shown, notShown, statement } = await verify(receipt, { allowDevSetup: true });
  expect(shown[0]).toContain('logits [-128, 0, 127] (int8) = [-6.8374996, 0.16409999, 7.1109996]');
  expect(shown[0]).toContain(`some image (uint8[1,1,2,2]) with commitment ${receipt.inputs[0]!.commitment}`);
  expect(shown[0]).toContain('some bias (int32[2]), kept private');
  expect(shown.join('\n')).toContain('bound to the context "invoice 17"');
  expect(notShown.join('\n')).toContain('open it with the salt');
  expect(statement?.outputs[0]).toMatchObject({
    values: [-128, 0, 127],
    dequantized: [-6.837499618530273, 0.16409999132156372, 7.110999584197998],
  });
  expect(statement?.outputs[1]).toMatchObject({ values: [2], dequantized: null });
  expect(statement?.inputs[1]).toMatchObject({ values: null, dequantized: null, commitment: null });
});

test('an altered value is not guessed at: the proof fails, and that is all that can be known', async () => {
  const verdict = await verify(altered(receipt, ['outputs', 0, 'values', 1], 1), { allowDevSetup: true });
  expect(verdict).toMatchObject({ valid: false, shown: [], notShown: ['anything: the receipt is not accepted'] });
  expect(verdict.reason).toContain('the proof does not verify with the claimed tensors, context and key');
  expect(verdict.checks.filter(({ ok }) => ok === false).map(({ name }) => name)).toEqual(['proof', 'digest']);
  const kind = await verify(altered(receipt, ['setup', 'kind'], 'ceremony'), { allowDevSetup: true });
  expect(kind.reason).toContain('its own digest does not match');
});

test('names cannot steer a terminal', async () => {
  const name = 'lo\u001b[2Jgits\u202e';
  const copy = altered(altered(receipt, ['layout', 'outputs', 0, 'name'], name), ['outputs', 0, 'name'], name);
  const { shown, notShown, reason } = await verify(copy, { allowDevSetup: true });
  for (const sentence of [...shown, ...notShown, reason]) expect(sentence).not.toMatch(/[\p{Cc}\p{Cf}]/u);
});

/** Objects within objects, `depth` levels. */
function deep(depth: number): unknown {
  let value: unknown = 0;
  for (let i = 0; i < depth; i++) value = i % 2 === 0 ? [value] : { a: value };
  return value;
}

test('junk gives a verdict, never a throw', async () => {
  const hostile: unknown[] = [
    undefined,
    null,
    0,
    '',
    '{',
    'null',
    '[]',
    '[['.repeat(100_000),
    `{"format":${'['.repeat(200_000)}${']'.repeat(200_000)}}`,
    new Array(1_000_000),
    { ...receipt, outputs: new Array(1e9) },
    { ...receipt, unproven: deep(100_000) },
    { ...receipt, layout: deep(100_000) },
    { ...receipt, unproven: { list: new Array(20_000).fill(0) } },
    { ...receipt, unproven: { text: 'x'.repeat(10_000) } },
    JSON.stringify(receipt).replace('{', '{"__proto__":{"valid":true},'),
    altered(receipt, ['layout', 'options'], JSON.parse('{"__proto__":1}')),
    Object.create(receipt),
    Object.assign(Object.create({ format: 'zkonnx-receipt' }), receipt),
    new Map(Object.entries(receipt)),
    new Proxy(receipt, {
      ownKeys: () => {
        throw new Error('trap');
      },
    }),
    {
      ...receipt,
      get proof(): unknown {
        throw null;
      },
    },
    {
      ...receipt,
      get proof(): unknown {
        throw Object.create(null);
      },
    },
    { ...receipt, toJSON: () => receipt },
    { ...receipt, context: { text: 'x'.repeat(1_000_000) } },
    altered(receipt, ['layout', 'outputs', 0, 'name'], 'x'.repeat(1_000_000)),
    altered(receipt, ['proof', 'pi_a', 0], '9'.repeat(1_000_000)),
    altered(receipt, ['layout', 'inputs', 0, 'dims'], new Array(17).fill(1)),
  ];
  for (const junk of hostile) {
    const started = performance.now();
    const verdict = await verify(junk, { allowDevSetup: true });
    expect(verdict.valid).toBe(false);
    expect(verdict.reason.length).toBeLessThan(600);
    expect(performance.now() - started).toBeLessThan(2000);
  }
  expect(Object.keys(Object.prototype)).toEqual([]);
});

test('any junk in any place, and any junk at all', async () => {
  const places = leaves(receipt)
    .map(({ path }) => path)
    .filter(([top]) => top !== 'unproven');
  await fc.assert(
    fc.asyncProperty(fc.anything({ withBigInt: true, withDate: true, withMap: true, withTypedArray: true }), async (junk) => {
      expect((await verify(junk, { allowDevSetup: true })).valid).toBe(false);
    }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...places),
      fc.nat(6),
      fc.anything({ withBigInt: true, withTypedArray: true }),
      async (path, depth, junk) => {
        const cut = path.slice(0, 1 + (depth % path.length));
        const copy = structuredClone(receipt) as unknown as Record<string | number, unknown>;
        const parent = cut.slice(0, -1).reduce((at, step) => at[step] as typeof copy, copy);
        if (Object.is(parent[cut.at(-1)!], junk)) return;
        parent[cut.at(-1)!] = junk;
        const same = JSON.stringify(receipt) === safeJson(copy);
        expect((await verify(copy, { allowDevSetup: true })).valid).toBe(same);
      },
    ),
    { numRuns: 300 },
  );
});

function safeJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}
