/** The text of the Solidity verifier, with holes. What fills them, and why the contract is as it is: `solidity.ts`. */

export interface ContractParts {
  readonly contractName: string;
  /** Public signals, at least 1. */
  readonly count: number;
  readonly q: bigint;
  readonly r: bigint;
  readonly setupKind: string;
  readonly setupNote: string;
  /** What the set-up rests on, one line each. */
  readonly setupDigests: readonly string[];
  readonly production: boolean;
  /** Lower-case hex. */
  readonly vkeyHash: string;
  readonly circuitDigest: string;
  /** `///` lines. */
  readonly signalDocs: string;
  readonly keyConstants: string;
  /** Yul statements that store IC1, IC2, … at `ic`. */
  readonly icTable: string;
}

/** Gas given to the pairing of four pairs: 181,000 since EIP-1108, 420,000 before; what a B outside the subgroup can burn. */
const pairingGas = 500_000;

/** `PrecompileFailed.selector`, which Yul functions cannot read. */
const precompileFailedSelector = '00a48593';

export function contractBody(parts: ContractParts): string {
  const { count } = parts;
  const warning = parts.production ? '' : `// NOT FOR PRODUCTION. NOT FOR PRODUCTION. NOT FOR PRODUCTION.\n// ${parts.setupNote}\n`;
  const proofParameters = `uint256[2] calldata a,
        uint256[2][2] calldata b,
        uint256[2] calldata c,
        uint256[${count}] calldata signals`;
  return `// SPDX-License-Identifier: MIT
// Written by zkonnx from a verification key. The template is MIT licensed: use and deploy it as you like.
${warning}pragma solidity ^0.8.20;

/// @title Verifier of one circuit's Groth16 proofs on BN254
/// @notice Says whether a proof shows that the circuit CIRCUIT_DIGEST, a compiled model, accepts these public signals.
/// @dev SETUP is "${parts.setupKind}". ${parts.setupNote}
${parts.setupDigests.map((line) => `/// ${line}\n`).join('')}///
/// What the public signals are:
///
${parts.signalDocs}
///
/// A Groth16 proof can be changed by anyone into another proof of the same signals: never key replay protection on proof
/// bytes or calldata, key it on statementId(signals). A verifier that wants freshness or a recipient demands a context.
contract ${parts.contractName} {
    /// @notice SHA-256 of the verification key, as \`zkonnx verify --vkey-hash\` takes it.
    bytes32 public constant VKEY_HASH = 0x${parts.vkeyHash};
    /// @notice Digest of the circuit that the key was made for, as in the artifact's manifest and in receipts.
    bytes32 public constant CIRCUIT_DIGEST = 0x${parts.circuitDigest};
    /// @notice How the key was made: "dev" (one party, who can forge), "ptau" (one contributor), "ceremony", or "unknown". A claim of who deployed this.
    string public constant SETUP = "${parts.setupKind}";
    /// @notice Other contracts may refuse to rely on a verifier where this is true.
    bool public constant NOT_FOR_PRODUCTION = ${!parts.production};
    /// @notice Number of public signals.
    uint256 public constant SIGNAL_COUNT = ${count};

    /// @notice The proof does not hold (requireProof alone).
    error InvalidProof();
    /// @notice Calldata must hold the arguments and nothing else.
    error WrongCalldataLength();
    /// @notice A precompiled contract (6 add, 7 multiply, 8 pairing) failed, ran short of gas, or does not exist on this chain.
    error PrecompileFailed(uint256 precompile);

    /// Order of the field of coordinates.
    uint256 private constant Q = ${parts.q};
    /// Order of the groups: signals are below it.
    uint256 private constant R = ${parts.r};
    /// The twist is y^2 = x^3 + TWIST_B0 + TWIST_B1 * u, that is 3 / (9 + u), where u^2 = -1.
    uint256 private constant TWIST_B0 = 19485874751759354771024239261021720505790618469301721065564631296452457478373;
    uint256 private constant TWIST_B1 = 266929791119991161246907387137283842545076965332900288569378510910307636690;
    /// Gas for the pairing, which takes all it is given where b is outside the subgroup.
    uint256 private constant PAIRING_GAS = ${pairingGas};

    // The verification key. Parts 0 are real, parts 1 imaginary, as in verification_key.json.
${parts.keyConstants}

    /// @notice Whether the proof holds for these signals. Reverts where that cannot be told: wrong calldata length, a failed
    ///         precompile, b on the twist but outside the subgroup.
    /// @param a Point of G1: x, y.
    /// @param b Point of G2 in EIP-197's order: [x imaginary, x real], [y imaginary, y real].
    /// @param c Point of G1: x, y.
    /// @param signals Public signals in the order above. Each has one spelling: one of R or more is not accepted.
    function verifyProof(
        ${proofParameters}
    ) external view returns (bool) {
        return _verify(a, b, c, signals);
    }

    /// @notice Reverts unless the proof holds; arguments as for verifyProof.
    function requireProof(
        ${proofParameters}
    ) external view {
        if (!_verify(a, b, c, signals)) revert InvalidProof();
    }

    /// @notice What a proof of these signals under this key states, as one word: what to remember against replay.
    ///         SHA-256 of VKEY_HASH and the signals. Of meaning only for signals whose proof has been accepted.
    function statementId(uint256[${count}] calldata signals) external pure returns (bytes32) {
        return sha256(abi.encodePacked(VKEY_HASH, signals));
    }

    function _verify(
        ${proofParameters}
    ) private view returns (bool) {
        if (msg.data.length != 4 + 32 * (8 + SIGNAL_COUNT)) revert WrongCalldataLength();
        return _onCurve(a[0], a[1]) && _onCurve(c[0], c[1]) && _onTwist(b[0][1], b[0][0], b[1][1], b[1][0])
            && _signalsInRange(signals) && _equationHolds(a, b, c, signals);
    }

    /// Canonical coordinates of a point of G1 other than infinity, whose spelling (0, 0) is not on the curve.
    function _onCurve(uint256 x, uint256 y) private pure returns (bool) {
        return x < Q && y < Q && mulmod(y, y, Q) == addmod(mulmod(mulmod(x, x, Q), x, Q), 3, Q);
    }

    /// The same on the twist, for (x0 + x1 u, y0 + y1 u). Whether the point is in the subgroup, the pairing says.
    function _onTwist(uint256 x0, uint256 x1, uint256 y0, uint256 y1) private pure returns (bool) {
        if (x0 >= Q || x1 >= Q || y0 >= Q || y1 >= Q) return false;
        unchecked {
            // All sums are below 2 Q < 2^255. x^2 = square0 + square1 u, by (x0 + x1) (x0 - x1) and 2 x0 x1.
            uint256 square0 = mulmod(x0 + x1, x0 + Q - x1, Q);
            uint256 square1 = mulmod(2 * x0, x1, Q);
            uint256 cube0 = addmod(mulmod(square0, x0, Q), Q - mulmod(square1, x1, Q), Q);
            uint256 cube1 = addmod(mulmod(square0, x1, Q), mulmod(square1, x0, Q), Q);
            return mulmod(y0 + y1, y0 + Q - y1, Q) == addmod(cube0, TWIST_B0, Q)
                && mulmod(2 * y0, y1, Q) == addmod(cube1, TWIST_B1, Q);
        }
    }

    function _signalsInRange(uint256[${count}] calldata signals) private pure returns (bool inRange) {
        assembly ("memory-safe") {
            inRange := 1
            let end := add(signals, ${32 * count})
            for { let at := signals } lt(at, end) { at := add(at, 32) } {
                inRange := and(inRange, lt(calldataload(at), R))
            }
        }
    }

    /// e(-A, B) e(alpha, beta) e(IC0 + signals[0] IC1 + ..., gamma) e(C, delta) = 1, for points on their curves and signals below R.
    function _equationHolds(
        ${proofParameters}
    ) private view returns (bool holds) {
        assembly ("memory-safe") {
            function fail(precompile) {
                mstore(0, 0x${precompileFailedSelector}00000000000000000000000000000000000000000000000000000000)
                mstore(4, precompile)
                revert(0, 36)
            }

            // Free memory, not allocated: four pairs of 192 bytes, (x, y) of G1 and the four parts of G2 each; behind them IC1, IC2, ...
            let pairs := mload(0x40)
            let ic := add(pairs, 768)
${parts.icTable}

            // Third pair first, whose G2 half is room for the terms: sum = IC0 + signals[0] IC1 + signals[1] IC2 + ...
            let sum := add(pairs, 384)
            let term := add(sum, 64)
            mstore(sum, IC0_X)
            mstore(add(sum, 32), IC0_Y)
            let end := add(signals, ${32 * count})
            for { let at := signals } lt(at, end) { at := add(at, 32) } {
                let scalar := calldataload(at)
                if scalar {
                    mstore(term, mload(ic))
                    mstore(add(term, 32), mload(add(ic, 32)))
                    mstore(add(term, 64), scalar)
                    if iszero(staticcall(gas(), 7, term, 96, term, 64)) { fail(7) }
                    if iszero(eq(returndatasize(), 64)) { fail(7) }
                    if iszero(staticcall(gas(), 6, sum, 128, sum, 64)) { fail(6) }
                    if iszero(eq(returndatasize(), 64)) { fail(6) }
                }
                ic := add(ic, 64)
            }
            mstore(add(sum, 64), GAMMA_X1)
            mstore(add(sum, 96), GAMMA_X0)
            mstore(add(sum, 128), GAMMA_Y1)
            mstore(add(sum, 160), GAMMA_Y0)

            mstore(pairs, calldataload(a))
            mstore(add(pairs, 32), sub(Q, calldataload(add(a, 32))))
            calldatacopy(add(pairs, 64), b, 128)

            mstore(add(pairs, 192), ALPHA_X)
            mstore(add(pairs, 224), ALPHA_Y)
            mstore(add(pairs, 256), BETA_X1)
            mstore(add(pairs, 288), BETA_X0)
            mstore(add(pairs, 320), BETA_Y1)
            mstore(add(pairs, 352), BETA_Y0)

            calldatacopy(add(pairs, 576), c, 64)
            mstore(add(pairs, 640), DELTA_X1)
            mstore(add(pairs, 672), DELTA_X0)
            mstore(add(pairs, 704), DELTA_Y1)
            mstore(add(pairs, 736), DELTA_Y0)

            if iszero(staticcall(PAIRING_GAS, 8, pairs, 768, 0, 32)) { fail(8) }
            if iszero(eq(returndatasize(), 32)) { fail(8) }
            holds := eq(mload(0), 1)
        }
    }
}
`;
}
