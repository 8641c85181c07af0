/** Receipts: what they hold, that they read back, and that nothing else is read. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ZkonnxError } from '../../src/errors.ts';
import { verifyProof } from '../../src/groth16/verify.ts';
import { receiptSignals } from '../../src/receipt/claim.ts';
import { receiptMatches } from '../../src/receipt/match.ts';
import { parseReceipt } from '../../src/receipt/parse.ts';
import { buildReceipt, receiptDigest, vkeyHashOf } from '../../src/receipt/receipt.ts';
import { snarkjsFiles } from '../../src/receipt/snarkjs.ts';
import { altered, leaves, makeReceipt, program, values } from '../support/receipts.ts';

const { receipt, parts } = makeReceipt({ context: 'invoice 17' });

function refusal(value: unknown): string {
  try {
    parseReceipt(value);
  } catch (error) {
    if (error instanceof ZkonnxError && error.code === 'ZK5006') return error.message;
    throw error;
  }
  return 'accepted';
}

test('a receipt reads back as it was written', () => {
  const read = parseReceipt(JSON.parse(JSON.stringify(receipt)));
  expect(read).toEqual(receipt);
  expect(receiptDigest(read)).toBe(receipt.digest);
  expect(receiptSignals(read).map(String)).toEqual(parts.signals);
});

test('tensors are shown by their visibility, and hidden ones are nowhere', () => {
  expect(receipt.outputs.map((tensor) => Object.keys(tensor))).toEqual([
    ['name', 'values'],
    ['name', 'values'],
    ['name', 'values'],
  ]);
  expect(receipt.inputs.map((tensor) => Object.keys(tensor))).toEqual([['name', 'commitment'], ['name']]);
  const { setup: _setup, proof: _proof, ...rest } = receipt;
  // The hidden int32 input.
  expect(JSON.stringify(rest)).not.toMatch(/2147483648|1234567/);
});

test('the context stands as it was given; hex in lower case', () => {
  expect(receipt.context).toEqual({ text: 'invoice 17' });
  expect(makeReceipt({ context: '0xABcd' }).receipt.context).toEqual({ hex: '0xabcd' });
  expect(makeReceipt().receipt.context).toBe(null);
  expect(() => buildReceipt({ ...parts, context: '0xabc' })).toThrow(/context/);
});

test('a receipt that would claim other signals than were proven is not made', () => {
  const other = new Map(values).set(2, Int32Array.of(-128, 1, 127));
  expect(() => buildReceipt({ ...parts, values: other })).toThrow(/other signals/);
  expect(() => buildReceipt({ ...parts, context: 'invoice 18' })).toThrow(/other signals/);
  expect(() => buildReceipt({ ...parts, signals: parts.signals.slice(0, -1) })).toThrow(/other signals/);
});

test('times are kept only where every input is public', () => {
  const unproven = { tool: 'zkonnx 0', elapsedMs: { proof: 41 }, labels: { row: '4' } };
  expect(makeReceipt({ unproven }).receipt.unproven).toEqual({ modelName: 'fiction', tool: 'zkonnx 0', labels: { row: '4' } });
  const open = makeReceipt({ unproven, visibility: { image: 'packed', bias: 'public' } });
  expect(open.receipt.unproven).toEqual({ modelName: 'fiction', ...unproven });
});

test('the snarkjs triple verifies and holds no field of ours', () => {
  const files = snarkjsFiles(receipt);
  expect(Object.keys(files)).toEqual(['proof.json', 'public.json', 'verification_key.json']);
  expect(verifyProof(files['verification_key.json'], files['public.json'], files['proof.json']).valid).toBe(true);
  expect(Object.keys(files['verification_key.json'])).toEqual([
    'protocol',
    'curve',
    'nPublic',
    'vk_alpha_1',
    'vk_beta_2',
    'vk_gamma_2',
    'vk_delta_2',
    'IC',
  ]);
});

test('no field may be missing, none may be added, at any depth outside unproven', () => {
  const paths = new Set(leaves(receipt).flatMap(({ path }) => path.map((_, i) => JSON.stringify(path.slice(0, i + 1)))));
  for (const text of paths) {
    const path: (string | number)[] = JSON.parse(text);
    // A shape can be another shape of as many elements, and options are free: the layout digest holds those (test/verify).
    if ((path[0] === 'unproven' && path.length > 1) || path.includes('dims') || text === '["layout","options"]') continue;
    const copy = structuredClone(receipt) as unknown as Record<string | number, unknown>;
    const parent = path
      .slice(0, -1)
      .reduce<Record<string | number, unknown>>((at, step) => at[step] as Record<string | number, unknown>, copy);
    const last = path.at(-1)!;
    if (Array.isArray(parent)) parent.splice(last as number, 1);
    else delete parent[last];
    expect(refusal(copy), `without ${text}`).not.toBe('accepted');
    const own = path.reduce<unknown>((at, step) => (at as Record<string | number, unknown>)[step], receipt);
    if (typeof own !== 'object' || own === null || path[0] === 'unproven') continue;
    const more = Array.isArray(own) ? [...own, own[0]] : { ...own, extra: 1 };
    const grown = refusal(altered(receipt, path, more));
    expect(grown, `more in ${text}`).not.toBe('accepted');
  }
  expect(paths.size).toBeGreaterThan(150);
});

test('one spelling of each value: numbers, strings, types', () => {
  const cases: [string, (string | number)[], unknown][] = [
    ['a string for a number', ['outputs', 0, 'values', 0], '-128'],
    ['−0', ['outputs', 0, 'values', 1], -0],
    ['a fraction', ['outputs', 0, 'values', 1], 0.5],
    ['out of the dtype', ['outputs', 0, 'values', 2], 128],
    ['a negative index', ['outputs', 1, 'values', 0], -1],
    ['NaN', ['outputs', 0, 'values', 1], Number.NaN],
    ['a commitment in upper case', ['inputs', 0, 'commitment'], receipt.inputs[0]!.commitment!.toUpperCase()],
    ['a commitment of r', ['inputs', 0, 'commitment'], '0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001'],
    ['a digest with prefix', ['model', 'sha256'], `0x${receipt.model.sha256}`.slice(0, 64)],
    ['a coordinate with leading zero', ['proof', 'pi_a', 0], `0${receipt.proof.pi_a[0]}`],
    ['a coordinate in hex', ['proof', 'pi_a', 0], `0x${BigInt(receipt.proof.pi_a[0]).toString(16)}`],
    ['a coordinate as a number', ['proof', 'pi_a', 2], 1],
    ['nPublic as a string', ['setup', 'verificationKey', 'nPublic'], '38'],
    ['another kind of set-up', ['setup', 'kind'], 'trusted'],
    ['a word that every object has', ['setup', 'kind'], 'constructor'],
    ['another protocol', ['proof', 'protocol'], 'plonk'],
    ['a double for a scale', ['layout', 'outputs', 0, 'scale'], 0.0547],
    ['a scale of 0', ['layout', 'outputs', 0, 'scale'], 0],
    ['a scale without zero point', ['layout', 'outputs', 0, 'zeroPoint'], null],
    ['another count', ['layout', 'outputs', 0, 'elementCount'], 4],
    ['another place', ['layout', 'outputs', 1, 'firstSignal'], 5],
    ['another role', ['layout', 'outputs', 1, 'role'], 'input'],
    ['a boolean role', ['layout', 'outputs', 1, 'role'], true],
    ['a shape too large', ['layout', 'inputs', 0, 'dims'], [65536, 65536]],
    ['both forms of context', ['context'], { text: 'a', hex: '0x61' }],
    ['no form of context', ['context'], {}],
    ['hex in upper case', ['context'], { hex: '0xAB' }],
    ['hex as text', ['context'], { text: '0x61' }],
    ['empty text', ['context'], { text: '' }],
    ['half a surrogate pair', ['context'], { text: '\ud800' }],
    ['the name of the other output', ['outputs', 1, 'name'], 'logits'],
    ['version 2', ['version'], 2],
    ['version "1"', ['version'], '1'],
    ['unproven as a list', ['unproven'], []],
    ['unproven as a function', ['unproven', 'f'], () => 0],
  ];
  for (const [what, path, value] of cases) {
    const message = refusal(altered({ ...receipt, unproven: {} }, path.slice(0, -1), parentWith(path, value)));
    expect(message, what).not.toBe('accepted');
  }
});

/** The parent of `path` with its last step set: structuredClone cannot hold a function. */
function parentWith(path: readonly (string | number)[], value: unknown): unknown {
  const parent = path
    .slice(0, -1)
    .reduce<unknown>((at, step) => (at as Record<string | number, unknown>)[step], { ...receipt, unproven: {} });
  const copy = (Array.isArray(parent) ? [...parent] : { ...(parent as object) }) as Record<string | number, unknown>;
  copy[path.at(-1)!] = value;
  return copy;
}

test('a refusal names the place', () => {
  expect(refusal(altered(receipt, ['outputs', 0, 'values', 2], 128))).toContain('outputs[0].values[2] is 128, it can be -128…127');
  expect(refusal(altered(receipt, ['proof', 'extra'], 1))).toContain('proof has an unknown field "extra"');
  expect(refusal(altered(receipt, ['proof', 'a\u001b[2J'], 1))).toContain('proof has an unknown field "a\\u{1b}[2J"');
});

test('a second run of a batch keeps only a whole receipt of the same inference', () => {
  const text = JSON.stringify(receipt);
  expect(receiptMatches(text, parts)).toBe(true);
  expect(receiptMatches(text.slice(0, -1), parts)).toBe(false);
  expect(receiptMatches('', parts)).toBe(false);
  expect(receiptMatches(text, { ...parts, context: 'invoice 18' })).toBe(false);
  expect(receiptMatches(text, { ...parts, context: undefined })).toBe(false);
  expect(receiptMatches(text, { ...parts, values: new Map(values).set(3, Int32Array.of(1)) })).toBe(false);
  expect(receiptMatches(text, { ...parts, keys: makeReceipt({ keySeed: 'other' }).parts.keys })).toBe(false);
  const model = { name: 'fiction', sha256: '0'.repeat(64) };
  expect(receiptMatches(text, { ...parts, compiled: { ...parts.compiled, model } })).toBe(false);
  expect(receiptMatches(JSON.stringify(altered(receipt, ['setup', 'kind'], 'unknown')), parts)).toBe(false);
  expect(program.outputs.length).toBe(receipt.outputs.length);
});

test('the claimed key hash is read from anything without a throw', () => {
  expect(vkeyHashOf(receipt)).toBe(receipt.setup.vkeyHash);
  fc.assert(fc.property(fc.anything(), (junk) => vkeyHashOf(junk) === undefined));
  expect(vkeyHashOf({ setup: { vkeyHash: 'A'.repeat(64) } })).toBe(undefined);
});

test('junk is refused with ZK5006, whatever its shape', () => {
  const places = leaves(receipt).map(({ path }) => path);
  fc.assert(
    fc.property(fc.anything({ withBigInt: true, withNullPrototype: true, withSparseArray: true, withTypedArray: true }), (junk) => {
      expect(refusal(junk)).not.toBe('accepted');
    }),
  );
  fc.assert(
    fc.property(fc.constantFrom(...places.filter(([top]) => top !== 'unproven')), fc.jsonValue(), (path, junk) => {
      const cut = path.slice(0, 1 + (path.length % 3));
      const own = cut.reduce<unknown>((at, step) => (at as Record<string | number, unknown>)[step], receipt);
      if (JSON.stringify(own) === JSON.stringify(junk) || cut[1] === 'options') return;
      const read = refusal(altered(receipt, cut, junk));
      // Any text is a context; elsewhere a digest or a word can be replaced by another of its form only, and junk is none.
      if (read === 'accepted') expect(cut[0]).toBe('context');
    }),
    { numRuns: 300 },
  );
});
