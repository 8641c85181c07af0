/** Opening a commitment: the tensor and the salt it was made from, and no other; the hash against circomlibjs. */
import { buildPoseidon } from 'circomlibjs';
import { expect, test } from 'vitest';
import { encodeElements, hashTag, packWords } from '../../src/r1cs/signals.ts';
import { commitmentOf, openCommitment } from '../../src/receipt/open.ts';
import { buildReceipt } from '../../src/receipt/receipt.ts';
import { makeReceipt, values } from '../support/receipts.ts';
import { trapdoorKey } from '../support/trapdoor.ts';

const salt = 'c0ffee'.repeat(10);
const image = values.get(0)!;

/** A receipt whose hashed image is really committed to. */
function committedReceipt() {
  const { parts, receipt } = makeReceipt();
  const place = receipt.layout.inputs[0]!.firstSignal;
  const commitment = commitmentOf(receipt.layout.inputs[0]!, image, BigInt(`0x${salt}`));
  const signals = parts.signals.with(place, BigInt(commitment).toString());
  return buildReceipt({ ...parts, signals, proof: trapdoorKey(receipt.layout.signalCount, 'key').prove(signals.map(BigInt)) });
}

test('the chain of Poseidon hashes is circomlibjs’ over tag, salt and words, then digest and words', async () => {
  const poseidon = await buildPoseidon();
  const hash = (inputs: readonly bigint[]): bigint => BigInt(poseidon.F.toString(poseidon([...inputs])));
  for (const [dtype, count] of [
    ['uint8', 4],
    ['int8', 784],
    ['int32', 99],
  ] as const) {
    const tensor = Array.from({ length: count }, (_, i) => (i * 29) % 128);
    const words = packWords(dtype, encodeElements(dtype, tensor));
    const padded = [...words, ...new Array<bigint>(30).fill(0n)];
    let digest = hash([hashTag(dtype, count), 5n, ...padded.slice(0, 14)]);
    if (words.length > 14) digest = hash([digest, ...padded.slice(14, 29)]);
    expect(words.length).toBeLessThanOrEqual(29);
    expect(BigInt(commitmentOf({ dtype, elementCount: count }, tensor, 5n))).toBe(digest);
  }
});

test('the values and their salt open it', () => {
  const receipt = committedReceipt();
  expect(openCommitment(receipt, 'image', image, salt)).toMatchObject({ valid: true });
  expect(openCommitment(receipt, 'image', [...image], `0x${salt.toUpperCase()}`)).toMatchObject({ valid: true });
});

test('nothing else does', () => {
  const receipt = committedReceipt();
  for (let i = 0; i < image.length; i++) {
    expect(openCommitment(receipt, 'image', image.with(i, image[i]! ^ 1), salt)).toMatchObject({ valid: false });
  }
  const refused: [string, ArrayLike<number>, string][] = [
    ['image', image, `${salt.slice(1)}1`],
    ['image', image, 'none'],
    ['image', image, 'zz'],
    ['image', image, '0'.repeat(63)],
    ['image', image.subarray(1), salt],
    ['image', [0, 17, 254, 256], salt],
    ['image', [0, 17, 254, -1], salt],
    ['bias', image, salt],
    ['logits', image, salt],
    ['__proto__', image, salt],
  ];
  for (const [name, tensor, secret] of refused) expect(openCommitment(receipt, name, tensor, secret)).toMatchObject({ valid: false });
  expect(openCommitment({}, 'image', image, salt)).toMatchObject({ valid: false });
  expect(openCommitment(null, 'image', image, salt)).toMatchObject({ valid: false });
});
