/** Verification keys: every way to damage or forge one is refused by the lint, by its stable reason (figure F11 of docs/security.md); the hash that callers pin. */
import { bn254 } from '@noble/curves/bn254.js';
import { beforeAll, expect, test } from 'vitest';
import { baseOrder as q } from '../../src/field/bn254.ts';
import type { VerificationKey } from '../../src/groth16/keys.ts';
import { g1Json, g2Json, parseG1, parseG2 } from '../../src/groth16/points.ts';
import { lintKey, verifyProof, vkeyHash } from '../../src/groth16/verify.ts';
import { type Altered, copyOf, edit, infinity1, infinity2, junkNumber, strayG2, without, zero2 } from '../support/altered.ts';
import { type Groth16Fixture, groth16Fixture, nineAndZero } from '../support/groth16-fixture.ts';

const holdsNot = 'pairing: the equation does not hold';

let fixture: Groth16Fixture;
let key: VerificationKey;
let signals: readonly string[];

beforeAll(async () => {
  fixture = await groth16Fixture(nineAndZero(), 'verification-key.test');
  key = fixture.keys.verificationKey;
  signals = fixture.circuit.signals;
});

const generator = () => g2Json(bn254.G2.Point.BASE);
const uncontributed =
  'key.vk_delta_2: plus or minus the generator of G2: the key has no phase-2 contribution and anyone can forge proofs for it';
const rows: readonly (readonly [string, (key: Altered) => Altered, string])[] = [
  ['δ = G2, as zkey new leaves it', edit('vk_delta_2', () => generator()), uncontributed],
  ['δ = −G2', edit('vk_delta_2', () => g2Json(bn254.G2.Point.BASE.negate())), uncontributed],
  ['γ = δ', edit('vk_gamma_2', (_, whole) => whole.vk_delta_2), 'key.vk_gamma_2: not the generator of G2'],
  ['γ another point', edit('vk_gamma_2', () => g2Json(bn254.G2.Point.BASE.double())), 'key.vk_gamma_2: not the generator of G2'],
  ['δ at infinity', edit('vk_delta_2', () => infinity2), 'key.vk_delta_2: the point at infinity'],
  ['δ (0, 0)', edit('vk_delta_2', () => zero2), 'key.vk_delta_2: not on the curve'],
  ['δ outside the subgroup', edit('vk_delta_2', () => strayG2()), 'key.vk_delta_2: not in the subgroup of order r'],
  ['β outside the subgroup', edit('vk_beta_2', () => strayG2()), 'key.vk_beta_2: not in the subgroup of order r'],
  ['β at infinity', edit('vk_beta_2', () => infinity2), 'key.vk_beta_2: the point at infinity'],
  ['α at infinity', edit('vk_alpha_1', () => infinity1), 'key.vk_alpha_1: the point at infinity'],
  ['α off the curve', edit('vk_alpha_1', () => ['1', '1', '1']), 'key.vk_alpha_1: not on the curve'],
  ['IC with infinity', edit('IC.1', () => infinity1), 'key.IC[1]: the point at infinity'],
  ['IC (0, 0)', edit('IC.2', () => ['0', '0', '1']), 'key.IC[2]: not on the curve'],
  ['IC off the curve', edit('IC.2', () => ['1', '3', '1']), 'key.IC[2]: not on the curve'],
  ['IC too short', edit('IC', (old) => old.slice(0, -1)), 'key.IC: expected 3 points'],
  ['IC too long', edit('IC', (old) => [...old, old[0]]), 'key.IC: expected 3 points'],
  ['nPublic one less', edit('nPublic', () => 1), 'key.IC: expected 2 points'],
  ['nPublic a string', edit('nPublic', () => '2'), 'key.nPublic: not a count'],
  ['nPublic 2.5', edit('nPublic', () => 2.5), 'key.nPublic: not a count'],
  ['nPublic −1', edit('nPublic', () => -1), 'key.nPublic: not a count'],
  ['nPublic huge', edit('nPublic', () => 2 ** 53 - 2), `key.IC: expected ${2 ** 53 - 1} points`],
  ['coordinate + q', edit('vk_alpha_1.0', (old) => String(BigInt(old) + q)), junkNumber('key.vk_alpha_1[0]')],
  ['protocol', edit('protocol', () => 'fflonk'), 'key.protocol: expected "groth16"'],
  ['curve', edit('curve', () => 'bn254'), 'key.curve: expected "bn128"'],
  ['extra field', edit('trusted', () => true), 'key: unknown field "trusted"'],
  ['no δ', without('vk_delta_2'), 'key: field "vk_delta_2" is missing'],
  ['e(α, β) altered', edit('vk_alphabeta_12.1.2.0', () => '1'), 'key.vk_alphabeta_12: not e(alpha, beta)'],
  ['e(α, β) + q', edit('vk_alphabeta_12.0.0.0', (old) => String(BigInt(old) + q)), junkNumber('key.vk_alphabeta_12')],
  ['e(α, β) cut short', edit('vk_alphabeta_12.0', (old) => old.slice(0, -1)), 'key.vk_alphabeta_12: not e(alpha, beta)'],
  ['null', () => null, 'key: not an object'],
  ['a string', (k) => JSON.stringify(k), 'key: not an object'],
];
test.each(rows)('%s', (_, alter, reason) => {
  const altered = alter(copyOf(key));
  expect(lintKey(altered)).toBe(reason);
  expect(verifyProof(altered, signals, fixture.proof)).toEqual({ valid: false, reason });
  expect(() => vkeyHash(altered)).toThrow(expect.objectContaining({ code: 'ZK5004' }));
});

test('without the redundant e(α, β) it is the same key', () => {
  const { vk_alphabeta_12: _, ...bare } = key;
  expect(lintKey(bare)).toBeNull();
  expect(vkeyHash(bare)).toBe(vkeyHash(key));
  expect(verifyProof(bare, signals, fixture.proof).valid).toBe(true);
});

test('another valid point in any place is another key: other hash, proof refused', () => {
  const twice1 = (point: Altered) => g1Json(parseG1(point, '').double());
  const twice2 = (point: Altered) => g2Json(parseG2(point, '').double());
  const { vk_alphabeta_12: _, ...bare } = key;
  const others: Altered[] = [
    { ...bare, vk_alpha_1: twice1(key.vk_alpha_1) },
    { ...bare, vk_beta_2: twice2(key.vk_beta_2) },
    { ...bare, vk_delta_2: twice2(key.vk_delta_2) },
    { ...bare, IC: [twice1(key.IC[0]), key.IC[1], key.IC[2]] },
    { ...bare, IC: [key.IC[0], twice1(key.IC[1]), key.IC[2]] },
    { ...bare, IC: [key.IC[0], key.IC[2], key.IC[1]] },
  ];
  for (const other of others) expect(verifyProof(other, signals, fixture.proof)).toEqual({ valid: false, reason: holdsNot });
  // The signal of IC[2] is 0: the verdict stays, the hash does not.
  const unused: Altered = { ...bare, IC: [key.IC[0], key.IC[1], twice1(key.IC[2])] };
  expect(new Set([key, unused, ...others].map(vkeyHash)).size).toBe(others.length + 2);
});

test('the forgery that an uncontributed key allows works on the equation and is stopped by the lint', () => {
  const sum = parseG1(key.IC[0], '').add(parseG1(key.IC[1], '').multiply(4242n));
  const forged = { ...fixture.proof, pi_a: key.vk_alpha_1, pi_b: key.vk_beta_2, pi_c: g1Json(sum.negate()) };
  const open = { ...key, vk_delta_2: generator() };
  const { pairingBatch, fields } = bn254;
  const product = pairingBatch([
    { g1: sum, g2: bn254.G2.Point.BASE },
    { g1: sum.negate(), g2: bn254.G2.Point.BASE },
  ]);
  expect(fields.Fp12.eql(product, fields.Fp12.ONE)).toBe(true);
  expect(verifyProof(open, ['4242', '0'], forged)).toEqual({ valid: false, reason: uncontributed });
  expect(verifyProof(key, ['4242', '0'], forged)).toEqual({ valid: false, reason: holdsNot });
});

test('the hash is over the points as docs/signals.md writes them', async () => {
  const hex = (value: string): string => BigInt(value).toString(16).padStart(64, '0');
  const g1 = ([x, y]: readonly string[]): string => hex(x!) + hex(y!);
  const g2 = ([x, y]: readonly (readonly string[])[]): string => hex(x![1]!) + hex(x![0]!) + hex(y![1]!) + hex(y![0]!);
  const parts = [
    Buffer.from('zkonnx/vk/v1').toString('hex'),
    g1(key.vk_alpha_1),
    ...[key.vk_beta_2, key.vk_gamma_2, key.vk_delta_2].map(g2),
    '00000002',
    ...key.IC.map(g1),
  ];
  const digest = await crypto.subtle.digest('SHA-256', Buffer.from(parts.join(''), 'hex'));
  expect(vkeyHash(key)).toBe(Buffer.from(digest).toString('hex'));
  expect(fixture.keys.vkeyHash).toBe(vkeyHash(key));
});
