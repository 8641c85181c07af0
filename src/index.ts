/** The package's main entry: the four verbs, and the nouns they speak of. `zkonnx/verify` is the small, browser-safe part. */

export {
  adoptKeys,
  type CeremonyCheck,
  type CeremonyContribution,
  type CeremonyFiles,
  type CeremonyVerdict,
  type ContributionResult,
  type Contributor,
  contribute,
  trustEntry,
  verifyCeremony,
} from './ceremony.ts';
export { type CompiledModel, type CompileOptions, compile, type Digests } from './compile.ts';
export { type Disagreement, disagreement, type OutputDisagreement, type Top1 } from './disagreement.ts';
export { type ErrorCode, errorTable, ZkonnxError } from './errors.ts';
export type { RunOptions, StageEvent } from './events.ts';
export type { Profile } from './graph/profile.ts';
export type { Keys, Proof, SetupInfo, SetupKind, VerificationKey } from './groth16/keys.ts';
export type { Prover } from './groth16/prover.ts';
export { verifyProof } from './groth16/verify.ts';
export type { NamedTensors } from './inputs.ts';
export { type BatchOptions, type BatchResult, batch } from './jobs/batch.ts';
export { ProverPool, type ProverPoolOptions } from './pool/prover-pool.ts';
export { type ProveOptions, prove } from './prove.ts';
export type { Layout, LayoutTensor, Visibility } from './r1cs/layout.ts';
export type { Receipt } from './receipt/receipt.ts';
export { parseTrust, type TrustEntry, type TrustFile, withTrustEntry } from './receipt/trust.ts';
export { type InferenceOptions, run } from './run.ts';
export { type DevSetupOptions, type PtauSetupOptions, type SetupOptions, setup } from './setup.ts';
export { type Artifact, loadArtifact, saveArtifact, saveKeys } from './store/artifact.ts';
export type { DType, Tensor, TensorData } from './tensor/tensor.ts';
export { type Policy, type Verdict, verify } from './verify.ts';
