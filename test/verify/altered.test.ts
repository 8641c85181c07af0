/**
 * Every leaf of a receipt outside `unproven`, altered: refused. Twice: as someone who edits the JSON does it, under the weakest policy; and as an attacker
 * does it who makes all digests and hashes right again, under the policy of a caller who knows the key and has compiled the model.
 */
import { expect, test } from 'vitest';
import { lintKey, vkeyHash } from '../../src/groth16/verify.ts';
import { circuitDigest, layoutDigest } from '../../src/r1cs/digests.ts';
import { type Receipt, receiptDigest } from '../../src/receipt/receipt.ts';
import { verify } from '../../src/verify.ts';
import { altered, leaves, makeReceipt } from '../support/receipts.ts';

const { receipt, key, claim } = makeReceipt({ context: 'invoice 17', options: { fuse: true } });
const walked = leaves(receipt).filter(({ path }) => path[0] !== 'unproven');

/** Other values that the place could hold: near ones, other spellings, other words. */
function others(value: unknown): unknown[] {
  if (typeof value === 'number') return [value + 1, Math.fround(value * 2) + 0];
  if (typeof value === 'boolean') return [!value];
  if (value === null) return [0, Math.fround(0.5)];
  if (typeof value !== 'string') return ['x'];
  if (/^0x[0-9a-f]{64}$/.test(value)) return [`${value.slice(0, -1)}${value.endsWith('1') ? '2' : '1'}`, `0x${'0'.repeat(64)}`];
  if (/^[0-9a-f]{64}$/.test(value)) return [`${value.slice(0, -1)}${value.endsWith('a') ? 'b' : 'a'}`, '0'.repeat(64)];
  if (/^[0-9]+$/.test(value)) return [String(BigInt(value) + 1n), '0', `0${value}`];
  const words = [
    'public',
    'packed',
    'hashed',
    'private',
    'uint8',
    'int8',
    'int32',
    'int64',
    'float32',
    'input',
    'output',
    'dev',
    'unknown',
    'ceremony',
  ];
  return words.includes(value) ? words : [`${value} `];
}

const differs = (a: unknown, b: unknown): boolean => JSON.stringify(a) !== JSON.stringify(b);

/** The receipt with every digest and hash made right again for what it now claims. */
function resealed(changed: Receipt): Receipt {
  const copy = structuredClone(changed) as { -readonly [K in keyof Receipt]: Receipt[K] };
  try {
    const layoutHash = layoutDigest(copy.layout);
    copy.circuit = { ...copy.circuit, layoutDigest: layoutHash, digest: circuitDigest(copy.circuit.r1csSha256, layoutHash) };
    if (lintKey(copy.setup.verificationKey) === null) copy.setup = { ...copy.setup, vkeyHash: vkeyHash(copy.setup.verificationKey) };
    copy.digest = receiptDigest(copy);
  } catch {
    // What cannot be hashed stays as it is and is refused as it is.
  }
  return copy;
}

test('the receipt is accepted as it was made', async () => {
  expect(await verify(receipt, { allowDevSetup: true })).toMatchObject({ valid: true });
  expect(await verify(JSON.stringify(receipt, null, 2), { allowDevSetup: true })).toMatchObject({ valid: true });
  expect(await verify(resealed(receipt), { allowDevSetup: true })).toMatchObject({ valid: true });
});

test('every leaf, edited: refused', async () => {
  expect(walked.length).toBeGreaterThan(150);
  const accepted: string[] = [];
  for (const { path, value } of walked) {
    for (const other of others(value).filter((candidate) => differs(candidate, value))) {
      const verdict = await verify(altered(receipt, path, other), { allowDevSetup: true });
      if (verdict.valid) accepted.push(`${path.join('.')} = ${JSON.stringify(other)}`);
      expect(verdict.shown).toEqual([]);
    }
  }
  expect(accepted).toEqual([]);
}, 60_000);

test('every leaf, altered by an attacker who reseals: refused, but for what is called a claim', async () => {
  const policy = {
    vkeyHash: receipt.setup.vkeyHash,
    model: { sha256: receipt.model.sha256, circuitDigest: receipt.circuit.digest },
    context: 'invoice 17',
  };
  expect(await verify(receipt, policy)).toMatchObject({ valid: true });
  const accepted = new Set<string>();
  for (const { path, value } of walked) {
    // The first of them, but every kind of set-up.
    const candidates = others(value).filter((candidate) => differs(candidate, value));
    for (const other of path.at(-1) === 'kind' ? candidates : candidates.slice(0, 1)) {
      const changed = resealed(altered(receipt, path, other) as Receipt);
      const undone = !differs(changed, receipt);
      if (!undone && (await verify(changed, policy)).valid) accepted.add(path.join('.'));
    }
  }
  expect([...accepted]).toEqual(['setup.kind']);
}, 60_000);

test('with the key pinned alone, layout and model are claims, and the verdict says so', async () => {
  const changed = resealed(altered(receipt, ['layout', 'outputs', 0, 'scale'], 2) as Receipt);
  const pinned = { vkeyHash: receipt.setup.vkeyHash };
  const verdict = await verify(changed, pinned);
  expect(verdict.valid).toBe(true);
  expect(verdict.notShown.join('\n')).toContain('names, scales and zero points of the tensors');
  expect(await verify(changed, { ...pinned, model: { circuitDigest: receipt.circuit.digest } })).toMatchObject({ valid: false });
});

test('a re-randomised proof is another proof of the same statement; a proof of another statement is refused', async () => {
  const again = resealed({ ...receipt, proof: key.prove(claimSignals(), 'other randomness') });
  const [first, second] = [await verify(receipt, { allowDevSetup: true }), await verify(again, { allowDevSetup: true })];
  expect(second.valid).toBe(true);
  expect(again.proof).not.toEqual(receipt.proof);
  expect(second.statement?.id).toBe(first.statement?.id);
  const elsewhere = makeReceipt({ context: 'invoice 18' });
  const replayed = resealed({ ...receipt, proof: elsewhere.receipt.proof });
  expect(await verify(replayed, { allowDevSetup: true })).toMatchObject({
    valid: false,
    reason: expect.stringContaining('does not verify'),
  });
  const other = await verify(elsewhere.receipt, { allowDevSetup: true });
  expect(other.valid).toBe(true);
  expect(other.statement?.id).not.toBe(first.statement?.id);
});

function claimSignals(): bigint[] {
  expect(claim.outputs.length).toBe(3);
  return makeReceipt({ context: 'invoice 17', options: { fuse: true } }).parts.signals.map(BigInt);
}
