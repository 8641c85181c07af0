/** Encodings of docs/signals.md: hand-computed vectors, and that reading signals is the inverse of making them. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { QDType } from '../../src/graph/graph.ts';
import { elementsPerWord, makeLayout, type Visibility } from '../../src/r1cs/layout.ts';
import {
  type Claim,
  contextSignal,
  dequantizeValues,
  elementRange,
  encodeElements,
  firstOutOfRange,
  hashTag,
  packedWeight,
  packWords,
  publicSignals,
  readSignals,
  type TensorClaim,
  unpackWords,
} from '../../src/r1cs/signals.ts';
import { boundaryProgram } from '../support/layouts.ts';

const dtypes: readonly QDType[] = ['uint8', 'int8', 'int32', 'int64'];

function valuesOf(dtype: QDType, count: number): fc.Arbitrary<number[]> {
  const { low, high } = elementRange(dtype);
  const edges = [low, low + 1, Math.max(low, -1), 0, 1, high - 1, high];
  const value = fc.oneof(
    { weight: 1, arbitrary: fc.constantFrom(...edges) },
    { weight: 2, arbitrary: fc.integer({ min: low, max: high }) },
  );
  return fc.array(value, { minLength: count, maxLength: count });
}

test('8-bit elements are offset binary, int32 is offset by 2^31, an index is itself', () => {
  expect([...encodeElements('uint8', [0, 1, 255])]).toEqual([0, 1, 255]);
  expect([...encodeElements('int8', [-128, -1, 0, 127])]).toEqual([0, 127, 128, 255]);
  expect([...encodeElements('int32', [-2147483648, 0, 2147483647])]).toEqual([0, 2147483648, 4294967295]);
  expect([...encodeElements('int64', [0, 9])]).toEqual([0, 9]);
});

test('words: byte j weighs 256^(30−j), the last one zero-padded at its end', () => {
  const bytes = Array.from({ length: 33 }, (_, i) => i + 1);
  const words = packWords('uint8', Uint32Array.from(bytes));
  expect(words.map((w) => w.toString(16).padStart(62, '0'))).toEqual([
    '0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f',
    `2021${'0'.repeat(58)}`,
  ]);
  // A contract reads calldataload(p) >> 8: the 32 bytes at p shifted right by one byte.
  expect(words[0]).toBe(BigInt(`0x${Buffer.from([...bytes.slice(0, 31), 0xee]).toString('hex')}`) >> 8n);
  expect(
    packWords('int32', encodeElements('int32', [0, -1, 1, -2147483648, 2147483647, 2, 3, 4])).map((w) => w.toString(16).padStart(62, '0')),
  ).toEqual([
    '80000000'.concat('7fffffff', '80000001', '00000000', 'ffffffff', '80000002', '80000003', '000000'),
    '80000004'.padEnd(62, '0'),
  ]);
  // int8: XOR with 0x80…80 turns two's complement bytes into offset binary.
  const signed = [-128, -1, 0, 1, 127];
  expect(packWords('int8', encodeElements('int8', signed))).toEqual(
    packWords(
      'uint8',
      Uint32Array.from(signed, (q) => (q & 255) ^ 0x80),
    ),
  );
});

test('packed words are the weighted sums that the circuit writes', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...dtypes).chain((dtype) =>
        fc.tuple(
          fc.constant(dtype),
          fc.integer({ min: 0, max: 70 }).chain((n) => valuesOf(dtype, n)),
        ),
      ),
      ([dtype, values]) => {
        const encoded = encodeElements(dtype, values);
        const perWord = elementsPerWord(dtype);
        const sums = new Array<bigint>(Math.ceil(values.length / perWord)).fill(0n);
        encoded.forEach((u, i) => {
          sums[Math.floor(i / perWord)]! += BigInt(u) * packedWeight(dtype, i % perWord);
        });
        expect(packWords(dtype, encoded)).toEqual(sums);
        expect(unpackWords(dtype, sums, values.length)).toEqual(encoded);
        for (const word of sums) expect(word < 1n << 248n).toBe(true);
      },
    ),
  );
});

test('words that no elements pack to are not read', () => {
  expect(unpackWords('uint8', [1n], 30)).toBe(null); // padding byte not zero
  expect(unpackWords('int32', [1n], 7)).toBe(null); // one of the three spare bytes
  expect(unpackWords('uint8', [1n << 248n], 31)).toBe(null);
  expect(unpackWords('uint8', [-1n], 31)).toBe(null);
  expect(unpackWords('uint8', [1n, 0n], 31)).toBe(null);
  expect(unpackWords('uint8', [], 31)).toBe(null);
  expect(unpackWords('uint8', [1n], 31)?.[30]).toBe(1);
});

test('the tag of a hashed tensor: 1·2^64 + dtype·2^56 + count', () => {
  expect(hashTag('uint8', 784)).toBe(0x1_02_00000000000310n);
  expect(hashTag('int8', 10)).toBe(0x1_03_0000000000000an);
  expect(hashTag('int32', 1)).toBe(0x1_06_00000000000001n);
  expect(hashTag('int64', 1)).toBe(0x1_07_00000000000001n);
});

test('context: keccak256 >> 8 of a text or of 0xHEX bytes, 0 when none; what cannot be bound is refused', () => {
  // keccak256("hello") = 1c8aff95…deac8
  expect(contextSignal('hello')).toBe(0x1c8aff950685c2ed4bc3174f3472287b56d9517b9c948127319a09a7a36deac8n >> 8n);
  expect(contextSignal('0x68656C6c6f')).toBe(contextSignal('hello'));
  expect(contextSignal('0X68656c6c6f')).toBe(contextSignal('hello'));
  expect(contextSignal(undefined)).toBe(0n);
  for (const bad of ['', '0x', '0x1', '0xzz', '0x12 ', '\ud800', 'a'.repeat(65_537), `0x${'00'.repeat(65_537)}`]) {
    expect(() => contextSignal(bad), bad.slice(0, 10)).toThrow(/context/);
  }
  expect(contextSignal('ä')).toBe(contextSignal('0xc3a4'));
});

test('the example: signals in order', () => {
  const program = boundaryProgram(
    [
      { name: 'x', dtype: 'uint8', dims: [3] },
      { name: 'z', dtype: 'int8', dims: [2] },
    ],
    [{ name: 'y', dtype: 'int8', dims: [2] }],
  );
  const layout = makeLayout(program, { visibility: { x: 'packed' } });
  const claim: Claim = {
    context: 7n,
    outputs: [{ kind: 'values', values: [-128, 5] }],
    inputs: [
      { kind: 'values', values: [1, 2, 3] },
      { kind: 'commitment', commitment: 99n },
    ],
  };
  expect(publicSignals(layout, claim)).toEqual([7n, 0n, 133n, 0x010203n << 224n, 99n]);
  expect(() => publicSignals(layout, { ...claim, outputs: [] })).toThrow(RangeError);
  expect(() => publicSignals(layout, { ...claim, outputs: [{ kind: 'none' }] })).toThrow(RangeError);
  expect(() => publicSignals(layout, { ...claim, outputs: [{ kind: 'values', values: [1] }] })).toThrow(RangeError);
  expect(() => publicSignals(layout, { ...claim, outputs: [{ kind: 'values', values: [1, 128] }] })).toThrow(RangeError);
  expect(() => publicSignals(layout, { ...claim, outputs: [{ kind: 'values', values: [1, 0.5] }] })).toThrow(RangeError);
});

test('signals read back to the claim they were made from, and only those', () => {
  const tensor = fc.record({
    dtype: fc.constantFrom(...dtypes),
    count: fc.integer({ min: 0, max: 64 }),
    visibility: fc.constantFrom<Visibility>('public', 'packed', 'hashed', 'private'),
  });
  const arbitrary = fc.record({
    inputs: fc.array(tensor, { maxLength: 3 }),
    outputs: fc.array(tensor, { maxLength: 3 }),
    context: fc.bigInt(0n, (1n << 248n) - 1n),
  });
  fc.assert(
    fc.property(
      arbitrary.chain((shape) => {
        const claims = (list: typeof shape.inputs): fc.Arbitrary<TensorClaim[]> =>
          fc.tuple(
            ...list.map(({ dtype, count, visibility }): fc.Arbitrary<TensorClaim> => {
              if (visibility === 'private') return fc.constant({ kind: 'none' });
              if (visibility === 'hashed') return fc.bigInt(0n, 1n << 253n).map((commitment) => ({ kind: 'commitment', commitment }));
              return valuesOf(dtype, count).map((values) => ({ kind: 'values', values: Int32Array.from(values) }));
            }),
          );
        return fc.record({ shape: fc.constant(shape), inputs: claims(shape.inputs), outputs: claims(shape.outputs) });
      }),
      ({ shape, inputs, outputs }) => {
        const named = (prefix: string, list: typeof shape.inputs) =>
          list.map(({ dtype, count }, i) => ({ name: `${prefix}${i}`, dtype, dims: [count] }));
        const visibility = Object.fromEntries([
          ...shape.inputs.map((t, i) => [`x${i}`, t.visibility]),
          ...shape.outputs.map((t, i) => [`y${i}`, t.visibility]),
        ]);
        const layout = makeLayout(boundaryProgram(named('x', shape.inputs), named('y', shape.outputs)), { visibility });
        const claim: Claim = { context: shape.context, inputs, outputs };
        const signals = publicSignals(layout, claim);
        expect(signals.length).toBe(layout.signalCount);
        expect(readSignals(layout, signals)).toEqual(claim);
        expect(readSignals(layout, [...signals, 0n])).toBe(null);
        layout.outputs.forEach((t) => {
          if (t.visibility !== 'public' || t.signalCount === 0) return;
          for (const bad of [-1n, 1n << 32n, (1n << 253n) + 1n]) expect(readSignals(layout, signals.with(t.firstSignal, bad))).toBe(null);
        });
      },
    ),
  );
});

test('a public 8-bit signal above 255 is no element', () => {
  const layout = makeLayout(boundaryProgram([], [{ name: 'y', dtype: 'int8', dims: [1] }]));
  expect(readSignals(layout, [0n, 255n])).not.toBe(null);
  expect(readSignals(layout, [0n, 256n])).toBe(null);
});

test('values are found out of range by index', () => {
  expect(firstOutOfRange('uint8', [0, 255])).toBe(-1);
  expect(firstOutOfRange('uint8', [0, 256])).toBe(1);
  expect(firstOutOfRange('int8', [-129])).toBe(0);
  expect(firstOutOfRange('int64', [0, -1])).toBe(1);
  expect(firstOutOfRange('int32', [Number.NaN])).toBe(0);
});

test('dequantized: subtract, then multiply, rounded to float32', () => {
  const scale = Math.fround(0.0547);
  expect([...dequantizeValues({ scale, zeroPoint: 131 }, [107, 171])!]).toEqual([Math.fround(-24 * scale), Math.fround(40 * scale)]);
  expect(dequantizeValues({ scale: null, zeroPoint: null }, [1])).toBe(null);
});
