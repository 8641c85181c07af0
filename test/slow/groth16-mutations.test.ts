/** Ten thousand damaged files for each reader of groth16/ (figure F12 of docs/security.md): a typed error or a value, never another throw, never slow. */
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { ZkonnxError } from '../../src/errors.ts';
import { decodeProof, decodeSignals, decodeVerificationKey, encodeJson } from '../../src/groth16/json.ts';
import { readVerificationKey } from '../../src/groth16/zkey.ts';
import { type Groth16Fixture, groth16Fixture, nineAndZero } from '../support/groth16-fixture.ts';

let fixture: Groth16Fixture;

beforeAll(async () => {
  fixture = await groth16Fixture(nineAndZero(), 'mutations');
});

type Change = (bytes: Uint8Array) => Uint8Array;

/** Overwritten, repeated, removed and cut runs of bytes; numbers as files have them: all ones, sign bits, off by one. */
const changes: fc.Arbitrary<Change> = fc.oneof(
  fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(255)).map(([at, value]) => (bytes: Uint8Array) => {
    const copy = bytes.slice();
    copy[Math.floor(at * (bytes.length - 1))] = value;
    return copy;
  }),
  fc
    .tuple(fc.nat(1023), fc.constantFrom(0, 1, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff))
    .map(([at, value]) => (bytes: Uint8Array) => {
      const copy = bytes.slice();
      if (copy.length >= 4) new DataView(copy.buffer).setUint32(Math.min(at & ~3, copy.length - 4), value, true);
      return copy;
    }),
  fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 1, max: 64 })).map(([at, length]) => (bytes: Uint8Array) => {
    const start = Math.floor(at * bytes.length);
    return Uint8Array.of(...bytes.subarray(0, start), ...bytes.subarray(start + length));
  }),
  fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 1, max: 64 })).map(([at, length]) => (bytes: Uint8Array) => {
    const start = Math.floor(at * bytes.length);
    return Uint8Array.of(...bytes.subarray(0, start + length), ...bytes.subarray(start));
  }),
  fc.double({ min: 0, max: 1, noNaN: true }).map((share) => (bytes: Uint8Array) => bytes.slice(0, Math.floor(share * bytes.length))),
);

describe.each([
  ['.zkey', () => fixture.keys.zkey, async (bytes: Uint8Array) => readVerificationKey(bytes)],
  [
    'verification_key.json',
    () => text(encodeJson(fixture.keys.verificationKey)),
    async (bytes: Uint8Array) => decodeVerificationKey(bytes),
  ],
  ['proof.json', () => text(encodeJson(fixture.proof)), async (bytes: Uint8Array) => decodeProof(bytes)],
  ['public.json', () => text(encodeJson(fixture.circuit.signals)), async (bytes: Uint8Array) => decodeSignals(bytes)],
] as const)('%s', (_, valid, read) => {
  test('10,000 mutations', async () => {
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(changes, { minLength: 1, maxLength: 4 }), async (list) => {
        const bytes = list.reduce((current, change) => change(current), valid());
        const started = performance.now();
        try {
          await read(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(ZkonnxError);
          expect(error).toMatchObject({ code: 'ZK5004' });
          refused++;
        }
        expect(performance.now() - started).toBeLessThan(2_000);
      }),
      { numRuns: 10_000 },
    );
    expect(refused).toBeGreaterThan(2_000);
  });
});

function text(json: string): Uint8Array {
  return new TextEncoder().encode(json);
}
