/**
 * Poseidon's constants, generated as its authors' reference script does (generate_parameters_grain.sage: prime field, x^5): a Grain LFSR of 80 bits seeded with the parameters, in
 * self-shrinking mode. Round constants are drawn until below r; the MDS matrix is Cauchy, 1/(x_i + y_j), of 2t further draws taken mod r.
 * Reference: Grassi et al., Poseidon (eprint 2019/458), appendices E and F; circomlib uses these constants for BN254.
 */

/** BN254's scalar field. */
export const modulus = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;
const fieldBits = 254;

function makeGrain(t: number, fullRounds: number, partialRounds: number): () => bigint {
  const state: number[] = [];
  const seed = (value: number, width: number): void => {
    for (let i = width - 1; i >= 0; i--) state.push((value >> i) & 1);
  };
  seed(1, 2);
  seed(0, 4);
  seed(fieldBits, 12);
  seed(t, 12);
  seed(fullRounds, 10);
  seed(partialRounds, 10);
  while (state.length < 80) state.push(1);
  let head = 0;
  const at = (i: number): number => state[(head + i) % 80]!;
  const clock = (): number => {
    const bit = at(62) ^ at(51) ^ at(38) ^ at(23) ^ at(13) ^ at(0);
    state[head] = bit;
    head = (head + 1) % 80;
    return bit;
  };
  for (let i = 0; i < 160; i++) clock();
  return () => {
    let value = 0n;
    for (let i = 0; i < fieldBits; i++) {
      while (clock() === 0) clock();
      value = (value << 1n) | BigInt(clock());
    }
    return value;
  };
}

export function inverse(value: bigint): bigint {
  let [a, b, u, v] = [value, modulus, 1n, 0n];
  while (a > 1n) {
    const quotient = b / a;
    [a, b, u, v] = [b - quotient * a, a, v - quotient * u, u];
  }
  return u < 0n ? u + modulus : u;
}

export interface PoseidonConstants {
  /** Width of the state: inputs + 1. */
  readonly t: number;
  readonly fullRounds: number;
  readonly partialRounds: number;
  /** [round·t + lane]. */
  readonly roundConstants: readonly bigint[];
  /** [row][column]; new state = matrix · state. */
  readonly matrix: readonly (readonly bigint[])[];
}

/** The constants of width t. 16 inputs: t = 17, 8 full and 68 partial rounds. About 30 ms: callers keep the result. */
export function poseidonConstants(t = 17, fullRounds = 8, partialRounds = 68): PoseidonConstants {
  const draw = makeGrain(t, fullRounds, partialRounds);
  const roundConstants: bigint[] = [];
  while (roundConstants.length < (fullRounds + partialRounds) * t) {
    const value = draw();
    if (value < modulus) roundConstants.push(value);
  }
  let points: bigint[];
  do points = Array.from({ length: 2 * t }, () => draw() % modulus);
  while (new Set(points).size < 2 * t);
  const matrix = Array.from({ length: t }, (_, i) => Array.from({ length: t }, (_, j) => inverse((points[i]! + points[t + j]!) % modulus)));
  return { t, fullRounds, partialRounds, roundConstants, matrix };
}
