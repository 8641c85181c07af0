/**
 * The Solidity verifier on an EVM: what it accepts, what it refuses and at what price. Rows of docs/security.md's table A among them. Proofs come from keys
 * whose secrets are known, so that any statement has one.
 */
import { bn254 } from '@noble/curves/bn254.js';
import fc from 'fast-check';
import { toFunctionSelector } from 'viem';
import { beforeAll, describe, expect, test } from 'vitest';
import { type CallResult, compileSolidity, type LocalEvm, startEvm } from '../../examples/digits/evm.ts';
import { type Calldata, calldata, selector } from '../../src/evm/calldata.ts';
import { solidityVerifier } from '../../src/evm/solidity.ts';
import { invert, mod, baseOrder as q, scalarOrder as r } from '../../src/field/bn254.ts';
import type { Proof } from '../../src/groth16/keys.ts';
import { g1Json, g2Json, parseG1, parseG2 } from '../../src/groth16/points.ts';
import { verifyProof, vkeyHash } from '../../src/groth16/verify.ts';
import { statementId } from '../../src/r1cs/digests.ts';
import { trapdoorKey } from '../support/trapdoor.ts';

const yes = `0x${'0'.repeat(63)}1`;
const no = `0x${'0'.repeat(64)}`;
const precompileFailed = (number: number): string =>
  toFunctionSelector('PrecompileFailed(uint256)') + number.toString(16).padStart(64, '0');
const invalidProof = toFunctionSelector('InvalidProof()');
const wrongCalldataLength = toFunctionSelector('WrongCalldataLength()');
/** What a refusal before any precompile may cost; the fault to avoid is all of 16,000,000. */
const cheap = 6_000n;

const key = trapdoorKey(3);
const signals = [0n, 255n, r - 1n];
const proof = key.prove(signals);
const circuitDigest = 'c1'.repeat(32);
const decimal = (values: readonly bigint[]): string[] => values.map(String);
const good = calldata(proof, decimal(signals));

/** The words after the selector: a.x a.y, b.x1 b.x0 b.y1 b.y0, c.x c.y, signals. */
function wordsOf(call: Calldata): bigint[] {
  return (call.hex.slice(10).match(/.{64}/g) ?? []).map((word) => BigInt(`0x${word}`));
}
const goodWords = wordsOf(good);
const wordNames = ['a.x', 'a.y', 'b.x1', 'b.x0', 'b.y1', 'b.y0', 'c.x', 'c.y', 'signals[0]', 'signals[1]', 'signals[2]'];

function encode(words: readonly bigint[], name: 'verifyProof' | 'requireProof' = 'verifyProof'): string {
  return selector(name, 3) + words.map((word) => word.toString(16).padStart(64, '0')).join('');
}

let evm: LocalEvm;
let verifier: string;
let initCode: string;
const call = (data: string, gasLimit?: bigint): Promise<CallResult> => evm.call(verifier, data, gasLimit);

beforeAll(async () => {
  initCode = compileSolidity(solidityVerifier({ verificationKey: key.verificationKey, circuitDigest, setupKind: 'dev' })).initCode;
  evm = await startEvm();
  verifier = await evm.deploy(initCode);
});

describe('accepts', () => {
  test('a valid proof, through both functions', async () => {
    expect(await call(good.hex)).toMatchObject({ error: null, output: yes });
    expect(await call(calldata(proof, decimal(signals), 'requireProof').hex)).toMatchObject({ error: null, output: '0x' });
  });

  test.each([1, 10, 26])('valid proofs of %i signals, and says what they cost', async (count) => {
    const mine = trapdoorKey(count);
    const full = Array.from({ length: count }, (_, i) => r - 1n - BigInt(i));
    const at = await evm.deploy(
      compileSolidity(solidityVerifier({ verificationKey: mine.verificationKey, circuitDigest, setupKind: 'dev' })).initCode,
    );
    const result = await evm.call(at, calldata(mine.prove(full), decimal(full)).hex);
    expect(result).toMatchObject({ error: null, output: yes });
    console.log(`${count} signals: ${result.gasUsed} gas, as a transaction ${result.transactionGas}`);
    // The pairing is 181,000, each signal 6,350 with its two calls; the contract may add 5,000 and 400 a signal.
    expect(result.gasUsed).toBeLessThan(186_000n + 6_750n * BigInt(count));
    const zeros = full.map(() => 0n);
    const cheaper = await evm.call(at, calldata(mine.prove(zeros), decimal(zeros)).hex);
    expect(cheaper).toMatchObject({ error: null, output: yes });
    console.log(`${count} signals that are 0: ${cheaper.gasUsed} gas`);
    expect(cheaper.gasUsed).toBeLessThan(186_000n + 200n * BigInt(count));
  });

  test('signals whose sum is the point at infinity', async () => {
    const [ic0, ic1] = key.ic as [bigint, bigint];
    const statement = [mod(-ic0 * invert(ic1, r), r), 0n, 0n];
    const theirs = key.prove(statement);
    expect(verifyProof(key.verificationKey, decimal(statement), theirs).valid).toBe(true);
    expect(await call(calldata(theirs, decimal(statement)).hex)).toMatchObject({ error: null, output: yes });
  });

  test('another proof of the same statement, which Groth16 cannot prevent: replay is keyed on the statement', async () => {
    const other = key.prove(signals, 'again');
    expect(other).not.toEqual(proof);
    expect((await call(calldata(other, decimal(signals)).hex)).output).toBe(yes);
    const negated: Proof = {
      ...proof,
      pi_a: g1Json(parseG1(proof.pi_a, '').negate()),
      pi_b: g2Json(parseG2(proof.pi_b, '').negate()),
    };
    expect((await call(calldata(negated, decimal(signals)).hex)).output).toBe(yes);
  });
});

test('constants are those of the key; statementId is docs/signals.md’s', async () => {
  const hash = vkeyHash(key.verificationKey);
  const read = async (signature: string, rest = ''): Promise<string> => (await call(toFunctionSelector(signature) + rest)).output;
  expect(await read('VKEY_HASH()')).toBe(`0x${hash}`);
  expect(await read('CIRCUIT_DIGEST()')).toBe(`0x${circuitDigest}`);
  expect(await read('NOT_FOR_PRODUCTION()')).toBe(yes);
  expect(BigInt(await read('SIGNAL_COUNT()'))).toBe(3n);
  expect(await read('statementId(uint256[3])', good.hex.slice(10 + 8 * 64))).toBe(`0x${statementId(hash, signals)}`);
});

describe('refuses, cheaply', () => {
  const refused = async (words: readonly bigint[]): Promise<CallResult> => {
    const result = await call(encode(words));
    expect(result).toMatchObject({ error: null, output: no });
    expect(await call(encode(words, 'requireProof'))).toMatchObject({ error: 'revert', output: invalidProof });
    return result;
  };

  test.each([0, 1, 2, 3, 4, 5, 6, 7].map((i) => [wordNames[i]!, i] as const))('%s + k·q, for every k that fits', async (_name, i) => {
    // Several proofs: which part of b is the larger decides what an unreduced sum would come to.
    for (const nonce of ['', '1', '2', '3', '4']) {
      const words = wordsOf(calldata(key.prove(signals, nonce), decimal(signals)));
      for (let k = 1n; words[i]! + k * q < 1n << 256n; k++) {
        expect((await refused(words.with(i, words[i]! + k * q))).gasUsed).toBeLessThan(cheap);
      }
    }
  });

  test('the four spare spellings of a.y that the usual template takes: a.y − k·q mod 2^256', async () => {
    for (let k = 1n; k <= 5n; k++) {
      expect((await refused(goodWords.with(1, mod(goodWords[1]! - k * q, 1n << 256n)))).gasUsed).toBeLessThan(cheap);
    }
  });

  test.each([8, 9, 10].map((i) => [wordNames[i]!, i] as const))('%s + k·r, for every k that fits', async (_name, i) => {
    for (let k = 1n; goodWords[i]! + k * r < 1n << 256n; k++) {
      expect((await refused(goodWords.with(i, goodWords[i]! + k * r))).gasUsed).toBeLessThan(cheap);
    }
  });

  test.each(['a', 'b', 'c'] as const)('infinity as %s', async (name) => {
    const words = goodWords.map((word, i) => (wordNames[i]!.startsWith(`${name}.`) ? 0n : word));
    expect((await refused(words)).gasUsed).toBeLessThan(cheap);
  });

  test('any coordinate changed: the point leaves its curve', async () => {
    for (let i = 0; i < 8; i++) {
      const word = goodWords[i]!;
      for (const value of [word + 1n, word - 1n, q - word, word ^ (1n << 200n), 0n, 1n, q - 1n, q, (1n << 256n) - 1n]) {
        const words = goodWords.with(i, value);
        // −a.y or −c.y is on the curve, and costs a pairing; so is (−x0, x1) by chance only.
        const negatedY = value === q - word && (i === 1 || i === 7);
        const { gasUsed } = await refused(words);
        if (!negatedY) expect(gasUsed, `${wordNames[i]} = ${value}`).toBeLessThan(cheap);
      }
    }
  });
});

describe('refuses', () => {
  test('any signal changed', async () => {
    for (let i = 8; i < 11; i++) {
      for (const value of [mod(goodWords[i]! + 1n, r), mod(goodWords[i]! - 1n, r), goodWords[i]! ^ 1n, mod(-goodWords[i]! - 1n, r)]) {
        expect(await call(encode(goodWords.with(i, value)))).toMatchObject({ error: null, output: no });
      }
    }
    expect((await call(encode([...goodWords.slice(0, 8), ...goodWords.slice(8).reverse()]))).output).toBe(no);
  });

  test('any byte of the calldata changed (sampled)', async () => {
    const bytes = Buffer.from(good.hex.slice(2), 'hex');
    const edge = fc.oneof(fc.constantFrom(1, 0x80, 0xff), fc.integer({ min: 1, max: 255 }));
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: bytes.length - 1 }), edge, async (at, change) => {
        const altered = Uint8Array.from(bytes).with(at, bytes[at]! ^ change);
        expect((await call(`0x${Buffer.from(altered).toString('hex')}`)).output).not.toBe(yes);
      }),
      { numRuns: 100 },
    );
  });

  test('points swapped, and the points of another proof', async () => {
    const other = wordsOf(calldata(key.prove(signals, 'again'), decimal(signals)));
    const swapped = [...goodWords.slice(6, 8), ...goodWords.slice(2, 6), ...goodWords.slice(0, 2), ...goodWords.slice(8)];
    for (const words of [swapped, [...other.slice(0, 2), ...goodWords.slice(2)], [...other.slice(0, 6), ...goodWords.slice(6)]]) {
      expect((await call(encode(words))).output).toBe(no);
    }
  });

  test('the proof of another key', async () => {
    const theirs = calldata(trapdoorKey(3, 'another').prove(signals), decimal(signals));
    expect((await call(theirs.hex)).output).toBe(no);
  });

  test('what forges under a key without a phase-2 contribution: a = α, b = β, c = −Σ', async () => {
    const { alpha, beta } = { alpha: key.verificationKey.vk_alpha_1, beta: key.verificationKey.vk_beta_2 };
    const sum = signals.reduce((total, signal, i) => total + signal * key.ic[i + 1]!, key.ic[0]!);
    const c = g1Json(bn254.G1.Point.BASE.multiply(mod(-sum, r)));
    expect((await call(calldata({ ...proof, pi_a: alpha, pi_b: beta, pi_c: c }, decimal(signals)).hex)).output).toBe(no);
  });

  test('as our verifier does: words drawn from edges and from valid proofs', async () => {
    const other = wordsOf(calldata(key.prove([1n, 2n, 3n], 'z'), ['1', '2', '3']));
    const word = (i: number): fc.Arbitrary<bigint> =>
      fc.oneof(
        { weight: 12, arbitrary: fc.constant(goodWords[i]!) },
        { weight: 1, arbitrary: fc.constantFrom(other[i]!, q - goodWords[i]!, 0n, 1n, q, r) },
      );
    await fc.assert(
      fc.asyncProperty(fc.tuple(...goodWords.map((_, i) => word(i))), async (words) => {
        const [ax, ay, bx1, bx0, by1, by0, cx, cy, ...values] = words.map(String) as [
          string,
          string,
          string,
          string,
          string,
          string,
          string,
          string,
        ];
        const spelled = {
          ...proof,
          pi_a: [ax, ay, '1'],
          pi_b: [
            [bx0, bx1],
            [by0, by1],
            ['1', '0'],
          ],
          pi_c: [cx, cy, '1'],
        };
        const ours = verifyProof(key.verificationKey, values, spelled).valid;
        expect((await call(encode(words))).output === yes).toBe(ours);
      }),
      { numRuns: 60 },
    );
  });
});

describe('reverts, and never answers,', () => {
  test('where b is on the twist but outside the subgroup; with most of the gas left', async () => {
    const { Fp2 } = bn254.fields;
    const { b: twist } = bn254.G2.Point.CURVE();
    let x = Fp2.fromBigTuple([5n, 7n]);
    for (;;) {
      const right = Fp2.add(Fp2.mul(Fp2.sqr(x), x), twist);
      const root = Fp2.pow(right, (q * q + 7n) / 16n);
      const y = [root, Fp2.sqrt(right)].find((candidate) => Fp2.eql(Fp2.sqr(candidate), right));
      if (y !== undefined) {
        expect(bn254.G2.Point.fromAffine({ x, y }).isTorsionFree()).toBe(false);
        const words = [...goodWords.slice(0, 2), x.c1, x.c0, y.c1, y.c0, ...goodWords.slice(6)];
        const result = await call(encode(words));
        expect(result).toMatchObject({ error: 'revert', output: precompileFailed(8) });
        expect(result.gasUsed).toBeLessThan(530_000n);
        return;
      }
      x = Fp2.add(x, Fp2.ONE);
    }
  });

  test.each([1, 31, 32, 64])('where %i bytes are too many', async (count) => {
    expect(await call(good.hex + '00'.repeat(count))).toMatchObject({ error: 'revert', output: wrongCalldataLength });
  });

  test.each([0, 3, 4, 5, 36, 260, 355])('where only %i bytes are given', async (count) => {
    const result = await call(good.hex.slice(0, 2 + 2 * count));
    expect(result).toMatchObject({ error: 'revert' });
    expect(result.gasUsed).toBeLessThan(cheap);
  });

  test('where gas is short, at whatever point it ends', async () => {
    const { gasUsed } = await call(good.hex);
    let answered = 0;
    const limits = [...Array.from({ length: 60 }, (_, i) => (gasUsed * BigInt(i)) / 60n), gasUsed - 1n, gasUsed, gasUsed + 5_000n];
    for (const limit of limits) {
      const { error, output } = await call(good.hex, limit);
      if (error === null) {
        expect(output).toBe(yes);
        answered++;
      } else expect(limit).toBeLessThan(gasUsed + 3_000n);
    }
    expect(answered).toBeGreaterThan(0);
    expect(answered).toBeLessThan(4);
    // Where the pairing gets less than it needs, the contract itself says so.
    expect(await call(good.hex, gasUsed - 20_000n)).toMatchObject({ error: 'revert', output: precompileFailed(8) });
  });

  test.each([6, 7, 8])('where the chain lacks precompile %i, valid proof or not', async (number) => {
    const bare = await startEvm({ withoutPrecompiles: [number] });
    const at = await bare.deploy(initCode);
    for (const data of [good.hex, encode(goodWords.with(9, 1n)), calldata(trapdoorKey(3, 'junk').prove(signals), decimal(signals)).hex]) {
      expect(await bare.call(at, data)).toMatchObject({ error: 'revert', output: precompileFailed(number) });
    }
  });
});
