/**
 * The salted hash of a tensor's packed words: h_0 = Poseidon(tag, salt, w_0 … w_13), h_(i+1) = Poseidon(h_i, the next 15 words), missing words 0.
 *
 * Constrains: `out` is that hash. Assumes: the words' elements are range-checked (pack.ts), so that a word stands for one list of elements; the salt is any field element.
 * Cost: per permutation 3 constraints for each of 204 S-boxes whose input is no constant: lane 0 and the missing words are constants, in the first one the tag, too.
 * Reference: docs/signals.md, version 1.
 */
import type { Api, Cost, Wire } from './api.ts';
import type { PoseidonAlgebra } from './poseidon/algebra.ts';
import { type FieldSum, newFieldSum, plusTerm, resetField } from './poseidon/field-sum.ts';
import { poseidon, poseidonCost } from './poseidon/permutation.ts';

const firstWords = 14;
const nextWords = 15;

export function commitmentCost(algebra: PoseidonAlgebra, wordCount: number): Cost {
  let { constraints } = poseidonCost(algebra, 1 + Math.max(0, firstWords - wordCount));
  for (let from = firstWords; from < wordCount; from += nextWords)
    constraints += poseidonCost(algebra, Math.max(0, from + nextWords - wordCount)).constraints;
  return { constraints, wires: constraints };
}

/** @param word writes word i, for i < wordCount, into a sum. */
export function commitment(
  api: Api,
  algebra: PoseidonAlgebra,
  tag: bigint,
  salt: Wire,
  wordCount: number,
  word: (i: number, into: FieldSum) => void,
  out: FieldSum,
): void {
  const inputs = Array.from({ length: algebra.t - 1 }, newFieldSum);
  const fill = (lane: number, from: number): void => {
    for (let i = from; lane < inputs.length; lane++, i++) {
      resetField(inputs[lane]!, 0n);
      if (i < wordCount) word(i, inputs[lane]!);
    }
  };
  resetField(inputs[0]!, tag);
  plusTerm(resetField(inputs[1]!, 0n), salt, 1n);
  fill(2, 0);
  poseidon(api, algebra, inputs, out);
  for (let from = firstWords; from < wordCount; from += nextWords) {
    const digest = resetField(inputs[0]!, out.constant);
    for (let k = 0; k < out.length; k++) plusTerm(digest, out.wires[k]!, out.coefficients[k]!);
    fill(1, from);
    poseidon(api, algebra, inputs, out);
  }
}
