/**
 * Poseidon with 16 inputs as circomlib has it: lane 0 of the permuted state (0, inputs).
 *
 * Constrains: the output is the hash of the inputs; every wire is defined by a row. Assumes: nothing.
 * Cost: 3 constraints and 3 wires per S-box (x·x, x²·x², x·x⁴) whose input is no constant: 612 for 17·8 + 68 S-boxes, 3 less for lane 0 in the first round, and for each
 *   constant input.
 * Reference: Grassi et al., eprint 2019/458; circomlib poseidon.circom. Linear layers are expressions, not wires (algebra.ts).
 */
import { type Api, type Cost, ONE, type Wire } from '../api.ts';
import type { PoseidonAlgebra } from './algebra.ts';
import { type FieldSum, newFieldSum, plusTerm, resetField } from './field-sum.ts';
import { modulus } from './grain.ts';

/** @param constantInputs how many of the 16 inputs are constants. */
export function poseidonCost({ t, fullRounds, partialRounds }: PoseidonAlgebra, constantInputs: number): Cost {
  const rows = 3 * (t * fullRounds + partialRounds - 1 - constantInputs);
  return { constraints: rows, wires: rows };
}

/** An S-box's output: a wire, or a constant where the input was one. */
interface Boxes {
  /** 0 where the box's output is a constant. */
  readonly wires: Wire[];
  readonly constants: bigint[];
}

function writeLane(lane: FieldSum, write: (wire: Wire, coefficient: bigint) => void): void {
  for (let i = 0; i < lane.length; i++) write(lane.wires[i]!, lane.coefficients[i]!);
  if (lane.constant !== 0n) write(ONE, lane.constant);
}

/** x^5 of a lane, kept as entry `at`. */
function box(api: Api, lane: FieldSum, into: Boxes, at: number): void {
  if (lane.length === 0) {
    const square = (lane.constant * lane.constant) % modulus;
    into.wires[at] = ONE;
    into.constants[at] = (((square * square) % modulus) * lane.constant) % modulus;
    return;
  }
  writeLane(lane, (wire, coefficient) => api.a(wire, coefficient));
  writeLane(lane, (wire, coefficient) => api.b(wire, coefficient));
  const square = api.define();
  api.a(square, 1);
  api.b(square, 1);
  const fourth = api.define();
  writeLane(lane, (wire, coefficient) => api.a(wire, coefficient));
  api.b(fourth, 1);
  into.wires[at] = api.define();
  into.constants[at] = 0n;
}

/** lane += coefficient·(output of box i). */
function plusBox(lane: FieldSum, boxes: Boxes, i: number, coefficient: bigint): void {
  if (boxes.wires[i] === ONE) lane.constant = (lane.constant + coefficient * boxes.constants[i]!) % modulus;
  else plusTerm(lane, boxes.wires[i]!, coefficient);
}

/**
 * @param inputs 16 linear expressions.
 * @param out becomes the hash.
 */
export function poseidon(api: Api, algebra: PoseidonAlgebra, inputs: readonly FieldSum[], out: FieldSum): void {
  const { t, fullRounds, partialRounds, roundConstants, matrix } = algebra;
  if (inputs.length !== t - 1) throw new RangeError(`Poseidon takes ${t - 1} inputs, not ${inputs.length}`);
  const lane = newFieldSum();
  let boxes: Boxes = { wires: [], constants: [] };
  let next: Boxes = { wires: [], constants: [] };

  for (let i = 0; i < t; i++) {
    resetField(lane, roundConstants[i]!);
    if (i > 0) {
      const input = inputs[i - 1]!;
      for (let k = 0; k < input.length; k++) plusTerm(lane, input.wires[k]!, input.coefficients[k]!);
      lane.constant = (lane.constant + input.constant) % modulus;
    }
    box(api, lane, boxes, i);
  }
  const fullRound = (round: number): void => {
    for (let i = 0; i < t; i++) {
      resetField(lane, roundConstants[round * t + i]!);
      for (let j = 0; j < t; j++) plusBox(lane, boxes, j, matrix[i]![j]!);
      box(api, lane, next, i);
    }
    [boxes, next] = [next, boxes];
  };
  for (let round = 1; round < fullRounds / 2; round++) fullRound(round);

  const partial: Boxes = { wires: [], constants: [] };
  for (let p = 0; p < partialRounds; p++) {
    resetField(lane, algebra.laneConstants[p]!);
    for (let j = 0; j < t; j++) plusBox(lane, boxes, j, algebra.laneRows[p]![j]!);
    for (let q = 0; q < p; q++) plusBox(lane, partial, q, algebra.laneRows[p - 1 - q]![0]!);
    box(api, lane, partial, p);
  }

  const firstLate = fullRounds / 2 + partialRounds;
  for (let i = 0; i < t; i++) {
    resetField(lane, (algebra.lastConstants[i]! + roundConstants[firstLate * t + i]!) % modulus);
    for (let j = 0; j < t; j++) plusBox(lane, boxes, j, algebra.lastMatrix[i]![j]!);
    for (let q = 0; q < partialRounds; q++) plusBox(lane, partial, q, algebra.lastColumns[partialRounds - 1 - q]![i]!);
    box(api, lane, next, i);
  }
  [boxes, next] = [next, boxes];
  for (let round = firstLate + 1; round < fullRounds + partialRounds; round++) fullRound(round);

  resetField(out, 0n);
  for (let j = 0; j < t; j++) plusBox(out, boxes, j, matrix[0]![j]!);
}
