/** Poseidon with 16 inputs: constants and hash equal to circomlibjs', the circuit equal to the hash, commitments as docs/signals.md chains them. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { buildPoseidon } from 'circomlibjs';
import { describe, expect, test } from 'vitest';
import { context, contextCost, tag, tagCost } from '../../circuits/binding.ts';
import { commitment, commitmentCost } from '../../circuits/commitment.ts';
import { packCost, wordElements, wordWeight } from '../../circuits/pack.ts';
import { poseidonAlgebra } from '../../circuits/poseidon/algebra.ts';
import { type FieldSum, newFieldSum, plusTerm, resetField } from '../../circuits/poseidon/field-sum.ts';
import { poseidonConstants } from '../../circuits/poseidon/grain.ts';
import { commitmentHash, poseidonHash } from '../../circuits/poseidon/hash.ts';
import { poseidon, poseidonCost } from '../../circuits/poseidon/permutation.ts';
import { mod, scalarOrder } from '../../src/field/bn254.ts';
import type { CircuitBuilder } from '../../src/r1cs/builder.ts';
import { hashTag, packedWeight, packWords } from '../../src/r1cs/signals.ts';
import { isolate, weaknesses } from '../support/gadget.ts';

const constants = poseidonConstants();
const algebra = poseidonAlgebra(constants);
const reference = await buildPoseidon();
const oracle = (inputs: readonly bigint[]): bigint => reference.F.toObject(reference(inputs));

/** The hash as a wire. */
function asWire(api: CircuitBuilder, sum: FieldSum): number {
  for (let i = 0; i < sum.length; i++) api.c(sum.wires[i]!, -sum.coefficients[i]!);
  if (sum.constant !== 0n) api.c(0, -sum.constant);
  return api.define();
}

const samples: readonly (readonly bigint[])[] = [
  Array.from({ length: 16 }, (_, i) => BigInt(i + 1)),
  new Array<bigint>(16).fill(0n),
  new Array<bigint>(16).fill(scalarOrder - 1n),
  Array.from({ length: 16 }, (_, i) => mod(0x9e3779b97f4a7c15n ** BigInt(i + 3), scalarOrder)),
];

describe('Poseidon', () => {
  test('round constants and matrix are circomlib’s, for every width it has', () => {
    const path = createRequire(import.meta.url)
      .resolve('circomlibjs')
      .replace(/(build|src)[\\/][^\\/]+$/, 'src/poseidon_constants.json');
    const { C, M } = JSON.parse(readFileSync(path, 'utf8')) as { C: string[][]; M: string[][][] };
    expect(constants.roundConstants).toEqual(C[15]!.map(BigInt));
    expect(constants.matrix).toEqual(M[15]!.map((row) => row.map(BigInt)));
    const three = poseidonConstants(3, 8, 57);
    expect(three.roundConstants).toEqual(C[1]!.map(BigInt));
    expect(three.matrix).toEqual(M[1]!.map((row) => row.map(BigInt)));
  });

  test('the hash is circomlibjs’', () => {
    for (const inputs of samples) expect(poseidonHash(constants, inputs)).toBe(oracle(inputs));
    expect(() => poseidonHash(constants, [1n])).toThrow(RangeError);
  });

  test('the circuit is the hash; 612 constraints less those of lane 0', () => {
    const gadget = isolate(16, (api, x) => {
      const inputs = Array.from({ length: 16 }, (_, i) => {
        const sum = newFieldSum();
        plusTerm(sum, x + i, 1n);
        return sum;
      });
      const out = newFieldSum();
      poseidon(api, algebra, inputs, out);
      return [asWire(api, out)];
    });
    const { constraints, wires } = poseidonCost(algebra, 0);
    expect(constraints).toBe(609);
    expect(gadget.counts()).toEqual({ constraints: constraints + 1, wires: wires + 1 });
    expect(gadget.hintWires).toEqual([]);
    for (const inputs of samples) {
      const { outputs, violation } = gadget.solve(inputs);
      expect([violation, mod(outputs[0]!, scalarOrder)]).toEqual([null, oracle(inputs)]);
      expect(weaknesses(gadget, inputs)).toEqual([]);
    }
  });
});

describe('commitment', () => {
  test.each([1, 14, 15, 26, 29, 30, 45])('%i words', (wordCount) => {
    const hashTagValue = hashTag('uint8', 31 * wordCount);
    const gadget = isolate(wordCount + 1, (api, x) => {
      const out = newFieldSum();
      const word = (i: number, into: FieldSum) => plusTerm(resetField(into, 0n), x + 1 + i, 1n);
      commitment(api, algebra, hashTagValue, x, wordCount, word, out);
      return [asWire(api, out)];
    });
    const { constraints, wires } = commitmentCost(algebra, wordCount);
    expect(gadget.counts()).toEqual({ constraints: constraints + 1, wires: wires + 1 });
    const words = Array.from({ length: wordCount }, (_, i) => mod(3n ** BigInt(100 + i), 1n << 248n));
    const salt = 7n ** 80n;
    let digest = oracle([hashTagValue, salt, ...Array.from({ length: 14 }, (_, i) => words[i] ?? 0n)]);
    for (let from = 14; from < wordCount; from += 15)
      digest = oracle([digest, ...Array.from({ length: 15 }, (_, i) => words[from + i] ?? 0n)]);
    expect(commitmentHash(constants, hashTagValue, salt, words)).toBe(digest);
    const { outputs, violation } = gadget.solve([salt, ...words]);
    expect([violation, mod(outputs[0]!, scalarOrder)]).toEqual([null, digest]);
  });

  test('784 bytes: two permutations', () => {
    expect(commitmentCost(algebra, Math.ceil(784 / 31)).constraints).toBe(1224 - 3 * (2 + 1 + 3));
  });

  test('words weigh what the signals say', () => {
    for (const [dtype, bytes] of [
      ['uint8', 1],
      ['int32', 4],
    ] as const) {
      const count = wordElements(bytes);
      expect(count).toBe(bytes === 1 ? 31 : 7);
      const values = Uint32Array.from({ length: count }, (_, i) => (i * 77 + 3) % 256);
      const sum = values.reduce((total, value, i) => total + BigInt(value) * wordWeight(bytes, i), 0n);
      expect([sum]).toEqual(packWords(dtype, values));
      for (let i = 0; i < count; i++) expect(wordWeight(bytes, i)).toBe(packedWeight(dtype, i));
      expect(packCost(bytes, 2 * count + 1).constraints).toBe(3);
    }
  });
});

test('context and tag rows', () => {
  const rows = isolate(1, (api, x) => {
    context(api, x);
    return [];
  });
  expect(rows.counts()).toEqual(contextCost());
  for (const x of [0n, 1n, scalarOrder - 1n]) expect(weaknesses(rows, [x])).toEqual([]);
  const tagged = isolate(0, (api) => {
    tag(api, 12345678901234567890n);
    return [];
  });
  expect(tagged.counts()).toEqual(tagCost());
  expect(tagged.solve([]).violation).toBeNull();
});
