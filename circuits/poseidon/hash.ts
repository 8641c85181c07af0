/** Poseidon on bigints, written as its definition says: the oracle of the circuit, and how a holder of tensor and salt checks a commitment. */
import { modulus, type PoseidonConstants } from './grain.ts';

function fifth(x: bigint): bigint {
  const square = (x * x) % modulus;
  return (((square * square) % modulus) * x) % modulus;
}

/** @param inputs t − 1 field elements. */
export function poseidonHash(
  { t, fullRounds, partialRounds, roundConstants, matrix }: PoseidonConstants,
  inputs: readonly bigint[],
): bigint {
  if (inputs.length !== t - 1) throw new RangeError(`Poseidon takes ${t - 1} inputs, not ${inputs.length}`);
  let state = [0n, ...inputs];
  for (let round = 0; round < fullRounds + partialRounds; round++) {
    const full = round < fullRounds / 2 || round >= fullRounds / 2 + partialRounds;
    const boxed = state.map((lane, i) => {
      const x = lane + roundConstants[round * t + i]!;
      return full || i === 0 ? fifth(x % modulus) : x;
    });
    state = matrix.map((row) => row.reduce((sum, entry, j) => sum + entry * boxed[j]!, 0n) % modulus);
  }
  return state[0]!;
}

/** The chain of docs/signals.md: h_0 = H(tag, salt, 14 words), h_(i+1) = H(h_i, 15 words), missing words 0. */
export function commitmentHash(constants: PoseidonConstants, tag: bigint, salt: bigint, words: readonly bigint[]): bigint {
  const padded = (from: number, count: number): bigint[] => Array.from({ length: count }, (_, i) => words[from + i] ?? 0n);
  let digest = poseidonHash(constants, [tag, salt, ...padded(0, 14)]);
  for (let from = 14; from < words.length; from += 15) digest = poseidonHash(constants, [digest, ...padded(from, 15)]);
  return digest;
}
