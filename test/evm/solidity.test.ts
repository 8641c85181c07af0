/** The contract's text: what it says, what it refuses to be made from, that every setting of the compiler takes it, and how large it gets. */
import { bn254 } from '@noble/curves/bn254.js';
import { describe, expect, test } from 'vitest';
import { compileSolidity, startEvm } from '../../examples/digits/evm.ts';
import { selector } from '../../src/evm/calldata.ts';
import { maxContractSignals, type SolidityOptions, solidityVerifier } from '../../src/evm/solidity.ts';
import { g2Json } from '../../src/groth16/points.ts';
import { makeLayout } from '../../src/r1cs/layout.ts';
import { boundaryProgram, exampleProgram } from '../support/layouts.ts';
import { trapdoorKey } from '../support/trapdoor.ts';

const circuitDigest = 'c1'.repeat(32);
const base: SolidityOptions = { verificationKey: trapdoorKey(2).verificationKey, circuitDigest, setupKind: 'dev' };

describe('the text', () => {
  test('is the same for the same options', () => {
    expect(solidityVerifier(base)).toBe(solidityVerifier(structuredClone(base)));
  });

  test('is MIT licensed and named as snarkjs names it, unless told', () => {
    expect(solidityVerifier(base)).toMatch(/^\/\/ SPDX-License-Identifier: MIT\n[\s\S]*\ncontract Groth16Verifier \{/);
    expect(compileSolidity(solidityVerifier({ ...base, contractName: 'Credit_v2' })).name).toBe('Credit_v2');
  });

  test.each([
    ['dev', true],
    ['ptau', true],
    ['unknown', true],
    ['ceremony', false],
  ] as const)('%s set-up: marked NOT FOR PRODUCTION is %s', (setupKind, marked) => {
    const source = solidityVerifier({ ...base, setupKind });
    expect(source.includes('// NOT FOR PRODUCTION.')).toBe(marked);
    expect(source).toContain(`bool public constant NOT_FOR_PRODUCTION = ${marked};`);
    expect(source).toContain(`string public constant SETUP = "${setupKind}";`);
  });

  test('names the powers of tau and the contributions that the key rests on, and takes nothing else for their digests', () => {
    const digests = { ptauDigest: 'ab'.repeat(64), transcriptHash: 'cd'.repeat(32) };
    const source = solidityVerifier({ ...base, setupKind: 'ptau', ...digests });
    expect(source).toContain(`/// Powers of tau (BLAKE2b-512): ${digests.ptauDigest}\n`);
    expect(source).toContain(`/// Contributions (transcript hash): ${digests.transcriptHash}\n`);
    expect(() => solidityVerifier({ ...base, transcriptHash: `${'cd'.repeat(31)}\n}` })).toThrow(/64 lower-case hex digits/);
  });

  test('says what each signal is', () => {
    const layout = makeLayout(exampleProgram, { visibility: { image: 'packed' } });
    const source = solidityVerifier({ ...base, verificationKey: trapdoorKey(4).verificationKey, layout });
    expect(/What the public signals are:\n\/\/\/\n([\s\S]*?)\n\/\/\/\n/.exec(source)![1]).toMatchInlineSnapshot(`
      "/// signals[0]: context, keccak256(the caller's bytes) >> 8, or 0
      /// signals[1 to 2]: output "logits", int8 [1, 2], public:
      ///     each signal is q + 128; real value 0.05000000074505806 * (q + 3)
      /// signals[3]: input "image", uint8 [1, 1, 2, 2], packed:
      ///     each signal is 31 elements (q), big-endian, in the low 31 bytes of the word, the first of them first; real value 1e-7 * (q - 0)"
    `);
  });

  test('a name from a model file cannot leave its comment', () => {
    const name = 'x\n*/ } contract Evil { // \u202e"\\';
    const program = boundaryProgram([{ name, dtype: 'uint8', dims: [4] }], [{ name: 'y', dtype: 'int64', dims: [] }]);
    const source = solidityVerifier({ ...base, verificationKey: trapdoorKey(3).verificationKey, layout: makeLayout(program) });
    expect(source).toContain('input "x?*/ } contract Evil { // ???"');
    expect(compileSolidity(source).name).toBe('Groth16Verifier');
  });
});

describe('refuses', () => {
  const { verificationKey } = base;
  test.each([
    [
      'a key without a phase-2 contribution',
      { verificationKey: { ...verificationKey, vk_delta_2: verificationKey.vk_gamma_2 } },
      'ZK5004',
      'anyone can forge',
    ],
    [
      'another gamma',
      { verificationKey: { ...verificationKey, vk_gamma_2: g2Json(bn254.G2.Point.BASE.double()) } },
      'ZK5004',
      'not the generator',
    ],
    [
      'a key with text in it',
      { verificationKey: { ...verificationKey, vk_alpha_1: ['1; }', '2', '1'] } },
      'ZK5004',
      'not a canonical decimal',
    ],
    ['a key without signals', { verificationKey: trapdoorKey(0).verificationKey }, 'ZK5004', 'no public signal'],
    ['a digest that is none', { circuitDigest: 'c1' }, 'ZK5004', 'not 64'],
    ['a contract name that is none', { contractName: 'A { } contract B' }, 'ZK1001', 'no name'],
    ['the layout of another circuit', { layout: makeLayout(exampleProgram) }, 'ZK5002', 'it takes 2 signals, the layout has 4'],
    [
      'more signals than fit',
      { verificationKey: trapdoorKey(maxContractSignals + 1).verificationKey },
      'ZK1010',
      `up to ${maxContractSignals} fit`,
    ],
  ] as const)('%s', (_name, change, code, words) => {
    const make = (): string => solidityVerifier({ ...base, ...(change as Partial<SolidityOptions>) });
    expect(make).toThrow(expect.objectContaining({ code, message: expect.stringContaining(words) }));
  });
});

describe('compiled', () => {
  test('without a warning, to the functions and constants promised', () => {
    const { abi, warnings } = compileSolidity(solidityVerifier(base));
    expect(warnings).toEqual([]);
    const names = (abi as { readonly type: string; readonly name: string }[]).map(({ type, name }) => `${type} ${name}`).sort();
    expect(names).toEqual([
      'error InvalidProof',
      'error PrecompileFailed',
      'error WrongCalldataLength',
      'function CIRCUIT_DIGEST',
      'function NOT_FOR_PRODUCTION',
      'function SETUP',
      'function SIGNAL_COUNT',
      'function VKEY_HASH',
      'function requireProof',
      'function statementId',
      'function verifyProof',
    ]);
  });

  test('and its selector for a proof is the one that snarkjs calls', () => {
    // verifyProof(uint256[2],uint256[2][2],uint256[2],uint256[2]): what contracts of snarkjs' template answer to.
    expect(selector('verifyProof', 2)).toBe('0xf5c9d69e');
  });

  test.each([
    [1, {}],
    [10, {}],
    [26, {}],
    [maxContractSignals, {}],
    [maxContractSignals, { optimizerRuns: 'off' }],
    [maxContractSignals, { optimizerRuns: 'off', viaIR: true }],
  ] as const)('%i signals, settings %j: below 24,576 bytes, and deploys', async (count, settings) => {
    const source = solidityVerifier({ ...base, verificationKey: trapdoorKey(count).verificationKey, setupKind: 'ceremony' });
    const { codeBytes, initCode } = compileSolidity(source, settings);
    console.log(`${count} signals, ${JSON.stringify(settings)}: ${codeBytes} bytes of code`);
    expect(codeBytes).toBeLessThanOrEqual(24_576);
    // EIP-3860 bounds the init code alike; deployment checks both.
    await (await startEvm()).deploy(initCode);
  });
});
