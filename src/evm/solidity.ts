/**
 * The Solidity contract that checks one circuit's proofs on an EVM chain: verification key in, source text out. Our own template under the MIT licence, so that
 * users may deploy it. Browser-safe; compiling and deploying is theirs. docs/on-chain.md tells how and what it costs.
 *
 * What the contract holds to, where the usual template does not (test/evm/ has a test for each):
 * - coordinates ≥ q and signals ≥ r are refused before anything is computed, so A.y has one spelling, and a bad proof costs a few thousand gas, not all of it;
 * - points off their curves are refused there too; only a B on the twist but outside the subgroup reaches the pairing, which gets a bounded share of the gas;
 * - a precompile that fails, is short of gas or does not exist (wrong length of the returned data) makes the call revert, never answer;
 * - calldata of any other length than the arguments' reverts.
 * Reference: Groth 2016 §3.2; EIP-196, EIP-197, EIP-1108, EIP-170.
 */
import { ZkonnxError } from '../errors.ts';
import { baseOrder, scalarOrder } from '../field/bn254.ts';
import type { SetupKind, VerificationKey } from '../groth16/keys.ts';
import type { G1Point, G2Point } from '../groth16/points.ts';
import { hashParsedKey, type ParsedKey, parseVerificationKey, refusal } from '../groth16/verification-key.ts';
import type { Layout } from '../r1cs/layout.ts';
import { contractBody } from './contract.ts';
import { describeSignals } from './describe.ts';

/** Most public signals whose contract stays below EIP-170's 24,576 bytes of code, whatever solc's optimizer settings (78 bytes each; held by test/evm/solidity.test.ts). */
export const maxContractSignals = 240;

export interface SolidityOptions {
  /** snarkjs' verification_key.json; linted strictly. */
  readonly verificationKey: VerificationKey;
  /** docs/signals.md, lower-case hex; a constant of the contract. */
  readonly circuitDigest: string;
  /** Who made the key. Everything but a ceremony's contract is marked NOT_FOR_PRODUCTION. */
  readonly setupKind: SetupKind;
  /** Of the powers of tau (128 hex digits) and of the contributions (64), where the set-up had them: stand in the source. */
  readonly ptauDigest?: string | undefined;
  readonly transcriptHash?: string | undefined;
  /** Documents in the source what each signal is. */
  readonly layout?: Layout | undefined;
  /** Default `Groth16Verifier`, as snarkjs names it. */
  readonly contractName?: string | undefined;
}

const setupNotes: Readonly<Record<SolidityOptions['setupKind'], string>> = {
  dev: 'The key comes from a development set-up: whoever ran it can make proofs of anything that this contract accepts.',
  unknown: 'Nothing vouches for this key: whoever made it may be able to make proofs of anything that this contract accepts.',
  ptau: 'The key comes from public powers of tau and one contributor: if he kept his secret, he can make proofs of anything that this contract accepts.',
  ceremony: 'The key is said to come from a ceremony; check its transcript before you rely on it.',
};

/** A digest that goes into a comment. @throws ZkonnxError ZK5004. */
function digestText(hex: string, digits: number): string {
  if (hex.length === digits && /^[0-9a-f]*$/.test(hex)) return hex;
  throw new ZkonnxError('ZK5004', { format: 'set-up digest', file: '(in memory)', what: `not ${digits} lower-case hex digits` });
}

function parseKey(key: VerificationKey): ParsedKey {
  try {
    return parseVerificationKey(key);
  } catch (cause) {
    throw new ZkonnxError('ZK5004', { format: 'verification key', file: '(in memory)', what: refusal(cause, 'key') }, { cause });
  }
}

function g1Constants(name: string, point: G1Point): string[] {
  const { x, y } = point.toAffine();
  return [`uint256 private constant ${name}_X = ${x};`, `uint256 private constant ${name}_Y = ${y};`];
}

/** c0 is the real, c1 the imaginary part, as in verification_key.json. */
function g2Constants(name: string, point: G2Point): string[] {
  const { x, y } = point.toAffine();
  return Object.entries({ X0: x.c0, X1: x.c1, Y0: y.c0, Y1: y.c1 }).map(
    ([part, value]) => `uint256 private constant ${name}_${part} = ${value};`,
  );
}

/** IC₁ … as literals, as verification_key.json has them. */
function icTable(points: readonly G1Point[]): string[] {
  return points.flatMap((point, i) => {
    const { x, y } = point.toAffine();
    return [`mstore(${i === 0 ? 'ic' : `add(ic, ${64 * i})`}, ${x})`, `mstore(add(ic, ${64 * i + 32}), ${y})`];
  });
}

function indent(lines: readonly string[], columns: number): string {
  return lines.map((line) => `${' '.repeat(columns)}${line}`).join('\n');
}

/**
 * Source of a contract with `verifyProof(uint256[2] a, uint256[2][2] b, uint256[2] c, uint256[N] signals) view returns (bool)`, the signature that snarkjs'
 * tools call, `requireProof` of the same arguments, which reverts instead of returning false, and `statementId`. For solc 0.8.20 or newer.
 * Deterministic: the same options give the same text.
 * @throws ZkonnxError ZK5004 (a key that the lint refuses, or a malformed digest), ZK1010 (more signals than a contract holds), ZK1001 (contract name)
 */
export function solidityVerifier(options: SolidityOptions): string {
  const { circuitDigest, setupKind, ptauDigest, transcriptHash, layout, contractName = 'Groth16Verifier' } = options;
  const key = parseKey(options.verificationKey);
  const count = key.publicCount;
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,99}$/.test(contractName)) {
    throw new ZkonnxError('ZK1001', { what: 'this is no name for a contract', hint: 'letters, digits and _, at most 100' });
  }
  if (!/^[0-9a-f]{64}$/.test(circuitDigest)) {
    throw new ZkonnxError('ZK5004', { format: 'circuit digest', file: '(in memory)', what: 'not 64 lower-case hex digits' });
  }
  if (count === 0)
    throw new ZkonnxError('ZK5004', { format: 'verification key', file: '(in memory)', what: 'key.nPublic: no public signal' });
  if (layout !== undefined && layout.signalCount !== count) {
    throw new ZkonnxError('ZK5002', { path: 'verification key', what: `it takes ${count} signals, the layout has ${layout.signalCount}` });
  }
  if (count > maxContractSignals) throw new ZkonnxError('ZK1010', { count, limit: maxContractSignals });

  return contractBody({
    contractName,
    count,
    q: baseOrder,
    r: scalarOrder,
    setupKind,
    setupNote: setupNotes[setupKind],
    setupDigests: [
      ...(ptauDigest === undefined ? [] : [`Powers of tau (BLAKE2b-512): ${digestText(ptauDigest, 128)}`]),
      ...(transcriptHash === undefined ? [] : [`Contributions (transcript hash): ${digestText(transcriptHash, 64)}`]),
    ],
    production: setupKind === 'ceremony',
    vkeyHash: hashParsedKey(key),
    circuitDigest,
    signalDocs: (layout === undefined ? [`/// signals[0 to ${count - 1}]: not described`] : describeSignals(layout)).join('\n'),
    keyConstants: indent(
      [
        ...g1Constants('ALPHA', key.alpha),
        ...g2Constants('BETA', key.beta),
        ...g2Constants('GAMMA', key.gamma),
        ...g2Constants('DELTA', key.delta),
        ...g1Constants('IC0', key.ic[0]!),
      ],
      4,
    ),
    icTable: indent(icTable(key.ic.slice(1)), 12),
  });
}
