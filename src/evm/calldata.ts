/**
 * A proof and its public signals as a call of the Solidity verifier: ABI-encoded bytes for a transaction, and the argument list for a console. Browser-safe.
 *
 * The ABI of static arrays is their words one after another: 4 bytes of selector, a, b, c, signals, 32 bytes big-endian each. G2 coordinates stand in EIP-197's
 * order, imaginary part first, the reverse of snarkjs' JSON.
 * Reference: Solidity ABI specification, "Formal Specification of the Encoding"; EIP-197; snarkjs `exportSolidityCallData`.
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { ZkonnxError } from '../errors.ts';
import type { Proof } from '../groth16/keys.ts';
import type { G1Point } from '../groth16/points.ts';
import { refusal } from '../groth16/verification-key.ts';
import { type ParsedProof, parseProof, parseSignals } from '../groth16/verify.ts';

export type Hex = `0x${string}`;
type Pair = readonly [Hex, Hex];

/** The verifier's functions that take a proof: one answers true or false, the other reverts. */
export type VerifierFunction = 'verifyProof' | 'requireProof';

export interface Calldata {
  /** Selector and arguments: the `data` of a call or transaction. */
  readonly hex: Hex;
  /** The arguments, 32-byte words in hex, as viem and ethers take them. */
  readonly a: Pair;
  readonly b: readonly [Pair, Pair];
  readonly c: Pair;
  readonly signals: readonly Hex[];
}

/** First 4 bytes of Keccak-256 of the function's signature, e.g. `verifyProof(uint256[2],uint256[2][2],uint256[2],uint256[11])`. */
export function selector(name: VerifierFunction, signalCount: number): Hex {
  const signature = `${name}(uint256[2],uint256[2][2],uint256[2],uint256[${signalCount}])`;
  return `0x${bytesToHex(keccak_256(utf8ToBytes(signature)).subarray(0, 4))}`;
}

function word(value: bigint): Hex {
  return `0x${value.toString(16).padStart(64, '0')}`;
}

function parse(proof: unknown, signals: readonly string[]): { points: ParsedProof; values: bigint[] } {
  try {
    return { points: parseProof(proof), values: parseSignals(signals, signals.length) };
  } catch (cause) {
    throw new ZkonnxError('ZK5004', { format: 'proof', file: '(in memory)', what: refusal(cause, 'proof') }, { cause });
  }
}

/**
 * A call of the verifier. Read strictly: what our verifier refuses for its spelling is not encoded; whether the proof holds is not checked.
 * @param proof snarkjs' proof.json
 * @param signals snarkjs' public.json, decimal strings below r
 * @param name `verifyProof` unless told
 * @throws ZkonnxError ZK5004 naming the field
 */
export function calldata(proof: Proof, signals: readonly string[], name: VerifierFunction = 'verifyProof'): Calldata {
  const { points, values } = parse(proof, signals);
  const g1 = (point: G1Point): Pair => {
    const { x, y } = point.toAffine();
    return [word(x), word(y)];
  };
  const { x, y } = points.b.toAffine();
  const [a, b, c] = [
    g1(points.a),
    [
      [word(x.c1), word(x.c0)],
      [word(y.c1), word(y.c0)],
    ] as const,
    g1(points.c),
  ];
  const words = values.map(word);
  const hex = [...a, ...b.flat(), ...c, ...words].map((item) => item.slice(2)).join('');
  return { hex: `${selector(name, values.length)}${hex}`, a, b, c, signals: words };
}

/** The arguments as text to paste into a console or Remix, exactly as `snarkjs generatecall` prints them: `["0x…", "0x…"],[[…],[…]],[…],["0x…","0x…"]`. */
export function calldataText(call: Calldata): string {
  const list = (words: readonly Hex[]): string => `[${words.map((item) => `"${item}"`).join(', ')}]`;
  return `${list(call.a)},[${call.b.map(list).join(',')}],${list(call.c)},[${call.signals.map((item) => `"${item}"`).join(',')}]`;
}
