/** A rank-1 constraint system over BN254's scalar field as struct of arrays; knows no word of machine learning. */

/** One sparse matrix in CSR: row i has the terms starts[i] … starts[i+1]−1. 8 bytes per non-zero. */
export interface SparseMatrix {
  readonly starts: Uint32Array;
  readonly wires: Uint32Array;
  /** Index into the coefficient pool. */
  readonly coefficients: Uint32Array;
}

/** Interned coefficients: each distinct value once. */
export interface CoefficientPool {
  /** The centred value (−2^53 < v < 2^53) where it is a safe integer, else NaN. */
  readonly small: Float64Array;
  /** Canonical value in [0, r). */
  readonly field: readonly bigint[];
}

export interface R1cs {
  /** With wire 0 = 1. Wires 1 … publicCount are the public signals (snarkjs: nPubOut = 0, nPubIn = publicCount). */
  readonly wireCount: number;
  readonly publicCount: number;
  /** Private inputs: wires publicCount+1 … publicCount+privateInputCount. In files of circom's, which may have eliminated some of them, no more than a claim. */
  readonly privateInputCount: number;
  readonly rowCount: number;
  readonly a: SparseMatrix;
  readonly b: SparseMatrix;
  readonly c: SparseMatrix;
  readonly pool: CoefficientPool;
}
