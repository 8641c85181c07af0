/**
 * BN254 (snarkjs: "bn128") in bigint: the scalar field r that constraints live in, the base field q of the curve's coordinates, and 32-byte little-endian
 * encodings as iden3's formats use them. The slow truth: faster kernels are tested against it and take their constants from it.
 * Reference: EIP-196; arkworks `ark_bn254`.
 */

/** Order of the scalar field and of G1 and G2. */
export const scalarOrder = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;
/** Order of the base field. */
export const baseOrder = 21888242871839275222246405745257275088696311157297823662689037894645226208583n;
/** Bytes of one element of either field. */
export const fieldBytes = 32;

/** Canonical representative in [0, modulus). */
export function mod(value: bigint, modulus: bigint): bigint {
  const rest = value % modulus;
  return rest < 0n ? rest + modulus : rest;
}

/** The representative nearest to zero, in (−modulus/2, modulus/2]: what "a small value" means for a field element. */
export function centred(value: bigint, modulus: bigint): bigint {
  const canonical = mod(value, modulus);
  return canonical > modulus >> 1n ? canonical - modulus : canonical;
}

/** value^exponent mod modulus, exponent ≥ 0. Not constant-time. */
export function power(value: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let square = mod(value, modulus);
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

/**
 * Multiplicative inverse by the extended Euclidean algorithm. Not constant-time.
 * @throws RangeError for 0.
 */
export function invert(value: bigint, modulus: bigint): bigint {
  let [a, b] = [mod(value, modulus), modulus];
  if (a === 0n) throw new RangeError('0 has no inverse');
  let [x, y] = [1n, 0n];
  while (a > 1n) {
    const quotient = b / a;
    [a, b] = [b - quotient * a, a];
    [x, y] = [y - quotient * x, x];
  }
  return mod(x, modulus);
}

/** Writes value ∈ [0, 2^256) as 32 little-endian bytes at `offset`. */
export function writeLittleEndian(value: bigint, view: DataView, offset: number): void {
  for (let word = 0; word < 4; word++) {
    view.setBigUint64(offset + 8 * word, value & 0xffff_ffff_ffff_ffffn, true);
    value >>= 64n;
  }
}

/** Reads 32 little-endian bytes at `offset`; the caller checks that the value is below its modulus. */
export function readLittleEndian(view: DataView, offset: number): bigint {
  let value = 0n;
  for (let word = 3; word >= 0; word--) value = (value << 64n) | view.getBigUint64(offset + 8 * word, true);
  return value;
}

/** 32 little-endian bytes of value ∈ [0, 2^256). */
export function toLittleEndian(value: bigint): Uint8Array {
  const bytes = new Uint8Array(fieldBytes);
  writeLittleEndian(value, new DataView(bytes.buffer), 0);
  return bytes;
}

/** Inverse of `toLittleEndian`. */
export function fromLittleEndian(bytes: Uint8Array): bigint {
  return readLittleEndian(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0);
}
