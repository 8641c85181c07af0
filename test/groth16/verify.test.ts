/**
 * The strict verifier: signals and proofs of table A of docs/security.md row by row, bit flips, junk. Each refusal is by its stable reason, so that a check
 * cannot pass for another one's sake. Keys: verification-key.test.ts.
 */
import { bn254 } from '@noble/curves/bn254.js';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { baseOrder as q, scalarOrder as r } from '../../src/field/bn254.ts';
import type { VerificationKey } from '../../src/groth16/keys.ts';
import { g1Json, g2Json, parseG1, parseG2 } from '../../src/groth16/points.ts';
import { lintKey, verifyProof } from '../../src/groth16/verify.ts';
import { type Altered, copyOf, edit, infinity1, infinity2, junkNumber, scaled, strayG2, without, withTorsion } from '../support/altered.ts';
import { type Groth16Fixture, groth16Fixture, nineAndZero, proveOnce } from '../support/groth16-fixture.ts';
import { bytesOfProof, proofOfBytes } from '../support/proof-bytes.ts';

const holdsNot = 'pairing: the equation does not hold';

let fixture: Groth16Fixture;
let key: VerificationKey;
let signals: readonly string[];

beforeAll(async () => {
  fixture = await groth16Fixture(nineAndZero(), 'verify.test');
  key = fixture.keys.verificationKey;
  signals = fixture.circuit.signals;
  expect(signals).toEqual(['9', '0']);
});

test('the untouched proof is accepted', () => {
  expect(verifyProof(key, signals, fixture.proof)).toEqual({ valid: true, reason: 'the pairing equation holds' });
  expect(verifyProof(copyOf(key), copyOf(signals), copyOf(fixture.proof)).valid).toBe(true);
});

describe('signals', () => {
  const count = (given: number): string => `signals: ${given} given, the key takes 2`;
  const rows: readonly (readonly [string, Altered, string])[] = [
    ['+ r', [String(9n + r), '0'], junkNumber('signals[0]', 'r')],
    ['r itself for 0', ['9', String(r)], junkNumber('signals[1]', 'r')],
    ['trailing zero signal dropped', ['9'], count(1)],
    ['extra signal', ['9', '0', '0'], count(3)],
    ['none', [], count(0)],
    ['hex', ['0x9', '0'], junkNumber('signals[0]', 'r')],
    ['leading zeros', ['0009', '0'], junkNumber('signals[0]', 'r')],
    ['plus sign', ['+9', '0'], junkNumber('signals[0]', 'r')],
    ['minus zero', ['9', '-0'], junkNumber('signals[1]', 'r')],
    ['white space', ['9', ' 0'], junkNumber('signals[1]', 'r')],
    ['newline', ['9\n', '0'], junkNumber('signals[0]', 'r')],
    ['a number', [9, '0'], junkNumber('signals[0]', 'r')],
    ['a bigint', [9n, '0'], junkNumber('signals[0]', 'r')],
    ['nested arrays', [['9'], ['0']], junkNumber('signals[0]', 'r')],
    ['the empty string for 0', ['9', ''], junkNumber('signals[1]', 'r')],
    ['"9.0"', ['9.0', '0'], junkNumber('signals[0]', 'r')],
    ['exponent', ['9e0', '0'], junkNumber('signals[0]', 'r')],
    ['other digits', ['\u0669', '0'], junkNumber('signals[0]', 'r')],
    ['null', ['9', null], junkNumber('signals[1]', 'r')],
    ['a hole', Object.assign(new Array(2), { 1: '0' }), junkNumber('signals[0]', 'r')],
    ['a million digits', ['9'.repeat(1_000_000), '0'], junkNumber('signals[0]', 'r')],
    ['a String object', [Object('9'), '0'], junkNumber('signals[0]', 'r')],
    ['like an array', { length: 2, 0: '9', 1: '0' }, 'signals: not an array'],
    ['a string', '90', 'signals: not an array'],
    ['nothing', undefined, 'signals: not an array'],
    ['swapped', ['0', '9'], holdsNot],
    ['other values', ['10', '0'], holdsNot],
  ];
  test.each(rows)('%s', (_, altered, reason) => {
    expect(verifyProof(key, altered, fixture.proof)).toEqual({ valid: false, reason });
  });
});

describe('proof', () => {
  const plus = (value: string, delta: bigint): string => String(BigInt(value) + delta);
  const rows: readonly (readonly [string, (proof: Altered) => Altered, string])[] = [
    ['A.x + q', edit('pi_a.0', (old) => plus(old, q)), junkNumber('proof.pi_a[0]')],
    ['A.y + q', edit('pi_a.1', (old) => plus(old, q)), junkNumber('proof.pi_a[1]')],
    ['A.x + 2^256', edit('pi_a.0', (old) => plus(old, 1n << 256n)), junkNumber('proof.pi_a[0]')],
    ['A.y − q', edit('pi_a.1', (old) => plus(old, -q)), junkNumber('proof.pi_a[1]')],
    ['B.x + q', edit('pi_b.0.0', (old) => plus(old, q)), junkNumber('proof.pi_b[0][0]')],
    ['B.y imaginary + q', edit('pi_b.1.1', (old) => plus(old, q)), junkNumber('proof.pi_b[1][1]')],
    ['C.y + q', edit('pi_c.1', (old) => plus(old, q)), junkNumber('proof.pi_c[1]')],
    ['hex coordinate', edit('pi_a.0', (old) => `0x${BigInt(old).toString(16)}`), junkNumber('proof.pi_a[0]')],
    ['leading zero', edit('pi_c.0', (old) => `0${old}`), junkNumber('proof.pi_c[0]')],
    ['a number', edit('pi_a.0', () => 1), junkNumber('proof.pi_a[0]')],
    ['projective A with z = 5', edit('pi_a', (old) => scaled(old, 5n)), 'proof.pi_a: z is not "1"'],
    ['z = 1 as a number', edit('pi_a.2', () => 1), 'proof.pi_a: z is not "1"'],
    ['A with 2 coordinates', edit('pi_a', (old) => old.slice(0, -1)), 'proof.pi_a: expected [x, y, "1"]'],
    ['A with 4 coordinates', edit('pi_a', (old) => [...old, '0']), 'proof.pi_a: expected [x, y, "1"]'],
    ['A as an object', edit('pi_a', (old) => ({ ...old })), 'proof.pi_a: expected [x, y, "1"]'],
    ['B with z = 2', edit('pi_b.2', () => ['2', '0']), 'proof.pi_b: z is not ["1", "0"]'],
    ['B with z = i', edit('pi_b.2', () => ['0', '1']), 'proof.pi_b: z is not ["1", "0"]'],
    ['B with three parts of x', edit('pi_b.0', (old) => [...old, '0']), 'proof.pi_b[0]: expected two coordinates'],
    ['B in EIP-197 order', edit('pi_b', (old) => old.map((c: string[]) => c.toReversed())), 'proof.pi_b: z is not ["1", "0"]'],
    ['B.x, B.y swapped inside', edit('pi_b', (old) => [old[0].toReversed(), old[1].toReversed(), old[2]]), 'proof.pi_b: not on the curve'],
    ['wrong protocol', edit('protocol', () => 'plonk'), 'proof.protocol: expected "groth16"'],
    ['wrong curve', edit('curve', () => 'bls12381'), 'proof.curve: expected "bn128"'],
    ['no protocol', without('protocol'), 'proof: field "protocol" is missing'],
    [
      'inherited curve',
      (p) => Object.assign(Object.create({ curve: 'bn128' }), { ...p, curve: undefined }),
      'proof.curve: expected "bn128"',
    ],
    ['extra field', edit('extra', () => 1), 'proof: unknown field "extra"'],
    ['own __proto__', (p) => JSON.parse(JSON.stringify(p).replace('{', '{"__proto__":{},')), 'proof: unknown field "__proto__"'],
    ['A at infinity', edit('pi_a', () => infinity1), 'proof.pi_a: the point at infinity'],
    ['A (0, 0)', edit('pi_a', () => ['0', '0', '1']), 'proof.pi_a: not on the curve'],
    ['B at infinity', edit('pi_b', () => infinity2), 'proof.pi_b: the point at infinity'],
    ['C at infinity', edit('pi_c', () => infinity1), 'proof.pi_c: the point at infinity'],
    ['A off the curve', edit('pi_a.0', (old) => plus(old, BigInt(old) === 0n ? 1n : -1n)), 'proof.pi_a: not on the curve'],
    ['B off the curve', edit('pi_b.0.0', (old) => plus(old, -1n)), 'proof.pi_b: not on the curve'],
    ['B outside the subgroup', edit('pi_b', () => strayG2()), 'proof.pi_b: not in the subgroup of order r'],
    ['B plus a point of small order', edit('pi_b', (old) => withTorsion(old)), 'proof.pi_b: not in the subgroup of order r'],
    ['A negated', edit('pi_a.1', (old) => String(q - BigInt(old))), holdsNot],
    ['A and C swapped', (p) => ({ ...p, pi_a: p.pi_c, pi_c: p.pi_a }), holdsNot],
    ['another B', edit('pi_b', () => g2Json(bn254.G2.Point.BASE)), holdsNot],
    ['an array', (p) => [p], 'proof: not an object'],
    ['null', () => null, 'proof: not an object'],
    ['a string', (p) => JSON.stringify(p), 'proof: not an object'],
    ['a map', (p) => new Map(Object.entries(p)), 'proof: field "pi_a" is missing'],
  ];
  test.each(rows)('%s', (_, alter, reason) => {
    expect(verifyProof(key, signals, alter(copyOf(fixture.proof)))).toEqual({ valid: false, reason });
  });

  test('re-randomised proofs of the same statement are valid: Groth16 has that by design', () => {
    const { pi_a, pi_b, pi_c } = fixture.proof;
    const [a, b, c] = [parseG1(pi_a, 'a'), parseG2(pi_b, 'b'), parseG1(pi_c, 'c')];
    const negated = { ...fixture.proof, pi_a: g1Json(a.negate()), pi_b: g2Json(b.negate()) };
    expect(verifyProof(key, signals, negated).valid).toBe(true);
    // A' = A/t, B' = tB + t·u·δ, C' = C + u·A.
    const [t, u] = [123456789n, 987654321n];
    const delta = parseG2(key.vk_delta_2, 'delta');
    const rerandomised = {
      ...fixture.proof,
      pi_a: g1Json(a.multiply(bn254.fields.Fr.inv(t))),
      pi_b: g2Json(b.multiply(t).add(delta.multiply((t * u) % r))),
      pi_c: g1Json(c.add(a.multiply(u))),
    };
    expect(verifyProof(key, signals, rerandomised).valid).toBe(true);
  });
});

describe('hostile objects', () => {
  test('throwing getters and proxies are unreadable, not a throw', () => {
    const thrower = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('no');
        },
      },
    );
    const getter = Object.defineProperty(copyOf(fixture.proof), 'pi_a', {
      get: () => {
        throw new Error('no');
      },
      enumerable: true,
    });
    for (const proof of [thrower, getter]) expect(verifyProof(key, signals, proof)).toEqual({ valid: false, reason: 'input: unreadable' });
    expect(lintKey(thrower)).toBe('key: unreadable');
  });

  test('any JSON in place of any argument gets a verdict', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value: Altered) => {
        for (const verdict of [
          verifyProof(value, signals, fixture.proof),
          verifyProof(key, value, fixture.proof),
          verifyProof(key, signals, value),
        ]) {
          expect(verdict.valid).toBe(false);
          expect(verdict.reason).toMatch(/^(key|signals|proof)[^ ]*: /);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('any JSON in place of any leaf of the proof is refused', () => {
    const paths = [
      ['pi_a', 0],
      ['pi_a', 2],
      ['pi_a'],
      ['pi_b', 0, 1],
      ['pi_b', 1],
      ['pi_b'],
      ['pi_c', 1],
      ['pi_c'],
      ['protocol'],
      ['curve'],
    ];
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.jsonValue({ maxDepth: 3 }), (path, value) => {
        const proof = copyOf(fixture.proof);
        let at = proof;
        for (const step of path.slice(0, -1)) at = at[step];
        fc.pre(JSON.stringify(at[path.at(-1)!]) !== JSON.stringify(value));
        at[path.at(-1)!] = value;
        expect(verifyProof(key, signals, proof).valid).toBe(false);
      }),
      { numRuns: 150 },
    );
  });
});

test('one bit flipped anywhere in the 256 bytes of a proof: refused (each byte once; all 2,048 in test/slow)', () => {
  const bytes = bytesOfProof(fixture.proof);
  expect(verifyProof(key, signals, proofOfBytes(bytes)).valid).toBe(true);
  const survivors: number[] = [];
  for (let i = 0; i < 256; i++) {
    const flipped = bytes.slice();
    flipped[i]! ^= 1 << ((i * 5) % 8);
    if (verifyProof(key, signals, proofOfBytes(flipped)).valid) survivors.push(i);
  }
  expect(survivors).toEqual([]);
});

test('two proofs of the same witness differ in every point', async () => {
  const again = await proveOnce(fixture.circuit, fixture.keys);
  for (const field of ['pi_a', 'pi_b', 'pi_c'] as const) expect(again[field]).not.toEqual(fixture.proof[field]);
  expect(verifyProof(key, signals, again).valid).toBe(true);
});
