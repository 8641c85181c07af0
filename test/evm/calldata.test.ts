/** Calldata against viem's encoder and snarkjs' text. */
import fc from 'fast-check';
import { groth16 } from 'snarkjs';
import { encodeFunctionData, parseAbi } from 'viem';
import { expect, test } from 'vitest';
import { calldata, calldataText, selector, type VerifierFunction } from '../../src/evm/calldata.ts';
import { baseOrder, scalarOrder } from '../../src/field/bn254.ts';
import { trapdoorKey } from '../support/trapdoor.ts';

const signal = fc.oneof(fc.constantFrom(0n, 1n, 255n, scalarOrder - 1n), fc.bigInt({ min: 0n, max: scalarOrder - 1n }));

test('equals what viem encodes, for both functions', () => {
  fc.assert(
    fc.property(
      fc.array(signal, { minLength: 1, maxLength: 12 }),
      fc.constantFrom('verifyProof', 'requireProof'),
      (signals, functionName) => {
        const proof = trapdoorKey(signals.length).prove(signals);
        const abi = parseAbi([
          `function verifyProof(uint256[2],uint256[2][2],uint256[2],uint256[${signals.length}]) view returns (bool)`,
          `function requireProof(uint256[2],uint256[2][2],uint256[2],uint256[${signals.length}]) view`,
        ] as readonly string[]);
        const { pi_a, pi_b, pi_c } = proof;
        const pair = (words: readonly string[]): bigint[] => words.slice(0, 2).map(BigInt);
        // EIP-197: imaginary part first.
        const b = [pair(pi_b[0]).reverse(), pair(pi_b[1]).reverse()];
        const call = calldata(proof, signals.map(String), functionName as VerifierFunction);
        expect(call.hex).toBe(encodeFunctionData({ abi, functionName, args: [pair(pi_a), b, pair(pi_c), signals] }));
        expect(call.hex.slice(0, 10)).toBe(selector(functionName as VerifierFunction, signals.length));
        expect([call.a, call.b, call.c, call.signals]).toEqual(JSON.parse(`[${calldataText(call)}]`));
      },
    ),
    { numRuns: 20 },
  );
});

test('the text equals what snarkjs prints', async () => {
  const signals = [0n, 7n, scalarOrder - 1n];
  const proof = trapdoorKey(3).prove(signals);
  const theirs = await groth16.exportSolidityCallData(proof, signals.map(String));
  expect(calldataText(calldata(proof, signals.map(String)))).toBe(theirs);
});

const proof = trapdoorKey(1).prove([5n]);
const plus = (value: string, amount: bigint): string => String(BigInt(value) + amount);

test.each([
  ['a signal of r or more', proof, [String(scalarOrder + 5n)], 'signals[0]'],
  ['a signal with a leading zero', proof, ['05'], 'signals[0]'],
  ['a hex signal', proof, ['0x5'], 'signals[0]'],
  ['a coordinate of q or more', { ...proof, pi_a: [plus(proof.pi_a[0], baseOrder), proof.pi_a[1], '1'] }, ['5'], 'proof.pi_a[0]'],
  ['a point off the curve', { ...proof, pi_c: [proof.pi_c[0], plus(proof.pi_c[1], 1n), '1'] }, ['5'], 'proof.pi_c: not on the curve'],
  ['infinity', { ...proof, pi_a: ['0', '1', '0'] }, ['5'], 'proof.pi_a: the point at infinity'],
  ['no proof', null, ['5'], 'proof: not an object'],
] as const)('refuses %s', (_name, bad, signals, words) => {
  expect(() => calldata(bad as typeof proof, signals)).toThrow(
    expect.objectContaining({ code: 'ZK5004', message: expect.stringContaining(words) }),
  );
});
