/** Entry `zkonnx/evm`: proofs checked by a smart contract. docs/on-chain.md. */
export { type Calldata, calldata, calldataText, type Hex, selector, type VerifierFunction } from './calldata.ts';
export { maxContractSignals, type SolidityOptions, solidityVerifier } from './solidity.ts';
