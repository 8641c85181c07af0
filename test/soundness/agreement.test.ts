/**
 * Figure F9: the same eleven numbers, a proof and its signals, to `verifyProof` and to the Solidity verifier on an EVM: one verdict. Valid proofs, and proofs altered in every way that calldata can
 * express: bits, coordinates beyond q, signals beyond r, points negated, swapped, taken from other proofs, infinity.
 */
import { beforeAll, expect, test } from 'vitest';
import { compileSolidity, type LocalEvm, startEvm } from '../../examples/digits/evm.ts';
import { calldata, selector } from '../../src/evm/calldata.ts';
import { solidityVerifier } from '../../src/evm/solidity.ts';
import { baseOrder as q, scalarOrder as r } from '../../src/field/bn254.ts';
import type { Proof } from '../../src/groth16/keys.ts';
import { verifyProof } from '../../src/groth16/verify.ts';
import { randomStream } from '../support/small-r1cs.ts';
import { trapdoorKey } from '../support/trapdoor.ts';

const seed = 20_261_126;
const proofs = 40;
const altered = 1_200;

const key = trapdoorKey(3);
const random = randomStream(seed);
const pick = (below: number): number => Math.floor(random() * below);
const yes = `0x${'0'.repeat(63)}1`;
const no = `0x${'0'.repeat(64)}`;

let evm: LocalEvm;
let verifier: string;
beforeAll(async () => {
  evm = await startEvm();
  const source = solidityVerifier({ verificationKey: key.verificationKey, circuitDigest: 'c1'.repeat(32), setupKind: 'dev' });
  verifier = await evm.deploy(compileSolidity(source).initCode);
});

/** a.x a.y, b.x1 b.x0 b.y1 b.y0, c.x c.y, signals. */
type Words = readonly bigint[];

function wordsOf(proof: Proof, signals: readonly bigint[]): Words {
  return (calldata(proof, signals.map(String)).hex.slice(10).match(/.{64}/g) ?? []).map((word) => BigInt(`0x${word}`));
}

function inJs([ax, ay, bx1, bx0, by1, by0, cx, cy, ...signals]: Words): boolean {
  const proof: Proof = {
    pi_a: [`${ax}`, `${ay}`, '1'],
    pi_b: [
      [`${bx0}`, `${bx1}`],
      [`${by0}`, `${by1}`],
      ['1', '0'],
    ],
    pi_c: [`${cx}`, `${cy}`, '1'],
    protocol: 'groth16',
    curve: 'bn128',
  };
  return verifyProof(key.verificationKey, signals.map(String), proof).valid;
}

async function onEvm(words: Words): Promise<boolean> {
  const data = selector('verifyProof', 3) + words.map((word) => word.toString(16).padStart(64, '0')).join('');
  const { error, output } = await evm.call(verifier, data);
  expect(error).toBeNull();
  expect([yes, no]).toContain(output);
  return output === yes;
}

const signal = (): bigint => [0n, 1n, 255n, r - 1n, BigInt(pick(2 ** 31))][pick(5)]!;
const parts = [
  [0, 1],
  [2, 3, 4, 5],
  [6, 7],
  [8, 9, 10],
] as const;

function alter(words: Words, others: readonly Words[]): Words {
  const result = [...words];
  const at = pick(11);
  const part = parts[pick(4)]!;
  switch (pick(9)) {
    case 0:
      result[at]! ^= 1n << BigInt(pick(256));
      break;
    case 1:
      // Another spelling of the same coordinate or signal, where 256 bits hold it.
      result[at] = (words[at]! + BigInt(1 + pick(5)) * (at < 8 ? q : r)) & ((1n << 256n) - 1n);
      break;
    case 2:
      for (const i of part) result[i] = 0n;
      break;
    case 3:
      for (const i of part) result[i] = others[pick(others.length)]![i]!;
      break;
    case 4:
      // Both points negated: the same pairing, another proof.
      for (const i of [1, 4, 5]) result[i] = (q - words[i]!) % q;
      break;
    case 5:
      for (const i of [parts[0][1], ...(pick(2) === 0 ? [7] : [])]) result[i] = (q - words[i]!) % q;
      break;
    case 6:
      [result[0], result[1], result[6], result[7]] = [words[6]!, words[7]!, words[0]!, words[1]!];
      break;
    case 7:
      [result[2], result[3]] = [words[3]!, words[2]!];
      break;
    default:
      result[8 + pick(3)] = signal();
  }
  return result;
}

test('JS and EVM agree', async () => {
  const valid = Array.from({ length: proofs }, (_, nonce) => {
    const signals = [signal(), signal(), signal()];
    return wordsOf(key.prove(signals, String(nonce)), signals);
  });
  const counts = { accepted: 0, refused: 0 };
  const cases = [...valid, ...Array.from({ length: altered }, () => alter(valid[pick(proofs)]!, valid))];
  for (const words of cases) {
    const verdict = inJs(words);
    expect(await onEvm(words), words.join()).toBe(verdict);
    counts[verdict ? 'accepted' : 'refused']++;
  }
  console.log(`F9: seed ${seed}, ${cases.length} proofs: ${JSON.stringify(counts)}, 0 disagreements`);
  expect(counts.accepted).toBeGreaterThan(proofs);
  expect(counts.refused).toBeGreaterThan(1_000 / 2);
});
