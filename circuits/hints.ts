/**
 * Hints: how the witness generator computes the wires that no row determines. They are opcodes, never closures, so that a circuit can be stored and its witness
 * made elsewhere. A hint CONSTRAINS NOTHING: whoever allocates one writes the rows that leave the prover no other value.
 *
 * Pure functions. `run` works on safe integers: inputs come centred (a field element v > r/2 as v − r) and |v| < 2^53; every output must be a safe integer. The arrays are
 * scratch that the caller reuses: do not keep them. `wide` works on field elements in [0, r) and is called when `run` is absent or an input is no safe integer.
 * An opcode is its index in `hints`: append, never reorder.
 */
export interface Hint {
  readonly name: string;
  readonly run?: (x: Float64Array, params: Float64Array, out: Float64Array) => void;
  readonly wide?: (x: readonly bigint[], params: Float64Array, out: bigint[], modulus: bigint) => void;
}

/** 1/x, and 0 for x = 0. Inputs [x]; outputs [inverse]. */
const inverse: Hint = {
  name: 'inverse',
  wide: (x, _params, out, modulus) => {
    let [a, b, u, v] = [x[0]!, modulus, 1n, 0n];
    while (a > 1n) {
      const quotient = b / a;
      [a, b, u, v] = [b - quotient * a, a, v - quotient * u, u];
    }
    out[0] = a === 0n ? 0n : u < 0n ? u + modulus : u;
  },
};

/** Binary digits of x ∈ [0, 2^n), lowest first. Inputs [x]; outputs n bits. */
const bits: Hint = {
  name: 'bits',
  run: (x, _params, out) => {
    let rest = x[0]!;
    for (let i = 0; i < out.length; i++) {
      const half = Math.floor(rest / 2);
      out[i] = rest - 2 * half;
      rest = half;
    }
  },
};

export const opcodes = { inverse: 0, bits: 1 } as const;

export const hints: readonly Hint[] = [inverse, bits];
