/** A proof as 256 bytes: A, B, C uncompressed, big-endian, B in EIP-197's order. Bytes → JSON does no check at all, so that flips reach the verifier. */
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import type { Proof } from '../../src/groth16/keys.ts';

export function bytesOfProof({ pi_a, pi_b, pi_c }: Proof): Uint8Array {
  const values = [pi_a[0], pi_a[1], pi_b[0][1], pi_b[0][0], pi_b[1][1], pi_b[1][0], pi_c[0], pi_c[1]];
  return hexToBytes(values.map((value) => BigInt(value).toString(16).padStart(64, '0')).join(''));
}

export function proofOfBytes(bytes: Uint8Array): Proof {
  const word = (i: number): string => BigInt(`0x${bytesToHex(bytes.subarray(32 * i, 32 * i + 32))}`).toString();
  return {
    pi_a: [word(0), word(1), '1'],
    pi_b: [
      [word(3), word(2)],
      [word(5), word(4)],
      ['1', '0'],
    ],
    pi_c: [word(6), word(7), '1'],
    protocol: 'groth16',
    curve: 'bn128',
  };
}
